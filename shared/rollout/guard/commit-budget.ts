import { lookSpacing } from './may-take-up.ts';

/** `stop`: toward stable, and pauses. `start`: away from stable. `look`: planned, nothing changed. */
export type CommitKind = 'stop' | 'start' | 'look';

export interface CommitBudget {
  /** Whether a commit of this kind may be made now. */
  has(kind: CommitKind, now: number): boolean;
  spend(kind: CommitKind, now: number): void;
  /** A commit came to nothing: others than stops wait a moment. */
  refused(now: number): void;
}

const HOUR = 3_600_000;
/** Of one repository: GitHub takes 500 writes an hour of everybody together, and 60 are what a guard takes of them. */
const anHour = 60;
/** What is left to looks and stops when rollouts start quickly. */
const startsAnHour = 44;
const afterRefusal = 30_000;

/** Commits are counted: a rollout that goes on waits when there were too many, a stop never does. */
export function createCommitBudget(): CommitBudget {
  let spent: number[] = [];
  let refusedAt = Number.NEGATIVE_INFINITY;
  let lastLook = Number.NEGATIVE_INFINITY;
  const recent = (now: number) => {
    // A clock that went back must not lock the budget.
    spent = spent.filter((at) => at <= now && now - at < HOUR);
    return spent.length;
  };
  return {
    has(kind, now) {
      if (kind === 'stop') return true;
      if (Math.abs(now - refusedAt) < afterRefusal) return false;
      if (kind === 'start') return recent(now) < startsAnHour;
      return recent(now) < anHour && Math.abs(now - lastLook) >= lookSpacing;
    },
    refused(now) {
      refusedAt = now;
    },
    spend(kind, now) {
      spent.push(now);
      if (kind === 'look') lastLook = now;
    },
  };
}
