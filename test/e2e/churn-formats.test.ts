import { readdirSync } from 'node:fs';
import { join } from 'node:path';
import { expect, it } from 'vitest';
import { type ChurnRepository, churnRepository, nodeCommand } from '../support/churn-repository.ts';

/** Teams that bring no ONNX file: a command that predicts, a file of predictions, a file of metrics. Node stands for any language. */
const trainer = '{trainer: logistic-regression}';
const train = (write: string) => `
  const fs = require('node:fs'), path = require('node:path');
  const params = JSON.parse(process.env.WEIGHIN_PARAMS);
  const leave = (name, text) => fs.writeFileSync(path.join(process.env.WEIGHIN_OUTPUT, name), text);
  const score = (calls, tenure, weight) => 1 / (1 + Math.exp(1 - weight * calls + 0.03 * tenure));
  ${write}`;
const predict = `
  const fs = require('node:fs');
  const { weight } = JSON.parse(fs.readFileSync(process.env.WEIGHIN_MODEL, 'utf8'));
  const [head, ...rows] = fs.readFileSync(process.env.WEIGHIN_ROWS, 'utf8').trimEnd().split('\\n').map((line) => line.split(','));
  const [calls, tenure] = [head.indexOf('support_calls'), head.indexOf('tenure_months')];
  fs.writeFileSync('asked.json', JSON.stringify(head));
  fs.writeFileSync(process.env.WEIGHIN_PREDICTIONS, ['score', ...rows.map((row) => 1 / (1 + Math.exp(1 - weight * row[calls] + 0.03 * row[tenure])))].join('\\n'));`;
const scoresOfAll = `
  const [, ...rows] = fs.readFileSync('data/customers.csv', 'utf8').trimEnd().split('\\n').map((line) => line.split(','));
  leave('predictions.csv', ['customer_id,score', ...rows.slice(params.skip ?? 0).map((row) => row[0] + ',' + score(row[6], row[4], params.weight))].join('\\n'));`;

function useFormat(repository: ChurnRepository, script: string, params: string, model: string): void {
  const command = nodeCommand(repository, 'train.cjs', train(script)).replace(/\}$/, `, params: ${params}}`);
  repository.edit('weighin.yaml', `training: ${trainer}`, `training: ${command}\n    model: ${model}`);
}
const noticesOf = (repository: ChurnRepository) => repository.report().evaluation?.notices.map(({ code }) => code);
const gateOf = (repository: ChurnRepository, id: string) => repository.report().gates.find((gate) => gate.id === id);

it('command: asks the team’s own code for the test rows, features only, and scores production by it too', async () => {
  const repository = churnRepository({ rows: 3_000 });
  const write = "leave('model.json', JSON.stringify({ weight: params.weight }));";
  repository.write('predict.cjs', predict);
  useFormat(repository, write, '{weight: 0.6}', `{format: command, file: model.json, predict: '"${process.execPath}" predict.cjs'}`);
  expect((await repository.run('run')).status).toBe(0);
  expect(repository.report()).toMatchObject({ verdict: 'pass', training: { model: { format: 'command' } } });
  expect(JSON.parse(repository.read('asked.json'))).toEqual([
    'region',
    'plan',
    'tenure_months',
    'monthly_charge',
    'support_calls',
    'income',
  ]);
  await repository.promote();

  repository.edit('weighin.yaml', 'weight: 0.6', 'weight: -0.6');
  const { stdout } = await repository.run('run');
  expect(stdout).toContain('✕ churn');
  const gate = gateOf(repository, 'roc_auc.maxRegression');
  expect(gate).toMatchObject({ status: 'fail', answer: 'shown worse' });
  expect(gate?.baseline).toBeGreaterThan((gate?.value ?? 1) + 0.1);
  // The copy of production that was scored is not left behind.
  expect(readdirSync(join(repository.folder, '.weighin/runs/churn')).filter((name) => name.startsWith('baseline'))).toEqual([]);

  repository.write('predict.cjs', 'console.log("no module named sklearn"); process.exit(1);');
  const broken = await repository.run('run');
  expect(broken.status).toBe(2);
  expect(broken.stderr).toMatch(/no module named sklearn/);
  expect(repository.report()).toMatchObject({
    verdict: 'error',
    gates: expect.arrayContaining([expect.objectContaining({ reason: 'PREDICT_FAILED' })]),
  });
});

it('command: takes a model that training leaves beside the code, and does not count it as a change of the code', async () => {
  const repository = churnRepository({ rows: 2_000 });
  const write = "fs.writeFileSync('model.json', JSON.stringify({ weight: params.weight, at: Date.now() }));";
  repository.write('predict.cjs', predict.replace(/.*asked.json.*/, ''));
  useFormat(repository, write, '{weight: 0.6}', `{format: command, file: model.json, predict: '"${process.execPath}" predict.cjs'}`);
  expect((await repository.run('run')).status).toBe(0);
  expect((await repository.run('run', '--quiet')).stdout).toBe('✓ churn: no changes\n');
  repository.write('predict.cjs', `${repository.read('predict.cjs')}\n// changed`);
  expect((await repository.run('run', '--quiet')).stdout).not.toContain('no changes');
});

