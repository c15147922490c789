import type { Objection } from './statement.ts';

/** Who signed, as the certificate of a verified bundle says it; null where it doesn't. Addresses begin with the server's. */
export interface Signer {
  /** `https://github.com/acme/churn/.github/workflows/weighin-weigh.yml@refs/heads/main`. */
  readonly identity: string;
  readonly issuer: string | null;
  /** `https://github.com/acme/churn`, and its id, which outlives a new name. */
  readonly repository: string | null;
  readonly repositoryId: number | null;
  /** `github-hosted` or `self-hosted`. */
  readonly runner: string | null;
  /** Address of the run and attempt. */
  readonly run: string | null;
}

export interface ExpectedSigner {
  /** `https://github.com`. */
  readonly server: string;
  readonly repository: string;
  /** Where it is known, it decides: a repository that was renamed is the same one, one that took its old name is not. */
  readonly repositoryId: number | null;
  /** `.github/workflows/weighin-weigh.yml`. */
  readonly workflow: string;
  readonly branch: string;
  readonly runners: readonly string[];
  /** Who says that a job is this job: GitHub's own by default. */
  readonly issuer?: string;
}

const githubIssuer = 'https://token.actions.githubusercontent.com';

/** Whether the signer is the weigh run of the default branch: the first thing that is not so. */
export function checkSigner(signer: Signer, expected: ExpectedSigner): Objection | null {
  const issuer = expected.issuer ?? githubIssuer;
  if (signer.issuer !== issuer)
    return { code: 'ISSUER_OTHER', message: `Its signer was vouched for by ${signer.issuer}, not by ${issuer}.` };
  const same =
    expected.repositoryId === null
      ? signer.repository === `${expected.server}/${expected.repository}`
      : signer.repositoryId === expected.repositoryId;
  if (!same || signer.repository === null)
    return { code: 'REPOSITORY_OTHER', message: `It was signed in ${signer.repository}, not in ${expected.repository}.` };
  // A workflow of another repository that this one calls would have that one's name here.
  const identity = `${signer.repository}/${expected.workflow}@refs/heads/${expected.branch}`;
  if (signer.identity !== identity) return { code: 'SIGNER_OTHER', message: `It was signed by ${signer.identity}, not by ${identity}.` };
  if (signer.runner === null || !expected.runners.includes(signer.runner))
    return {
      code: 'RUNNER_NOT_ACCEPTED',
      message: `It was signed on a runner that is ${signer.runner ?? 'not named'}; accepted: ${expected.runners.join(', ')}.`,
    };
  return null;
}
