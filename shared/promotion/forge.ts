import type { EventLine } from './event-document.ts';

/**
 * What the bot asks of the place where the code lives: GitHub, in words of this project. One implementation speaks GitHub's API
 * (`adapters/github-forge`). Methods are coarse on purpose, one request each unless said otherwise, since calls are counted.
 *
 * Every method throws `InfrastructureError` where the answer is not known (FORGE_UNREACHABLE, FORGE_LIMITED with `retryAfterSeconds`,
 * FORGE_REFUSED for a missing permission, which names it). "Could not ask" is never null, false or an empty list.
 */
export interface Forge {
  readonly repository: RepositoryFacts;
  /** Who this forge writes as. */
  readonly identity: Identity;
  /** The forge's clock: the `Date` header of its last answer, which no runner and no laptop sets. Asks once where nothing was asked yet. */
  now(): Promise<Date>;

  readonly git: ForgeGit;
  readonly pulls: ForgePulls;
  readonly comments: ForgeComments;
  readonly checks: ForgeChecks;
  readonly people: ForgePeople;
  readonly actions: ForgeActions;
  readonly deployments: ForgeDeployments;
  readonly issues: ForgeIssues;
}

export interface RepositoryFacts {
  readonly id: number;
  readonly owner: string;
  readonly name: string;
  readonly defaultBranch: string;
  readonly private: boolean;
  /** Of the web pages: `https://github.com/acme/churn`. */
  readonly url: string;
}

export interface Identity {
  readonly id: number;
  /** `weighin[bot]`; `github-actions[bot]` with a workflow's own token. */
  readonly login: string;
  /** The App's id, by which a ruleset pins a check's source; null with a workflow's own token, where promotion is advisory. */
  readonly appId: number | null;
}

export interface Person {
  readonly id: number;
  readonly login: string;
  readonly type: 'User' | 'Bot' | 'Organization';
}

/** GitHub's `role_name`, from least to most; a custom role counts as the base role that it has. */
export const roles = ['none', 'read', 'triage', 'write', 'maintain', 'admin'] as const;
export type Role = (typeof roles)[number];

export interface ForgeGit {
  /**
   * Text files at several refs in one request. A ref is a branch, tag or commit; `commit` is where it stood, null where it does not
   * exist; a file that is not there, or is no text, is null.
   */
  read(wanted: readonly { readonly ref: string; readonly paths: readonly string[] }[]): Promise<readonly RefFiles[]>;
  /** Every file below a folder, '' for all, of a commit or branch; empty where the folder is not there. Paths from the top. */
  list(ref: string, folder: string): Promise<readonly TreeFile[]>;
  /** A file's bytes, or null where it is not there. @throws UserError FILE_TOO_LARGE */
  readBytes(ref: string, path: string, limit: number): Promise<Uint8Array | null>;
  /** Commits that touched a path, newest first. */
  history(ref: string, path: string): Promise<readonly CommitFacts[]>;
  /** Where a branch stands; null where there is none. */
  head(branch: string): Promise<string | null>;
  createBranch(name: string, at: string): Promise<'created' | 'taken'>;
  /** Signed, one commit, and only on top of `expectedHead`: compare-and-swap (`createCommitOnBranch`). */
  commit(change: BranchCommit): Promise<{ readonly committed: true; readonly oid: string } | { readonly committed: false }>;
  /** A branch without history (`weighin/state`, once a repository): its first commit holds these files. */
  createOrphanBranch(name: string, message: string, files: readonly FileText[]): Promise<'created' | 'taken'>;
  /** Only where it still stands at `expectedHead` (`updateRefs`, compare-and-swap). */
  deleteBranch(name: string, expectedHead: string): Promise<boolean>;
  /** An annotated tag; `taken` where the name exists, with what it points at. */
  createTag(name: string, at: string, message: string): Promise<{ readonly created: boolean; readonly at: string }>;
}

export interface RefFiles {
  readonly ref: string;
  readonly commit: string | null;
  readonly files: ReadonlyMap<string, string | null>;
}
export interface TreeFile {
  readonly path: string;
  readonly oid: string;
  readonly bytes: number;
  readonly mode: 'file' | 'executable' | 'link' | 'submodule';
}
export interface FileText {
  readonly path: string;
  readonly text: string;
}
export interface BranchCommit {
  readonly branch: string;
  readonly expectedHead: string;
  /** Headline, then the body. */
  readonly message: string;
  readonly write: readonly FileText[];
  readonly remove?: readonly string[];
}
export interface CommitFacts {
  readonly oid: string;
  readonly at: string;
  readonly message: string;
  /** Accounts; null for an author that GitHub can't map to one. */
  readonly authors: readonly (Person | null)[];
  readonly committer: Person | null;
  readonly verified: boolean;
}

