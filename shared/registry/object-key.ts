/** One segment: it begins with a letter or digit, so neither `..` nor an adapter's own dot folders can be named. */
const segment = /^[A-Za-z0-9][A-Za-z0-9._-]{0,199}$/;

/**
 * Throws unless the key is one that means the same object in every store: a folder, S3, and servers of S3 whose keys are files.
 * Callers validate what people type before it gets here; a key that fails this is a fault of the program.
 */
export function assertObjectKey(key: string): void {
  if (!key.split('/').every((part) => segment.test(part))) throw new RangeError(`Not a key of a store: ${JSON.stringify(key)}`);
}

/** A prefix is any beginning of a key: `models/churn/`, or nothing for all. */
export function assertObjectPrefix(prefix: string): void {
  const parts = prefix.split('/');
  const last = parts.pop() ?? '';
  if (!parts.every((part) => segment.test(part)) || (last !== '' && !segment.test(last)))
    throw new RangeError(`Not a prefix of keys: ${JSON.stringify(prefix)}`);
}
