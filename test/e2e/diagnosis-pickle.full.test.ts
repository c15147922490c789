import { execFileSync } from 'node:child_process';
import { cpSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { type Report, reportSchema } from '../../shared/report/report.ts';
import { weighin } from '../support/built-cli.ts';

/** The team with scikit-learn: its pickle and its ONNX export are weighed, and scikit-learn recomputes what the reports say. */
const python = process.env['WEIGHIN_PYTHON'] ?? 'python3';
const root = join(import.meta.dirname, '../..');
const folder = mkdtempSync(join(tmpdir(), 'weighin-diagnosis-'));
const run = (...words: string[]) => weighin(words, { cwd: folder });
const script = (path: string, args: readonly string[], env: Readonly<Record<string, string>> = {}) =>
  execFileSync(python, [path, ...args], { cwd: folder, encoding: 'utf8', env: { ...process.env, ...env } });
const at = (model: string, file: string) => join(folder, '.weighin/runs', model, file);
const reportOf = (model: string): Report => reportSchema.parse(JSON.parse(readFileSync(at(model, 'report.json'), 'utf8')));
const recompute = (model: string, scores: string): Readonly<Record<string, number>> =>
  JSON.parse(
    script(join(root, 'test/support/recompute-metrics.py'), [at(model, 'dataset/test.parquet'), 'malignant', '0.5', scores, 'score']),
  );
const scoresOf = (file: string) => readFileSync(file, 'utf8').trim().split('\n').slice(1).map(Number);
const models = ['diagnosis', 'diagnosis-onnx'] as const;
const scores = { diagnosis: join(folder, 'pickle.csv'), 'diagnosis-onnx': join(folder, 'onnx.csv') };
let exits: (number | null)[] = [];

beforeAll(async () => {
  cpSync(join(root, 'examples/diagnosis-pickle'), folder, { recursive: true });
  const config = readFileSync(join(folder, 'weighin.yaml'), 'utf8');
  writeFileSync(join(folder, 'weighin.yaml'), config.replaceAll('python ', `${python} `));
  execFileSync('git', ['init', '--quiet'], { cwd: folder });
  script('prepare.py', []);
  exits = [];
  for (const model of models) exits.push((await run('run', model)).status);

  // The same rows as Weighin's, from the dataset that it left, answered without it.
  const rows = join(folder, 'rows.csv');
  const toCsv = 'import sys, pandas; pandas.read_parquet(sys.argv[1]).to_csv(sys.argv[2], index=False)';
  execFileSync(python, ['-c', toCsv, at('diagnosis', 'dataset/test.parquet'), rows]);
  script('predict.py', [], {
    WEIGHIN_ROWS: rows,
    WEIGHIN_MODEL: at('diagnosis', 'training/model.pkl'),
    WEIGHIN_PREDICTIONS: scores.diagnosis,
  });
  script(join(root, 'test/support/score-onnx.py'), [
    at('diagnosis-onnx', 'training/model.onnx'),
    at('diagnosis-onnx', 'dataset/test.parquet'),
    scores['diagnosis-onnx'],
  ]);
}, 240_000);
afterAll(() => rmSync(folder, { recursive: true, force: true }));

it('passes both: the pickle by the team’s own command, the ONNX file in this process', () => {
  expect(exits).toEqual([0, 0]);
  for (const model of models) expect(reportOf(model)).toMatchObject({ verdict: 'pass', evidence: 'claimed', evaluation: { rows: 284 } });
  expect(models.map((model) => reportOf(model).training?.model.format)).toEqual(['command', 'onnx']);
  expect(reportOf('diagnosis-onnx').training?.model.inputs).toHaveLength(30);
  expect(reportOf('diagnosis').training?.reported).toHaveProperty('validation_roc_auc');
});

it('gives both the same rows, and both answer them alike', () => {
  const ids = models.map((model) => reportOf(model).dataset?.splits.test.rowIds);
  expect(ids[0]).toBe(ids[1]);
  const [pickle, onnx] = models.map((model) => scoresOf(scores[model]));
  expect(pickle?.length).toBe(reportOf('diagnosis').evaluation?.rows);
  const apart = Math.max(...(pickle ?? []).map((score, row) => Math.abs(score - (onnx?.[row] ?? Number.NaN))));
  expect(apart).toBeLessThan(1e-5);
  expect(new Set(pickle).size).toBeGreaterThan(50);
});

it.each(models)('%s: scikit-learn computes every metric of the report to 1e-9', (model) => {
  const metrics = reportOf(model).evaluation?.metrics.filter(({ slice, name }) => slice === null && !/^(?:latency|model_bytes)/.test(name));
  const recomputed = recompute(model, scores[model]);
  expect(metrics?.map(({ name }) => name).sort()).toEqual(Object.keys(recomputed).sort());
  for (const { name, value } of metrics ?? []) {
    const expected = recomputed[name] ?? Number.NaN;
    expect([name, Math.abs((value ?? Number.NaN) - expected) <= 1e-9 * Math.max(1, Math.abs(expected))]).toEqual([name, true]);
  }
});

it('weighs a worse pickle against the one in production, and stops it', async () => {
  expect((await run('register', 'diagnosis')).status).toBe(0);
  expect((await run('promote', 'diagnosis@v1', 'production')).status).toBe(0);
  const config = join(folder, 'weighin.yaml');
  writeFileSync(config, readFileSync(config, 'utf8').replace('params: {trees: 100}', 'params: {trees: 1, learningRate: 0.001}'));
  expect((await run('run', 'diagnosis')).status).toBe(1);
  const { verdict, evaluation } = reportOf('diagnosis');
  expect([verdict, evaluation?.baseline?.version]).toEqual(['fail', 1]);
  const auc = evaluation?.metrics.find(({ name }) => name === 'roc_auc');
  expect(auc?.baseline).toBeCloseTo(recompute('diagnosis', scores.diagnosis)['roc_auc'] ?? Number.NaN, 9);
});
