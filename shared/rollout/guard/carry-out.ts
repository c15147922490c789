import { clipText, visibleText } from '../../words/visible-text.ts';
import type { Effect } from '../engine/reduced.ts';
import { isAsDesired, type ObservedTraffic } from '../engine/traffic.ts';
import { isAwayFrom } from './away-from-stable.ts';
import type { GuardParts } from './guard-parts.ts';
import type { GuardedRollout } from './guarded-rollout.ts';
import { type Look, observedOf, patienceOf } from './look-at-rollout.ts';
import { messageOf, type Troubles } from './troubles.ts';
import { within } from './within.ts';

type Parts = Pick<GuardParts, 'engine' | 'runCheck'>;

type TrafficEffect = Extract<Effect, { is: 'traffic' }>;

/** Makes it so, and keeps for the next look whether the target took it. */
async function apply(rollout: GuardedRollout, { key, desired }: TrafficEffect, troubles: Troubles): Promise<boolean> {
  const { ports, memory } = rollout;
  if (!ports) return false;
  const place = `${rollout.key.model} ${rollout.key.stage}: ${desired.candidate ? `${desired.percent} %` : 'stable alone'}`;
  try {
    await within(patienceOf(memory), 'The target', () => ports.target.apply(desired));
    troubles.over(place);
    rollout.outcomes.set(key, { ok: true, detail: '' });
    return true;
  } catch (error) {
    rollout.outcomes.set(key, { ok: false, detail: clipText(visibleText(troubles.tell(place, error)), 300) });
    return false;
  }
}

/** Its traffic, where somebody has to move it: a lease is renewed only where there is one, and nobody else judges. */
function trafficOf({ effects, rollout: { ports, memory } }: Look): TrafficEffect | null {
  const effect = effects.find(({ is }) => is === 'traffic') as TrafficEffect | undefined;
  if (!effect || (effect.renews && (!ports?.target.leases || memory.guard?.driver === 'target'))) return null;
  return effect;
}

const atRevision = (effect: TrafficEffect, revision: number): TrafficEffect => ({ ...effect, desired: { ...effect.desired, revision } });

/** Whoever takes up may give stable everything before that is recorded, and nothing else. */
const actsFirst = ({ recordFirst, rises }: Look, { desired }: TrafficEffect): boolean =>
  !recordFirst || (!rises && desired.candidate === null);

/**
 * What a look asks for and nobody has to be asked about first: traffic toward stable, and weights that Git has already. Before anything is
 * recorded. @returns the looks whose traffic was moved
 */
export async function actBeforeRecording(looks: readonly Look[], troubles: Troubles): Promise<ReadonlySet<Look>> {
  const moved = await Promise.all(
    looks.map(async (look) => {
      const effect = trafficOf(look);
      if (effect === null || !actsFirst(look, effect)) return null;
      const revision = look.rollout.base.revision + (look.record === null ? 0 : 1);
      return (await apply(look.rollout, atRevision(effect, revision), troubles)) && !effect.renews ? look : null;
    }),
  );
  return new Set(moved.filter((look) => look !== null));
}

export interface RecordedLooks {
  readonly kept: readonly Look[];
  readonly lost: readonly Look[];
  readonly movedBefore: ReadonlySet<Look>;
  readonly parts: Parts;
  readonly troubles: Troubles;
}

/**
 * What is left once the looks are in Git: traffic away from stable, leases, checks. @returns of each rollout that was moved, what the
 * target says now
 */
export async function actOnceRecorded(looks: RecordedLooks): Promise<ReadonlyMap<GuardedRollout, ObservedTraffic>> {
  const { kept, lost, movedBefore, parts, troubles } = looks;
  const seen = new Map<GuardedRollout, ObservedTraffic>();
  const after = kept.map(async (look) => {
    const { rollout } = look;
    for (const effect of look.effects) if (effect.is === 'check') startCheck(rollout, effect, parts);
    const effect = trafficOf(look);
    const moves =
      effect !== null && !actsFirst(look, effect) && (await apply(rollout, atRevision(effect, rollout.base.revision), troubles));
    const observed = (moves && !effect.renews) || movedBefore.has(look) ? await readBack(rollout, parts, troubles) : null;
    if (observed) seen.set(rollout, observed);
  });
  await Promise.all([...after, ...lost.map(({ rollout }) => keepLease(rollout, parts, troubles))]);
  return seen;
}

/** What stands stays while the next step waits for its record. */
async function keepLease(rollout: GuardedRollout, { engine }: Parts, troubles: Troubles): Promise<void> {
  const { memory, base, ports, fence } = rollout;
  if (fence === null || !ports?.target.leases || memory.guard?.driver === 'target') return;
  const desired = engine.desired(memory);
  if (!desired?.candidate || desired.leaseSeconds === null || isAwayFrom(desired, engine.desired(base))) return;
  const revision = base.revision + (rollout.pending === null ? 0 : 1);
  await within(patienceOf(memory), 'The target', () => ports.target.apply({ ...desired, revision })).catch((error: unknown) =>
    troubles.tell(`${rollout.key.model} ${rollout.key.stage}: lease`, error),
  );
}

async function readBack(rollout: GuardedRollout, parts: Parts, troubles: Troubles): Promise<ObservedTraffic | null> {
  const observed = await observedOf(rollout, parts, troubles);
  const desired = parts.engine.desired(rollout.memory);
  rollout.asWanted = observed && desired ? isAsDesired(desired, observed) : null;
  return observed;
}

/** Once for a key; its outcome is an event of a later look. */
function startCheck(rollout: GuardedRollout, effect: Extract<Effect, { is: 'check' }>, { runCheck }: Parts): void {
  const { checks, outcomes, memory, key } = rollout;
  if (checks.has(effect.key) || outcomes.has(effect.key)) return;
  const version = memory.candidate ?? memory.stable;
  if (!version) return;
  const ended = runCheck(effect.check, { ...key, version })
    .catch((error: unknown) => ({ ok: false, detail: messageOf(error) }))
    .then((outcome) => {
      outcomes.set(effect.key, outcome);
      checks.delete(effect.key);
    });
  checks.set(effect.key, ended);
}
