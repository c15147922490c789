import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { beforeAll, describe, expect, it } from 'vitest';
import { columnOf, drift, profileOf, table } from '../unit/drift/drift-tables.ts';

/** Real people of two periods, 2017 and 2018 in the order of the file: only ANC moved by 3 points and more, and nothing needs a retraining. */
const data = process.env['WEIGHIN_EMPLOYMENT'] ?? join(import.meta.dirname, '../../../shared/data/employment');
const reference = join(data, 'reference.parquet');
const analysis = join(data, 'analysis.parquet');
const year = (one: number, order = '') => table(`SELECT * FROM '${analysis}' WHERE year = ${one} ${order}`);
const asked = { exclude: ['year'] };

describe('employment, 2015 against each year after it', () => {
  let profile: string;
  beforeAll(async () => {
    expect(existsSync(reference), `${reference} is not there`).toBe(true);
    profile = await profileOf(reference);
  });

  for (const [one, effect] of [
    [2016, 0.0324],
    [2017, 0.0405],
    [2018, 0.0431],
  ] as const) {
    it(`${one}: ANC shifted, nothing drifted`, async () => {
      const report = await drift(profile, await year(one), asked);
      expect(report).toMatchObject({ verdict: 'warn', dataset: { level: 'shift', columns: { shift: 1, drift: 0 } } });
      expect(columnOf(report, 'ANC').effect).toBeCloseTo(effect, 4);
      expect(report.columns.filter(({ level }) => level !== 'none').map(({ column }) => column)).toEqual(['ANC']);
      expect(columnOf(report, 'id').notTested).toBe('nearly-all-distinct');
      expect(report.findings.filter(({ level }) => level !== 'none')).toEqual([]);
    });
  }
  it('2018 beyond ANC: SCHL, then AGEP', async () => {
    const report = await drift(profile, await year(2018), {
      exclude: ['year', 'RELP', 'MIL', 'prediction', 'predicted_probability', 'employed'],
    });
    expect(report.columns.slice(0, 3).map(({ column }) => column)).toEqual(['ANC', 'SCHL', 'AGEP']);
    expect(columnOf(report, 'SCHL').effect).toBeCloseTo(0.0256, 4);
    expect(columnOf(report, 'AGEP').effect).toBeCloseTo(0.0166, 4);
  });
  it('the order of rows changes nothing', async () => {
    const [asStored, sorted] = await Promise.all([year(2018), year(2018, 'ORDER BY RELP, AGEP DESC')]);
    const [a, b] = [await drift(profile, asStored, asked), await drift(profile, sorted, asked)];
    expect({ ...b, current: a.current, segments: a.segments }).toEqual(a);
  });
  it('three years together warn, and Evidently finds nothing', async () => {
    expect((await drift(reference, analysis, asked)).verdict).toBe('warn');
    const evidently = await drift(reference, analysis, { exclude: ['year', 'id'], method: 'evidently' });
    expect(evidently).toMatchObject({ verdict: 'pass', method: 'evidently', dataset: { drifted: false, share: 0 } });
  });
});
