import type { ArmCounts, Bucket } from './bucket.ts';
import { addEvidence, againstLimit, againstStable, logMixture } from './count-evidence.ts';
import { addShared, boundOf, lookPlanned, lowestBound, ratioOf, zOf } from './planned-test.ts';
import { addRatio } from './ratio-interval.ts';
import { noRise, type RuleSettings, type RuleState, thresholdsOf } from './rule.ts';

export type LookDecision = 'continue' | 'rollback' | 'pause_both';
/** What of the rule said it. */
export type LookReason = 'limit' | 'stable' | 'plan' | 'both-arms';

/** What one look saw, by the rule of one metric. Every look is judged by its own values; no maximum is kept. */
export interface Look {
  readonly decision: LookDecision;
  /** Of a rollback or a pause; null otherwise. */
  readonly reason: LookReason | null;
  /** ln E against the limit, of the candidate and of stable; null without a limit. */
  readonly logEAbs: number | null;
  readonly logEAbsStable: number | null;
  /** ln E against stable. */
  readonly logECmp: number;
  /** Null while undefined. */
  readonly z: number | null;
  /** ∞ where Z was not tested at this look; null where it was, and no bound that is possible could have been reached. */
  readonly obfBound: number | null;
  /** Mantel and Haenszel's; ∞ with no bad answer of stable, null with none at all. */
  readonly ratio: number | null;
  readonly information: number;
}

/** Fewer bad answers than these, as counted, never roll back. */
const LEAST_BAD = 3;
/** So many times stable's rate is the candidate's own fault, whatever stable suffers. */
const SEVERAL = 5;

/**
 * Judges one more bucket. Cost does not grow with the rollout. `everyBound` integrates the bound of every look that spends, for whoever
 * shows it; without, only of a look whose Z may have reached it.
 */
export function judgeBucket(
  settings: RuleSettings,
  before: RuleState,
  bucket: Bucket,
  { everyBound = false } = {},
): { readonly state: RuleState; readonly look: Look } {
  const { limit, phi } = settings;
  const { candidate, stable, step } = bucket;
  const added: RuleState = {
    absolute: addEvidence(before.absolute, step, limit === null ? null : againstLimit(candidate, limit, phi)),
    absoluteStable: addEvidence(before.absoluteStable, step, limit === null ? null : againstLimit(stable, limit, phi)),
    comparison: addEvidence(before.comparison, step, againstStable(bucket, phi)),
    planned: addShared(before.planned, bucket),
    ratio: addRatio(before.ratio, bucket, phi),
    candidate: { bad: before.candidate.bad + candidate.bad, total: before.candidate.total + candidate.total },
    stable: { bad: before.stable.bad + stable.bad, total: before.stable.total + stable.total },
    rise: before.rise,
    buckets: before.buckets + 1,
  };
  const alpha = settings.alpha / (4 * settings.metrics);
  const { test, looks } = lookPlanned(added.planned, settings.plannedInformation, alpha);
  const z = zOf(test, phi);
  const mayReach = looks && z !== null && z >= lowestBound(test, alpha) - 1e-9;
  const { test: planned, bound } = looks && (everyBound || mayReach) ? boundOf(test, alpha) : { test, bound: Number.POSITIVE_INFINITY };

  const thresholds = thresholdsOf(settings);
  const logEAbs = limit === null ? null : logMixture(added.absolute);
  const logEAbsStable = limit === null ? null : logMixture(added.absoluteStable);
  const logECmp = logMixture(added.comparison);
  const rise = (logEAbs ?? 0) <= 0 ? noRise : { candidate: plus(added.rise.candidate, candidate), stable: plus(added.rise.stable, stable) };
  const state: RuleState = { ...added, planned, rise };
  const ratio = ratioOf(planned);
  const values = { logEAbs, logEAbsStable, logECmp, z, obfBound: looks && !everyBound && !mayReach ? null : bound, ratio };
  const say = (decision: LookDecision, reason: LookReason | null) => ({
    state,
    look: { decision, reason, ...values, information: planned.information },
  });

  if (state.candidate.bad < LEAST_BAD) return say('continue', null);
  const isWorse = ratio !== null && ratio >= settings.minRatio;
  if (isWorse && logECmp >= thresholds.comparison) return say('rollback', 'stable');
  if (isWorse && z !== null && z >= bound) return say('rollback', 'plan');
  if (logEAbs === null || logEAbsStable === null || logEAbs < thresholds.absolute) return say('continue', null);
  // Above the limit, and not shown worse than stable: where stable answers too, is it the candidate or the surroundings?
  const isShared =
    stable.total > 0 &&
    ((limit !== null && suffersToo(state.rise, limit)) ||
      logEAbsStable >= thresholds.absolute ||
      (ratio !== null && ratio < settings.minRatio));
  return isShared ? say('pause_both', 'both-arms') : say('rollback', 'limit');
}

const plus = (sum: ArmCounts, { bad, total }: ArmCounts): ArmCounts => ({ bad: sum.bad + bad, total: sum.total + total });

/**
 * Whether stable is above the limit over the same time. Its own evidence lags where it has few answers left, so here its rate is enough, of
 * more than a single bad answer; it excuses no candidate that is several times as bad.
 */
function suffersToo({ candidate, stable }: RuleState['rise'], limit: number): boolean {
  return stable.bad > 1 && stable.bad > limit * stable.total && candidate.bad * stable.total < SEVERAL * stable.bad * candidate.total;
}
