import { pullJson, reviewJson } from '../payloads/pull.ts';
import { invalid, Refusal } from '../refusal.ts';
import type { Doer, Issue, Pull, Repository, Review } from '../state.ts';
import { atLeast, roleOf, type World } from '../world.ts';
import { gitHubsSignature, signatureOf } from './commits.ts';
import { mergeabilityOf } from './mergeability.ts';
import { branchAt, moveRefs, settleMerge } from './refs.ts';
import { checkWorkflowFiles, mergeObstacle } from './rules.ts';

/** The next number of a repository, which issues and pull requests share. */
export const nextNumber = (repository: Repository): number => Math.max(0, ...repository.issues.keys()) + 1;

export function addIssue(
  world: World,
  repository: Repository,
  draft: { title: string; body: string | null; pull: boolean; labels?: readonly string[] },
  by: Doer,
): Issue {
  const issue: Issue = {
    id: world.nextId(),
    number: nextNumber(repository),
    pull: draft.pull,
    title: draft.title,
    body: draft.body,
    state: 'open',
    stateReason: null,
    author: by.account,
    app: by.app,
    labels: [...(draft.labels ?? [])],
    createdAt: world.clock.iso(),
    updatedAt: world.clock.iso(),
    closedAt: null,
    closedBy: null,
    locked: false,
    reactions: [],
  };
  repository.issues.set(issue.number, issue);
  return issue;
}

export interface PullDraft {
  readonly title: string;
  readonly body: string | null;
  readonly base: string;
  readonly headRepository: Repository;
  readonly headBranch: string;
  readonly draft?: boolean;
}

/** @throws Refusal 422 */
export function openPull(world: World, repository: Repository, draft: PullDraft, by: Doer): Pull {
  if (by.workflow && !repository.actionsMayOpenPulls)
    throw new Refusal(403, 'GitHub Actions is not permitted to create or approve pull requests.');
  const head = branchAt(draft.headRepository, draft.headBranch);
  const base = branchAt(repository, draft.base);
  if (head === null) throw invalid('PullRequest', 'head', 'invalid');
  if (base === null) throw invalid('PullRequest', 'base', 'invalid');
  const label = `${draft.headRepository.owner.login}:${draft.headBranch}`;
  const open = [...repository.pulls.values()].find(
    (pull) =>
      pull.issue.state === 'open' &&
      pull.headRepository === draft.headRepository &&
      pull.headBranch === draft.headBranch &&
      pull.base === draft.base,
  );
  if (open) throw invalid('PullRequest', 'base', 'custom', `A pull request already exists for ${label}.`);
  if (repository.git.isAncestor(head, base))
    throw invalid('PullRequest', 'head', 'custom', `No commits between ${draft.base} and ${draft.headBranch}`);
  const pull: Pull = {
    id: world.nextId(),
    issue: addIssue(world, repository, { title: draft.title, body: draft.body, pull: true }, by),
    draft: draft.draft ?? false,
    base: draft.base,
    headRepository: draft.headRepository,
    headBranch: draft.headBranch,
    headSha: head,
    baseSha: base,
    merged: null,
    reviews: [],
    openedByWorkflow: by.workflow,
  };
  repository.pulls.set(pull.issue.number, pull);
  repository.git.changeRefs([{ ref: `${repository.refs}pull/${pull.issue.number}/head`, to: head }]);
  tell(world, repository, pull, 'opened', by);
  return pull;
}

export function tell(world: World, repository: Repository, pull: Pull, action: string, by: Doer, more: Record<string, unknown> = {}): void {
  world.emit(
    repository,
    'pull_request',
    action,
    { number: pull.issue.number, pull_request: pullJson(world, repository, pull), ...more },
    by,
  );
}

export interface MergeRequest {
  readonly sha?: string;
  readonly title?: string;
  readonly message?: string;
  readonly method?: string;
}

