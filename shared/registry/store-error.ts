import { InfrastructureError, UserError } from '../errors.ts';

/** Codes that callers tell apart; every store gives the same ones. */
export type StoreErrorCode =
  /** Nobody gave any: by design on forks and Dependabot, so not an outage. */
  | 'NO_CREDENTIALS'
  /** Credentials are there, and the store refuses them or what they ask for. */
  | 'STORE_ACCESS_DENIED'
  /** Reading works, writing is refused. */
  | 'STORE_READ_ONLY'
  /** The bucket does not exist. */
  | 'STORE_NOT_FOUND'
  /** Network, disk, service. */
  | 'STORE_UNREACHABLE'
  | 'BLOB_MISSING'
  | 'BLOB_CORRUPT'
  | 'RECORD_CORRUPT';

/** Whether `error` is this answer of a store, whichever class carries it. */
export const isStoreError = (error: unknown, code: StoreErrorCode): boolean =>
  (error instanceof UserError || error instanceof InfrastructureError) && error.code === code;

export const noCredentials = (location: string) =>
  new UserError(
    'NO_CREDENTIALS',
    `The store ${location} needs credentials, and there are none here.`,
    'On a laptop, sign in as for the AWS command line. In Actions, add aws-actions/configure-aws-credentials; runs of forks and of Dependabot get none by design.',
  );

export const accessDenied = (location: string, doing: string, answer: string) =>
  new UserError(
    'STORE_ACCESS_DENIED',
    `The store ${location} refused ${doing} (${answer}).`,
    'Check that the credentials are of the right account, not expired, and may s3:GetObject and s3:ListBucket here (without the latter, S3 answers "denied" for what does not exist).',
  );

export const readOnly = (location: string, answer: string) =>
  new UserError(
    'STORE_READ_ONLY',
    `The store ${location} may be read but not written from here (${answer}).`,
    'Pull requests read at most: register on the default branch, with the right to write there (on S3 s3:PutObject, in a folder its permissions).',
  );

export const storeNotFound = (location: string) =>
  new UserError('STORE_NOT_FOUND', `The store ${location} does not exist.`, 'Create the bucket, or mend `store:` in weighin.yaml.');

export const unreachable = (location: string, doing: string, cause: unknown, answer: string) =>
  new InfrastructureError('STORE_UNREACHABLE', `The store ${location} failed at ${doing} (${answer}). Try again.`, { cause });
