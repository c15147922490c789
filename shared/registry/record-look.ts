import type { Digest } from '../digest/canonical-json.ts';
import type { ObjectStore } from './object-store.ts';
import { isStoreError } from './store-error.ts';
import { checkedName } from './version-name.ts';

export interface Look {
  readonly model: string;
  /** Of the test rows' identities. */
  readonly testDigest: Digest;
  readonly candidateDigest: Digest;
  /** false: count only. A store that turns out to be read-only is counted in the same way. */
  readonly writable: boolean;
}

/**
 * Notes that a candidate was judged on a test set, and counts the distinct candidates that were, this one included:
 * every look at the same rows spends a little of what they can prove. Looking again at the same candidate counts once.
 */
export async function recordLook(
  store: ObjectStore,
  { model, testDigest, candidateDigest, writable }: Look,
): Promise<{ readonly count: number }> {
  const prefix = `looks/${checkedName(model, 'model')}/${hex(testDigest)}/`;
  const key = prefix + hex(candidateDigest);
  if (writable)
    await store.create(key, new TextEncoder().encode('{"schema":"weighin/look@1"}')).catch((cause: unknown) => {
      if (!isStoreError(cause, 'STORE_READ_ONLY')) throw cause;
    });
  const seen = new Set([key]);
  for await (const found of store.list(prefix)) seen.add(found);
  return { count: seen.size };
}

function hex(digest: Digest): string {
  const found = /^sha256:([0-9a-f]{64})$/.exec(digest)?.[1];
  if (!found) throw new RangeError(`Not a digest: ${JSON.stringify(digest)}`);
  return found;
}
