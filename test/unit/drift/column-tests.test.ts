import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { codesOf } from '../../../shared/drift/align-counts.ts';
import { homogeneityTest } from '../../../shared/drift/homogeneity-test.ts';
import { rankTest } from '../../../shared/drift/rank-test.ts';
import { openReference } from '../../../shared/drift/reference-view.ts';
import { numericOfValues } from '../../../shared/profile/numeric-counts.ts';
import { outwardProfile } from '../../../shared/profile/outward-profile.ts';
import { sealProfile } from '../../../shared/profile/seal-profile.ts';

const places = (reference: readonly number[], current: readonly number[]) => ({
  reference: Float64Array.from(reference),
  current: Float64Array.from(current),
});
const rest = { null: 0, nan: 0, negativeInfinity: 0, positiveInfinity: 0 };

describe('rankTest', () => {
  it('of two values has one degree of freedom, whatever the rounding, and is (N - 1)/N of χ²', () => {
    const count = fc.integer({ min: 1, max: 1_000_000 });
    fc.assert(
      fc.property(count, count, count, count, (a, b, c, d) => {
        const both = places([a, b], [c, d]);
        const { statistic, df } = rankTest(both);
        expect(df).toBe(1);
        const n = a + b + c + d;
        const expected = ((homogeneityTest(both).statistic ?? 0) * (n - 1)) / n;
        expect(Math.abs((statistic ?? -1) - expected)).toBeLessThanOrEqual(1e-6 * Math.max(1, expected));
      }),
    );
  });
  it('of one value has none', () => expect(rankTest(places([0, 60, 0], [0, 90, 0]))).toEqual({ statistic: null, df: 0 }));
});

describe('homogeneityTest', () => {
  it('of categories as small as one another pools the first by name', () => {
    // a is too small; of b and c, 20 rows each, the pool takes b.
    const found = homogeneityTest(places([1, 15, 8, 100], [1, 5, 12, 100]));
    expect(found.statistic).toBeCloseTo(homogeneityTest(places([16, 8, 100], [6, 12, 100])).statistic ?? 0, 12);
    expect(found.df).toBe(2);
  });
});

describe('codesOf', () => {
  it('reads whole numbers back from the buckets of a profile that left the runner', () => {
    const exact = numericOfValues(
      Array.from({ length: 20 }, (_, i) => [i - 3, 25 + i] as const),
      rest,
    );
    const profile = sealProfile({
      privacy: 'exact',
      by: [],
      window: null,
      columns: [{ name: 'x', type: 'integer' }],
      cells: [{ segment: [], window: null, rows: 690, columns: [exact] }],
    });
    const outward = outwardProfile(profile).cells[0]?.columns[0];
    if (outward?.kind !== 'numeric') throw new Error('numbers');
    expect(codesOf(outward)).toEqual(codesOf(exact));
  });
  it('says nothing where a bucket holds several', () => {
    const large = numericOfValues(
      Array.from({ length: 1200 }, (_, i) => [1000 + i, 1] as const),
      rest,
    );
    expect(codesOf(large)).toBeNull();
  });
});

describe('openReference', () => {
  const day = 86_400_000;
  /** 10 weeks of days; Sundays lie elsewhere. */
  const profile = sealProfile({
    privacy: 'exact',
    by: [],
    window: { column: 't', milliseconds: day },
    columns: [{ name: 'x', type: 'number' }],
    cells: Array.from({ length: 70 }, (_, i) => {
      const start = new Date(Date.UTC(2025, 0, 6) + i * day);
      const shift = start.getUTCDay() === 0 ? 10 : 0;
      const values = Array.from({ length: 60 }, (_, j) => [shift + j / 60, 1] as const);
      return { segment: [], window: start.toISOString(), rows: 60, columns: [numericOfValues(values, rest)] };
    }),
  });
  const how = { compare: 'numeric', hashed: false } as const;

  it('compares a Sunday with Sundays once there are seven', () => {
    const view = openReference(profile, 'auto')({ start: '2025-06-01T00:00:00.000Z', windows: 1 });
    expect(view.rowsOf(0)).toBe(600);
    expect(view.dispersion(0, how)).toMatchObject({ phi: 1, windows: 10 });
  });
  it('learns from blocks as long as the current side, and from nothing where there are fewer than seven', () => {
    const open = openReference(profile, 'auto');
    expect(open({ start: '2025-06-01T00:00:00.000Z', windows: 7 }).dispersion(0, how)).toMatchObject({ phi: 1, windows: 10 });
    expect(open({ start: '2025-06-01T00:00:00.000Z', windows: 3 }).dispersion(0, how).phi).toBeGreaterThan(5);
    expect(open({ start: '2025-06-01T00:00:00.000Z', windows: 11 }).dispersion(0, how)).toMatchObject({ phi: 1, windows: null });
    expect(open({ start: null, windows: null }).dispersion(0, how).windows).toBeNull();
    expect(openReference(profile, 4)({ start: null, windows: null }).dispersion(0, how)).toEqual({ phi: 4, windows: null });
  });
});
