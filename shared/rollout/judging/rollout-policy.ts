import { parseDuration } from '../../config/quantities.ts';
import type { RolloutConfig } from '../../config/rollout-schema.ts';
import { UserError } from '../../errors.ts';

/** What is watched, with every default filled in. */
export interface MetricPolicy {
  readonly name: string;
  /** Highest allowed rate; null compares with stable alone. */
  readonly limit: number | null;
  /** Rolls back in every state; null where none is set. */
  readonly hardMax: number | null;
  readonly decide: 'bound' | 'point';
  readonly minRatio: number;
}

export interface RolloutPolicy {
  /** `share` 0 … 1 of the traffic, `hold` in milliseconds. */
  readonly steps: readonly { readonly share: number; readonly hold: number }[];
  readonly metrics: readonly MetricPolicy[];
  readonly alpha: number;
  readonly minSamples: number;
  readonly lowTraffic: 'proceed' | 'pause';
  /** Milliseconds. */
  readonly noDataGrace: number;
  readonly assure: boolean;
}

const HOUR = 3_600_000;
const usualSteps = [5, 15, 30, 50, 75, 100].map((weight) => ({ share: weight / 100, hold: HOUR }));
const MIN_RATIO = 1.2;
/** The mixture's alternatives end there; a limit beyond it is none. */
const HIGHEST_LIMIT = 0.99;

/**
 * The judging of a rollout as the configuration says it. An entry with `of` sets how another metric is compared with stable; it is no
 * metric of its own and takes no alpha.
 * @throws UserError ROLLOUT_INVALID
 */
export function rolloutPolicy(config: RolloutConfig, name = 'rollout'): RolloutPolicy {
  const invalid = (message: string, hint: string) => new UserError('ROLLOUT_INVALID', `${name}: ${message}`, hint);
  const entries = config.metrics ?? [];
  const measured = entries.filter((entry) => entry.of === undefined);
  if (measured.length === 0)
    throw invalid('no metric is watched.', 'Write `metrics:` with at least {name, bad, total, max}, or {name, le, max} for latency.');
  const seen = new Set<string>();
  const metrics = measured.map((entry): MetricPolicy => {
    if (seen.has(entry.name)) throw invalid(`two metrics are called ${entry.name}.`, 'Give each its own name.');
    seen.add(entry.name);
    const { max, hardMax, decide = 'bound' } = entry;
    if (max !== undefined && !(max > 0 && max < HIGHEST_LIMIT))
      throw invalid(
        `max of ${entry.name} is ${max}; a share of 0 … ${HIGHEST_LIMIT} is needed, both ends left out.`,
        'Write 0.01 for one per cent.',
      );
    if (hardMax !== undefined && !(hardMax > 0 && hardMax < 1))
      throw invalid(`hardMax of ${entry.name} is ${hardMax}; a share between 0 and 1 is needed.`, 'Write 0.05 for five per cent.');
    if (decide === 'point' && max === undefined)
      throw invalid(`${entry.name} decides by its point and has no max.`, 'Write `max:`, or leave `decide: point` out.');
    const compared = entries.filter(({ of }) => of === entry.name);
    if (compared.length > 1) throw invalid(`${entry.name} is compared twice.`, 'Keep one entry with `of:`.');
    const minRatio = compared[0]?.minRatio ?? entry.minRatio ?? MIN_RATIO;
    if (!(minRatio >= 1))
      throw invalid(`minRatio of ${entry.name} is ${minRatio}; it is at least 1.`, 'Write 1.2: a fifth more bad answers than stable.');
    return { name: entry.name, limit: max ?? null, hardMax: hardMax ?? null, decide, minRatio };
  });
  for (const { of, name: own } of entries)
    if (of !== undefined && !seen.has(of))
      throw invalid(`${own} compares ${of}, which is no metric here.`, `Name one of ${[...seen].join(', ')}.`);
  const steps = config.steps?.map(({ weight, hold }) => ({ share: weight / 100, hold: parseDuration(hold) })) ?? usualSteps;
  if (steps.length === 0) throw invalid('it has no steps.', 'Leave `steps:` out for 5, 15, 30, 50, 75, 100 %, an hour each.');
  return {
    steps,
    metrics,
    alpha: config.alpha ?? 0.01,
    minSamples: config.minSamples ?? 100,
    lowTraffic: config.lowTraffic ?? 'proceed',
    noDataGrace: parseDuration(config.noData?.grace ?? '5m'),
    assure: config.assure ?? false,
  };
}
