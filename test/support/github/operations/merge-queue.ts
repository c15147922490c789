import { noOid } from '../git/bare-repository.ts';
import { headCommitJson } from '../payloads/commit.ts';
import { Refusal } from '../refusal.ts';
import type { Doer, Pull, QueueEntry, Repository } from '../state.ts';
import type { World } from '../world.ts';
import { mergeCommit, tell } from './pulls.ts';
import { branchAt, moveRefs, settleMerge } from './refs.ts';
import { hasQueue, missingChecks, ruleOf, unmetBeforeQueue } from './rules.ts';

/**
 * Behind what is in the queue already: a real merged head in `gh-readonly-queue`, whose checks decide.
 * @throws Refusal 422 where the pull request can't be queued
 */
export function enqueue(world: World, repository: Repository, pull: Pull, by: Doer): QueueEntry {
  const { number } = pull.issue;
  if (!hasQueue(repository, pull.base)) throw new Refusal(422, `Merge queue is not enabled on ${pull.base}`);
  if (pull.issue.state !== 'open' || pull.draft) throw new Refusal(422, 'Pull request is not in a mergeable state');
  const queue = repository.queues.get(pull.base) ?? [];
  if (queue.some((entry) => entry.pull === pull)) throw new Refusal(422, 'Pull request is already in the queue');
  const reviews = ruleOf(repository, pull.base, 'pull_request');
  const obstacle = unmetBeforeQueue(
    world,
    repository,
    pull,
    reviews,
    ruleOf(repository, pull.base, 'required_status_checks') !== undefined,
  );
  if (obstacle !== null) throw new Refusal(422, `Repository rule violations found\n\n${obstacle}\n\n`);
  const baseSha = queue.at(-1)?.groupSha ?? branchAt(repository, pull.base);
  const groupSha = baseSha === null ? null : mergeCommit(world, repository, pull, baseSha, pull.headSha, {}, by);
  if (baseSha === null || groupSha === null) throw new Refusal(422, 'Pull request has merge conflicts');
  const entry: QueueEntry = {
    id: world.nextId(),
    pull,
    headSha: pull.headSha,
    by,
    enqueuedAt: world.clock.iso(),
    groupRef: `refs/heads/gh-readonly-queue/${pull.base}/pr-${number}-${baseSha}`,
    groupSha,
    baseSha,
  };
  repository.queues.set(pull.base, [...queue, entry]);
  tell(world, repository, pull, 'enqueued', by);
  moveRefs(world, repository, [{ ref: entry.groupRef, to: groupSha }], by, true);
  tellGroup(world, repository, entry, 'checks_requested');
  return entry;
}

export function dequeue(
  world: World,
  repository: Repository,
  pull: Pull,
  by: Doer,
  reason: 'MANUAL' | 'CI_FAILURE' | 'MERGE' = 'MANUAL',
): QueueEntry {
  const queue = repository.queues.get(pull.base) ?? [];
  const entry = queue.find((one) => one.pull === pull);
  if (!entry) throw new Refusal(422, 'Pull request is not in the queue');
  repository.queues.set(
    pull.base,
    queue.filter((one) => one !== entry),
  );
  moveRefs(world, repository, [{ ref: entry.groupRef, to: noOid }], by, true);
  tellGroup(world, repository, entry, 'destroyed', {
    reason: reason === 'MERGE' ? 'merged' : reason === 'MANUAL' ? 'dequeued' : 'invalidated',
  });
  if (reason !== 'MERGE') tell(world, repository, pull, 'dequeued', by, { reason });
  return entry;
}

export interface QueueOutcome {
  readonly merged: readonly number[];
  readonly removed: readonly number[];
  readonly waiting: readonly number[];
}

/** One turn of the queue: what has its checks is merged, what failed one is put out, what waits stays and holds what is behind it. */
export function turnQueue(world: World, repository: Repository, base: string): QueueOutcome {
  const merged: number[] = [];
  const removed: number[] = [];
  for (let entry = repository.queues.get(base)?.[0]; entry; entry = repository.queues.get(base)?.[0]) {
    const { pull, by } = entry;
    const { number } = pull.issue;
    const sha = entry.groupSha;
    if (missingChecks(repository, base, sha).length > 0) {
      const failed = repository.checkRuns.some(
        (run) => run.sha === sha && ['failure', 'cancelled', 'timed_out', 'action_required'].includes(run.conclusion ?? ''),
      );
      if (!failed) break;
      dequeue(world, repository, pull, by, 'CI_FAILURE');
      removed.push(number);
      rebuild(world, repository, base);
      continue;
    }
    pull.baseSha = entry.baseSha;
    dequeue(world, repository, pull, by, 'MERGE');
    settleMerge(world, repository, pull, sha, by);
    moveRefs(world, repository, [{ ref: `refs/heads/${base}`, to: sha, from: entry.baseSha }], by, true);
    merged.push(number);
  }
  return { merged, removed, waiting: (repository.queues.get(base) ?? []).map(({ pull }) => pull.issue.number) };
}

/** What stood behind a failed one was merged on top of it: it starts again. */
function rebuild(world: World, repository: Repository, base: string): void {
  const behind = repository.queues.get(base) ?? [];
  for (const { pull, by } of behind) dequeue(world, repository, pull, by, 'MANUAL');
  for (const { pull, by } of behind) enqueue(world, repository, pull, by);
}

function tellGroup(world: World, repository: Repository, entry: QueueEntry, action: string, more: Record<string, unknown> = {}): void {
  const commit = repository.git.commit(entry.groupSha);
  const body = {
    merge_group: {
      head_sha: entry.groupSha,
      head_ref: entry.groupRef,
      base_sha: entry.baseSha,
      base_ref: `refs/heads/${entry.pull.base}`,
      head_commit: commit ? headCommitJson(commit) : null,
    },
    ...more,
  };
  world.emit(repository, 'merge_group', action, body, entry.by);
}
