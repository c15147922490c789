import type { LiveDocument, Phase } from '../../promotion/live-document.ts';
import { terminalPhases } from '../../promotion/live-document.ts';
import type { EngineState } from './engine-state.ts';
import { readEngine } from './read-engine.ts';
import { type DesiredTraffic, isAsDesired, nameOfVersion, type ObservedTraffic } from './traffic.ts';

/** The phase that a rollout is in, or goes on in. */
export const phaseBelow = (live: LiveDocument, engine: EngineState): Phase =>
  live.phase === 'paused' ? (engine.pausedFrom ?? 'analysing') : live.phase;

/**
 * What the target must do for this state, and nothing else: of the document alone, so every process that reads it wants the same. null where
 * the engine does not carry it out, or no version may run (a first one that failed).
 *
 * A weight and a mirror are leases of `maxSilence`: should every guard die, the target goes back to stable by itself. A version that serves
 * alone is none (`leaseSeconds` null): there is nothing to fall back to, and a rollout that ended is not guarded any more.
 */
export function desiredTraffic(live: LiveDocument): DesiredTraffic | null {
  const engine = readEngine(live);
  return engine && wishOf(live, engine);
}

/** The same of a rollout on its way, whose engine is not in its document yet. */
export function wishOf(live: LiveDocument, engine: EngineState): DesiredTraffic | null {
  if (live.rolloutId === null) return null;
  const { model, stage, rolloutId, revision, stable, candidate } = live;
  const alone = (version: NonNullable<LiveDocument['stable']>) => ({
    ...{ model, stage, rolloutId, revision, candidate: null, percent: 0, mirror: false, leaseSeconds: null },
    stable: { number: version.number, digest: version.digest },
  });
  const phase = phaseBelow(live, engine);
  const isMoving = !(phase === 'pending' || phase === 'rolling-back' || terminalPhases.includes(phase));
  if (candidate && isMoving && engine.promoted) return alone(candidate);
  if (!stable) return null;
  if (!candidate || !isMoving) return alone(stable);
  const percent = live.weight?.desired ?? 0;
  const mirror = engine.definition.strategy === 'shadow' && phase !== 'verifying';
  return {
    ...alone(stable),
    candidate: { number: candidate.number, digest: candidate.digest },
    percent,
    mirror,
    leaseSeconds: percent > 0 || mirror ? (live.guard?.maxSilenceS ?? 60) : null,
  };
}

/** Of the wish, not of the time: `churn.production.42/v11+v12@30/traffic`, with `~` for a mirror. */
export const trafficKey = ({ rolloutId, stable, candidate, percent, mirror }: DesiredTraffic): string =>
  `${rolloutId}/${nameOfVersion(stable)}${candidate ? `+${nameOfVersion(candidate)}@${percent}${mirror ? '~' : ''}` : ''}/traffic`;

/** Percent of traffic that the candidate has, as the target tells it: all, where it is the target's stable. null: it does not tell. */
export function observedWeight(live: LiveDocument, { stable, percent }: ObservedTraffic): number | null {
  return live.candidate && stable === nameOfVersion(live.candidate) ? 100 : percent;
}

/** Whether the target does what is wanted: it says so itself, or says nothing against it and took the wish (`checked`). */
export function isSettled(live: LiveDocument, engine: EngineState, desired: DesiredTraffic, observed: ObservedTraffic | null): boolean {
  if (!observed || !isAsDesired(desired, observed)) return false;
  // A preview is asked once the candidate is there, so it has to be said, or taken, that it is.
  const isPreview = phaseBelow(live, engine) === 'verifying' && desired.candidate !== null;
  const isTold =
    observed.percent !== null &&
    (!desired.mirror || observed.mirror !== null) &&
    (!engine.promoted || observed.stable !== null) &&
    (!isPreview || observed.candidate !== null);
  return isTold || isTaken(live, desired);
}

/** The document's effects with this wish for traffic as the only one of its kind: what the bot wants done beside it is not the engine's. */
export const withTraffic = (
  { effects }: LiveDocument,
  wish: { readonly key: string; readonly state: 'wanted' | 'done' } | null,
): LiveDocument['effects'] => [
  ...effects.filter(({ kind }) => kind !== 'traffic'),
  ...(wish === null ? [] : [{ kind: 'traffic', ...wish }]),
];

export const isTaken = (live: LiveDocument, desired: DesiredTraffic): boolean =>
  live.effects.some(({ key, state }) => key === trafficKey(desired) && state === 'done');
