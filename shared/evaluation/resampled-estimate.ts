import {
  accelerationOf,
  accelerationOfKinds,
  bcaBounds,
  bcaPBelow,
  bootstrapDistribution,
  influenceOf,
  percentileBounds,
  percentilePBelow,
} from '../statistics/bca.ts';
import { normalCdf } from '../statistics/normal.ts';
import { zOfLevel } from '../statistics/proportion.ts';
import { meanOf } from '../statistics/sums.ts';
import { bootstrap } from './bootstrap.ts';
import type { MetricDefinition } from './metric-definition.ts';
import { metricValue } from './metric-value.ts';
import { type ResampledStatistic, resampledDifference, resampledMetric } from './resampled-statistic.ts';
import { clusterCount, type Sample } from './sample.ts';
import type { IntervalOptions, Uncertainty } from './uncertainty.ts';
import { sided, spread } from './uncertainty.ts';

/**
 * With `method: auto`, rows × resamples beyond which the jackknife itself gives the interval: 20,000 rows with the default of 2,000.
 * BCa's corrections shrink with 1/√n. At 20,000 rows both intervals of an average precision agree within 2 % of their width; at 5,000
 * an ECE, which is no smooth function of its rows, still had one half as wide again by BCa. Resampling 75,000 rows takes three seconds
 * a run, a million half a minute. The rarer class must be large too, since it is what n is to a ranking.
 */
const RESAMPLED_ROWS = 40_000_000;
const RARER_CLASS = 500;

/** Resamples on which a statistic may be undefined before its interval is given up. */
const UNDEFINED_SHARE = 0.05;

/** Resampled or jackknifed interval of a metric, or of its paired difference. Null where the metric has none. */
export function resampledEstimate(
  sample: Sample,
  metric: MetricDefinition,
  threshold: number,
  ci: IntervalOptions,
  paired: boolean,
): Uncertainty | null {
  const estimate = estimateOn(sample, metric, threshold, paired);
  const statistic = paired ? resampledDifference(sample, metric, threshold) : resampledMetric(sample, sample.candidate, metric, threshold);
  if (estimate === null || statistic === null) return null;
  const prefix = paired ? 'paired-' : '';
  if (ci.method === 'auto' && !isResampled(sample, statistic, ci.resamples))
    return byJackknife(sample, statistic, estimate, ci.level, `${prefix}jackknife`);
  const strata = ci.method === 'auto' ? 'label' : 'none';
  const plan = { resamples: ci.resamples, seed: ci.seed, strata } as const;
  const values = bootstrapped(sample, metric, threshold, paired, statistic, plan);
  const defined = values.filter((value) => !Number.isNaN(value));
  const method = `${prefix}${ci.method === 'percentile' ? 'percentile' : 'bca'}`;
  const none = { method, low: null, high: null, se: null, p: () => null };
  if (defined.length < values.length * (1 - UNDEFINED_SHARE)) return none;
  const center = meanOf(defined);
  const se = Math.sqrt(meanOf(defined.map((value) => (value - center) ** 2)));
  // No resample differs from the next: an interval of no width would claim too much, unless there is exactly no difference.
  if (se <= 1e-15 * Math.max(1, Math.abs(estimate)))
    return estimate === 0 && paired
      ? { ...none, low: 0, high: 0, se: 0, p: (limit, side) => ((side === 'at-least' ? limit <= 0 : limit >= 0) ? 1 : 0) }
      : none;
  if (ci.method === 'percentile') {
    const sorted = defined.sort();
    return { method, ...spread(percentileBounds(sorted, ci.level)), se, p: sided((limit) => percentilePBelow(sorted, limit)) };
  }
  const acceleration =
    statistic.cells && !sample.clusters
      ? accelerationOfKinds(statistic.cells.withoutOne(), statistic.cells.counts)
      : accelerationOf(influences(sample, statistic));
  const distribution = bootstrapDistribution(defined, estimate, acceleration);
  return { method, ...spread(bcaBounds(distribution, ci.level)), se, p: sided((limit) => bcaPBelow(distribution, limit)) };
}

function estimateOn(sample: Sample, metric: MetricDefinition, threshold: number, paired: boolean): number | null {
  const own = metricValue(sample, sample.candidate, metric, threshold).value;
  if (!paired) return own;
  const other = sample.baseline ? metricValue(sample, sample.baseline, metric, threshold).value : null;
  return own === null || other === null ? null : own - other;
}

