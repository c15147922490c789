import { createHash } from 'node:crypto';
import canonicalize from 'canonicalize';

/** The package is CommonJS whose export is the function itself; its types say otherwise. */
const serialize = canonicalize as unknown as (document: unknown) => string | undefined;

/** `sha256:<64 hex>`. */
export type Digest = string;

export const digestOf = (bytes: Uint8Array): Digest => `sha256:${createHash('sha256').update(bytes).digest('hex')}`;

/**
 * A document's text by RFC 8785 (JCS): equal content is equal text.
 * @throws TypeError for what is no JSON value, and for NaN and infinities
 */
export function canonicalJson(document: unknown): string {
  const text = serialize(document);
  if (text === undefined) throw new TypeError('Only a JSON value has a canonical text.');
  return text;
}

/** The same in UTF-8: the same content has the same bytes, so it has a digest. */
export const canonicalBytes = (document: unknown): Uint8Array => new TextEncoder().encode(canonicalJson(document));

export const digestOfDocument = (document: unknown): Digest => digestOf(canonicalBytes(document));
