import { describe, expect, it } from 'vitest';
import { agreeingLevels, agrees, decideLevel } from '../../../shared/drift/decide-level.ts';
import { learnDispersion, scaledSurvival } from '../../../shared/drift/dispersion.ts';
import type { Level } from '../../../shared/drift/drift-report.ts';
import { homogeneityTest } from '../../../shared/drift/homogeneity-test.ts';
import { chiSquareSurvival } from '../../../shared/statistics/chi-square.ts';

const limits = { alpha: 0.05, shift: 0.03, alarm: 0.1 };
const levelsOf = (text: string): Level[] => [...text].map((mark) => (mark === 'd' ? 'drift' : mark === 's' ? 'shift' : 'none'));

describe('decideLevel', () => {
  it('asks for q below alpha, not at it', () => {
    expect([decideLevel(0.05, 0.5, limits), decideLevel(0.049_999, 0.5, limits)]).toEqual(['none', 'drift']);
  });
  it('takes an effect at its limit for reached, in spite of rounding', () => {
    expect(decideLevel(0, 0.43 - 0.4, limits)).toBe('shift');
    expect([decideLevel(0, 0.1, limits), decideLevel(0, 0.0999, limits), decideLevel(0, 0.0299, limits)]).toEqual([
      'drift',
      'shift',
      'none',
    ]);
  });
  it('of what is no number is nothing', () => expect(decideLevel(Number.NaN, Number.NaN, limits)).toBe('none'));
});

describe('k of m', () => {
  it('looks at the last m alone', () => {
    expect(agrees(levelsOf('ddnd'), { k: 2, m: 2 })).toBe(false);
    expect(agrees(levelsOf('dnnd'), { k: 2, m: 3 })).toBe(false);
    expect(agrees(levelsOf('ndnd'), { k: 2, m: 3 })).toBe(true);
    expect(agrees(levelsOf('d'), { k: 1, m: 1 })).toBe(true);
  });
  it('leaves a shift where too few agree, and a shift agrees with nobody', () => {
    expect(agreeingLevels(levelsOf('dsdddnnd'), { k: 2, m: 3 })).toEqual(levelsOf('ssdddnns'));
  });
});

it('divides the statistic by a dispersion that is given', () => {
  expect(scaledSurvival(12, 3, { phi: 4, windows: null })).toBe(chiSquareSurvival(3, 3));
});

it('learns from windows of fifty rows and more, and of seven at least', () => {
  const windows = (rows: number, count: number) => Array.from({ length: count }, (_, at) => Float64Array.of(20 + at, rows - 20 - at));
  expect(learnDispersion(windows(50, 7), homogeneityTest)).toMatchObject({ windows: 7, large: 7 });
  expect(learnDispersion(windows(49, 7), homogeneityTest)).toMatchObject({ phi: 1, windows: null, large: 0 });
  expect(learnDispersion(windows(50, 6), homogeneityTest)).toMatchObject({ phi: 1, windows: null, large: 6 });
});
