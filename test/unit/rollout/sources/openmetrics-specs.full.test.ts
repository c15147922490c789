import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { expect, it } from 'vitest';
import { readMetricsPage } from '../../../../shared/rollout/sources/read-metrics-page.ts';

/** The standard's own parser cases, which are not part of this repository. */
const specs = join(process.env['WEIGHIN_SPECS'] ?? resolve(import.meta.dirname, '../../../../../shared/reference/specs'), 'openmetrics');
if (!existsSync(specs)) throw new Error(`No specs at ${specs}: set WEIGHIN_SPECS to the folder that holds openmetrics/.`);
const cases = readdirSync(join(specs, 'cases')).map((name) => {
  const folder = join(specs, 'cases', name);
  const { shouldParse } = JSON.parse(readFileSync(join(folder, 'test.json'), 'utf8')) as { shouldParse: boolean };
  return { name, shouldParse, page: readFileSync(join(folder, 'metrics')) };
});
const openMetrics = 'application/openmetrics-text; version=1.0.0; charset=utf-8';
const good = cases.filter(({ shouldParse }) => shouldParse);
const bad = cases.filter(({ shouldParse }) => !shouldParse);

it('has both', () => {
  expect(cases.length).toBe(105);
  expect(good.length).toBeGreaterThan(15);
});

it.each(good)('reads $name', ({ name, page }) => {
  expect(readMetricsPage(page, { file: name, contentType: openMetrics }).families.length).toBeGreaterThan(0);
});

it.each(bad)('refuses $name with its line, what is wrong and what to do', ({ name, page }) => {
  expect(() => readMetricsPage(page, { file: name, contentType: openMetrics })).toThrow(
    expect.objectContaining({
      code: 'METRICS_INVALID',
      message: expect.stringMatching(/\.$/),
      hint: expect.stringMatching(/\.$/),
      location: expect.objectContaining({ file: name, line: expect.any(Number) }),
    }),
  );
});
