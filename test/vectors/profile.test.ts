import { describe, expect, it } from 'vitest';
import { bucketOrder, orderOffset, overflowOrder, underflowOrder, zeroOrder } from '../../shared/profile/bucket.ts';
import { categoriesOf, mergeCategories } from '../../shared/profile/category-counts.ts';
import type { CategoryCounts, NumericCounts } from '../../shared/profile/column-counts.ts';
import { nearestDouble, parseExactSum, secondMoment, varianceOfSums } from '../../shared/profile/exact-sum.ts';
import { finiteRows, mergeNumeric, missingRows, momentsOf } from '../../shared/profile/numeric-counts.ts';
import { orderedBuckets } from '../../shared/profile/ordered-buckets.ts';
import { profileOfRows, type Value } from '../support/profile-of-rows.ts';
import { compareExpected, inputNumber, listAbsent, readVectors } from './read-vectors.ts';

const sort = { [zeroOrder]: 'zero', [underflowOrder]: 'underflow', [overflowOrder]: 'overflow' } as const;

function described(order: number) {
  const own = Math.abs(order);
  const name = sort[own as keyof typeof sort] ?? 'bucket';
  return { class: name, sign: Math.sign(order), k: name === 'bucket' ? own - orderOffset : null };
}

describe('buckets of decisions.json', () => {
  listAbsent('decisions.json');
  const cases = readVectors('decisions.json');

  it.each(cases.filter(({ kind }) => kind === 'log_bucket'))('$name', ({ input, expected }) => {
    const buckets = (input['values'] as unknown[]).map((value) => {
      const number = inputNumber(value);
      if (Number.isNaN(number)) return { class: 'nan', sign: 0, k: null };
      return Number.isFinite(number) ? described(bucketOrder(number)) : { class: 'infinity', sign: Math.sign(number), k: null };
    });
    expect(buckets).toEqual(expected['buckets']);
  });

  it.each(cases.filter(({ kind }) => kind === 'log_bucket_order'))('$name', ({ input, expected }) => {
    const counts = numberOf((input['values'] as unknown[]).map(inputNumber));
    const { order, n } = orderedBuckets(counts);
    const ascending = [...order].map((one, index) => ({ ...described(one), count: n[index] }));
    expect(ascending).toEqual(expected['ascending']);
  });
});

const numberOf = (values: readonly Value[]): NumericCounts => columnOf('number', values) as NumericCounts;
const columnOf = (type: 'number' | 'text', values: readonly Value[]) =>
  profileOfRows({ columns: [{ name: 'x', type }], rows: values.map((value) => [value]) }).cells[0]?.columns[0];

/**
 * `log_buckets_…` are of the logarithmic form, ceil(ln|x| / ln g), whose edges depend on a library's logarithm: our buckets are exact and
 * have other edges (`log_bucket` above), so those keys have nothing to be compared with.
 */
function toldBy(counts: NumericCounts): Record<string, unknown> {
  const finite = finiteRows(counts);
  const [sum, squares] = [parseExactSum(counts.sum), parseExactSum(counts.squares)];
  const { mean } = momentsOf(counts);
  return {
    n: finite + missingRows(counts),
    null: counts.null,
    nan: counts.nan,
    pos_inf: counts.positiveInfinity,
    neg_inf: counts.negativeInfinity,
    zero: counts.zero,
    finite,
    min: counts.min,
    max: counts.max,
    sum: finite === 0 ? null : nearestDouble(sum),
    mean,
    m2: finite === 0 ? null : secondMoment(sum, squares, finite),
    variance_population: finite === 0 ? null : varianceOfSums(sum, squares, finite, 0),
    variance_sample: finite < 2 ? null : varianceOfSums(sum, squares, finite, 1),
  };
}

const comparable = (expected: Readonly<Record<string, unknown>>) =>
  Object.fromEntries(Object.entries(expected).filter(([key]) => !key.startsWith('log_buckets')));

describe('merges of profile-merge.json', () => {
  listAbsent('profile-merge.json');
  const cases = readVectors('profile-merge.json');

  it.each(cases.filter(({ kind }) => kind === 'numeric'))('$name', ({ input, expected, tolerance }) => {
    const values = (input['parts'] as unknown[][]).map((part) => part.map((value) => (value === null ? null : inputNumber(value))));
    const parts = values.map(numberOf);
    const whole = mergeNumeric(parts);
    compareExpected(toldBy(whole), comparable(expected['whole'] as Record<string, unknown>), tolerance);
    for (const [index, part] of (expected['parts'] as Record<string, unknown>[]).entries()) {
      const own = parts[index];
      if (own) compareExpected(toldBy(own), comparable(part), tolerance, `parts[${index}]`);
    }
    expect(whole).toEqual(numberOf(values.flat()));
  });

  it.each(cases.filter(({ kind }) => kind === 'categorical'))('$name', ({ input, expected }) => {
    const parts = (input['parts'] as (string | null)[][]).map((part) => columnOf('text', part) as CategoryCounts);
    const whole = mergeCategories(parts);
    const counts = new Map(whole.counts);
    const told: Record<string, unknown> = {
      n: [...counts.values()].reduce((sum, n) => sum + n, 0) + whole.null,
      null: whole.null,
      distinct: counts.size,
      counts_uncapped: Object.fromEntries(counts),
      // Our cap is 1,000: that a lower one is passed is told by the count alone.
      over_cap: counts.size > Number(input['cap']),
      empty_string: counts.get('') ?? 0,
      length_code_points: whole.lengths,
    };
    expect(told).toEqual(expected);
    expect(whole).toEqual(columnOf('text', (input['parts'] as (string | null)[][]).flat()));
    expect(categoriesOf([...counts], whole.null)).toEqual(whole);
  });
});
