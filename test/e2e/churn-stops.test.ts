import { appendFileSync, cpSync, existsSync, readFileSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { expect, it } from 'vitest';
import { type ChurnRepository, churnRepository, nodeCommand } from '../support/churn-repository.ts';

/** A training command that does nothing but tell that it was called. */
const spy = "require('node:fs').writeFileSync('trained', 'yes'); process.exit(1);";
const withSpy = (repository: ChurnRepository) =>
  repository.edit('weighin.yaml', '{trainer: logistic-regression}', nodeCommand(repository, 'train.cjs', spy));

/** Rewrites the customers: `change` gets the fields of each row, counted from 1. */
function changeRows(repository: ChurnRepository, change: (fields: string[], row: number) => void): void {
  const [head = '', ...rows] = repository.read('data/customers.csv').trimEnd().split('\n');
  const changed = rows.map((line, index) => {
    const fields = line.split(',');
    change(fields, index + 1);
    return fields.join(',');
  });
  repository.write('data/customers.csv', `${[head, ...changed].join('\n')}\n`);
}
const income = 7;

it('stops at more than 10 % nulls, in the words of the rule, before anything is trained; advise tells the same with exit code 0', async () => {
  const repository = churnRepository({ rows: 2_000, mode: 'enforce' });
  withSpy(repository);
  changeRows(repository, (fields, row) => {
    fields[income] = row % 100 < 11 ? '' : '30000';
  });
  const stopped = await repository.run('run');
  expect(stopped.status).toBe(1);
  expect(stopped.stdout).toContain('Columns with >10% nulls: {income: 11.0}');
  expect(repository.has('trained')).toBe(false);
  const report = repository.report();
  expect(report).toMatchObject({ verdict: 'fail', blocks: true, training: null, evaluation: null });
  expect(report.contract?.checks.find(({ rule }) => rule === 'nulls')).toMatchObject({ status: 'fail', failed: 220, total: 2_000 });
  expect(repository.read('.weighin/runs/churn/comment.md')).toContain('11.0');
  expect(repository.has('.weighin/runs/churn/report.html')).toBe(true);

  repository.edit('weighin.yaml', 'mode: enforce', 'mode: advise');
  const advised = await repository.run('run');
  expect([advised.status, advised.stdout]).toMatchObject([0, expect.stringContaining('Columns with >10% nulls: {income: 11.0}')]);
  expect(repository.has('trained')).toBe(false);

  changeRows(repository, (fields, row) => {
    fields[income] = row % 100 < 10 ? '' : '30000';
  });
  // Exactly 10 % is good enough: now the command is called.
  expect((await repository.run('run')).status).toBe(2);
  expect(repository.has('trained')).toBe(true);
});

it('finds names that are wrong in a gate before anything is trained', async () => {
  const repository = churnRepository({ rows: 2_000 });
  withSpy(repository);
  repository.edit('weighin.yaml', 'metric: roc_auc', 'metric: roc_acu');
  for (const command of ['plan', 'run'])
    expect(await repository.run(command)).toMatchObject({
      status: 2,
      stderr: expect.stringMatching(/Did you mean "roc_auc"\?[\s\S]*\[GATE_UNKNOWN_METRIC\][\s\S]*weighin\.yaml:\d+:\d+/),
    });
  repository.edit('weighin.yaml', 'metric: roc_acu', 'metric: roc_auc');
  repository.edit('weighin.yaml', 'slices: [plan]', 'slices: [rgion]');
  expect(await repository.run('run')).toMatchObject({ status: 2, stderr: expect.stringContaining('Did you mean region?') });
  expect(repository.has('trained')).toBe(false);
});

it('tells nothing of an earlier dataset in the report of a run that was stopped before its own', async () => {
  const repository = churnRepository({ rows: 2_000 });
  await repository.run('run');
  expect(repository.report().dataset?.statistics.train_rows).toBe(1_400);
  changeRows(repository, (fields) => {
    fields[income] = '';
  });
  await repository.run('run');
  expect(repository.report()).toMatchObject({ verdict: 'fail', dataset: null, training: null, evaluation: null });
});

it('names the rows of a repeated key and of a wrong type, by number and never by value', async () => {
  const repository = churnRepository({ rows: 2_000, mode: 'enforce' });
  changeRows(repository, (fields, row) => {
    if (row === 1_700) fields[0] = '41';
    if (row === 1_234) fields[5] = 'thirteen';
  });
  const { status, stdout } = await repository.run('run');
  expect(status).toBe(1);
  const { contract } = repository.report();
  expect(contract?.checks.find(({ rule, status }) => rule === 'unique' && status === 'fail')?.rows).toEqual([41, 1_700]);
  expect(contract?.checks.find(({ rule, status }) => rule === 'type' && status === 'fail')).toMatchObject({
    column: 'monthly_charge',
    rows: [1_234],
    location: { file: 'contracts/customers.odcs.yaml' },
  });
  for (const text of [stdout, repository.read('.weighin/runs/churn/report.json'), repository.read('.weighin/runs/churn/report.html')])
    expect(text).not.toContain('thirteen');
  expect(stdout).toContain('1700');
});

it('points at the place of a wrong key, and names the nearest that it knows', async () => {
  const repository = churnRepository({ rows: 300 });
  repository.edit('weighin.yaml', 'slices: [plan]', 'slises: [plan]');
  const { status, stderr } = await repository.run('run');
  expect(status).toBe(2);
  expect(stderr).toMatch(/weighin\.yaml:10:7/);
  expect(stderr).toMatch(/slises.*\n?.*slices/);
  expect(repository.has('.weighin')).toBe(false);

  repository.edit('weighin.yaml', 'slises: [plan]', 'slices: [plan');
  const broken = await repository.run('run', '--json', '-');
  expect(broken.status).toBe(2);
  const { error } = JSON.parse(broken.stdout);
  expect(error.location).toMatchObject({ file: 'weighin.yaml', line: expect.any(Number), column: expect.any(Number) });
});

it('says which data is missing, and leaves a report that says so, without what an earlier run found', async () => {
  const repository = churnRepository({ rows: 2_000 });
  expect((await repository.run('run')).status).toBe(0);
  rmSync(join(repository.folder, 'data'), { recursive: true });
  const { status, stderr } = await repository.run('run');
  expect([status, stderr]).toMatchObject([2, expect.stringContaining('data/customers.csv')]);
  expect(repository.report()).toMatchObject({ verdict: 'error', gates: [{ id: 'step.inputs', status: 'error' }] });
  expect(repository.read('.weighin/runs/churn/comment.md')).toContain('data/customers.csv');
});

it('leaves a report with the end of the log where training fails, and exit code 2 also in advise', async () => {
  const repository = churnRepository({ rows: 2_000 });
  const script = "console.log('epoch 1'); console.error('CUDA out of memory'); process.exit(9);";
  repository.edit('weighin.yaml', '{trainer: logistic-regression}', nodeCommand(repository, 'train.cjs', script));
  const { status, stderr } = await repository.run('run');
  expect(status).toBe(2);
  expect(stderr).toContain('train │ CUDA out of memory');
  expect(stderr).toContain('exit code 9');
  const report = repository.report();
  expect(report).toMatchObject({ verdict: 'error', training: null });
  const gate = report.gates.find(({ status }) => status === 'error');
  expect(gate).toMatchObject({ reason: 'TRAINING_FAILED', message: expect.stringContaining('CUDA out of memory') });
  expect(report.contract?.verdict).toBe('pass');
  // What could not be finished is tried again, though nothing changed.
  expect((await repository.run('run')).status).toBe(2);
});

it('hands training its rows and never the test rows', async () => {
  const repository = churnRepository({ rows: 2_000 });
  const script = `
    const fs = require('node:fs'), path = require('node:path');
    const inputs = path.dirname(process.env.WEIGHIN_TRAIN);
    const told = Object.fromEntries(Object.entries(process.env).filter(([name]) => name.startsWith('WEIGHIN_')));
    const files = fs.readdirSync(path.dirname(inputs), { recursive: true });
    fs.writeFileSync('seen.json', JSON.stringify({ told, files, secret: process.env.GITHUB_TOKEN ?? null }));
    fs.writeFileSync(path.join(process.env.WEIGHIN_OUTPUT, 'metrics.json'), '{"roc_auc": 0.8}');`;
  repository.edit('weighin.yaml', '{trainer: logistic-regression}', nodeCommand(repository, 'train.cjs', script));
  await repository.run('run');
  const { told, files, secret } = JSON.parse(repository.read('seen.json'));
  expect(Object.keys(told).sort()).toEqual(['WEIGHIN_OUTPUT', 'WEIGHIN_PARAMS', 'WEIGHIN_SEED', 'WEIGHIN_TRAIN', 'WEIGHIN_VALIDATION']);
  expect(files.sort()).toEqual(['inputs', 'inputs/train.parquet', 'inputs/validation.parquet', 'output']);
  expect(secret).toBeNull();
  expect(JSON.stringify(told)).not.toContain(repository.folder);
  // What was handed over is gone afterwards.
  expect(existsSync(told.WEIGHIN_TRAIN)).toBe(false);
});

it('gives the same split as of a day, whatever was appended since', async () => {
  const repository = churnRepository({ rows: 2_000 });
  repository.edit('weighin.yaml', 'exclude: [signup_date]', 'time: signup_date');
  const splits = async () => {
    const { status, stdout, stderr } = await repository.run('dataset', '--as-of', '2025-05-01', '--json', '-');
    if (status !== 0) throw new Error(stderr);
    const { splits, version, statistics } = JSON.parse(stdout);
    return { splits, version, statistics };
  };
  const before = await splits();
  const own = join(repository.folder, 'data/customers.csv');
  const [, ...rows] = readFileSync(own, 'utf8').trimEnd().split('\n');
  appendFileSync(
    own,
    `${rows
      .slice(0, 300)
      .map((line, index) => line.replace(/^\d+,[^,]+/, `${90_000 + index},2025-06-0${(index % 9) + 1}`))
      .join('\n')}\n`,
  );
  expect(await splits()).toEqual(before);
  expect(before.statistics.train_rows).toBeLessThan(1_500);
  const today = JSON.parse((await repository.run('dataset', '--json', '-')).stdout);
  expect(today.splits.test.rowIds).not.toBe(before.splits.test.rowIds);
});

it('numbers eight registrations at once, and loses none', async () => {
  const repository = churnRepository({ rows: 2_000 });
  const made = Array.from({ length: 8 }, (_, index) => `out${index}`);
  const first = await repository.run('run', '--output', 'out0');
  expect(first.status).toBe(0);
  // Eight reports of one model, each another run's: only the clock differs.
  const report = JSON.parse(repository.read('out0/runs/churn/report.json'));
  for (const [index, name] of made.entries()) {
    if (index > 0) cpSync(join(repository.folder, 'out0'), join(repository.folder, name), { recursive: true });
    repository.write(`${name}/runs/churn/report.json`, JSON.stringify({ ...report, createdAt: `2025-01-0${index + 1}T00:00:00.000Z` }));
  }
  const answers = await Promise.all(made.map((name) => repository.run('register', '--output', name, '--json', '-')));
  expect(answers.map(({ status }) => status)).toEqual(made.map(() => 0));
  const numbers = answers.map(({ stdout }) => JSON.parse(stdout).version);
  expect(numbers.toSorted()).toEqual([1, 2, 3, 4, 5, 6, 7, 8]);
  expect(JSON.parse((await repository.run('versions', '--json', '-')).stdout).versions).toHaveLength(8);
});
