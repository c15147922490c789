import { describe, expect, it } from 'vitest';
import { findChangePoint } from '../../../shared/drift/find-change-point.ts';
import { createRandom } from '../../../shared/statistics/random.ts';

describe('findChangePoint', () => {
  it('names the first value of the new level', () => {
    expect(findChangePoint([0.01, 0.02, 0.01, 0.015, 0.2, 0.21, 0.19, 0.2])).toMatchObject({ index: 4 });
    expect(findChangePoint([1, 1, 1, 5, 5])).toEqual({ index: 3, before: 1, after: 5 });
  });
  it('finds nothing in a constant, a short or an empty series', () => {
    expect(findChangePoint([])).toBeNull();
    expect(findChangePoint([1, 9, 9])).toBeNull();
    expect(findChangePoint([0.1, 0.1, 0.1, 0.1, 0.1, 0.1, 0.1])).toBeNull();
  });
  it('takes one odd window for noise, and less than the least change for nothing', () => {
    expect(findChangePoint([0.01, 0.02, 0.01, 0.9, 0.015, 0.012, 0.02, 0.018, 0.011])).toBeNull();
    expect(findChangePoint([1, 1, 1, 1.02, 1.02, 1.02], { minimumChange: 0.03 })).toBeNull();
  });
  it('leaves windows without a value out, and counts places of the series as it was given', () => {
    expect(findChangePoint([0, Number.NaN, 0, 0, Number.NaN, 1, 1, 1])).toMatchObject({ index: 5, before: 0, after: 1 });
  });
  it('holds its level on noise, and finds a step of four deviations', () => {
    const random = createRandom(5);
    const normal = () => Math.sqrt(-2 * Math.log(1 - random.uniform())) * Math.cos(2 * Math.PI * random.uniform());
    let alarms = 0;
    let found = 0;
    for (let run = 0; run < 2000; run++) {
      const series = Array.from({ length: 30 }, normal);
      if (findChangePoint(series)) alarms++;
      const at = findChangePoint(series.map((value, index) => value + (index >= 20 ? 4 : 0)))?.index;
      if (at !== undefined && Math.abs(at - 20) <= 1) found++;
    }
    expect(alarms / 2000).toBeLessThan(0.015);
    expect(found / 2000).toBeGreaterThan(0.85);
  });
});