it('predictions: joins the file by id, refuses other rows, and compares with production’s own file', async () => {
  const repository = churnRepository({ rows: 3_000 });
  useFormat(repository, scoresOfAll, '{weight: 0.6}', '{format: predictions, file: predictions.csv}');
  expect((await repository.run('run')).status).toBe(0);
  const { evaluation, evidence } = repository.report();
  expect([evidence, evaluation?.rows]).toEqual(['claimed', 450]);
  await repository.promote();

  repository.edit('weighin.yaml', 'weight: 0.6', 'weight: 0.2');
  expect((await repository.run('run')).status).toBe(0);
  expect(gateOf(repository, 'roc_auc.maxRegression')).toMatchObject({ baseline: expect.any(Number), lower: expect.any(Number) });

  repository.edit('weighin.yaml', 'weight: 0.2', 'weight: 0.2, skip: 1000');
  const other = await repository.run('run');
  expect(other.status).toBe(2);
  expect(other.stderr).toMatch(/NOT_SAME_ROWS/);
  expect(other.stderr).toMatch(/\d+ test rows are missing/);

  // Production's file knows nothing of rows that came later: that is no mistake of this candidate.
  repository.edit('weighin.yaml', ', skip: 1000', '');
  const rows = repository.read('data/customers.csv').trimEnd().split('\n');
  repository.write(
    'data/customers.csv',
    `${[...rows, ...rows.slice(1, 500).map((line, index) => line.replace(/^\d+/, String(50_000 + index)))].join('\n')}\n`,
  );
  expect((await repository.run('run')).status).toBe(0);
  expect(noticesOf(repository)).toContain('BASELINE_INCOMPATIBLE');
  expect(gateOf(repository, 'roc_auc.maxRegression')).toMatchObject({ status: 'inconclusive' });
});

it('metrics: a team with a metrics file alone is judged by the point, and every word says reported', async () => {
  const repository = churnRepository({ rows: 300, mode: 'enforce' });
  const config = (training: string) => `version: 1
models:
  churn:
    task: binary
    ${training}
    model: {format: metrics, file: metrics.json}
    evaluation:
      gates:
        - {metric: roc_auc, min: 0.75}
        - {metric: roc_auc, compare: {maxRegression: 0.01}}
    stages: {production: {approvals: 1}}
`;
  repository.write('weighin.yaml', config('code: [metrics.json]'));
  repository.write('metrics.json', '{"roc_auc": 0.81, "nested": {"f1": 0.5}}');
  const first = await repository.run('run');
  expect([first.status, first.stdout]).toMatchObject([0, expect.stringContaining('claimed')]);
  expect(repository.report()).toMatchObject({ verdict: 'pass', dataset: null, contract: null, training: { by: 'given' } });
  expect(noticesOf(repository)).toContain('REPORTED_METRICS');
  await repository.run('register');
  // Nobody but the script has seen these numbers: a stage must say that this is enough for it.
  expect((await repository.run('promote', 'churn@v1', 'production')).stderr).toContain('CLAIMED_NOT_ALLOWED');
  repository.edit('weighin.yaml', 'approvals: 1', 'approvals: 1, allowClaimed: true');
  await repository.promote();

  repository.write('metrics.json', '{"roc_auc": 0.79}');
  const worse = await repository.run('run');
  expect([worse.status, worse.stdout]).toMatchObject([1, expect.stringMatching(/reported/)]);
  expect(gateOf(repository, 'roc_auc.maxRegression')).toMatchObject({ status: 'fail', value: 0.79, baseline: 0.81, method: 'reported' });
  for (const file of ['comment.md', 'report.html', 'MODEL_CARD.md'])
    expect(repository.read(`.weighin/runs/churn/${file}`), file).toMatch(/reported/);
  expect(repository.read('.weighin/runs/churn/comment.md')).not.toContain('scored on');

  repository.write('metrics.json', '{"accuracy": 0.9}');
  expect((await repository.run('run')).status).toBe(0);
  expect(gateOf(repository, 'roc_auc.min')).toMatchObject({ status: 'inconclusive', reason: 'NOT_REPORTED' });
  repository.write('metrics.json', 'roc_auc: 0.8');
  expect((await repository.run('run')).stderr).toContain('METRICS_UNREADABLE');

  repository.write('train.cjs', train("leave('metrics.json', JSON.stringify({ roc_auc: 0.83 }));"));
  repository.write('weighin.yaml', config(`training: {command: '"${process.execPath}" train.cjs'}`));
  expect((await repository.run('run')).status).toBe(0);
  expect(repository.report()).toMatchObject({ verdict: 'pass', training: { by: 'command', reported: { roc_auc: 0.83 } } });
});
