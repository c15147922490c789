import { describe, expect, it } from 'vitest';
import { compareProfiles } from '../../../shared/drift/compare-profiles.ts';
import { defaultDriftSettings } from '../../../shared/drift/drift-settings.ts';
import { openReference } from '../../../shared/drift/reference-view.ts';
import { outwardProfile } from '../../../shared/profile/outward-profile.ts';
import type { Profile } from '../../../shared/profile/profile.ts';
import { profileOfRows, type Value } from '../../support/profile-of-rows.ts';

const compare = (reference: Profile, current: Profile) =>
  compareProfiles({ reference, current, referenceName: 'then', currentName: 'now', settings: defaultDriftSettings });

describe('segments of profiles', () => {
  /** Ten regions of 200 rows; `first` of those of the first have plan a, half of all others. */
  const regions = (first: number) =>
    profileOfRows({
      columns: [
        { name: 'region', type: 'text' },
        { name: 'plan', type: 'text' },
      ],
      by: ['region'],
      rows: Array.from({ length: 2_000 }, (_, row): Value[] => {
        const [region, place] = [Math.floor(row / 200), row % 200];
        return [`r${region}`, place < (region === 0 ? first : 100) ? 'a' : 'b'];
      }),
    });

  it('are judged at alpha over their number', () => {
    // z = 2.7 in the one region: p = .006, q = .013 within it, .13 of ten regions.
    expect(compare(regions(100), regions(127)).segments).toEqual([]);
    const [found] = compare(regions(100), regions(145)).segments;
    expect(found).toMatchObject({ where: [{ column: 'region', value: 'r0' }], column: 'plan', rows: { reference: 200, current: 200 } });
    expect(found?.adjustedP).toBeGreaterThan(1e-5);
  });
});

describe('what did not come up', () => {
  const plans = (rare: number) =>
    profileOfRows({
      columns: [{ name: 'plan', type: 'text' }],
      rows: Array.from({ length: 1_000 }, (_, row): Value[] => [row < rare ? 'rare' : row % 2 ? 'a' : 'b']),
    });

  it('is told from a hundredth of the rows on', () => {
    const told = (rare: number) => compare(plans(rare), plans(0)).findings.filter(({ kind }) => kind === 'vanished');
    expect(told(10)).toMatchObject([{ level: 'none', effect: 0.01 }]);
    expect(told(9)).toEqual([]);
  });
});

it('learns from seven windows of the reference, not from six', () => {
  const day = 86_400_000;
  const reference = (days: number) =>
    profileOfRows({
      columns: [
        { name: 'x', type: 'text' },
        { name: 'at', type: 'timestamp' },
      ],
      window: { column: 'at', milliseconds: day },
      rows: Array.from({ length: days * 60 }, (_, row): Value[] => [row % 3 ? 'a' : 'b', BigInt(Math.floor(row / 60) * day) * 1_000n]),
    });
  const learnt = (days: number) =>
    openReference(
      reference(days),
      'auto',
    )({ start: '2026-01-01T00:00:00Z', windows: 1 }).dispersion(0, { compare: 'categorical', hashed: false });
  expect([learnt(7).windows, learnt(6).windows]).toEqual([7, null]);
});

it('knows a value again that one side has as a hash alone', () => {
  const plans = (rare: number) =>
    profileOfRows({
      columns: [{ name: 'plan', type: 'text' }],
      rows: Array.from({ length: 600 }, (_, row): Value[] => [row < rare ? 'gold' : row % 2 ? 'a' : 'b']),
    });
  for (const [reference, current] of [
    [outwardProfile(plans(15)), plans(30)],
    [plans(30), outwardProfile(plans(15))],
    [outwardProfile(plans(15)), outwardProfile(plans(30))],
  ] as const) {
    const report = compare(reference, current);
    expect(report.columns[0]?.effect).toBeCloseTo(15 / 600, 12);
    expect(report.findings).toEqual([]);
  }
});

it('alarms where as many columns moved as the limit says, not where fewer did', () => {
  const wide = (moved: number) =>
    profileOfRows({
      columns: ['c0', 'c1', 'c2', 'c3', 'c4', 'c5', 'c6', 'c7', 'c8', 'c9'].map((name) => ({ name, type: 'text' as const })),
      rows: Array.from({ length: 4_000 }, (_, row) =>
        Array.from({ length: 10 }, (_, at): Value => (row % 100 < (at < moved ? 56 : 50) ? 'a' : 'b')),
      ),
    });
  const levelOf = (moved: number) =>
    compareProfiles({
      reference: wide(0),
      current: wide(moved),
      referenceName: 'then',
      currentName: 'now',
      settings: { ...defaultDriftSettings, shareLimit: 0.3 },
    }).dataset.level;
  expect([levelOf(3), levelOf(2)]).toEqual(['drift', 'shift']);
});
