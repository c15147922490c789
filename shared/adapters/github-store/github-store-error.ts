import { InfrastructureError, UserError } from '../../errors.ts';
import { type StoreErrorCode, unreachable } from '../../registry/store-error.ts';
import { secondsToWait, statusOf } from '../github/retry-request.ts';

const userError = (code: StoreErrorCode, message: string, hint: string) => new UserError(code, message, hint);

export const noGithubCredentials = (location: string) =>
  userError(
    'NO_CREDENTIALS',
    `The store ${location} needs a token, and there is none here.`,
    'On a laptop: GH_TOKEN=$(gh auth token). In Actions: give the step github.token as GITHUB_TOKEN; runs of forks and of Dependabot read at most, by design.',
  );

/** GitHub's limit of a blob by its API is 100 MB of base64. */
export const largestObject = 75_000_000;

export const objectTooLarge = (location: string, key: string, bytes: number) =>
  new UserError(
    'STORE_OBJECT_TOO_LARGE',
    `${key} has ${Math.ceil(bytes / 1_000_000)} MB; ${location} keeps objects of at most ${largestObject / 1_000_000} MB.`,
    'Set `store: s3://bucket/prefix` in weighin.yaml for models of this size.',
  );

/** What the failure means for the user. Nothing of GitHub's answer but its status is told: it may repeat what was sent. */
export function githubStoreError(location: string, doing: string, writes: boolean, cause: unknown): Error {
  if (cause instanceof UserError || cause instanceof InfrastructureError || cause instanceof RangeError) return cause;
  const status = statusOf(cause);
  // Octokit gives 500 to a request that got none.
  const answered = typeof cause === 'object' && cause !== null && 'response' in cause && cause.response !== undefined;
  const answer = status === null || !answered ? 'no answer' : `HTTP ${status}`;
  if (status === 401)
    return userError(
      'STORE_ACCESS_DENIED',
      `The store ${location} refused ${doing} (${answer}).`,
      'The token is wrong or has expired: give another in GITHUB_TOKEN.',
    );
  // A limit is no refusal: it ends.
  if (status === 403 && secondsToWait(cause, 1) === null)
    return writes
      ? userError(
          'STORE_READ_ONLY',
          `The store ${location} may be read but not written from here (${answer}).`,
          'Pull requests read at most: register on the default branch, in a job with `permissions: contents: write`.',
        )
      : userError(
          'STORE_ACCESS_DENIED',
          `The store ${location} refused ${doing} (${answer}).`,
          'The job needs `permissions: contents: read`; a token of a person needs read access to the repository.',
        );
  if (status === 404)
    return writes
      ? userError(
          'STORE_READ_ONLY',
          `The store ${location} may be read but not written from here (${answer}).`,
          'The token needs the right to write contents.',
        )
      : userError(
          'STORE_NOT_FOUND',
          `The store ${location} does not exist, or this token may not see it.`,
          'Check the repository (GITHUB_REPOSITORY, or the remote `origin`) and that the token may read it.',
        );
  if (status === 422 && writes)
    return userError(
      'STORE_READ_ONLY',
      `The store ${location} refused ${doing} (${answer}).`,
      'A ruleset of the repository most likely forbids it: let this job create tags `*@v*` and refs `refs/weighin/**` (forbid their update and deletion, not their creation).',
    );
  if (status === 409)
    return userError(
      'STORE_NOT_FOUND',
      `The repository of ${location} has no commit yet.`,
      'Push a first commit; the store lies beside it.',
    );
  return unreachable(location, doing, cause, answer);
}
