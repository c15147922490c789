import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { expect, it } from 'vitest';
import { type ChurnRepository, churnRepository } from '../support/churn-repository.ts';

/** What becomes of a comparison when data, split or columns are no longer production's. */
async function withProduction(): Promise<ChurnRepository> {
  const repository = churnRepository({ rows: 4_000 });
  repository.edit(
    'weighin.yaml',
    '{trainer: logistic-regression}',
    '{trainer: logistic-regression, features: [plan, tenure_months, support_calls]}',
  );
  expect((await repository.run('run')).status).toBe(0);
  await repository.promote();
  return repository;
}

const noticesOf = (repository: ChurnRepository) => {
  const report = repository.report();
  return new Map([...report.notices, ...(report.evaluation?.notices ?? [])].map(({ code, message }) => [code, message]));
};
const gateOf = (repository: ChurnRepository, id: string) => repository.report().gates.find((gate) => gate.id === id);

it('leaves out the test rows that production was trained on, and counts them', async () => {
  const repository = await withProduction();
  const before = repository.report().dataset;
  repository.edit('weighin.yaml', 'exclude: [signup_date]', 'exclude: [signup_date], split: {by: stratified, seed: 43}');
  expect((await repository.run('run')).status).toBe(0);
  const { dataset, evaluation } = repository.report();
  const saw = noticesOf(repository).get('BASELINE_SAW_TEST') ?? '';
  const seen = Number(/^rows=(\d+):/.exec(saw)?.[1]);
  // Of 600 test rows about 85 % were training or validation rows under the other seed.
  expect(seen).toBeGreaterThan(480);
  expect(seen).toBeLessThan(540);
  expect(evaluation?.rows).toBe((dataset?.splits.test.rows ?? 0) - seen);
  // The rest was a test row then, too.
  const changed = /\+(\d+) −(\d+) rows/.exec(noticesOf(repository).get('TEST_SET_CHANGED') ?? '');
  expect(Number(changed?.[1])).toBe(seen);
  expect(Number(changed?.[2])).toBe((before?.splits.test.rows ?? 0) - (evaluation?.rows ?? 0));
  // Too few rows are left to say anything: that is said, and stops nobody.
  expect(gateOf(repository, 'roc_auc.maxRegression')).toMatchObject({ status: 'inconclusive', n: evaluation?.rows });
  expect(repository.report().verdict).toBe('inconclusive');
});

it('says that production reads a column which is gone, and compares nothing', async () => {
  const repository = await withProduction();
  repository.edit('weighin.yaml', 'exclude: [signup_date]', 'exclude: [signup_date, support_calls]');
  repository.edit('weighin.yaml', 'features: [plan, tenure_months, support_calls]', 'features: [plan, tenure_months]');
  repository.edit('weighin.yaml', 'min: 0.70', 'min: 0.60');
  const { status, stdout } = await repository.run('run');
  expect(status).toBe(0);
  expect(noticesOf(repository).get('BASELINE_INCOMPATIBLE')).toContain('support_calls');
  expect(stdout.replaceAll(/\s+/g, ' ')).toContain(
    'churn: undecided. roc_auc could not be compared with production: the model reads support_calls, which is not a feature of the dataset',
  );
  expect(gateOf(repository, 'roc_auc.min')).toMatchObject({ status: 'pass' });
  // Not "no baseline": there is one, which could not be asked.
  expect(gateOf(repository, 'roc_auc.maxRegression')).toMatchObject({ status: 'inconclusive', reason: 'BASELINE_INCOMPATIBLE' });
  expect(repository.read('.weighin/runs/churn/comment.md')).toContain("production v1 can't answer these rows");
  expect(repository.read('.weighin/runs/churn/comment.md')).not.toContain('both scored');
});