/** @throws Refusal 405 where it can't be merged, 409 where its head is not `sha` */
export function mergePull(world: World, repository: Repository, pull: Pull, request: MergeRequest, by: Doer, force = false): string {
  if (pull.issue.state === 'closed') throw new Refusal(405, 'Pull Request is not mergeable');
  if (request.sha !== undefined && request.sha !== pull.headSha)
    throw new Refusal(409, 'Head branch was modified. Review and try the merge again.');
  const method = request.method ?? 'merge';
  const names: Record<string, string> = { merge: 'Merge commits', squash: 'Squash merges', rebase: 'Rebase merges' };
  if (!repository.mergeMethods.has(method as 'merge')) throw new Refusal(405, `${names[method]} are not allowed on this repository.`);
  const obstacle = force ? null : mergeObstacle(world, repository, pull, by);
  if (obstacle !== null) throw new Refusal(405, `Repository rule violations found\n\n${obstacle}\n\n`);
  if (pull.draft) throw new Refusal(405, 'Pull Request is still a draft');
  if (mergeabilityOf(world, repository, pull).mergeable !== true) throw new Refusal(405, 'Pull Request is not mergeable');
  const base = branchAt(repository, pull.base);
  const sha = base === null ? null : mergeCommit(world, repository, pull, base, pull.headSha, request, by);
  if (base === null || sha === null) throw new Refusal(405, 'Pull Request is not mergeable');
  if (!force) checkWorkflowFiles(repository, base, sha, by);
  pull.baseSha = base;
  const { number } = pull.issue;
  // Settled before the branch moves, so that the move does not take it for somebody's push.
  settleMerge(world, repository, pull, sha, by);
  if (!moveRefs(world, repository, [{ ref: `refs/heads/${pull.base}`, to: sha, from: base }], by, true))
    throw new Refusal(409, `Base branch was modified. Review and try the merge again. (#${number})`);
  return sha;
}

/** A merged head on a base, or null where Git can't. */
export function mergeCommit(
  world: World,
  repository: Repository,
  pull: Pull,
  base: string,
  head: string,
  request: MergeRequest,
  by: Doer,
): string | null {
  const tree = repository.git.mergeTree(base, head);
  if (tree === null) return null;
  const { number } = pull.issue;
  const squash = request.method === 'squash' || request.method === 'rebase';
  const title =
    request.title ??
    (squash
      ? `${pull.issue.title} (#${number})`
      : `Merge pull request #${number} from ${pull.headRepository.owner.login}/${pull.headBranch}`);
  const message = request.message ?? (squash ? '' : pull.issue.title);
  const sha = repository.git.writeCommit({
    tree,
    parents: squash ? [base] : [base, head],
    author: signatureOf(world, squash ? { ...by, account: pull.issue.author } : by),
    committer: gitHubsSignature(world),
    message: message === '' ? title : `${title}\n\n${message}`,
  });
  repository.verified.add(sha);
  return sha;
}

/** @throws Refusal 422: nobody approves their own */
export function addReview(
  world: World,
  repository: Repository,
  pull: Pull,
  draft: { state: Review['state']; body: string; commit?: string },
  by: Doer,
): Review {
  if (by.workflow && draft.state === 'APPROVED' && !repository.actionsMayOpenPulls)
    throw new Refusal(422, 'GitHub Actions is not permitted to create or approve pull requests.');
  if (draft.state !== 'COMMENTED' && draft.state !== 'PENDING' && pull.issue.author.id === by.account.id)
    throw new Refusal(422, 'Unprocessable Entity', {
      errors: [`Can not ${draft.state === 'APPROVED' ? 'approve' : 'request changes on'} your own pull request`],
    });
  const review: Review = {
    id: world.nextId(),
    author: by.account,
    body: draft.body,
    state: draft.state,
    commit: draft.commit ?? pull.headSha,
    submittedAt: world.clock.iso(),
    updatedAt: world.clock.iso(),
  };
  (pull.reviews as Review[]).push(review);
  if (review.state !== 'PENDING') tellReview(world, repository, pull, review, 'submitted', by);
  return review;
}
export function tellReview(world: World, repository: Repository, pull: Pull, review: Review, action: string, by: Doer): void {
  const shown = { ...reviewJson(world, repository, pull, review), state: review.state.toLowerCase() };
  world.emit(repository, 'pull_request_review', action, { review: shown, pull_request: pullJson(world, repository, pull) }, by);
}
export const canPush = (world: World, repository: Repository, review: Review): boolean =>
  atLeast(roleOf(world, repository, review.author).base, 'write');
