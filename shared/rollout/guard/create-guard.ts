import { InfrastructureError, UserError } from '../../errors.ts';
import type { LiveDocument } from '../../promotion/live-document.ts';
import type { ObservedTraffic } from '../engine/traffic.ts';
import { actBeforeRecording, actOnceRecorded } from './carry-out.ts';
import { createCommitBudget } from './commit-budget.ts';
import type { Guard, GuardedLook, GuardParts, GuardTick } from './guard-parts.ts';
import { type GuardedRollout, isOver, newGuarded, takeIn } from './guarded-rollout.ts';
import { heartbeatOf } from './heartbeat-of.ts';
import { type Look, lookAtRollout, patienceOf } from './look-at-rollout.ts';
import { mayTakeUp, silentAfter } from './may-take-up.ts';
import { createReadLives, type ReadLive } from './read-lives.ts';
import { recordLooks } from './record-looks.ts';
import { releaseRollouts } from './release-rollouts.ts';
import { codeOf, createTroubles, messageOf } from './troubles.ts';
import { within } from './within.ts';

/** What was moved is read back and told to the rules within the same tick; so many times at most, since each may cost a commit. */
const rounds = 3;
const roundsOfOnePass = 6;
/** One pass (cron) leaves so long between two looks at least; seconds. */
const slowestPass = 3600;
/** Limits of GitHub last an hour at most; a clock that jumped must not make more of it. Milliseconds. */
const longestQuiet = 3_600_000;

/**
 * Guards the rollouts of one repository. Each tick reads what Git says, asks source and target of every rollout, lets the rules decide,
 * records, and makes it so: toward stable at once, away from stable only once it is recorded. With GitHub away it goes on from memory and
 * never away from stable.
 */
