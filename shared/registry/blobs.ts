import { type Digest, digestOf } from '../digest/canonical-json.ts';
import { InfrastructureError } from '../errors.ts';
import type { ObjectStore } from './object-store.ts';

const digestShape = /^sha256:([0-9a-f]{64})$/;

/** Stores bytes under their own digest. What is there already is read and verified, not written again. */
export async function putBlob(store: ObjectStore, bytes: Uint8Array): Promise<Digest> {
  const digest = digestOf(bytes);
  if (!(await store.create(blobKey(digest), bytes))) await getBlob(store, digest);
  return digest;
}

/**
 * The bytes of a digest, verified on every read.
 * @throws InfrastructureError BLOB_MISSING or BLOB_CORRUPT, which say where.
 */
export async function getBlob(store: ObjectStore, digest: Digest): Promise<Uint8Array> {
  const key = blobKey(digest);
  const bytes = await store.read(key);
  if (!bytes)
    throw new InfrastructureError(
      'BLOB_MISSING',
      `The store ${store.location} has no ${key}. Is it the store in which the version was registered?`,
    );
  const found = digestOf(bytes);
  if (found !== digest)
    throw new InfrastructureError(
      'BLOB_CORRUPT',
      `The store ${store.location} holds other bytes under ${key}: they digest to ${found}. Restore the object from a backup, or remove it and register again.`,
    );
  return bytes;
}

function blobKey(digest: Digest): string {
  const hex = digestShape.exec(digest)?.[1];
  if (!hex) throw new RangeError(`Not a digest: ${JSON.stringify(digest)}`);
  return `blobs/sha256/${hex}`;
}
