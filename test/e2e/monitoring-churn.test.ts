import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { openRunContext } from '../../shared/adapters/open-run-context.ts';
import type { MonitoringReport } from '../../shared/monitoring/monitoring-report.ts';
import { type MonitorRequest, monitorModel } from '../../shared/pipeline/monitor-model.ts';
import { type ChurnRepository, openChurn } from '../support/churn-repository.ts';

/** A registered version in production: its training data are the reference, its evaluation what realised performance is held against. */
const day = 86_400_000;
const first = Date.UTC(2026, 9, 5);
const [days, rowsADay] = [6, 400];

let repository: ChurnRepository;
beforeAll(async () => {
  repository = openChurn(mkdtempSync(join(tmpdir(), 'weighin-monitoring-churn-')), { rows: 4_000 });
  repository.edit(
    'weighin.yaml',
    '    stages:',
    '    drift: {log: log.jsonl, on: [inputs, label, performance]}\n    retrain: {workflow: weighin.yml, on: [drift, performance, new-data]}\n    stages:',
  );
  expect((await repository.run('run')).status).toBe(0);
  await repository.promote();
}, 120_000);
afterAll(() => rmSync(repository.folder, { recursive: true, force: true }));

/** Customers as the model was trained on, in any order, answered by a score that knows the truth as well as `skill` says. */
function answer(skill: (index: number) => number, version = 'v1') {
  const [head = '', ...lines] = readFileSync(join(repository.folder, 'data/customers.csv'), 'utf8').trim().split('\n');
  const names = head.split(',');
  const log: string[] = [];
  const labels = ['id,churned'];
  for (let row = 0; row < days * rowsADay; row++) {
    const values = lines[(row * 1_237) % lines.length]?.split(',') ?? [];
    const customer = Object.fromEntries(names.map((name, at) => [name, values[at] ?? '']));
    const { churned, region, plan, tenure_months, monthly_charge, support_calls, income } = customer;
    const index = Math.floor(row / rowsADay);
    const right = (row * 7_919) % 1_000 < skill(index) * 1_000;
    const score = (churned === '1') === right ? 0.5 + ((row * 31) % 100) / 250 : 0.5 - ((row * 31) % 100) / 250;
    const number = (text = '') => (text === '' ? null : Number(text));
    labels.push(`r${row},${churned}`);
    log.push(
      JSON.stringify({
        id: `r${row}`,
        time: new Date(first + index * day + (row % rowsADay) * 200_000).toISOString(),
        model: 'churn',
        version,
        features: {
          ...{ region, plan, tenure_months: number(tenure_months), monthly_charge: number(monthly_charge) },
          ...{ support_calls: number(support_calls), income: number(income) },
        },
        score,
        prediction: score >= 0.5 ? '1' : '0',
        latency_ms: 2,
      }),
    );
  }
  repository.write('log.jsonl', `${log.join('\n')}\n`);
  repository.write('labels.csv', `${labels.join('\n')}\n`);
}

async function monitor(request: MonitorRequest = {}, now = first + days * day + 3_600_000): Promise<MonitoringReport> {
  const context = await openRunContext({
    config: 'weighin.yaml',
    root: repository.folder,
    output: '.weighin',
    progress: { step() {}, note() {}, warn() {} },
    env: {},
    now: () => new Date(now),
  });
  try {
    return (await monitorModel(context, 'churn', request)).report;
  } finally {
    await context.close();
  }
}

it('compares what is answered with what the version answered to its test set', async () => {
  repository.edit('weighin.yaml', 'on: [inputs, label, performance]', 'on: [prediction]');
  // Scores far from those that this model gives: every day answers as if all customers were certain.
  answer(() => 1);
  const { drift } = await monitor({ keep: false });
  expect(drift?.columns.map(({ column, level }) => [column, level])).toEqual([['score', 'drift']]);
  expect(drift?.columns[0]?.n.reference).toBe(repository.report().evaluation?.rows);
  repository.edit('weighin.yaml', 'on: [prediction]', 'on: [inputs, label, performance]');
}, 60_000);

it('compares with what the version was trained on, which nobody reads again', async () => {
  answer(() => 0.9);
  // Gone: only what registering kept is left.
  rmSync(join(repository.folder, '.weighin/runs'), { recursive: true, force: true });
  const report = await monitor();
  expect(report).toMatchObject({ version: 'v1', performance: null, episodes: [] });
  expect(report.drift?.reference.name).toBe('training of v1');
  expect(report.drift?.columns.map(({ column }) => column).sort()).toEqual([
    'income',
    'monthly_charge',
    'plan',
    'region',
    'support_calls',
    'tenure_months',
  ]);
  expect(report.drift?.dataset.level).toBe('none');
  expect(report.drift?.windows).toHaveLength(days);
}, 60_000);

it('tells when the answers become worse, once labels came, and asks for one retraining', async () => {
  answer((index) => (index < 3 ? 0.9 : 0.55));
  const report = await monitor({ labels: 'labels.csv', keep: false });
  const since = new Date(first + 4 * day).toISOString();
  expect(report.performance).toMatchObject({ metric: 'roc_auc', n: rowsADay, level: 'drift' });
  expect(report.performance?.calibration).toMatchObject({ observed: expect.any(Number), expected: expect.any(Number) });
  expect(Date.parse(report.performance?.since ?? '')).toBeGreaterThan(first);
  expect(report.performance?.value).toBeLessThan(report.performance?.reference ?? 0);
  expect(report.episodes).toMatchObject([{ id: `churn/production/performance/${since}`, kind: 'performance', since, until: null }]);
  expect(report.retrain).toMatchObject({ cause: 'performance', key: `churn/production/performance/${since}` });
  expect(report.episodes[0]?.headline).toMatch(/^roc_auc \.\d+ against \.\d+ when the version was judged$/);
}, 60_000);

it('leaves out what other versions answered', async () => {
  answer(() => 0.9, 'v2');
  expect(await monitor({ keep: false }, first - day)).toMatchObject({ window: null, drift: null });
}, 60_000);

it('sees that the training data changed, and says the same moment ever since', async () => {
  answer(() => 0.9);
  const file = join(repository.folder, 'data/customers.csv');
  const before = readFileSync(file, 'utf8');
  writeFileSync(file, `${before.trim()}\n999999,2025-01-01,west,basic,12,20.5,1,40000,0\n`);
  const one = await monitor();
  expect(one.retrain).toMatchObject({ cause: 'new-data', key: expect.stringMatching(/^data:sha256:[0-9a-f]{64}$/) });
  const two = await monitor({}, first + days * day + 7_200_000);
  expect(two.retrain?.key).toBe(one.retrain?.key);
  writeFileSync(file, before);
  expect((await monitor()).retrain).toBeNull();
}, 60_000);
