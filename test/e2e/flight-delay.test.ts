import { spawnSync } from 'node:child_process';
import { existsSync, mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Ajv2020 } from 'ajv/dist/2020.js';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { Report } from '../../shared/report/report.ts';
import { weighin } from '../support/built-cli.ts';

/** `npm start` on fewer flights: the six pull requests, played by the bundle in a folder of their own. */
const root = join(import.meta.dirname, '../..');
const folder = mkdtempSync(join(tmpdir(), 'weighin-flights-'));
const demo = join(folder, 'demo');
const team = join(demo, 'flight-delay');
let output = '';
let status: number | null = null;

beforeAll(() => {
  const script = `
    const { play } = await import(${JSON.stringify(new URL('../../examples/flight-delay/play.mjs', import.meta.url).href)});
    process.exitCode = await play({ folder: ${JSON.stringify(demo)}, rows: 50_000 });`;
  const done = spawnSync(process.execPath, ['--input-type=module', '--eval', script], {
    cwd: root,
    encoding: 'utf8',
    env: { ...process.env, NO_COLOR: '1', CI: '1' },
  });
  ({ status } = done);
  output = `${done.stdout}${done.stderr}`;
}, 240_000);
afterAll(() => rmSync(folder, { recursive: true, force: true }));

const kept = (pull: string, file: string) => readFileSync(join(demo, 'pull-requests', pull, file), 'utf8');
const reportOf = (pull: string): Report => JSON.parse(kept(pull, 'report.json'));
const pulls = ['1-first-model', '2-airport-lateness', '3-fewer-columns', '4-airport-dashboard', '5-new-export'];

describe('npm start', () => {
  it('goes as its script expects: exit codes of all six', () => {
    expect(output).not.toContain('Not as expected');
    expect([status, output.match(/── Pull request \d/g)?.length]).toEqual([0, 6]);
    expect(pulls.map((pull) => reportOf(pull).verdict)).toEqual(['pass', 'pass', 'fail', 'fail', 'fail']);
    expect(pulls.map((pull) => reportOf(pull).blocks)).toEqual([false, false, true, true, true]);
  });

  it('1: passes with a notice, for there is nothing to compare with', () => {
    const { evaluation } = reportOf('1-first-model');
    expect(evaluation?.baseline).toBeNull();
    expect(evaluation?.notices.map(({ code }) => code)).toContain('NO_BASELINE');
    expect(evaluation?.rows).toBeGreaterThan(10_000);
  });

  it('2: is better, with an interval that says so, drawn from days and not from flights', () => {
    const report = reportOf('2-airport-lateness');
    const gate = report.gates.find(({ id }) => id === 'roc_auc.maxRegression');
    expect(gate).toMatchObject({ status: 'pass', answer: expect.stringMatching(/better|good enough/) });
    expect(gate?.lower).toBeGreaterThan(0);
    const auc = report.evaluation?.metrics.find(({ name, slice }) => name === 'roc_auc' && slice === null);
    expect(auc?.interval?.low).toBeGreaterThan(0);
    expect(auc?.interval?.high).toBeLessThan(0.2);
    expect(report.evaluation?.baseline).toMatchObject({ stage: 'production', version: 1 });
    expect(report.dataset?.features.map(({ name }) => name)).toEqual(expect.arrayContaining(['late_share_3h', 'late_share_24h']));
    expect(report.headline).toMatch(/rose|better/);
  });

  it('3: is stopped by a gate, with its numbers', () => {
    const report = reportOf('3-fewer-columns');
    const gate = report.gates.find(({ id }) => id === 'roc_auc.maxRegression');
    expect(gate).toMatchObject({ status: 'fail', severity: 'fail', limit: 0.005 });
    expect(gate?.upper).toBeLessThan(-0.005);
    expect(report.headline).toMatch(/^stopped\. .* by /);
    expect(kept('3-fewer-columns', 'comment.md')).toContain('roc_auc');
  });

  it('4: is stopped before training, because a feature was observed after its label', () => {
    const report = reportOf('4-airport-dashboard');
    const leak = report.contract?.checks.find(({ rule }) => rule === 'LEAKAGE_FUTURE_EVENT');
    expect(leak).toMatchObject({ status: 'fail', column: expect.stringContaining('origin_observed_at') });
    expect(leak?.failed).toBeGreaterThan(10_000);
    expect(leak?.location).toMatchObject({ file: 'contracts/flights.odcs.yaml', line: expect.any(Number) });
    expect([report.training, report.evaluation]).toEqual([null, null]);
    expect(report.headline).toContain('before training');
  });

  it('5: is stopped with the rows to look at, and no value of them', () => {
    const { contract, training } = reportOf('5-new-export');
    const failed = new Map(contract?.checks.filter(({ status }) => status === 'fail').map((check) => [check.rule, check]));
    expect(training).toBeNull();
    expect(failed.get('nulls')?.message).toBe('Columns with >10% nulls: {destination: 12.5}');
    expect(failed.get('type')).toMatchObject({ column: 'distance', failed: 5, rows: [17, 4_017, 8_017, 12_017, 16_017] });
    expect(failed.get('unique')?.rows).toEqual(expect.arrayContaining([4_999, 5_000, 9_999, 10_000]));
    for (const file of ['report.json', 'report.html', 'comment.md']) expect(kept('5-new-export', file), file).not.toContain('n/a');
    expect(kept('5-new-export', 'comment.md')).toContain('4017');
  });

  it('6: says one line', () => {
    const last = output.slice(output.indexOf('Pull request 6'));
    expect(last).toMatch(/✓ flight-delay: no changes\n/);
    expect(existsSync(join(demo, 'pull-requests/6-readme/report.json'))).toBe(false);
  });
});

describe('what it leaves', () => {
  it('is a report by its published schema, whatever the verdict', () => {
    const schema = JSON.parse(readFileSync(join(root, 'schema/report.schema.json'), 'utf8'));
    const validate = new Ajv2020({ strict: false }).compile(schema);
    for (const pull of pulls) expect([pull, validate(reportOf(pull)), validate.errors]).toEqual([pull, true, null]);
    expect(validate({ ...reportOf('1-first-model'), verdict: 'great' })).toBe(false);
  });

  it('is a page that stands alone, a comment and JUnit for each, and a card where a model was trained', () => {
    for (const pull of pulls) {
      const html = kept(pull, 'report.html');
      expect(html).toContain('<html');
      expect(html).not.toMatch(/<script|<link|<iframe|src=|url\(|@import/);
      expect(kept(pull, 'comment.md')).toMatch(/### (?:✅|❌) flight-delay: /);
      expect(kept(pull, 'junit.xml')).toContain('<testsuite');
    }
    expect(kept('2-airport-lateness', 'MODEL_CARD.md')).toMatch(/^---\n[\s\S]*model-index:/);
    expect(existsSync(join(demo, 'pull-requests/4-airport-dashboard/MODEL_CARD.md'))).toBe(false);
  });

  it('lists the versions, and compares them', async () => {
    const listed = await weighin(['versions', 'flight-delay', '--json', '-'], { cwd: team });
    expect(JSON.parse(listed.stdout).versions).toMatchObject([
      { number: 2, state: 'production', verdict: 'pass' },
      { number: 1, state: 'archived', verdict: 'pass' },
    ]);
    const diff = await weighin(['diff', 'flight-delay', 'v1', 'v2', '--json', '-'], { cwd: team });
    const auc = JSON.parse(diff.stdout).metrics.find(({ name }: { name: string }) => name === 'roc_auc');
    expect(auc.delta).toBeGreaterThan(0);
  });
});
