import { guardCommit } from '../../promotion/guard-commit.ts';
import type { LiveDocument } from '../../promotion/live-document.ts';
import { writeLives } from '../../promotion/write-live.ts';
import type { CommitBudget, CommitKind } from './commit-budget.ts';
import type { GuardParts } from './guard-parts.ts';
import { noteTransition } from './guarded-rollout.ts';
import type { Look } from './look-at-rollout.ts';
import { codeOf } from './troubles.ts';
import { within } from './within.ts';

/** Longer than GitHub takes for three requests on a bad day. */
const patience = 15_000;

export interface Recorded {
  /** Looks whose state is in Git now, or needs not be: what they ask for may be done. */
  readonly kept: readonly Look[];
  /** Looks that lost: somebody else moved the stage, or it can't be recorded now. Nothing of them away from stable may be done. */
  readonly lost: readonly Look[];
  /** What kept GitHub from taking it; null: it took what it was given. */
  readonly failure: unknown;
  /** Looks whose stage has files that nothing can be written to. */
  readonly broken: ReadonlyMap<Look, unknown>;
  readonly wrote: boolean;
}

/**
 * Takes looks into memory, and into one commit what is to be recorded. What must be recorded first and could not be is forgotten: the next
 * look comes to it again. Everything else is kept in memory and written later.
 */
export async function recordLooks(
  looks: readonly Look[],
  { away, budget, parts, now }: { readonly away: boolean; readonly budget: CommitBudget; readonly parts: GuardParts; readonly now: Date },
): Promise<Recorded> {
  const time = now.getTime();
  const kinds = new Set(looks.flatMap(({ record }) => (record === null ? [] : [record])));
  const first = (['stop', 'start', 'look'] as const).find((kind) => kinds.has(kind) && budget.has(kind, time));
  // One commit takes all that waits, looks too, except a start for which there is no room.
  const wanted = looks.filter(
    ({ record }) => !away && first !== undefined && record !== null && (record !== 'start' || budget.has('start', time)),
  );
  const { written, broken, failure } =
    wanted.length > 0
      ? await write(wanted, first ?? 'look', parts, budget, time)
      : { written: new Map(), broken: new Map(), failure: null };
  const kept: Look[] = [];
  const lost: Look[] = [];
  const took = { kept, lost, broken, failure, wrote: written.size > 0 };
  for (const found of looks) {
    const { rollout } = found;
    const inGit = written.get(found);
    // The step waits, what was seen does not; where somebody else wrote, the next look begins with that.
    const isLost = wanted.includes(found) && !inGit && failure === null;
    const look = !inGit && !isLost && found.recordFirst && !found.takesUp ? found.stay() : found;
    if (inGit) {
      noteTransition(rollout, rollout.memory, inGit, parts);
      Object.assign(rollout, { base: inGit, memory: inGit, events: [], pending: null });
      if (look.takesUp) Object.assign(rollout, { fence: inGit.fence, overtaken: false });
      kept.push(look);
    } else if (look.recordFirst) {
      lost.push(look);
      continue;
    } else {
      noteTransition(rollout, rollout.memory, look.next, parts);
      rollout.memory = look.next;
      rollout.events = [...rollout.events, ...look.events];
      if (look.record !== null) rollout.pending = rollout.pending === 'stop' || look.record !== 'look' ? 'stop' : 'look';
      (isLost ? lost : kept).push(look);
    }
    for (const key of look.heard) rollout.outcomes.delete(key);
  }
  return took;
}

async function write(looks: readonly Look[], kind: CommitKind, parts: GuardParts, budget: CommitBudget, now: number) {
  const { forge, by } = parts;
  const changes = looks.map((look) => ({ look, change: changeOf(look) }));
  const written = new Map<Look, LiveDocument>();
  const commit = async (some: typeof changes) => {
    const keys = await within(patience, 'GitHub', async () =>
      writeLives(
        { forge, by },
        some.map(({ change }) => change),
        {
          at: await forge.now(),
          message: guardCommit(some.map(({ look }) => headlineOf(look)).join('; ')).slice(0, 200),
        },
      ),
    );
    budget.spend(kind, now);
    for (const { look, change } of some) if (keys.includes(change.key)) written.set(look, change.live);
  };
  const broken = new Map<Look, unknown>();
  try {
    await commit(changes).catch(async (error: unknown) => {
      if (codeOf(error) !== 'STATE_BROKEN') throw error;
      // A broken file of one stage must not keep the others from being written.
      for (const one of changes)
        await commit([one]).catch((cause: unknown) => {
          if (codeOf(cause) !== 'STATE_BROKEN') throw cause;
          broken.set(one.look, cause);
        });
    });
    return { written, broken, failure: null };
  } catch (failure) {
    budget.refused(now);
    return { written, broken, failure };
  }
}

function changeOf({ rollout, next, events }: Look) {
  const { key, base, events: earlier } = rollout;
  const live = { ...next, revision: base.revision + 1 };
  return { key, before: base, live, events: [...earlier, ...events].map((event) => ({ generation: live.generation, event })) };
}

const headlineOf = ({ rollout: { key }, next: { phase, weight } }: Look) =>
  `${key.model} ${key.stage} ${phase}${weight ? ` ${weight.desired} %` : ''}`;
