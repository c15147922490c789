import { describe, expect, it } from 'vitest';
import { compareProfiles } from '../../../shared/drift/compare-profiles.ts';
import type { DriftColumn } from '../../../shared/drift/drift-report.ts';
import { defaultDriftSettings } from '../../../shared/drift/drift-settings.ts';
import { profileOfRows, type Value } from '../../support/profile-of-rows.ts';

const profileOf = (values: readonly number[]) =>
  profileOfRows({ columns: [{ name: 'salary', type: 'number' }], rows: values.map((value): Value[] => [value]) });

function salary(reference: readonly number[], current: readonly number[], values: 'allow' | 'deny' = 'deny'): DriftColumn {
  const { columns } = compareProfiles({
    reference: profileOf(reference),
    current: profileOf(current),
    referenceName: 'then',
    currentName: 'now',
    settings: { ...defaultDriftSettings, values },
  });
  const [column] = columns;
  if (!column) throw new Error('one column');
  return column;
}

describe('what a drift report says of few rows', () => {
  const many = Array.from({ length: 400 }, (_, i) => 30_000 + 97.13 * i);

  it('is no value: no mean, no distance, no bin narrower than a bucket', () => {
    const secret = 48_197.31;
    for (const side of [salary(many, [secret]), salary([secret, secret + 0.01], many)]) {
      expect(JSON.stringify(side)).not.toMatch(/4819[67]/);
      expect([side.shown['meanReference'], side.shown['meanCurrent']]).toContain(null);
      expect(side.shown['w1']).toBeNull();
    }
  });

  it('is no value where all lie close together', () => {
    const close = (from: number) => Array.from({ length: 60 }, (_, i) => from + 0.01 * i);
    const { shape, moved } = salary(close(48_197.31), close(48_197.5));
    expect(shape?.labels).toEqual(['48000 … 49000']);
    expect(moved).toEqual([]);
  });

  it('draws finely what twenty rows and more share', () => {
    const steps = Array.from({ length: 60 }, (_, i) => 48_197 + (i % 3) * 0.1);
    expect(salary(steps, steps).shape?.labels.length).toBeGreaterThan(2);
  });

  it('is everything where values are allowed', () => {
    const column = salary(many, [48_197.31], 'allow');
    expect(column.shown['meanCurrent']).toBe(48_197.31);
    expect(column.shown['w1']).toBeGreaterThan(0);
  });

  it('of twenty rows on has means of four digits', () => {
    expect(salary(many, many).shown['meanCurrent']).toBe(49_380);
    const twenty = many.slice(0, 20);
    expect(salary(many, twenty).shown['meanCurrent']).toBe(30_920);
    expect(salary(many, twenty.slice(1)).shown['meanCurrent']).toBeNull();
  });
});
