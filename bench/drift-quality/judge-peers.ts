import { evidentlyFrame } from '../../shared/drift/methods/evidently/evidently-frame.ts';
import { runMethod } from '../../shared/drift/methods/run-method.ts';
import type { NumericSample, Sample } from '../../shared/drift/sample.ts';
import type { DrawnTables } from './draw-cell.ts';
import type { DrawnColumn } from './draw-tables.ts';
import { rowsOf } from './judge-default.ts';

/** Whether Evidently's preset calls any column drifted: its own choice of tests and thresholds (`--method evidently`). */
export function judgeEvidently({ reference, current }: DrawnTables): boolean {
  // Column by column, which is the same: Evidently's tests know nothing of each other. The first that drifts settles it.
  return reference.some((column, index) => {
    const [before, now] = [frameOf(column), frameOf(current[index] ?? column)];
    return [...evidentlyFrame(before, now).columns.values()].some(({ drifted }) => drifted);
  });
}

const frameOf = (column: DrawnColumn) =>
  new Map([[column.name, { dtype: column.kind === 'numeric' ? 'float64' : 'object', sample: sampleOf(column) }]]);

/** Whether a two-sample Kolmogorov-Smirnov test at .05 rejects in any column; categories stand for their numbers. */
export function judgeKs({ reference, current }: DrawnTables): boolean {
  return reference.some((column, index) => {
    const found = runMethod('ks', numbersOf(column), numbersOf(current[index] ?? column), 0.05);
    return !('notApplicable' in found) && found.pValue !== null && found.pValue < 0.05;
  });
}

const numbersOf = (column: DrawnColumn): NumericSample => ({
  kind: 'numeric',
  values: column.values,
  counts: column.counts,
  n: rowsOf(column),
  missing: 0,
  exactness: 'exact',
});

function sampleOf(column: DrawnColumn): Sample {
  if (column.kind === 'numeric') return numbersOf(column);
  const counts = new Map(Array.from(column.values, (value, index) => [`c${value}`, column.counts[index]!]));
  return { kind: 'categories', counts, n: rowsOf(column), missing: 0, exactness: 'exact' };
}
