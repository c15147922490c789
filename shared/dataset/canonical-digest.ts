import { createHash } from 'node:crypto';
import canonicalize from 'canonicalize';

/** The package is CommonJS whose export is the function itself; its types say otherwise. */
const serialize = canonicalize as unknown as (document: unknown) => string | undefined;

/** A JSON value's text by RFC 8785: equal content is equal text. */
export function canonicalJson(document: unknown): string {
  const text = serialize(document);
  if (text === undefined) throw new TypeError('Only a JSON value has a canonical text.');
  return text;
}

/** `sha256:<hex>` of that text. */
export const digestOfDocument = (document: unknown) => `sha256:${createHash('sha256').update(canonicalJson(document)).digest('hex')}`;
