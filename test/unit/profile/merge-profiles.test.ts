import '../../support/seeded-properties.ts';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { foldCells, mergeProfiles } from '../../../shared/profile/merge-profiles.ts';
import { momentsOf } from '../../../shared/profile/numeric-counts.ts';
import { outwardProfile } from '../../../shared/profile/outward-profile.ts';
import type { Profile } from '../../../shared/profile/profile.ts';
import { profileText } from '../../../shared/profile/profile-text.ts';
import { readProfile } from '../../../shared/profile/read-profile.ts';
import { sealProfile } from '../../../shared/profile/seal-profile.ts';
import { profileOfRows, type RowsProfile, type Value } from '../../support/profile-of-rows.ts';

const columns: Profile['columns'] = [
  { name: 'x', type: 'number' },
  { name: 't', type: 'text' },
  { name: 'at', type: 'timestamp' },
  { name: 'g', type: 'text' },
];
const number = fc.oneof(
  { weight: 6, arbitrary: fc.double() },
  { weight: 2, arbitrary: fc.integer({ min: -5, max: 5 }) },
  { weight: 1, arbitrary: fc.constantFrom(0, -0, 5e-324, 1e-300, 8.9e307, -Number.MAX_VALUE) },
);
const row = fc.tuple(
  fc.option(number),
  fc.option(fc.oneof(fc.constantFrom('a', 'b', ''), fc.string({ unit: 'binary', maxLength: 4 }))),
  fc.option(fc.bigInt({ min: -(10n ** 16n), max: 10n ** 17n })),
  fc.option(fc.constantFrom('north', 'south')),
);
const kinds: readonly Pick<RowsProfile, 'by' | 'window'>[] = [
  {},
  { by: ['g'] },
  { window: { column: 'at', milliseconds: 86_400_000 } },
  { by: ['g', 't'], window: { column: 'at', milliseconds: 30 * 86_400_000 } },
];

/** Rows that pass the cap of values, categories and days where `many` is set. */
const manyRows = (many: boolean): readonly (readonly Value[])[] =>
  many
    ? Array.from({ length: 1_300 }, (_, index) => [
        index / 7 - 40,
        `v${index}`,
        BigInt(index % 11) * 86_400_000_000n,
        index % 2 ? 'north' : null,
      ])
    : [];

describe('a merge', () => {
  it('is the whole, byte for byte, in any order and grouping', () => {
    fc.assert(
      fc.property(
        fc.array(row, { maxLength: 40 }),
        fc.infiniteStream(fc.nat(3)),
        fc.constantFrom(...kinds),
        fc.boolean(),
        (some, places, kind, many) => {
          const rows = [...some, ...manyRows(many && kind.by?.length !== 2)];
          const parts: (readonly Value[])[][] = [[], [], [], []];
          for (const one of rows) parts[places.next().value ?? 0]?.push(one);
          const profiles = parts.map((own) => profileOfRows({ columns, rows: own, ...kind }));
          const [a, b, c, d] = profiles as [Profile, Profile, Profile, Profile];
          const whole = profileText(profileOfRows({ columns, rows, ...kind }));
          expect(profileText(mergeProfiles(profiles))).toBe(whole);
          expect(profileText(mergeProfiles([d, mergeProfiles([b, a]), c]))).toBe(whole);
          expect(profileText(mergeProfiles([mergeProfiles([mergeProfiles([c, d]), b]), a]))).toBe(whole);
          expect(readProfile(whole, 'whole.json').rows).toBe(rows.length);
        },
      ),
      { numRuns: 60 },
    );
  });

  it('of outward profiles adds what they tell, in any order', () => {
    fc.assert(
      fc.property(fc.array(row, { minLength: 3, maxLength: 90 }), (rows) => {
        const parts = [rows.slice(0, 30), rows.slice(30, 45), rows.slice(45)].map((own) =>
          outwardProfile(profileOfRows({ columns, rows: own })),
        );
        const [a, b, c] = parts as [Profile, Profile, Profile];
        const merged = mergeProfiles([a, b, c]);
        expect(merged.privacy).toBe('outward');
        expect(merged).toEqual(mergeProfiles([c, mergeProfiles([b, a])]));
        const whole = outwardProfile(profileOfRows({ columns, rows }));
        const buckets = ({ cells }: Profile) => cells[0]?.columns.map((counts) => counts.kind === 'numeric' && counts.histogram);
        expect(buckets(merged)).toEqual(buckets(whole));
      }),
      { numRuns: 40 },
    );
  });

  it.each<[string, Partial<RowsProfile>, string]>([
    ['a column less', { columns: columns.slice(1) }, 'two.json lacks the column x.'],
    ['a column more', { columns: [...columns, { name: 'z', type: 'text' }] }, 'two.json has the column z, which the first lacks.'],
    [
      'another type',
      { columns: [{ name: 'x', type: 'text' }, ...columns.slice(1)] },
      'two.json has the column x as text, the first as number.',
    ],
    ['another order', { columns: [...columns].reverse() }, 'two.json has its columns in another order.'],
    ['segments', { by: ['g'] }, 'two.json is split by g, the first by nothing.'],
    ['windows', { window: { column: 'at', milliseconds: 3_600_000 } }, 'two.json has windows of 3600 s by at, the first no windows.'],
  ])('is refused for %s', (_, change, message) => {
    const [one, two] = [profileOfRows({ columns, rows: [] }), profileOfRows({ columns, rows: [], ...change })];
    expect(() => mergeProfiles([one, two], ['one.json', 'two.json'])).toThrow(
      expect.objectContaining({ code: 'PROFILE_MISMATCH', message }),
    );
  });

  it('of nothing is refused', () => expect(() => mergeProfiles([])).toThrow(expect.objectContaining({ code: 'PROFILE_MISMATCH' })));
});

describe('foldCells', () => {
  const rows: Value[][] = [
    [1, 'a', 0n, 'north'],
    [3, 'b', 0n, 'south'],
    [5, 'b', 86_400_000_000n, 'south'],
  ];
  const profile = profileOfRows({ columns, rows, by: ['g'] });

  it('makes the kept cells one, or all', () => {
    const { rows: count, columns: folded } = foldCells(profile, ({ segment }) => segment[0] === 'south');
    expect(count).toBe(2);
    const [x] = folded;
    expect(x?.kind === 'numeric' && momentsOf(x)).toEqual({ n: 2, mean: 4, variance: 2 });
    expect(foldCells(profile).columns).toEqual(profileOfRows({ columns, rows }).cells[0]?.columns);
  });

  it('has empty columns of the right kinds where nothing is kept', () => {
    const { rows: count, columns: folded } = foldCells(profile, () => false);
    expect([count, folded.map(({ kind }) => kind)]).toEqual([0, ['numeric', 'categories', 'times', 'categories']]);
    expect(sealProfile({ ...profile, by: [], cells: [{ segment: [], window: null, rows: 0, columns: folded }] })).toEqual(
      profileOfRows({ columns, rows: [] }),
    );
  });
});
