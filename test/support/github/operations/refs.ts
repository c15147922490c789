import { noOid } from '../git/bare-repository.ts';
import { pushedCommitJson } from '../payloads/commit.ts';
import { pullJson, reviewJson } from '../payloads/pull.ts';
import { htmlOf } from '../payloads/repository.ts';
import type { Doer, Pull, Repository } from '../state.ts';
import type { World } from '../world.ts';
import { checkRefRules, checkWorkflowFiles, ruleOf } from './rules.ts';

/** A full name (`refs/heads/main`) as this repository's objects hold it: a fork's refs lie beside its parent's. */
export const storedRef = (repository: Repository, ref: string): string => `${repository.refs}${ref.replace(/^refs\//, '')}`;
export const refAt = (repository: Repository, ref: string): string | null => repository.git.ref(storedRef(repository, ref));
export const branchAt = (repository: Repository, branch: string): string | null => refAt(repository, `refs/heads/${branch}`);

/** A branch, tag, full ref or commit, as GitHub takes it; its commit's or tag's id. */
export function resolveRevision(repository: Repository, revision: string): string | null {
  if (/^[0-9a-f]{40}$/.test(revision)) return repository.git.object(revision) ? revision : null;
  if (revision === 'HEAD') return branchAt(repository, repository.defaultBranch);
  if (revision.startsWith('refs/')) return refAt(repository, revision);
  return (
    branchAt(repository, revision) ??
    refAt(repository, `refs/tags/${revision}`) ??
    (/^(?:heads|tags|pull)\//.test(revision) ? refAt(repository, `refs/${revision}`) : null)
  );
}

export interface RefMove {
  readonly ref: string;
  readonly to: string;
  /** Compare-and-swap: where it must stand; `noOid`: nowhere. */
  readonly from?: string;
}

/**
 * Moves refs as a push does, all or none, and tells of it: push, the pull requests of the branch, those that were merged by it.
 * @returns false where one did not stand where it had to, or can't have that name
 * @throws Refusal 422 where a ruleset forbids it to this writer (`lawful`: it was asked already, or a test acts)
 */
export function moveRefs(world: World, repository: Repository, moves: readonly RefMove[], by: Doer, lawful = false): boolean {
  const before = moves.map(({ ref }) => refAt(repository, ref));
  for (const [index, { ref, to }] of lawful ? [] : moves.entries()) {
    if (to !== noOid) checkWorkflowFiles(repository, before[index] ?? null, to, by);
    checkRefRules(world, repository, ref, to === noOid ? 'deletion' : before[index] === null ? 'creation' : 'update', by);
  }
  const changes = moves.map((move, index) => ({
    ref: storedRef(repository, move.ref),
    to: move.to,
    from: move.from ?? before[index] ?? noOid,
  }));
  if (!repository.git.changeRefs(changes)) return false;
  for (const [index, { ref, to }] of moves.entries()) announce(world, repository, ref, before[index] ?? noOid, to, by);
  return true;
}

/** Tells of refs that Git moved without the double: a push over the folder's path. */
export function noticePushes(world: World, repository: Repository, by: Doer): void {
  const now = new Map(repository.git.refsUnder(repository.refs).map(({ ref, oid }) => [ref.replace(repository.refs, 'refs/'), oid]));
  const ours = (ref: string) => ref.startsWith('refs/heads/') || ref.startsWith('refs/tags/');
  for (const ref of new Set([...repository.knownRefs.keys(), ...now.keys()])) {
    const [before, after] = [repository.knownRefs.get(ref) ?? noOid, now.get(ref) ?? noOid];
    if (before !== after && ours(ref)) announce(world, repository, ref, before, after, by);
  }
}

function announce(world: World, repository: Repository, ref: string, before: string, after: string, by: Doer): void {
  if (before === after) return;
  if (after === noOid) repository.knownRefs.delete(ref);
  else repository.knownRefs.set(ref, after);
  if (!ref.startsWith('refs/heads/') && !ref.startsWith('refs/tags/')) return;
  world.emit(repository, 'push', null, pushPayload(world, repository, ref, before, after, by), by);
  if (ref.startsWith('refs/heads/')) followBranch(world, repository, ref.slice('refs/heads/'.length), before, after, by);
}

function pushPayload(world: World, repository: Repository, ref: string, before: string, after: string, by: Doer) {
  const { git } = repository;
  const head = after === noOid ? null : git.commitOf(after);
  const forced = before !== noOid && head !== null && !git.isAncestor(before, head.oid);
  const commits = head && ref.startsWith('refs/heads/') && before !== noOid ? git.history(head.oid, { not: before, limit: 20 }) : [];
  return {
    ref,
    before,
    after,
    base_ref: null,
    created: before === noOid,
    deleted: after === noOid,
    forced,
    compare: `${htmlOf(world, repository)}/compare/${before.slice(0, 12)}...${after.slice(0, 12)}`,
    commits: [...commits].reverse().flatMap((oid) => {
      const commit = git.commit(oid);
      return commit ? [pushedCommitJson(world, repository, commit)] : [];
    }),
    head_commit: head ? pushedCommitJson(world, repository, head) : null,
    pusher: { name: by.account.login, email: by.account.email },
  };
}

function followBranch(world: World, repository: Repository, branch: string, before: string, after: string, by: Doer): void {
  const target = repository.parent ?? repository;
  for (const pull of target.pulls.values()) {
    if (pull.issue.state !== 'open') continue;
    if (pull.headRepository === repository && pull.headBranch === branch) {
      if (after === noOid) closePull(world, target, pull, by);
      else followHead(world, target, pull, before, after, by);
    } else if (target === repository && pull.base === branch && after !== noOid && target.git.isAncestor(pull.headSha, after)) {
      settleMerge(world, target, pull, after, by);
    }
  }
}

function followHead(world: World, repository: Repository, pull: Pull, before: string, after: string, by: Doer): void {
  pull.headSha = after;
  pull.issue.updatedAt = world.clock.iso();
  repository.git.changeRefs([{ ref: `${repository.refs}pull/${pull.issue.number}/head`, to: after }]);
  const queue = repository.queues.get(pull.base);
  if (queue?.some((entry) => entry.pull === pull))
    repository.queues.set(
      pull.base,
      queue.filter((entry) => entry.pull !== pull),
    );
  world.emit(
    repository,
    'pull_request',
    'synchronize',
    { number: pull.issue.number, before, after, pull_request: pullJson(world, repository, pull) },
    by,
  );
  if (ruleOf(repository, pull.base, 'pull_request')?.parameters?.dismiss_stale_reviews_on_push !== true) return;
  for (const review of pull.reviews.filter(({ state }) => state === 'APPROVED')) {
    review.state = 'DISMISSED';
    const body = {
      review: { ...reviewJson(world, repository, pull, review), state: 'dismissed' },
      pull_request: pullJson(world, repository, pull),
    };
    world.emit(repository, 'pull_request_review', 'dismissed', body, by);
  }
}

export function closePull(world: World, repository: Repository, pull: Pull, by: Doer): void {
  pull.issue.state = 'closed';
  pull.issue.closedAt = world.clock.iso();
  pull.issue.updatedAt = world.clock.iso();
  pull.issue.closedBy = by.account;
  world.emit(repository, 'pull_request', 'closed', { number: pull.issue.number, pull_request: pullJson(world, repository, pull) }, by);
}

/** Its head is in the base now, by whatever way. */
export function settleMerge(world: World, repository: Repository, pull: Pull, sha: string, by: Doer): void {
  pull.merged = { at: world.clock.iso(), by: by.account, sha };
  closePull(world, repository, pull, by);
}
