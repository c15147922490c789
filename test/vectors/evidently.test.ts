import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, it } from 'vitest';
import type { EvidentlyColumn } from '../../shared/drift/methods/evidently/column-type.ts';
import { inferType } from '../../shared/drift/methods/evidently/column-type.ts';
import { evidentlyFrame } from '../../shared/drift/methods/evidently/evidently-frame.ts';
import { runStatTest, type StatTestResult } from '../../shared/drift/methods/evidently/stat-tests.ts';
import { categorySample, numericSample } from '../../shared/drift/methods/samples-of-rows.ts';
import { compareExpected, inputNumber, listAbsent, readVectors, type VectorCase, vectorFolder } from './read-vectors.ts';

type Rows = Readonly<Record<string, readonly unknown[]>>;

/** The vectors' CSV files hold no quotes; an empty cell is missing. */
function readRows(path: string): Rows {
  const [header, ...lines] = readFileSync(join(vectorFolder, path), 'utf8').replaceAll('\r', '').trimEnd().split('\n');
  const names = header!.split(',');
  const cells = lines.map((line) => line.split(','));
  return Object.fromEntries(names.map((name, i) => [name, cells.map((row) => (row[i] === '' ? null : row[i]))]));
}

function columnOf(dtype: string, rows: readonly unknown[]): EvidentlyColumn {
  if (/^(float|u?int|Int)/.test(dtype)) {
    const numbers = rows.map((row) =>
      row === null ? null : inputNumber(typeof row === 'string' && row !== 'NaN' && !row.includes('Inf') ? Number(row) : row),
    );
    return { dtype, sample: numericSample(numbers) };
  }
  return { dtype, sample: categorySample(rows.map((row) => (row === null ? null : String(row)))) };
}

function sideOf(input: VectorCase['input'], side: 'reference' | 'current'): ReadonlyMap<string, EvidentlyColumn> {
  const csv = input[`${side}_csv`] as string | undefined;
  const rows = csv ? readRows(csv) : (input[side] as Rows);
  const dtypes = input[side === 'reference' ? 'reference_dtypes' : 'dtypes'] as Record<string, string>;
  return new Map(Object.entries(dtypes).map(([name, dtype]) => [name, columnOf(dtype, rows[name]!)]));
}

type Wanted = Readonly<Record<string, { method: string; threshold: number; score: number | null; drifted: boolean }>>;
type ByName = Readonly<Record<string, Readonly<Record<string, StatTestResult | { error: string }>>>>;

function compareFrame(input: VectorCase['input'], expected: VectorCase['expected'], tolerance: VectorCase['tolerance']): void {
  const [reference, current] = [sideOf(input, 'reference'), sideOf(input, 'current')];
  const frame = evidentlyFrame(reference, current);
  const wanted = expected['columns'] as Wanted;
  expect([...frame.columns.keys()].sort()).toEqual(Object.keys(wanted).sort());
  for (const [name, want] of Object.entries(wanted)) {
    const got = frame.columns.get(name)!;
    // The domain classifier's score depends on scikit-learn's internals: the README compares its method and decision.
    const { score, ...decision } = want;
    compareExpected(got, got.type === 'text' ? decision : { score, ...decision }, tolerance, name);
  }
  expect(frame.error === null, String(frame.error)).toBe(expected['error'] === undefined);
  if (expected['dataset'] === null) expect(frame.dataset).toBeNull();
  else {
    const { drifted_columns, share, dataset_drift } = expected['dataset'] as Record<string, unknown>;
    expect(frame.dataset).toEqual({ columns: frame.columns.size, driftedColumns: drifted_columns, share, drifted: dataset_drift });
  }
  compareExpected(Object.fromEntries(frame.types), expected['inferred_type_current'], tolerance);
  compareExpected(
    Object.fromEntries([...reference].map(([name, column]) => [name, inferType(column)])),
    expected['inferred_type_reference'],
    tolerance,
  );
  for (const [name, tests] of Object.entries((expected['by_name'] ?? {}) as ByName)) {
    const type = frame.types.get(name);
    if (type !== 'num' && type !== 'cat') throw new Error(`${name} has no named tests`);
    for (const [test, want] of Object.entries(tests)) {
      const got = runStatTest(test, type, reference.get(name)!, current.get(name)!);
      const label = `${name} by ${test}`;
      if ('error' in want) expect(Object.keys(got), `${label}: ${want.error}`).toEqual(['notApplicable']);
      else if (test === 'TVD') compareExpected({ TVD: (got as StatTestResult).score }, { TVD: want.score }, tolerance, label);
      else if (test === 'es' && isDegenerate(current.get(name)!))
        compareExpected({ drifted: (got as StatTestResult).drifted }, { drifted: want.drifted }, tolerance, label);
      else compareExpected(got, want, test === 'es' ? { ...tolerance, rel: tolerance['es_rel'] ?? 0 } : tolerance, label);
    }
  }
}

/**
 * Epps-Singleton looks at four waves; over fewer than five values they depend on each other exactly, and SciPy then inverts the rounding
 * of its covariance: its score is no function of the rows. The decision is.
 */
const isDegenerate = ({ sample }: EvidentlyColumn): boolean => sample.kind === 'numeric' && sample.values.length < 5;

listAbsent('evidently-compat.json');
for (const { name, kind, input, expected, tolerance } of readVectors('evidently-compat.json'))
  it(`${kind}: ${name}`, () => compareFrame(input, expected, tolerance));
