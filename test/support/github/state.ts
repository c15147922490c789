import type { Account, AppFacts } from './accounts.ts';
import type { BareRepository } from './git/bare-repository.ts';

/** Who did something: an account, the App that it acted through, and whether it was a workflow's own token. */
export interface Doer {
  readonly account: Account;
  readonly app: AppFacts | null;
  readonly workflow: boolean;
}

export interface Repository {
  readonly id: number;
  readonly owner: Account;
  readonly name: string;
  private: boolean;
  defaultBranch: string;
  readonly createdAt: string;
  /** Those that its settings allow; a test takes some away. */
  readonly mergeMethods: Set<'merge' | 'squash' | 'rebase'>;
  /** A setting, off in new organizations: whether a workflow's token may open and approve pull requests. */
  actionsMayOpenPulls: boolean;
  readonly git: BareRepository;
  /** `refs/` of the repository itself; a fork shares its parent's objects, as on GitHub, under refs of its own. */
  readonly refs: string;
  readonly parent: Repository | null;
  /** Logins in lower case. */
  readonly roles: Map<string, { readonly name: string; readonly base: Role }>;
  readonly teamRoles: Map<string, Role>;
  readonly issues: Map<number, Issue>;
  readonly pulls: Map<number, Pull>;
  comments: IssueComment[];
  readonly checkRuns: CheckRun[];
  readonly runs: WorkflowRun[];
  readonly artifacts: Artifact[];
  readonly deployments: Deployment[];
  readonly releases: Release[];
  readonly rulesets: Ruleset[];
  readonly environments: Map<string, Environment>;
  readonly attestations: Map<string, unknown[]>;
  /** By base branch. */
  readonly queues: Map<string, QueueEntry[]>;
  /** Made or signed by GitHub itself. */
  readonly verified: Set<string>;
  /** What the double knows of, to notice what was pushed past it. */
  readonly knownRefs: Map<string, string>;
}

export const roleOrder = ['none', 'read', 'triage', 'write', 'maintain', 'admin'] as const;
export type Role = (typeof roleOrder)[number];

export interface Issue {
  readonly id: number;
  readonly number: number;
  readonly pull: boolean;
  title: string;
  body: string | null;
  state: 'open' | 'closed';
  stateReason: string | null;
  readonly author: Account;
  readonly app: AppFacts | null;
  labels: string[];
  readonly createdAt: string;
  updatedAt: string;
  closedAt: string | null;
  closedBy: Account | null;
  locked: boolean;
  readonly reactions: Reaction[];
}

export interface Pull {
  readonly id: number;
  readonly issue: Issue;
  draft: boolean;
  base: string;
  readonly headRepository: Repository;
  readonly headBranch: string;
  /** Follows its branch while it is open. */
  headSha: string;
  /** Where the base stood when it was last looked at. */
  baseSha: string;
  merged: { readonly at: string; readonly by: Account; readonly sha: string } | null;
  /** What a test wants GitHub to answer instead of what Git says. */
  mergeable?: 'unknown' | 'conflict';
  readonly reviews: Review[];
  readonly openedByWorkflow: boolean;
}

export interface Review {
  readonly id: number;
  readonly author: Account;
  body: string;
  state: 'APPROVED' | 'CHANGES_REQUESTED' | 'COMMENTED' | 'DISMISSED' | 'PENDING';
  readonly commit: string;
  readonly submittedAt: string;
  updatedAt: string;
}

export interface Reaction {
  readonly id: number;
  readonly account: Account;
  readonly content: string;
  readonly createdAt: string;
}

export interface IssueComment {
  readonly id: number;
  readonly number: number;
  readonly author: Account;
  readonly app: AppFacts | null;
  body: string;
  readonly createdAt: string;
  updatedAt: string;
  readonly reactions: Reaction[];
}