it('holds every candidate on a test set to the margin that production was held to there', async () => {
  const repository = await withProduction();
  repository.edit('weighin.yaml', 'support_calls]}', 'support_calls, region]}');
  expect((await repository.run('run')).status).toBe(0);
  const drawn = gateOf(repository, 'roc_auc.maxRegression')?.limit;
  expect(drawn).toBeGreaterThan(0);
  await repository.run('register');
  expect((await repository.run('promote', 'churn@v2', 'production')).status).toBe(0);
  repository.edit('weighin.yaml', 'support_calls, region]}', 'region]}');
  await repository.run('run');
  // It differs far more from production: a margin of its own would be several times wider.
  const gate = gateOf(repository, 'roc_auc.maxRegression');
  expect(gate).toMatchObject({ limit: drawn, status: 'fail' });
  expect(Math.abs((gate?.upper ?? 0) - (gate?.lower ?? 0))).toBeGreaterThan(2 * (drawn ?? 0));
});

it('passes the same predictions whatever the test set can see', async () => {
  const repository = await withProduction();
  repository.edit('weighin.yaml', 'trainer: logistic-regression,', 'trainer: logistic-regression, params: {maxIterations: 49},');
  expect((await repository.run('run')).status).toBe(0);
  const { evaluation, verdict } = repository.report();
  expect([evaluation?.identical, verdict]).toEqual([true, 'pass']);
  expect(evaluation?.gates.map(({ answer, id }) => [id, answer]).filter(([id]) => id?.includes('maxRegression'))).toEqual(
    evaluation?.gates.flatMap(({ id }) => (id.includes('maxRegression') ? [[id, 'identical']] : [])),
  );
});

it('asks nothing of a store whose bytes are not those that were registered: exit code 3, and a report that says so', async () => {
  const repository = await withProduction();
  const digest = repository.report().training?.model.digest.replace('sha256:', '') ?? '';
  const blob = `.weighin/store/blobs/sha256/${digest}`;
  repository.write(blob, repository.read(blob).replace('support_calls', 'monthly_bills'));
  repository.edit('weighin.yaml', 'min: 0.70', 'min: 0.71');
  const { status, stderr } = await repository.run('run');
  expect([status, stderr]).toMatchObject([3, expect.stringContaining('BLOB_')]);
  expect(repository.report()).toMatchObject({
    verdict: 'error',
    gates: expect.arrayContaining([expect.objectContaining({ status: 'error' })]),
  });

  // A stage file that somebody edited is no promotion.
  repository.edit('registry/churn/stages/production.json', '"number":1', '"number":2');
  const edited = await repository.run('run');
  expect([edited.status, edited.stderr]).toMatchObject([2, expect.stringContaining('REGISTRY_FILE_INVALID')]);
  expect(repository.report().verdict).toBe('error');
});

it('takes in the model that runs today, and compares the first candidate with it', async () => {
  const elsewhere = await withProduction();
  const repository = churnRepository({ rows: 4_000 });
  repository.copyFrom(join(elsewhere.folder, '.weighin/runs/churn/training/model.onnx'), 'today.onnx');
  const { status, stdout } = await repository.run('adopt', 'churn', '--from', 'today.onnx', '--stage', 'production');
  expect([status, stdout]).toMatchObject([0, expect.stringContaining('churn production: v1')]);
  repository.commit('Adopt what runs today');
  expect((await repository.run('adopt', 'churn', '--from', 'today.onnx', '--stage', 'production')).status).toBe(0);
  expect(repository.git('status', '--short')).toBe('');
  expect((await repository.run('run')).status).toBe(0);
  const { evaluation } = repository.report();
  expect(evaluation?.baseline).toMatchObject({ version: 1, stage: 'production' });
  expect(evaluation?.gates.find(({ id }) => id === 'roc_auc.maxRegression')).toMatchObject({
    status: 'pass',
    baseline: expect.any(Number),
  });
  const shown = await repository.run('show', 'churn@v1');
  expect([shown.status, shown.stdout]).toMatchObject([0, expect.stringContaining('adopted')]);

  repository.write('broken.onnx', 'not a model');
  const refused = await repository.run('adopt', 'churn', '--from', 'broken.onnx', '--stage', 'production');
  expect(refused.status).toBe(2);
  expect(existsSync(join(repository.folder, 'registry/churn/versions/v2.json'))).toBe(false);
});
