import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { parse } from 'yaml';
import { publishedAction } from '../../cli/init/compose-files.ts';
import { type ChurnRepository, openChurn } from '../support/churn-repository.ts';

/** The life of a model in the repository that teams copy, from the first run to the second version. Each step builds on the one before. */
describe('a team copies examples/churn', () => {
  let team: ChurnRepository;
  const folder = mkdtempSync(join(tmpdir(), 'weighin-churn-'));
  beforeAll(() => {
    team = openChurn(folder);
  });
  afterAll(() => rmSync(folder, { recursive: true, force: true }));

  it('has a config of fifteen lines and a workflow of ten, with the action that init writes', () => {
    const lines = (name: string) => team.read(name).trimEnd().split('\n').length;
    expect(lines('weighin.yaml')).toBeLessThanOrEqual(16);
    expect(lines('.github/workflows/weighin.yml')).toBe(10);
    const { jobs } = parse(team.read('.github/workflows/weighin.yml'));
    expect(jobs.weigh.steps.at(-1)).toEqual({ uses: publishedAction });
  });

  it('passes with a notice the first time, and leaves everything that a reviewer opens', async () => {
    const { status, stdout } = await team.run('run');
    expect(stdout).toMatch(/✓ churn: first model: no baseline yet/);
    expect(status).toBe(0);
    const report = team.report();
    expect(report).toMatchObject({ verdict: 'pass', blocks: false, mode: 'advise', evidence: 'claimed' });
    expect(report.evaluation?.baseline).toBeNull();
    const notices = [...report.notices, ...(report.evaluation?.notices ?? [])].map(({ code }) => code);
    expect(notices).toContain('NO_BASELINE');
    expect(report.evaluation?.metrics.find(({ name, slice }) => name === 'roc_auc' && slice === null)?.value).toBeGreaterThan(0.72);
    for (const file of ['report.html', 'MODEL_CARD.md', 'junit.xml', 'comment.md', 'training/model.onnx', 'dataset/manifest.json'])
      expect(team.has(`.weighin/runs/churn/${file}`), file).toBe(true);
    expect(team.read('.weighin/runs/churn/report.html')).not.toMatch(/<script|https?:\/\/(?!www\.w3\.org)/);
  });

  it('becomes v1, once', async () => {
    const first = await team.run('register', '--json', '-');
    expect([first.status, JSON.parse(first.stdout)]).toMatchObject([0, { registered: true, version: 1 }]);
    const again = await team.run('register', '--json', '-');
    expect([again.status, JSON.parse(again.stdout)]).toMatchObject([0, { registered: false, version: 1 }]);
  });

  it('is promoted by files for an ordinary pull request', async () => {
    const { status, stdout } = await team.run('promote', 'churn@v1', 'production');
    expect([status, stdout]).toMatchObject([0, expect.stringContaining('churn production: v1 (generation 1)')]);
    expect(team.git('status', '--short', '--untracked-files=all').split('\n').sort()).toEqual([
      '?? registry/churn/plans/production-1.json',
      '?? registry/churn/stages/production.json',
      '?? registry/churn/versions/v1.json',
    ]);
    expect(JSON.parse(team.read('registry/churn/stages/production.json'))).toMatchObject({ version: { number: 1 } });
    team.commit('Promote churn@v1 to production');
    const again = await team.run('promote', 'churn@v1', 'production');
    expect([again.status, team.git('status', '--short')]).toEqual([0, '']);
  });

  it('says one line where nothing changed, here and on a machine that starts from nothing', async () => {
    const before = team.read('.weighin/runs/churn/report.json');
    expect(await team.run('run', '--quiet')).toEqual({ status: 0, stdout: '✓ churn: no changes\n', stderr: '' });
    expect(team.read('.weighin/runs/churn/report.json')).toBe(before);
    rmSync(join(folder, '.weighin/runs'), { recursive: true });
    expect(await team.run('run', '--quiet')).toEqual({ status: 0, stdout: '✓ churn: no changes\n', stderr: '' });
    // Production's own report is this one, to the byte: what registers now finds v1.
    expect(team.read('.weighin/runs/churn/report.json')).toBe(before);
  });

  it('compares a changed candidate with production on the same rows', async () => {
    team.edit('weighin.yaml', '{trainer: logistic-regression}', '{trainer: logistic-regression, params: {l2: 20}}');
    const { status, stdout } = await team.run('run');
    expect([status, stdout]).toMatchObject([0, expect.stringContaining('against production v1')]);
    const { evaluation, dataset, verdict } = team.report();
    expect(verdict).toBe('pass');
    expect(evaluation?.baseline).toMatchObject({ stage: 'production', version: 1 });
    expect(evaluation?.rows).toBe(dataset?.splits.test.rows);
    expect(evaluation?.looks?.count).toBe(2);
    const auc = evaluation?.metrics.find(({ name, slice }) => name === 'roc_auc' && slice === null);
    expect(auc?.delta).toBeCloseTo((auc?.value ?? 0) - (auc?.baseline ?? 0), 12);
    expect(auc?.interval?.method).toMatch(/delong/);
  });

  it('becomes v2; versions, show and diff tell the two apart', async () => {
    expect((await team.run('register')).status).toBe(0);
    const { versions } = JSON.parse((await team.run('versions', '--json', '-')).stdout);
    expect(versions).toMatchObject([
      { number: 2, state: 'registered', verdict: 'pass' },
      { number: 1, state: 'production', stages: ['production'] },
    ]);
    const shown = await team.run('show', 'churn@v2', '--json', '-', '--html', 'v2.html');
    expect(JSON.parse(shown.stdout)).toMatchObject({ record: { number: 2 }, report: { verdict: 'pass', model: 'churn' } });
    expect(team.read('v2.html')).toContain('<html');
    const diff = JSON.parse((await team.run('diff', 'churn', 'v1', 'v2', '--json', '-')).stdout);
    expect(diff).toMatchObject({ model: 'churn', from: 1, to: 2, rows: team.report().evaluation?.rows });
    const own = team.report().evaluation?.metrics.find(({ name }) => name === 'roc_auc');
    const found = diff.metrics.find(({ name }: { name: string }) => name === 'roc_auc');
    // Two ways to the same numbers: the run's own scoring, and both versions from the store.
    expect([found.value, found.baseline]).toEqual([own?.value, own?.baseline]);
    expect((await team.run('diff', 'churn', 'v1', 'v9')).status).toBe(2);
    expect((await team.run('show', 'churn@v9')).stderr).toContain('VERSION_NOT_FOUND');
  });

  it('stops a worse candidate: not in advise, where it tells; in enforce by exit code 1, and never gives it a version', async () => {
    team.edit('weighin.yaml', 'params: {l2: 20}', 'features: [region, plan]');
    const advised = await team.run('run');
    expect([advised.status, advised.stdout]).toMatchObject([0, expect.stringMatching(/✕ churn: .*roc_auc/)]);
    expect(team.report()).toMatchObject({ verdict: 'fail', blocks: false });
    team.edit('weighin.yaml', 'mode: advise', 'mode: enforce');
    const stopped = await team.run('run');
    expect([stopped.status, stopped.stdout]).toMatchObject([1, expect.stringMatching(/✕ churn: stopped\. roc_auc fell by \.\d\d\d/)]);
    const report = team.report();
    expect(report).toMatchObject({ verdict: 'fail', blocks: true });
    expect(report.gates.find(({ metric, rule }) => metric === 'roc_auc' && rule === 'maxRegression')).toMatchObject({ status: 'fail' });
    expect((await team.run('register')).status).toBe(1);
    expect(JSON.parse((await team.run('versions', '--json', '-')).stdout).versions).toHaveLength(2);
    // The verdict that stops is not forgotten by running again.
    expect((await team.run('run', '--quiet')).status).toBe(1);
  });

  it('shows the better of two as better', async () => {
    rmSync(join(folder, 'registry'), { recursive: true });
    rmSync(join(folder, '.weighin'), { recursive: true });
    team.edit('weighin.yaml', /features: \[region, plan\]/, 'features: [region, plan, tenure_months]');
    team.edit('weighin.yaml', 'min: 0.70', 'min: 0.60');
    expect((await team.run('run')).status).toBe(0);
    await team.promote();
    team.edit('weighin.yaml', 'features: [region, plan, tenure_months]', 'features: [region, plan, tenure_months, support_calls]');
    const { status, stdout } = await team.run('run');
    expect([status, stdout]).toMatchObject([0, expect.stringMatching(/✓ churn: passes\. roc_auc rose by/)]);
    const auc = team.report().gates.find(({ metric, rule }) => metric === 'roc_auc' && rule === 'maxRegression');
    expect(auc).toMatchObject({ status: 'pass', answer: expect.stringMatching(/shown/) });
    expect(auc?.lower).toBeGreaterThan(0);
  });
});
