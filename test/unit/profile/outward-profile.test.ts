import { describe, expect, it } from 'vitest';
import { bucketRange } from '../../../shared/profile/bucket.ts';
import { hashedValue } from '../../../shared/profile/category-counts.ts';
import { nearestDouble, parseExactSum } from '../../../shared/profile/exact-sum.ts';
import { mergeProfiles } from '../../../shared/profile/merge-profiles.ts';
import { orderedBuckets } from '../../../shared/profile/ordered-buckets.ts';
import { alignCategories, outwardProfile } from '../../../shared/profile/outward-profile.ts';
import type { Profile } from '../../../shared/profile/profile.ts';
import { profileText } from '../../../shared/profile/profile-text.ts';
import { readProfile } from '../../../shared/profile/read-profile.ts';
import { profileOfRows, type Value } from '../../support/profile-of-rows.ts';

const columns: Profile['columns'] = [
  { name: 'salary', type: 'number' },
  { name: 'name', type: 'text' },
  { name: 'at', type: 'timestamp' },
];
const people = (count: number, from = 0): Value[][] =>
  Array.from({ length: count }, (_, index) => [
    48_123.77 + index * 1.37,
    index % 2 ? 'employee' : index === 0 ? 'Ada Lovelace' : `Person ${from + (index % 4)}`,
    1_700_000_000_123_456n + BigInt(index) * 1_000_003n,
  ]);
const exact = profileOfRows({ columns, rows: people(90) });
const outward = outwardProfile(exact);
const [numbers, texts, times] = outward.cells[0]?.columns ?? [];

describe('what leaves the runner', () => {
  it('holds no value of a person, and is still a profile', () => {
    const text = profileText(outward);
    for (const secret of ['Ada', '48123.77', '123456', '22:13:20']) expect(text).not.toContain(secret);
    expect(readProfile(text, 'p.json')).toEqual(outward);
    expect(outward.privacy).toBe('outward');
    expect(outwardProfile(outward)).toBe(outward);
  });

  it('names a value from 20 rows on', () => {
    const rows = [19, 20].flatMap((count) => Array.from({ length: count }, () => [1, `of ${count}`, null]));
    const [, counts] = outwardProfile(profileOfRows({ columns, rows })).cells[0]?.columns ?? [];
    expect(counts).toMatchObject({
      counts: [
        [hashedValue('of 19'), 19],
        ['of 20', 20],
      ],
    });
    expect(hashedValue('of 19')).toMatch(/^#[0-9a-f]{16}$/);
  });

  it('has the same buckets, with extremes at their edges and sums of four digits', () => {
    const [before] = exact.cells[0]?.columns ?? [];
    if (numbers?.kind !== 'numeric' || before?.kind !== 'numeric') throw new Error('a column of numbers');
    expect(orderedBuckets(numbers)).toEqual(orderedBuckets(before));
    const { order } = orderedBuckets(before);
    expect([numbers.min, numbers.max]).toEqual([bucketRange(order[0] ?? 0).low, bucketRange(order.at(-1) ?? 0).high]);
    expect(numbers.values).toBeNull();
    const sum = nearestDouble(parseExactSum(numbers.sum));
    expect(sum).toBe(Number(nearestDouble(parseExactSum(before.sum)).toPrecision(4)));
  });

  it('says no more of few rows by their sum than by their buckets', () => {
    const of = (values: readonly number[]) => {
      const rows = values.map((value): Value[] => [value, null, null]);
      const [counts] = outwardProfile(profileOfRows({ columns, rows })).cells[0]?.columns ?? [];
      if (counts?.kind !== 'numeric') throw new Error('a column of numbers');
      return { sum: nearestDouble(parseExactSum(counts.sum)), squares: nearestDouble(parseExactSum(counts.squares)) };
    };
    // Both salaries lie in the bucket from 48,128 to 48,640.
    expect(of([48_197.31])).toEqual(of([48_599.02]));
    expect(of(Array.from({ length: 19 }, () => 48_197.31))).toEqual(of(Array.from({ length: 19 }, () => 48_599.02)));
    expect(of([48_197.31]).sum).toBe(48_380);
    expect(of(Array.from({ length: 20 }, () => 48_197.31)).sum).toBe(963_900);
  });

  it('keeps days, and widens times and lengths', () => {
    expect(times).toMatchObject({ min: '2023-11-14T00:00:00.000000Z', max: '2023-11-14T23:59:59.999999Z' });
    expect(texts).toMatchObject({ lengths: { min: 8, max: 16 } });
  });

  it('hashes a value that looks like a hash, however frequent', () => {
    const fake = '#0123456789abcdef';
    const [, counts] =
      outwardProfile(profileOfRows({ columns, rows: people(60).map((row) => [row[0] ?? null, fake, null]) })).cells[0]?.columns ?? [];
    expect(counts).toMatchObject({ counts: [[hashedValue(fake), 60]] });
  });

  it('hashes rare segments alone, counted over all windows', () => {
    const rows = people(40).map((row, index): Value[] => [row[0] ?? null, index < 30 ? 'known' : 'rare', BigInt(index) * 86_400_000_000n]);
    const split = outwardProfile(profileOfRows({ columns, rows, by: ['name'], window: { column: 'at', milliseconds: 86_400_000 } }));
    expect(new Set(split.cells.map(({ segment }) => segment[0]))).toEqual(new Set(['known', hashedValue('rare')]));
  });
});

describe('merging and comparing', () => {
  it('counts a value once that one part names and another hashes', () => {
    const few = outwardProfile(profileOfRows({ columns, rows: Array.from({ length: 5 }, () => [1, 'Lyon', null]) }));
    const many = outwardProfile(profileOfRows({ columns, rows: Array.from({ length: 30 }, () => [1, 'Lyon', null]) }));
    const [, counts] = mergeProfiles([few, many]).cells[0]?.columns ?? [];
    expect(counts).toMatchObject({ counts: [['Lyon', 35]] });
  });

  it('passes the cap into the same slots as the values themselves', () => {
    const rows = (from: number) => Array.from({ length: 700 }, (_, index): Value[] => [1, `v${from + index}`, null]);
    const merged = mergeProfiles([rows(0), rows(700)].map((part) => outwardProfile(profileOfRows({ columns, rows: part }))));
    const whole = profileOfRows({ columns, rows: [...rows(0), ...rows(700)] });
    const slots = ({ cells }: Profile) => cells[0]?.columns.map((counts) => counts.kind === 'categories' && counts.hashed)[1];
    expect(slots(merged)).toEqual(slots(whole));
  });

  it('lines hashed categories up with plain ones, either way', () => {
    const hashed = (value: string, n: number): [string, number] => [hashedValue(value), n];
    expect(alignCategories([['a', 50], hashed('b', 3), hashed('gone', 2)], [['b', 9], hashed('a', 4), ['new', 1]])).toEqual({
      reference: [['a', 50], ['b', 3], hashed('gone', 2)],
      current: [
        ['b', 9],
        ['a', 4],
        ['new', 1],
      ],
    });
  });
});
