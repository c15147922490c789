import { createHash } from 'node:crypto';
import canonicalize from 'canonicalize';

/** The package is CommonJS whose export is the function itself; its types say otherwise. */
const serialize = canonicalize as unknown as (document: unknown) => string | undefined;

/** `sha256:<64 hex>`. */
export type Digest = string;

export const digestOf = (bytes: Uint8Array): Digest => `sha256:${createHash('sha256').update(bytes).digest('hex')}`;

/** A document's bytes by RFC 8785 (JCS): the same content has the same bytes, so it has a digest. */
export function canonicalBytes(document: unknown): Uint8Array {
  const text = serialize(document);
  if (text === undefined) throw new TypeError('Only a JSON value has canonical bytes.');
  return new TextEncoder().encode(text);
}

export const digestOfDocument = (document: unknown): Digest => digestOf(canonicalBytes(document));
