import { UserError } from '../../errors.ts';
import { assertObjectKey } from '../../registry/object-key.ts';

export interface S3Address {
  readonly bucket: string;
  /** Before every key: empty, or with a slash at its end. */
  readonly prefix: string;
}

/** Reads `s3://bucket/prefix`. The message repeats nothing of an address that holds a user or password. */
export function parseS3Address(address: string): S3Address {
  const found = /^s3:\/\/([a-z0-9][a-z0-9.-]{1,61}[a-z0-9])(?:\/(.*?))?\/*$/.exec(address);
  if (!found) throw invalid(address.includes('@') ? 's3://…' : address);
  const prefix = found[2] ?? '';
  try {
    if (prefix !== '') assertObjectKey(prefix);
  } catch {
    throw invalid(address.includes('@') ? 's3://…' : address);
  }
  return { bucket: found[1] ?? '', prefix: prefix === '' ? '' : `${prefix}/` };
}

const invalid = (shown: string) =>
  new UserError(
    'STORE_ADDRESS_INVALID',
    `\`store: ${shown}\` is no address of a bucket.`,
    'Write s3://bucket or s3://bucket/prefix, with a prefix of letters, digits, ".", "_" and "-". Credentials, region and endpoint come from the environment (AWS_…).',
  );
