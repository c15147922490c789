/** An object of a store, copied to this machine. */
export interface FetchedFile {
  /** For messages and manifests: `s3://bucket/key`. */
  readonly address: string;
  /** The local copy. */
  readonly file: string;
}

/**
 * Brings objects to this machine, byte-checked; the address may end in a prefix or hold `*`. Objects arrive in byte order of their keys.
 * Rejects with a UserError `DATA_NOT_FOUND` where there is none.
 */
export type FetchObjects = (address: string) => Promise<readonly FetchedFile[]>;