function isResampled(sample: Sample, statistic: ResampledStatistic, resamples: number): boolean {
  if (statistic.cells && !sample.clusters) return true;
  if (sample.n * resamples <= RESAMPLED_ROWS) return true;
  return sample.task === 'binary' && Math.min(sample.positives, sample.n - sample.positives) < RARER_CLASS;
}

/** Influence of each row, or of each cluster. */
function influences(sample: Sample, statistic: ResampledStatistic): Float64Array {
  const rows = influenceOf(statistic.jackknife());
  const { clusters } = sample;
  if (!clusters) return rows;
  const sums = new Float64Array(clusters.count);
  for (let i = 0; i < rows.length; i++) sums[clusters.codes[i]!]! += rows[i]!;
  return sums;
}

/** θ̂ ± z·se with the jackknife's se, centred within each class as the stratified bootstrap is. */
function byJackknife(sample: Sample, statistic: ResampledStatistic, estimate: number, level: number, method: string): Uncertainty {
  const none = { method, low: null, high: null, se: null, p: () => null };
  const influence = influences(sample, statistic);
  const n = sample.n;
  let squares = 0;
  if (sample.clusters) {
    const groups = clusterCount(sample) ?? 0;
    for (const value of influence) squares += value * value;
    squares *= groups / (groups - 1);
  } else {
    const strata = sample.task === 'binary' ? [0, 1] : [null];
    for (const label of strata) {
      let sum = 0;
      let rows = 0;
      for (let i = 0; i < n; i++)
        if (label === null || sample.labels[i] === label) {
          sum += influence[i]!;
          rows++;
        }
      for (let i = 0; i < n; i++) if (label === null || sample.labels[i] === label) squares += (influence[i]! - sum / rows) ** 2;
    }
  }
  // The jackknife's factor (n − 1)/n.
  const se = Math.sqrt((squares * (n - 1)) / n);
  if (!(se > 1e-15 * Math.max(1, Math.abs(estimate)))) return none;
  const half = zOfLevel(level) * se;
  return { method, low: estimate - half, high: estimate + half, se, p: sided((limit) => normalCdf((estimate - limit) / se)) };
}

type Plan = Parameters<typeof bootstrap>[2];
const batches = new WeakMap<Sample, Map<string, Float64Array>>();

const batchKey = (metric: string, threshold: number, paired: boolean, plan: Plan) =>
  JSON.stringify([metric, threshold, paired, plan.resamples, plan.seed, plan.strata]);

/** The distribution of one metric; taken from `resampleTogether` where that ran. */
function bootstrapped(
  sample: Sample,
  metric: MetricDefinition,
  threshold: number,
  paired: boolean,
  statistic: ResampledStatistic,
  plan: Plan,
): Float64Array {
  return batches.get(sample)?.get(batchKey(metric.name, threshold, paired, plan)) ?? bootstrap(sample, [statistic], plan)[0]!;
}

/** Draws once for all of these metrics; `estimateMetric` then finds their distributions. The same numbers, in a fraction of the time. */
export function resampleTogether(
  sample: Sample,
  metrics: readonly MetricDefinition[],
  threshold: number,
  ci: IntervalOptions,
  paired: boolean,
): void {
  if (sample.n === 0 || (paired && sample.identical)) return;
  const known = batches.get(sample) ?? new Map<string, Float64Array>();
  batches.set(sample, known);
  const plan: Plan = { resamples: ci.resamples, seed: ci.seed, strata: ci.method === 'auto' ? 'label' : 'none' };
  const wanted = metrics.flatMap((metric) => {
    const { ingredients } = metric;
    const analytic =
      ci.method === 'auto' &&
      (ingredients.kind === 'roc-auc' ||
        ingredients.kind === 'mean' ||
        (ingredients.kind === 'confusion' && ingredients.share !== undefined && !(paired && ingredients.share === 'predicted')));
    const key = batchKey(metric.name, threshold, paired, plan);
    if (analytic || known.has(key) || estimateOn(sample, metric, threshold, paired) === null) return [];
    const statistic = paired
      ? resampledDifference(sample, metric, threshold)
      : resampledMetric(sample, sample.candidate, metric, threshold);
    if (!statistic || (ci.method === 'auto' && !isResampled(sample, statistic, ci.resamples))) return [];
    return [{ key, statistic }];
  });
  const values = bootstrap(
    sample,
    wanted.map(({ statistic }) => statistic),
    plan,
  );
  wanted.forEach(({ key }, index) => {
    known.set(key, values[index]!);
  });
}
