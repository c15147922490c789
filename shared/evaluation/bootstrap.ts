import { drawCounts } from '../statistics/draw-counts.ts';
import { createRandom, drawBinomial, type Random } from '../statistics/random.ts';
import type { Cells, ResampledStatistic } from './resampled-statistic.ts';
import type { Sample } from './sample.ts';

/** What is drawn again: rows over all, rows within each class, or whole clusters (whenever the sample has them). */
export interface ResamplePlan {
  readonly resamples: number;
  readonly seed: number;
  readonly strata: 'label' | 'none';
}

/**
 * Values of the statistics on the same resamples, one array a statistic; resamples where it is undefined are NaN. Rows are
 * counted once a resample, and each statistic then takes one pass: nothing is sorted again.
 */
export function bootstrap(sample: Sample, statistics: readonly ResampledStatistic[], plan: ResamplePlan): Float64Array[] {
  const values = statistics.map(() => new Float64Array(plan.resamples));
  const byRows = statistics.map((_, index) => index).filter((index) => sample.clusters || !statistics[index]!.cells);
  if (byRows.length > 0) {
    const random = createRandom(plan.seed);
    const draw = sample.clusters ? clusterDraw(sample, random) : rowDraw(sample, random, plan.strata);
    for (let resample = 0; resample < plan.resamples; resample++) {
      const counts = draw();
      for (const index of byRows) values[index]![resample] = statistics[index]!.ofCounts(counts);
    }
  }
  if (sample.clusters) return values;
  // Statistics with the same cells see the same draws, so that metrics of one table stay comparable.
  statistics.forEach(({ cells }, index) => {
    if (!cells) return;
    const draw = cellDraw(cells, sample.n, createRandom(plan.seed), plan.strata);
    for (let resample = 0; resample < plan.resamples; resample++) values[index]![resample] = cells.value(draw());
  });
  return values;
}

function rowDraw(sample: Sample, random: Random, strata: ResamplePlan['strata']): () => Uint8Array {
  const { n, labels, positives } = sample;
  const counts = new Uint8Array(n);
  if (strata === 'none' || sample.task !== 'binary' || positives === 0 || positives === n)
    return () => {
      drawCounts(random, counts, 0, n);
      return counts;
    };
  // Each class is drawn by itself, side by side, then scattered to the rows' places.
  const drawn = new Uint8Array(n);
  const places = new Uint32Array(n);
  let positive = 0;
  let negative = positives;
  for (let i = 0; i < n; i++) places[labels[i] ? positive++ : negative++] = i;
  return () => {
    drawCounts(random, drawn, 0, positives);
    drawCounts(random, drawn, positives, n - positives);
    for (let i = 0; i < n; i++) counts[places[i]!] = drawn[i]!;
    return counts;
  };
}

function clusterDraw({ clusters, n }: Sample, random: Random): () => Uint8Array {
  const present = new Int32Array(clusters!.count).fill(-1);
  let groups = 0;
  for (const code of clusters!.codes) if (present[code]! < 0) present[code] = groups++;
  const groupOf = Uint32Array.from(clusters!.codes, (code) => present[code]!);
  const drawn = new Uint8Array(groups);
  const counts = new Uint8Array(n);
  return () => {
    drawCounts(random, drawn, 0, groups);
    for (let i = 0; i < n; i++) counts[i] = drawn[groupOf[i]!]!;
    return counts;
  };
}

/** Multinomial cell counts as a chain of binomials: the same law as drawing rows, at the cost of a few draws. */
function cellDraw(cells: Cells, n: number, random: Random, strata: ResamplePlan['strata']): () => Float64Array {
  const drawn = new Float64Array(cells.counts.length);
  const groups =
    strata === 'label'
      ? [...new Set(cells.truth)].map((truth) => [...cells.truth.keys()].filter((cell) => cells.truth[cell] === truth))
      : [[...cells.truth.keys()]];
  const totals = groups.map((group) => (strata === 'label' ? group.reduce((sum, cell) => sum + cells.counts[cell]!, 0) : n));
  return () => {
    groups.forEach((group, index) => {
      let left = totals[index]!;
      let rows = totals[index]!;
      for (const cell of group) {
        const count = drawBinomial(random, left, cells.counts[cell]! / rows);
        drawn[cell] = count;
        left -= count;
        rows -= cells.counts[cell]!;
      }
    });
    return drawn;
  };
}
