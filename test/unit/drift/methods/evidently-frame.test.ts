import { describe, expect, it } from 'vitest';
import { type EvidentlyColumn, inferType, pandasDtype } from '../../../../shared/drift/methods/evidently/column-type.ts';
import { evidentlyFrame } from '../../../../shared/drift/methods/evidently/evidently-frame.ts';
import { runStatTest } from '../../../../shared/drift/methods/evidently/stat-tests.ts';
import { categorySample, numericSample } from '../../../../shared/drift/methods/samples-of-rows.ts';

const numbers = (rows: readonly (number | null)[], dtype = 'float64'): EvidentlyColumn => ({ dtype, sample: numericSample(rows) });
const texts = (rows: readonly (string | null)[], dtype = 'object'): EvidentlyColumn => ({ dtype, sample: categorySample(rows) });
const range = (end: number) => Array.from({ length: end }, (_, i) => i);
const one = (reference: EvidentlyColumn, current: EvidentlyColumn) =>
  evidentlyFrame(new Map([['c', reference]]), new Map([['c', current]]));

describe('types', () => {
  it.each([
    ['ten whole numbers', numbers(range(10), 'int64'), 'cat'],
    ['eleven whole numbers', numbers(range(11), 'int64'), 'num'],
    ['whole numbers that a null made floats', numbers([1, null]), 'num'],
    ['bytes', numbers([1], 'uint8'), 'unknown'],
    ['nullable integers', numbers([1], 'Int64'), 'unknown'],
    ['half of the texts are different', texts(['a', 'b', 'a', 'b']), 'cat'],
    ['more than half are', texts(['a', 'b', 'c', 'b', null]), 'text'],
    ['texts, all missing', texts([null]), 'unknown'],
    ['booleans', texts(['true'], 'bool'), 'cat'],
    ['booleans with a null', texts(['true', null], 'mixed'), 'unknown'],
    ['times', texts(['2026-01-01'], 'datetime64[ns]'), 'datetime'],
  ] as const)('%s', (_, column, type) => expect(inferType(column)).toBe(type));

  it('a null makes floats of whole numbers, of bytes too, and objects of booleans', () => {
    expect([pandasDtype('integer', 0), pandasDtype('integer', 1), pandasDtype('uint8', 0), pandasDtype('uint8', 2)]).toEqual([
      'int64',
      'float64',
      'uint8',
      'float64',
    ]);
    expect([pandasDtype('boolean', 0), pandasDtype('boolean', 1), pandasDtype('text', 1)]).toEqual(['bool', 'mixed', 'object']);
  });
});

describe('the frame', () => {
  it('leaves out what has no known type, and says nothing of an empty frame', () => {
    const frame = one(numbers([1], 'uint8'), numbers([1], 'uint8'));
    expect(frame).toMatchObject({ columns: new Map(), dataset: { columns: 0, driftedColumns: 0, share: 0, drifted: false }, error: null });
  });

  it.each([
    [
      'a column that the reference lacks',
      evidentlyFrame(new Map(), new Map([['c', numbers(range(20))]])),
      'The reference has no column "c".',
    ],
    ['a reference without values', one(numbers([null]), numbers(range(20))), 'Column "c" has no value on the reference side.'],
    ['numbers against texts', one(texts(['a', 'a']), numbers(range(20))), 'Column "c" holds numbers on the current side only.'],
  ])('%s is an error of the whole report', (_, frame, error) => {
    expect(frame).toMatchObject({ columns: new Map(), dataset: null, error });
  });

  it('takes True, 1 and 1.0 for one key, as Python does', () => {
    const frame = one(numbers([1, 0, 1, 0]), texts(['true', 'false', 'true', 'false'], 'bool'));
    expect(frame.columns.get('c')).toMatchObject({ type: 'cat', method: 'Z-test p_value', score: 1, drifted: false });
  });

  it('chooses by the rows that have a value', () => {
    const reference = [...range(1001), null, Number.NaN];
    const method = (rows: readonly (number | null)[]) => one(numbers(rows), numbers(range(50))).columns.get('c')!.method;
    expect([method(reference), method(reference.slice(1))]).toEqual(['Wasserstein distance (normed)', 'K-S p_value']);
  });

  it('takes numbers of at most five values on both sides together for categories', () => {
    const method = (values: number) =>
      one(numbers(range(60).map((i) => i % 4)), numbers(range(60).map((i) => i % values))).columns.get('c')!.method;
    expect([method(2), method(5), method(6)]).toEqual(['chi-square p_value', 'chi-square p_value', 'K-S p_value']);
  });

  it('tells equal texts from other texts, with a score of its own', () => {
    const rows = (words: string, from: number) => range(80).map((i) => `${words} ${i + from}`);
    const judge = (current: string[]) => one(texts(rows('green pear', 0)), texts(current)).columns.get('c')!;
    expect(judge(rows('red apple', 200))).toMatchObject({
      method: 'Percentile text content drift',
      threshold: 0.95,
      drifted: true,
      compatible: false,
    });
    expect(judge(rows('green pear', 200)).drifted).toBe(false);
  });

  it('compares many names as it compares few', () => {
    const names = (end: number, step: number) => range(end).map((i) => `k${(i * step) % end}`);
    const judge = (end: number) =>
      one(texts([...names(end, 1), ...names(end, 1)]), texts([...names(end, 7), ...names(end, 7), 'k0', 'k0'])).columns.get('c')!;
    const [few, many] = [judge(9_999), judge(10_001)];
    expect(few.method).toBe('Jensen-Shannon distance');
    expect(many.score).toBeCloseTo(few.score!, 5);
    expect(many.score).toBeGreaterThan(0.001);
  });

  it('refuses by name what Evidently raises for', () => {
    const column = texts([...'aabb']);
    expect(runStatTest('g_test', 'cat', column, texts([...'aab']))).toEqual({
      notApplicable: 'it needs as many current rows as reference rows',
    });
    expect(runStatTest('nothing', 'cat', column, column)).toEqual({ notApplicable: 'Evidently has no test "nothing"' });
    expect(runStatTest('es', 'num', numbers([1, 1, 1, 1, 1]), numbers([1, 1, 1, 1, 2]))).toHaveProperty('notApplicable');
  });
});