export interface ForgePulls {
  /** A pull request with everything that decides about it, in one request; null where there is none. */
  read(number: number): Promise<PullSnapshot | null>;
  /** Open ones, all bases, newest first. */
  open(): Promise<readonly PullSummary[]>;
  /** By head branch `owner:branch`, any state, newest first. */
  ofHead(head: string): Promise<readonly PullSummary[]>;
  create(pull: { readonly head: string; readonly title: string; readonly body: string }): Promise<number>;
  /** Leaves out what is not given. */
  edit(number: number, change: { readonly title?: string; readonly body?: string; readonly state?: 'open' | 'closed' }): Promise<void>;
  merge(number: number, request: { readonly head: string; readonly title: string; readonly message: string }): Promise<MergeAnswer>;
  /** Puts it into the merge queue (GraphQL), only at this head. */
  enqueue(number: number, head: string): Promise<MergeAnswer>;
  dequeue(number: number): Promise<void>;
}

export interface PullSummary {
  readonly number: number;
  readonly state: 'open' | 'closed' | 'merged';
  readonly draft: boolean;
  readonly base: string;
  readonly head: { readonly sha: string; readonly branch: string; readonly owner: string | null; readonly fork: boolean };
  readonly author: Person | null;
  readonly updatedAt: string;
}
export interface PullSnapshot extends PullSummary {
  readonly title: string;
  readonly body: string;
  readonly createdAt: string;
  readonly mergedAs: { readonly sha: string; readonly by: Person | null; readonly at: string } | null;
  readonly mergeable: 'yes' | 'conflict' | 'unknown';
  /** Whether its base merges through a queue, and whether it is in it. */
  readonly queue: { readonly required: boolean; readonly queued: boolean };
  /** Changed paths, at most 300; `more` says that there are others. */
  readonly files: readonly string[];
  readonly moreFiles: boolean;
  /** Oldest first, at most 100. */
  readonly commits: readonly CommitFacts[];
  readonly moreCommits: boolean;
  /** All of them, oldest first. */
  readonly reviews: readonly Review[];
}
export interface Review {
  readonly id: number;
  readonly person: Person;
  readonly state: 'approved' | 'changes-requested' | 'dismissed' | 'commented';
  /** The commit that it was given on. */
  readonly commit: string | null;
  readonly at: string;
  readonly canPush: boolean;
}
export type MergeAnswer =
  | { readonly merged: true; readonly sha: string | null }
  | { readonly merged: false; readonly reason: 'HEAD_MOVED' | 'NOT_MERGEABLE' | 'QUEUE_REQUIRED' | 'REFUSED'; readonly message: string };

export interface Comment {
  readonly id: number;
  readonly author: Person;
  readonly body: string;
  readonly createdAt: string;
  readonly updatedAt: string;
  /** The App that wrote it, where one did. */
  readonly appId: number | null;
  readonly url: string;
}
export interface ForgeComments {
  /** Of an issue or pull request, oldest first, all pages. */
  list(number: number): Promise<readonly Comment[]>;
  /** Of all issues and pull requests, those updated since. Each with its issue's number. */
  since(instant: Date): Promise<readonly (Comment & { readonly number: number; readonly onPull: boolean })[]>;
  create(number: number, body: string): Promise<Comment>;
  edit(id: number, body: string): Promise<void>;
  /** Gone already is fine. */
  remove(id: number): Promise<void>;
  /** `mine`: made now (201). `taken`: it was there (200): somebody else, or this bot before, has it. */
  react(id: number, content: 'eyes' | 'rocket' | '-1' | 'confused'): Promise<'mine' | 'taken'>;
}