export interface CheckRun {
  readonly id: number;
  readonly suite: number;
  readonly sha: string;
  readonly app: AppFacts;
  name: string;
  status: string;
  conclusion: string | null;
  externalId: string;
  detailsUrl: string | null;
  startedAt: string;
  completedAt: string | null;
  title: string | null;
  summary: string | null;
  text: string | null;
  annotations: Record<string, unknown>[];
}

export interface WorkflowRun {
  readonly id: number;
  attempt: number;
  readonly number: number;
  readonly workflowId: number;
  readonly path: string;
  readonly name: string;
  readonly event: string;
  readonly headBranch: string | null;
  readonly headSha: string;
  readonly headRepository: Repository | null;
  status: string;
  conclusion: string | null;
  readonly actor: Account;
  readonly triggeringActor: Account;
  readonly createdAt: string;
  updatedAt: string;
  readonly jobs: readonly { readonly id: number; readonly name: string; readonly conclusion: string | null }[];
}

export interface Artifact {
  readonly id: number;
  readonly run: number;
  readonly name: string;
  readonly zip: Uint8Array;
  readonly digest: string;
  readonly createdAt: string;
  expired: boolean;
}

export interface Deployment {
  readonly id: number;
  readonly sha: string;
  readonly ref: string;
  readonly task: string;
  readonly environment: string;
  readonly description: string | null;
  readonly payload: unknown;
  readonly creator: Account;
  readonly app: AppFacts | null;
  readonly createdAt: string;
  updatedAt: string;
  readonly transient: boolean;
  readonly production: boolean;
  readonly statuses: DeploymentStatus[];
}
export interface Environment {
  readonly id: number;
  /** Which branches deploy there: any, those with rules, or those of these names. */
  readonly branches: 'all' | 'protected' | readonly string[];
  /** Whether a person must let a job in. */
  readonly reviewers: boolean;
}
export interface DeploymentStatus {
  readonly id: number;
  readonly state: string;
  readonly description: string;
  readonly environment: string;
  readonly environmentUrl: string;
  readonly logUrl: string;
  readonly creator: Account;
  readonly app: AppFacts | null;
  readonly createdAt: string;
}

export interface Release {
  readonly id: number;
  tag: string;
  target: string;
  name: string | null;
  body: string | null;
  draft: boolean;
  prerelease: boolean;
  readonly author: Account;
  readonly createdAt: string;
  publishedAt: string | null;
  readonly assets: ReleaseAsset[];
}
export interface ReleaseAsset {
  readonly id: number;
  name: string;
  label: string | null;
  readonly contentType: string;
  readonly content: Uint8Array;
  readonly uploader: Account;
  readonly createdAt: string;
}

export interface Ruleset {
  readonly id: number;
  readonly name: string;
  readonly enforcement: 'active' | 'evaluate' | 'disabled';
  /** `~DEFAULT_BRANCH`, `~ALL` or `refs/heads/weighin/**`. */
  readonly include: readonly string[];
  readonly exclude: readonly string[];
  readonly bypass: readonly { readonly actorId: number; readonly actorType: 'Integration' | 'RepositoryRole' | 'Team' }[];
  readonly rules: readonly RulesetRule[];
}
export interface RulesetRule {
  readonly type: 'creation' | 'update' | 'deletion' | 'non_fast_forward' | 'required_status_checks' | 'pull_request' | 'merge_queue';
  readonly parameters?: {
    readonly required_status_checks?: readonly { readonly context: string; readonly integration_id?: number }[];
    readonly strict_required_status_checks_policy?: boolean;
    readonly required_approving_review_count?: number;
    readonly dismiss_stale_reviews_on_push?: boolean;
    readonly [key: string]: unknown;
  };
}

export interface QueueEntry {
  readonly id: number;
  readonly pull: Pull;
  readonly headSha: string;
  readonly by: Doer;
  readonly enqueuedAt: string;
  readonly groupRef: string;
  readonly groupSha: string;
  readonly baseSha: string;
}
