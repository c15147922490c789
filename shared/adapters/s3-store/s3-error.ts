import { UserError } from '../../errors.ts';
import { accessDenied, noCredentials, readOnly, storeNotFound, unreachable } from '../../registry/store-error.ts';

/** The SDK's errors differ in shape by where they come from: a service's answer, a socket, the credential chain. */
interface Failure {
  readonly name: string;
  readonly status: number | undefined;
}

export function describeFailure(cause: unknown): Failure {
  if (!(cause instanceof Error)) return { name: 'unknown', status: undefined };
  const metadata = '$metadata' in cause && typeof cause.$metadata === 'object' && cause.$metadata ? cause.$metadata : {};
  const status = 'httpStatusCode' in metadata && typeof metadata.httpStatusCode === 'number' ? metadata.httpStatusCode : undefined;
  const code = 'code' in cause && typeof cause.code === 'string' ? cause.code : cause.name;
  return { name: cause.name === 'Error' ? code : cause.name, status };
}

const refusedCredentials = new Set([
  'InvalidAccessKeyId',
  // versitygw, with status 404.
  'XAdminUserNotFound',
  'SignatureDoesNotMatch',
  'InvalidToken',
  'ExpiredToken',
  'ExpiredTokenException',
  'TokenRefreshRequired',
  'RequestTimeTooSkewed',
]);

/**
 * What the failure means for the user. Only the error's name and status are told: messages of services and of the SDK
 * can hold key ids and signed strings. For the same reason the SDK's error is not attached as the cause where credentials were refused.
 */
export function s3Error(location: string, doing: string, writes: boolean, cause: unknown): Error {
  const { name, status } = describeFailure(cause);
  const answer = status ? `${name}, HTTP ${status}` : name;
  if (name === 'CredentialsProviderError' || name === 'TokenProviderError') return noCredentials(location);
  if (name === 'NoSuchBucket') return storeNotFound(location);
  if (refusedCredentials.has(name)) return accessDenied(location, doing, answer);
  if (status === 403 || status === 401 || name === 'AccessDenied')
    return writes ? readOnly(location, answer) : accessDenied(location, doing, answer);
  if (cause instanceof Error && cause.message === 'Region is missing')
    return new UserError('STORE_REGION_MISSING', `The region of ${location} is not known.`, 'Set AWS_REGION.');
  return unreachable(location, doing, cause, answer);
}