export interface ForgeChecks {
  /** Of this App (or token) at a commit, newest of each name. */
  list(sha: string): Promise<readonly CheckRun[]>;
  /** Creates the check, or updates the one with this `id`. More than 50 annotations go in further requests. */
  write(check: CheckToWrite): Promise<number>;
}
export type Conclusion = 'success' | 'failure' | 'neutral' | 'action_required' | 'skipped' | 'cancelled';
export interface CheckRun {
  readonly id: number;
  readonly name: string;
  readonly appId: number | null;
  readonly status: 'queued' | 'in_progress' | 'completed';
  readonly conclusion: Conclusion | null;
  /** What we wrote there: the digest of what it shows, to leave an unchanged one alone. */
  readonly externalId: string | null;
}
export interface CheckToWrite {
  readonly id?: number;
  readonly sha: string;
  readonly name: string;
  readonly status: 'in_progress' | 'completed';
  readonly conclusion?: Conclusion;
  readonly externalId: string;
  readonly title: string;
  /** Markdown, at most 65,535 characters each. */
  readonly summary: string;
  readonly text?: string;
  readonly annotations?: readonly CheckAnnotation[];
}
export interface CheckAnnotation {
  readonly path: string;
  readonly line: number;
  readonly level: 'notice' | 'warning' | 'failure';
  readonly title: string;
  readonly message: string;
}

export interface ForgePeople {
  /** `none` for an outsider. Asked anew each time: authority is not remembered. */
  roleOf(login: string): Promise<Role>;
  /** Account ids. @throws UserError CANNOT_READ_TEAM where the team is not there or may not be read: never "nobody". */
  teamMembers(slug: string): Promise<readonly number[]>;
  /** Everyone with at least write. */
  writers(): Promise<readonly (Person & { readonly role: Role })[]>;
  find(login: string): Promise<Person | null>;
}

export interface WorkflowRun {
  readonly id: number;
  readonly attempt: number;
  /** Of the workflow file: `.github/workflows/weighin.yml`. */
  readonly path: string;
  readonly event: string;
  readonly headBranch: string | null;
  readonly headSha: string;
  readonly headRepository: { readonly id: number; readonly fullName: string } | null;
  readonly status: string;
  readonly conclusion: string | null;
  readonly actor: Person | null;
  readonly triggeringActor: Person | null;
  readonly createdAt: string;
  readonly url: string;
}
export interface Artifact {
  readonly id: number;
  readonly name: string;
  readonly bytes: number;
  readonly expired: boolean;
  /** `sha256:<hex>` of the zip, as the Actions API says it. */
  readonly digest: string | null;
}
export interface ForgeActions {
  run(id: number): Promise<WorkflowRun | null>;
  /** Newest first, at most 100. `event` and `branch` narrow it. */
  runs(query: {
    readonly workflow: string;
    readonly event?: string;
    readonly branch?: string;
    readonly sha?: string;
  }): Promise<readonly WorkflowRun[]>;
  artifacts(runId: number): Promise<readonly Artifact[]>;
  /** The zip's bytes; stops at `limit`. @throws UserError ARTIFACT_TOO_LARGE */
  download(artifactId: number, limit: number): Promise<Uint8Array>;
  /** `repository_dispatch`. At most 10 keys and 64 KB. */
  dispatch(eventType: string, payload: Readonly<Record<string, unknown>>): Promise<void>;
  /** Of a subject's sha256: Sigstore bundles as JSON; null where the server keeps none (GHES, some plans). */
  attestations(digest: string): Promise<readonly unknown[] | null>;
}

export type DeploymentState = 'queued' | 'in_progress' | 'success' | 'failure' | 'inactive' | 'error' | 'pending';
export interface Deployment {
  readonly id: number;
  readonly environment: string;
  readonly ref: string;
  readonly payload: Readonly<Record<string, unknown>>;
  readonly state: DeploymentState | null;
}
export interface ForgeDeployments {
  /** Of an environment, newest first, with their latest status. */
  list(environment: string): Promise<readonly Deployment[]>;
  /** `auto_merge: false`, `required_contexts: []`; `auto_inactive: false` on its statuses. */
  create(deployment: {
    readonly ref: string;
    readonly environment: string;
    readonly description: string;
    readonly payload: Readonly<Record<string, unknown>>;
  }): Promise<number>;
  setState(id: number, state: DeploymentState, description: string, logUrl?: string): Promise<void>;
  /** A twin that another process made at once. Two requests, since an active one is kept; gone already is fine. */
  remove(id: number): Promise<void>;
}

export interface ForgeIssues {
  /** The oldest open one of this bot that carries the marker in its body; `twins` are the numbers of others, made at once. */
  findOpen(marker: string): Promise<{ readonly number: number; readonly body: string; readonly twins: readonly number[] } | null>;
  create(issue: { readonly title: string; readonly body: string; readonly labels?: readonly string[] }): Promise<number>;
  edit(number: number, change: { readonly body?: string; readonly state?: 'open' | 'closed' }): Promise<void>;
}

/** What a caller that writes events needs to know of one that is not written yet. */
export type NewEvent = Pick<EventLine, 'type' | 'actor' | 'cause' | 'data'>;