export function createGuard(parts: GuardParts): Guard {
  const { log, owner } = parts;
  const lives = createReadLives(parts.forge);
  const budget = createCommitBudget();
  const troubles = createTroubles(log);
  const known = new Map<string, GuardedRollout>();
  let running: Promise<GuardTick> | null = null;
  let stopped = false;
  let away: string | null = null;
  /** GitHub asked to be left alone until then. */
  let quietUntil: number | null = null;

  /** Takes in what Git says; @returns why it could not be asked */
  async function readGit(now: number): Promise<string | null> {
    if (quietUntil !== null && now < quietUntil && quietUntil - now <= longestQuiet) return away;
    quietUntil = null;
    const patience = Math.min(8_000, ...[...known.values()].filter(isHeld).map(({ memory }) => Math.max(2_000, patienceOf(memory))));
    try {
      const read = await within(patience, 'GitHub', () => lives.read());
      for (const one of read) takeInOne(one);
      troubles.over('GitHub');
      return null;
    } catch (error) {
      lives.forget();
      return tellAway('GitHub', error, now);
    }
  }

  /** What can't be read is not guessed: it is told, and what is known of the stage stands. */
  function takeInOne({ key, path, live, broken }: ReadLive): void {
    try {
      if (live === null) throw new InfrastructureError('STATE_BROKEN', broken ?? 'It can not be read.');
      const there = known.get(path);
      // An answer of a moment ago: revisions rise with every write, whichever rollout it is.
      if (there && live.revision < there.base.revision) return;
      const isAnother = there !== undefined && there.base.rolloutId !== live.rolloutId;
      if ((!there || isAnother) && (!live.engine || isOver(live))) {
        // What was there was taken away by another promotion, which needs no guard.
        if (there) void forgetRollout(path, there);
        return;
      }
      parts.engine.read(live);
      if (there && !isAnother) takeIn(there, live, parts);
      else {
        if (there) void closePorts(there);
        known.set(path, newGuarded(key, live));
      }
      troubles.over(path);
    } catch (error) {
      troubles.tell(path, error);
    }
  }

  function tellAway(place: string, error: unknown, now: number): string {
    const seconds = error instanceof Error && 'retryAfterSeconds' in error ? Number(error.retryAfterSeconds) : Number.NaN;
    if (seconds > 0) quietUntil = now + Math.min(longestQuiet, seconds * 1000);
    return troubles.tell(place, error);
  }

  /** Whether this process carries it out at this tick; says why not. */
  async function mayGuard(rollout: GuardedRollout, now: Date): Promise<boolean> {
    const { memory, key } = rollout;
    const wait = (code: string, message: string) => {
      rollout.says = { code, message };
      return false;
    };
    if (!memory.engine || isOver(memory)) return false;
    if (parts.every === 0 && (memory.guard?.maxSilenceS ?? 0) < slowestPass)
      return wait(
        'GUARD_TOO_SLOW',
        `${key.model} ${key.stage} wants a look every ${memory.guard?.maxSilenceS ?? 60} s, which a single pass does not keep: run \`weighin rollout watch\`, or write \`maxSilence: 1h\` or more.`,
      );
    if (rollout.fence === null) {
      if (away !== null) return wait('GITHUB_AWAY', 'GitHub does not answer, so it is not known who guards it.');
      if (!mayTakeUp(memory, { owner, now, overtaken: rollout.overtaken }))
        return wait(
          'GUARDED_BY_ANOTHER',
          `${memory.guard?.owner} guards it; this one takes over when nothing was heard until ${new Date(silentAfter(memory)).toISOString().slice(0, 19)}Z.`,
        );
    }
    try {
      // Before it is taken up: whoever can't reach the target leaves it to somebody who can.
      rollout.ports ??= await openPorts(rollout, parts);
    } catch (error) {
      troubles.tell(`${key.model} ${key.stage}`, error);
      return wait(codeOf(error), messageOf(error));
    }
    rollout.says = null;
    return true;
  }

  async function look(rollout: GuardedRollout, now: Date, observed: ObservedTraffic | undefined): Promise<Look | null> {
    // Also of one that has ended, or that another guards: a stop may wait to be written.
    if (isOver(rollout.memory) || !(await mayGuard(rollout, now))) return toWrite(rollout);
    const place = `${rollout.key.model} ${rollout.key.stage}`;
    try {
      const request = { now, away: away !== null, takesUp: rollout.fence === null, ...(observed === undefined ? {} : { observed }) };
      const found = await lookAtRollout(rollout, request, parts, troubles);
      troubles.over(place);
      return found;
    } catch (error) {
      troubles.tell(place, error);
      rollout.says = { code: codeOf(error), message: messageOf(error) };
      return toWrite(rollout);
    }
  }

  async function round(some: ReadonlyMap<GuardedRollout, ObservedTraffic | undefined>, now: Date) {
    const looks = (await Promise.all([...some].map(([rollout, observed]) => look(rollout, now, observed)))).filter((one) => one !== null);
    const movedBefore = await actBeforeRecording(looks, troubles);
    const { kept, lost, broken, failure, wrote } = await recordLooks(looks, { away: away !== null, budget, parts, now });
    if (failure !== null) away = tellAway('Recording', failure, now.getTime());
    else if (wrote) troubles.over('Recording');
    for (const [{ rollout }, error] of broken) troubles.tell(`${rollout.key.model} ${rollout.key.stage}: recording`, error);
    if (lost.length > 0 || failure !== null) lives.forget();
    const next = new Map<GuardedRollout, ObservedTraffic | undefined>(await actOnceRecorded({ kept, lost, movedBefore, parts, troubles }));
    if (parts.every === 0) await Promise.all(kept.flatMap(({ rollout }) => [...rollout.checks.values()]));
    // What a check said is told at once where it is known already.
    for (const { rollout, effects } of kept)
      if (!next.has(rollout) && effects.some(({ is, key }) => is === 'check' && rollout.outcomes.has(key))) next.set(rollout, undefined);
    return next;
  }

  async function tickOnce(): Promise<GuardTick> {
    const now = parts.now();
    for (const rollout of known.values()) rollout.transitions = [];
    away = await readGit(now.getTime());
    let some: ReadonlyMap<GuardedRollout, ObservedTraffic | undefined> = new Map(
      [...known.values()].map((rollout) => [rollout, undefined]),
    );
    for (let left = parts.every === 0 ? roundsOfOnePass : rounds; left > 0 && some.size > 0; left--) some = await round(some, now);
    const rollouts = [...known.values()].filter(
      ({ memory, transitions, says }) => !isOver(memory) || transitions.length > 0 || says !== null,
    );
    const tick: GuardTick = {
      at: now.toISOString(),
      away,
      rollouts: rollouts.map(lookOf),
      nextWithin: shortest([...known.values()].filter(isHeld).map(({ memory }) => memory)),
    };
    for (const [path, rollout] of known) if (isOver(rollout.memory) && rollout.pending === null) await forgetRollout(path, rollout);
    parts.sendHeartbeat?.(heartbeatOf(tick, parts));
    return tick;
  }

  async function forgetRollout(path: string, rollout: GuardedRollout): Promise<void> {
    known.delete(path);
    await closePorts(rollout);
  }

  return {
    tick() {
      if (stopped) throw new Error('a guard that was stopped does not tick');
      running ??= tickOnce().finally(() => {
        running = null;
      });
      return running;
    },
    async stop() {
      stopped = true;
      await running?.catch(() => undefined);
      try {
        await releaseRollouts([...known.values()].filter(isHeld), parts);
      } catch (error) {
        log.warn(`What was seen last is not recorded: ${messageOf(error)}`, { code: codeOf(error) });
      }
      await Promise.all([...known.values()].map(closePorts));
    },
  };
}

