import { fitIsotonic } from './isotonic.ts';
import { needsCalibration } from './needs-calibration.ts';
import { samplingErrors } from './sampling-error.ts';
import { type EstimatedMetric, estimatedMetrics, expectedMetrics, type Metrics, realisedAuc, type ScoredRows } from './scored-rows.ts';

export interface EstimatedPerformance {
  /** By chunk; null: undefined. */
  readonly estimated: readonly (number | null)[];
  readonly samplingError: readonly (number | null)[];
  /** Mean ± 3 standard deviations (ddof 0) of the reference's realised chunks, within [0, 1]; null: none is defined. */
  readonly lowerThreshold: number | null;
  readonly upperThreshold: number | null;
  /** The estimate lies outside the thresholds. */
  readonly alert: readonly boolean[];
}

export interface Cbpe {
  readonly needsCalibration: boolean;
  readonly metrics: Readonly<Record<EstimatedMetric, EstimatedPerformance>>;
}

/**
 * Performance without labels (NannyML 0.13.1 `CBPE`): calibrated scores are taken for the chances of the labels. It can't see concept
 * drift: where the labels' relation to the features changed, the estimate stays.
 */
export function nannymlCbpe(referenceChunks: readonly ScoredRows[], chunks: readonly Omit<ScoredRows, 'truth'>[]): Cbpe {
  const reference = join(referenceChunks);
  const calibrates = needsCalibration(reference);
  const calibrate = calibrates ? fitIsotonic(reference.score, reference.truth) : (score: number) => score;
  const errorOf = samplingErrors(reference);
  const estimates = chunks.map((chunk) => expectedMetrics(chunk, chunk.score.map(calibrate)));
  const errors = chunks.map((chunk) => errorOf(chunk.score.length));
  const realised = referenceChunks.map(realisedMetrics);
  const metrics = Object.fromEntries(
    estimatedMetrics.map((name): [EstimatedMetric, EstimatedPerformance] => {
      const estimated = estimates.map((estimate) => estimate[name]);
      const thresholds = thresholdsOf(realised.map((metric) => metric[name]));
      const { lowerThreshold: low, upperThreshold: high } = thresholds;
      const alert = estimated.map((value) => value !== null && ((low !== null && value < low) || (high !== null && value > high)));
      return [name, { estimated, samplingError: errors.map((error) => error[name]), ...thresholds, alert }];
    }),
    // Every metric has its entry.
  ) as Record<EstimatedMetric, EstimatedPerformance>;
  return { needsCalibration: calibrates, metrics };
}

/** What the labels say. */
export const realisedMetrics = (rows: ScoredRows): Metrics => ({ ...expectedMetrics(rows, rows.truth), roc_auc: realisedAuc(rows) });

function join(chunks: readonly ScoredRows[]): ScoredRows {
  const all = (of: (chunk: ScoredRows) => Float64Array) => Float64Array.from(chunks.flatMap((chunk) => Array.from(of(chunk))));
  return { score: all(({ score }) => score), predicted: all(({ predicted }) => predicted), truth: all(({ truth }) => truth) };
}

function thresholdsOf(values: readonly (number | null)[]) {
  const known = values.filter((value) => value !== null);
  if (known.length === 0) return { lowerThreshold: null, upperThreshold: null };
  const mean = known.reduce((sum, value) => sum + value, 0) / known.length;
  const width = 3 * Math.sqrt(known.reduce((sum, value) => sum + (value - mean) ** 2, 0) / known.length);
  return { lowerThreshold: Math.max(0, mean - width), upperThreshold: Math.min(1, mean + width) };
}
