import { placements } from '../statistics/delong.ts';
import { sumOf } from '../statistics/sums.ts';
import { calibrationGaps } from './binary-metrics.ts';
import { CALIBRATION_BINS, calibrationBins } from './calibration-bins.ts';
import type { Confusion } from './confusion.ts';
import type { MetricDefinition } from './metric-definition.ts';
import { classCount, predictedClasses, termsOf } from './metric-value.ts';
import { averagePrecisionJackknife, weightedAveragePrecision, weightedRocAuc } from './ranking-metrics.ts';
import type { ModelScores, Sample } from './sample.ts';

/** A statistic that can be computed again on resampled rows, in one pass, and without each row in turn. */
export interface ResampledStatistic {
  /** On a resample in which each row stands `counts` times; NaN where it is undefined there. */
  ofCounts(counts: Uint8Array): number;
  /** Without each row in turn: exact, in one or two passes. NaN where undefined. */
  jackknife(): Float64Array;
  /** For statistics of a confusion alone: rows of one cell are interchangeable, so a resample is a draw of cell counts. */
  readonly cells?: Cells;
}

/** Rows by what the models say of them and what is true. */
export interface Cells {
  readonly counts: Float64Array;
  /** The class that is true in the cell. */
  readonly truth: Uint16Array;
  value(counts: Float64Array): number;
  /** The value without one row of each cell. */
  withoutOne(): number[];
}

/** The metric of one model on a sample, made to be resampled; null where it can't be, or is undefined on these rows. */
export function resampledMetric(
  sample: Sample,
  model: ModelScores,
  { ingredients }: MetricDefinition,
  threshold: number,
): ResampledStatistic | null {
  const labels = labelBytes(sample);
  switch (ingredients.kind) {
    case 'roc-auc':
      if (sample.positives < 2 || sample.n - sample.positives < 2) return null;
      return {
        ofCounts: (counts) => weightedRocAuc(labels, model, counts) ?? Number.NaN,
        jackknife: () => aucJackknife(sample, model),
      };
    case 'average-precision':
      if (sample.positives < 2) return null;
      return {
        ofCounts: (counts) => weightedAveragePrecision(labels, model, counts) ?? Number.NaN,
        jackknife: () => averagePrecisionJackknife(labels, model),
      };
    case 'mean':
    case 'means': {
      const terms = termsOf(sample, model, ingredients.terms);
      if (typeof terms === 'string' || sample.n < 2) return null;
      return meansStatistic(
        terms,
        ingredients.kind === 'means' ? (means) => ingredients.of(means).value ?? Number.NaN : (means) => means[0]!,
      );
    }
    case 'calibration': {
      const gaps = calibrationGaps(sample, model, ingredients.of);
      return 'value' in gaps || sample.n < 2 ? null : calibrationStatistic(gaps.gaps, calibrationBins(gaps.scores));
    }
    case 'confusion':
      return confusionStatistic(sample, [model], threshold, (confusion) => ingredients.of(confusion).value ?? Number.NaN);
    case 'plain':
      return null;
  }
}

/** Candidate − baseline on the same resampled rows. */
export function resampledDifference(sample: Sample, metric: MetricDefinition, threshold: number): ResampledStatistic | null {
  const { candidate, baseline } = sample;
  if (!baseline) return null;
  const { ingredients } = metric;
  if (ingredients.kind === 'confusion')
    return confusionStatistic(sample, [candidate, baseline], threshold, (confusion) => ingredients.of(confusion).value ?? Number.NaN);
  const first = resampledMetric(sample, candidate, metric, threshold);
  const second = resampledMetric(sample, baseline, metric, threshold);
  if (!first || !second) return null;
  return {
    ofCounts: (counts) => first.ofCounts(counts) - second.ofCounts(counts),
    jackknife: () => {
      const other = second.jackknife();
      const values = first.jackknife();
      for (let i = 0; i < values.length; i++) values[i]! -= other[i]!;
      return values;
    },
  };
}

const bytes = new WeakMap<Sample, Uint8Array>();
function labelBytes(sample: Sample): Uint8Array {
  const found = bytes.get(sample) ?? new Uint8Array(sample.labels);
  bytes.set(sample, found);
  return found;
}

/** Without positive i the AUC is (mA − V10ᵢ)/(m − 1); likewise for a negative. */
function aucJackknife({ labels, positives, n }: Sample, model: ModelScores): Float64Array {
  const values = placements(labels, model, positives);
  const negatives = n - positives;
  let sum = 0;
  for (let i = 0; i < n; i++) if (labels[i]) sum += values[i]!;
  const auc = sum / positives;
  for (let i = 0; i < n; i++)
    values[i] = labels[i] ? (positives * auc - values[i]!) / (positives - 1) : (negatives * auc - values[i]!) / (negatives - 1);
  return values;
}