const isHeld = ({ fence, memory }: GuardedRollout) => fence !== null && !isOver(memory);

/** Nothing was looked at, yet something waits to be written. */
function toWrite(rollout: GuardedRollout): Look | null {
  const { memory: next, pending } = rollout;
  if (pending === null) return null;
  const look: Look = {
    rollout,
    next,
    events: [],
    effects: [],
    record: pending,
    rises: false,
    recordFirst: false,
    takesUp: false,
    heard: [],
    stay: () => look,
  };
  return look;
}

async function openPorts({ memory, key }: GuardedRollout, { engine, openTarget, openSource }: GuardParts) {
  const state = engine.read(memory);
  const config = state?.definition.target;
  if (!state || !config || memory.rolloutId === null)
    throw new UserError(
      'ROLLOUT_INVALID',
      `The rollout of ${key.model} ${key.stage} has no target, so nobody can move its traffic.`,
      'Write `target:` into its entry of `rollouts:`.',
    );
  const names = { ...key, rolloutId: memory.rolloutId, rollout: state.name };
  const source = await openSource(state.definition.source, state.definition, names);
  return { source, target: await openTarget(config, state.definition, names) };
}

async function closePorts(rollout: GuardedRollout): Promise<void> {
  const { ports } = rollout;
  rollout.ports = null;
  await Promise.allSettled([ports?.target.close(), ports?.source?.close()]);
}

/** What is over by itself sooner or later; anything else is for somebody to mend. */
const waits: ReadonlySet<string> = new Set(['GUARDED_BY_ANOTHER', 'GITHUB_AWAY', 'HELD']);

function lookOf({ key, memory, fence, says, transitions, asWanted, pending }: GuardedRollout): GuardedLook {
  const is = fence !== null ? 'guarded' : says && !waits.has(says.code) ? 'refused' : 'followed';
  return { key, is, live: memory, transitions, says, asWanted, recorded: pending === null };
}

/** Half of the shortest silence: one look may be lost. */
const shortest = (lives: readonly LiveDocument[]): number | null =>
  lives.length === 0 ? null : Math.min(...lives.map(({ guard }) => ((guard?.maxSilenceS ?? 60) * 1000) / 2));
