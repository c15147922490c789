/**
 * What the registry asks of a store: whole objects under keys, and a write that loses when the key is taken.
 * Everything else (content addressing, version numbers) is built on these.
 * Every adapter throws the errors of `store-error.ts`: "could not ask" is never `undefined`, `false` or an empty list.
 */
export interface ObjectStore {
  /** The object's bytes, or `undefined` where there is none. */
  read(key: string): Promise<Uint8Array | undefined>;
  /** Writes the object unless the key is taken: `false` then, and the stored bytes stay as they were. Never half-visible. */
  create(key: string, bytes: Uint8Array): Promise<boolean>;
  /** Keys that begin with `prefix`, in byte order. */
  list(prefix: string): AsyncIterable<string>;
  /** For messages: `s3://bucket/prefix` or a folder. Holds no credentials. */
  readonly location: string;
}