function meansStatistic(terms: readonly Float64Array[], of: (means: readonly number[]) => number): ResampledStatistic {
  const n = terms[0]!.length;
  return {
    ofCounts: (counts) => {
      let total = 0;
      for (let i = 0; i < n; i++) total += counts[i]!;
      return of(
        terms.map((term) => {
          let sum = 0;
          for (let i = 0; i < n; i++) sum += counts[i]! * term[i]!;
          return sum / total;
        }),
      );
    },
    jackknife: () => {
      const sums = terms.map(sumOf);
      const values = new Float64Array(n);
      const means = new Array<number>(terms.length);
      for (let i = 0; i < n; i++) {
        for (let k = 0; k < terms.length; k++) means[k] = (sums[k]! - terms[k]![i]!) / (n - 1);
        values[i] = of(means);
      }
      return values;
    },
  };
}

function calibrationStatistic(gaps: Float64Array, bins: Uint8Array): ResampledStatistic {
  const n = gaps.length;
  const sums = new Float64Array(CALIBRATION_BINS);
  return {
    ofCounts: (counts) => {
      sums.fill(0);
      let total = 0;
      for (let i = 0; i < n; i++) {
        const weight = counts[i]!;
        total += weight;
        sums[bins[i]!]! += weight * gaps[i]!;
      }
      return sums.reduce((sum, bin) => sum + Math.abs(bin), 0) / total;
    },
    jackknife: () => {
      const whole = new Float64Array(CALIBRATION_BINS);
      for (let i = 0; i < n; i++) whole[bins[i]!]! += gaps[i]!;
      const total = whole.reduce((sum, bin) => sum + Math.abs(bin), 0);
      const values = new Float64Array(n);
      for (let i = 0; i < n; i++) {
        const own = whole[bins[i]!]!;
        values[i] = (total - Math.abs(own) + Math.abs(own - gaps[i]!)) / (n - 1);
      }
      return values;
    },
  };
}

/** A function of one model's confusion, or of the difference of two. */
function confusionStatistic(
  sample: Sample,
  models: readonly ModelScores[],
  threshold: number,
  of: (confusion: Confusion) => number,
): ResampledStatistic {
  const { classes, ofRow, counts, truth, places } = cellTable(sample, models, threshold);
  const value = (cells: Float64Array): number => {
    const values = places.map((place) => {
      const confusion = new Float64Array(classes * classes);
      let total = 0;
      for (let cell = 0; cell < cells.length; cell++) {
        confusion[place[cell]!]! += cells[cell]!;
        total += cells[cell]!;
      }
      return of({ classes, counts: confusion, total });
    });
    return values.length === 1 ? values[0]! : values[0]! - values[1]!;
  };
  const withoutOne = () => Array.from(counts, (count, cell) => value(counts.with(cell, count - 1)));
  return {
    ofCounts: (weights) => {
      const cells = new Float64Array(counts.length);
      for (let i = 0; i < ofRow.length; i++) cells[ofRow[i]!]! += weights[i]!;
      return value(cells);
    },
    jackknife: () => {
      const ofCell = withoutOne();
      const values = new Float64Array(ofRow.length);
      for (let i = 0; i < values.length; i++) values[i] = ofCell[ofRow[i]!]!;
      return values;
    },
    cells: { counts, truth, value, withoutOne },
  };
}

interface CellTable {
  readonly classes: number;
  readonly ofRow: Uint16Array;
  readonly counts: Float64Array;
  readonly truth: Uint16Array;
  /** Where each cell stands in each model's confusion. */
  readonly places: readonly Uint16Array[];
}

const tables = new WeakMap<Sample, Map<string, CellTable>>();

/** Rows by truth and answers, once for all metrics of a table. Only cells that occur: with many classes most are empty. */
function cellTable(sample: Sample, models: readonly ModelScores[], threshold: number): CellTable {
  const known = tables.get(sample) ?? new Map<string, CellTable>();
  tables.set(sample, known);
  const key = `${models.map((model) => (model === sample.candidate ? 'candidate' : 'baseline')).join()}@${threshold}`;
  const found = known.get(key);
  if (found) return found;
  const classes = classCount(sample);
  const predicted = models.map((model) => predictedClasses(sample, model, threshold));
  const indices = new Map<number, number>();
  const ofRow = new Uint16Array(sample.n);
  const rows: number[] = [];
  let last = -1;
  let cell = 0;
  for (let i = 0; i < sample.n; i++) {
    let code = sample.labels[i]!;
    for (let model = 0; model < predicted.length; model++) code = code * classes + predicted[model]![i]!;
    if (code !== last) {
      const index = indices.get(code);
      cell = index ?? rows.length;
      if (index === undefined) {
        indices.set(code, cell);
        rows.push(i);
      }
      last = code;
    }
    ofRow[i] = cell;
  }
  const counts = new Float64Array(rows.length);
  for (let i = 0; i < ofRow.length; i++) counts[ofRow[i]!]!++;
  const table: CellTable = {
    classes,
    ofRow,
    counts,
    truth: Uint16Array.from(rows, (row) => sample.labels[row]!),
    places: predicted.map((answers) => Uint16Array.from(rows, (row) => sample.labels[row]! * classes + answers[row]!)),
  };
  known.set(key, table);
  return table;
}
