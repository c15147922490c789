import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import fc from 'fast-check';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { openDuckDB } from '../../../shared/adapters/duckdb/open-duckdb.ts';
import { openSession } from '../../../shared/adapters/onnxruntime/open-session.ts';
import type { DatasetManifest } from '../../../shared/dataset/manifest.ts';
import { readModel } from '../../../shared/onnx/read-model.ts';
import type { QueryEngine } from '../../../shared/query/query-engine.ts';
import { literal } from '../../../shared/query/sql-text.ts';
import { openOnnxScorer } from '../../../shared/scoring/open-onnx-scorer.ts';
import { scoreRows } from '../../../shared/scoring/score-rows.ts';
import { type Design, weightCount } from '../../../shared/training/logistic/encoding.ts';
import { fitLogistic, predictLogistic } from '../../../shared/training/logistic/fit-logistic.ts';
import { learnNumeric } from '../../../shared/training/logistic/learn-encoding.ts';
import { readDesign } from '../../../shared/training/logistic/read-design.ts';
import { type Trained, trainLogisticRegression } from '../../../shared/training/logistic/train-logistic-regression.ts';
import { runTraining } from '../../../shared/training/run-training.ts';
import { trainingResultSchema } from '../../../shared/training/training-result.ts';

const folder = mkdtempSync(join(tmpdir(), 'weighin-test-'));
let engine: QueryEngine;
beforeAll(async () => {
  engine = await openDuckDB();
  // Every kind of column: numbers with gaps, integers, a constant, booleans with gaps, frequent and rare texts, a time.
  await engine.run(`CREATE TABLE source AS
    WITH r AS (SELECT i, hash(i) % 1000 / 1000 AS a, hash(i + 7000000) % 1000 / 1000 AS b, hash(i + 9000000) % 1000 / 1000 AS c FROM range(4000) r(i))
    SELECT CASE WHEN b < 0.1 THEN NULL WHEN b < 0.11 THEN 'nan'::DOUBLE ELSE 1e6 * a END AS income, CAST(100 * c AS BIGINT) AS age, 7.0 AS constant,
      CASE WHEN a < 0.05 THEN NULL ELSE b > 0.5 END AS member,
      CASE WHEN c < 0.02 THEN NULL WHEN c < 0.04 THEN '' WHEN c < 0.06 THEN 'rare ' || i ELSE 'city "' || CAST(floor(8 * c) AS INT) || '''s é' END AS city,
      CASE WHEN a > 0.98 THEN NULL ELSE CAST(24 * b AS INT) END AS hour, TIMESTAMP '2020-01-01' + INTERVAL (i) HOUR AS seen,
      CASE WHEN a + c + 0.3 * (b > 0.5)::INT + 0.6 * (hash(i + 5) % 100 / 100) > 1.3 THEN 'yes' ELSE 'no' END AS churned, i
    FROM r`);
  for (const [split, where] of [
    ['train', 'i < 2500'],
    ['validation', 'i BETWEEN 2500 AND 2999'],
    ['test', 'i >= 3000'],
  ]) {
    await engine.run(
      `COPY (SELECT * EXCLUDE (i) FROM source WHERE ${where}) TO ${literal(join(folder, `${split}.parquet`))} (FORMAT parquet)`,
    );
  }
});
afterAll(async () => {
  await engine.close();
  rmSync(folder, { recursive: true, force: true });
});

const features: DatasetManifest['features'] = [
  { name: 'income', type: 'number' },
  { name: 'age', type: 'integer' },
  { name: 'constant', type: 'number' },
  { name: 'member', type: 'boolean' },
  { name: 'city', type: 'text' },
  { name: 'hour', type: 'integer' },
  { name: 'seen', type: 'timestamp' },
];
// What the trainer reads of a manifest.
const manifest = {
  version: `sha256:${'0'.repeat(64)}`,
  label: 'churned',
  positive: 'yes',
  features,
  splits: { train: { file: 'train.parquet' }, validation: { file: 'validation.parquet' }, test: { file: 'test.parquet' } },
} as DatasetManifest;

let runs = 0;
async function train(params: Record<string, unknown> = {}, wanted?: string[], on = engine, of = manifest): Promise<Trained> {
  mkdirSync(join(folder, String(++runs)));
  const request = {
    manifest: of,
    datasetFolder: folder,
    modelPath: join(folder, String(runs), 'model.onnx'),
    params,
    features: wanted,
    seed: 1,
  };
  return trainLogisticRegression(request, { engine: on, note() {}, version: '0.0.0' });
}

/** The same rows by the trainer's own arithmetic and by ONNX Runtime from raw columns. */
async function bothWays({ encoding, weights, modelPath }: Trained, relation: string) {
  const own = predictLogistic(await readDesign(engine, relation, 'true', encoding), weights);
  const scorer = await openOnnxScorer(readFileSync(modelPath), { openSession, threads: 1 }, { task: 'binary', positive: 'yes', features });
  const served = await scoreRows(engine, relation, scorer, { batch: 300 });
  await scorer.close();
  if (served.kind !== 'binary') throw new Error(served.kind);
  return { own, served: served.scores };
}

const largestDifference = (a: Float64Array, b: Float64Array) =>
  a.reduce((most, value, index) => Math.max(most, Math.abs(value - b[index]!)), 0);

describe('the graph', () => {
  it.each([
    ['the defaults', {}, undefined],
    ['hours as categories', { categorical: ['hour'] }, undefined],
    ['medians and no indicators', { impute: 'median', missingIndicator: false }, undefined],
    ['numbers alone', {}, ['income', 'age', 'constant']],
    ['texts alone', {}, ['city']],
    ['one number', {}, ['income']],
    ['few categories', { maxCategories: 2, minCount: 1 }, undefined],
  ])('answers as the trainer does, missing and unknown values included: %s', async (_, params, wanted) => {
    const trained = await train(params, wanted);
    const { own, served } = await bothWays(trained, `read_parquet(${literal(join(folder, 'test.parquet'))})`);
    expect(own).toHaveLength(1_000);
    expect(new Set(own).size).toBeGreaterThan(3);
    expect(largestDifference(own, served)).toBeLessThan(1e-6);
  });

  it('answers as the trainer does on any values whatever', async () => {
    const trained = await train({ categorical: ['hour'] });
    const number = fc.option(fc.oneof(fc.double(), fc.constantFrom(0, 1e6, Number.POSITIVE_INFINITY, Number.NaN)));
    const row = fc.record({
      income: number,
      hour: fc.option(fc.oneof(fc.integer({ min: -2, max: 30 }), fc.double())),
      city: fc.option(fc.oneof(fc.string({ unit: 'grapheme' }), fc.constantFrom('', 'city "3\'s é'))),
    });
    await fc.assert(
      fc.asyncProperty(fc.array(row, { minLength: 1, maxLength: 20 }), async (rows) => {
        const sql = (value: number | null) => (value === null ? 'NULL' : `'${value}'::DOUBLE`);
        const values = rows.map(({ income, hour, city }) => `(${sql(income)}, ${sql(hour)}, ${city === null ? 'NULL' : literal(city)})`);
        const relation = `(SELECT income, hour, city, 40::BIGINT AS age, 7.0 AS constant, NULL::BOOLEAN AS member FROM (VALUES ${values.join(', ')}) v(income, hour, city))`;
        const { own, served } = await bothWays(trained, relation);
        expect(largestDifference(own, served)).toBeLessThan(1e-6);
      }),
      { numRuns: 25 },
    );
  });

  it('takes raw columns by name and says of itself what it is', async () => {
    const info = readModel(readFileSync((await train()).modelPath));
    expect(info.inputs.map(({ name, type }) => [name, type.kind === 'tensor' ? type.element : ''])).toEqual([
      ['income', 'double'],
      ['age', 'double'],
      ['constant', 'double'],
      ['member', 'double'],
      ['city', 'string'],
      ['hour', 'double'],
    ]);
    expect(info.outputs.map(({ name, type }) => [name, type])).toEqual([
      ['label', { kind: 'tensor', element: 'int64', shape: ['rows'] }],
      ['probabilities', { kind: 'tensor', element: 'float', shape: ['rows', 2] }],
    ]);
    expect(info.metadata).toMatchObject({ 'weighin.trainer': 'logistic-regression', 'weighin.label': 'churned' });
    expect(JSON.parse(info.metadata['weighin.params'] ?? '')).toMatchObject({ l2: 1, minCount: 20 });
  });

  it('is not confused by a feature that has the name of an output', async () => {
    await engine.run(
      `COPY (SELECT age AS label, income AS probabilities, churned FROM source) TO ${literal(join(folder, 'named.parquet'))} (FORMAT parquet)`,
    );
    const split = { ...manifest.splits.train, file: 'named.parquet' };
    const trained = await train({}, undefined, engine, {
      ...manifest,
      features: [
        { name: 'label', type: 'integer' },
        { name: 'probabilities', type: 'number' },
      ],
      splits: { train: split, validation: split, test: split },
    });
    const info = readModel(readFileSync(trained.modelPath));
    expect(info.outputs.map(({ name }) => name)).toEqual(['output_label', 'output_probabilities']);
    const session = await openSession(readFileSync(trained.modelPath));
    const column = { element: 'double', data: Float64Array.of(90, 0), shape: [2, 1] } as const;
    const found = await session.run({ label: column, probabilities: column }, ['output_label']);
    expect(found['output_label']?.data).toHaveLength(2);
    await session.close();
  });
});

describe('the encoding of numbers', () => {
  const values = Float64Array.of(1, 2, 3, 94, Number.NaN, Number.POSITIVE_INFINITY);
  it('fills with the mean or the median of what is there, and scales what comes of it', () => {
    const mean = learnNumeric('x', values, { impute: 'mean', missingIndicator: true });
    expect(mean).toMatchObject({ fill: 25, centre: 25, indicator: true });
    expect(mean.scale).toBeCloseTo(Math.sqrt((24 ** 2 + 23 ** 2 + 22 ** 2 + 69 ** 2) / 6), 12);
    expect(learnNumeric('x', values, { impute: 'median', missingIndicator: false })).toMatchObject({
      fill: 2.5,
      centre: 17.5,
      indicator: false,
    });
    expect(learnNumeric('x', Float64Array.of(7, 7), { impute: 'mean', missingIndicator: true })).toMatchObject({
      scale: 1,
      indicator: false,
    });
    expect(learnNumeric('x', Float64Array.of(Number.NaN), { impute: 'median', missingIndicator: true })).toMatchObject({
      fill: 0,
      scale: 1,
    });
  });
});

describe('the fit', () => {
  it('gives the same bytes again, whatever the number of threads', async () => {
    const alone = await openDuckDB({ threads: 1 });
    const first = await train({ categorical: ['hour'] });
    const second = await train({ categorical: ['hour'] }, undefined, alone);
    await alone.close();
    expect(readFileSync(second.modelPath).equals(readFileSync(first.modelPath))).toBe(true);
  });

  it('finds the one minimum: there the gradient, summed the slow way, is zero', () => {
    const rows = 5_000;
    const noise = (row: number, salt: number) => ((Math.sin(row * 12.9898 + salt * 78.233) * 43758.5453) % 1) + 1;
    const columnOf = (salt: number) => Float64Array.from({ length: rows }, (_, row) => (noise(row, salt) % 1) * 2 - 1);
    const codesOf = (salt: number, size: number) =>
      Uint16Array.from({ length: rows }, (_, row) => Math.floor((noise(row, salt) % 1) * size));
    const dense = [columnOf(1), columnOf(2)];
    const groups = [
      { codes: codesOf(3, 4), size: 5 },
      { codes: codesOf(4, 7), size: 7 },
    ];
    const labels = Uint8Array.from({ length: rows }, (_, row) =>
      dense[0]![row]! + groups[0]!.codes[row]! / 2 + columnOf.length * (noise(row, 5) % 1) > 1.4 ? 1 : 0,
    );
    const design: Design = { rows, labels, dense, groups };
    const { weights, converged } = fitLogistic(design, 0.5, 50);
    expect(converged).toBe(true);

    const gradient = new Float64Array(weightCount(design));
    const features = (row: number) => {
      const found: [number, number][] = [
        [0, 1],
        [1, dense[0]![row]!],
        [2, dense[1]![row]!],
      ];
      found.push([3 + groups[0]!.codes[row]!, 1], [8 + groups[1]!.codes[row]!, 1]);
      return found;
    };
    for (let row = 0; row < rows; row++) {
      const score = features(row).reduce((sum, [index, value]) => sum + weights[index]! * value, 0);
      const residual = 1 / (1 + Math.exp(-score)) - labels[row]!;
      for (const [index, value] of features(row)) gradient[index]! += residual * value;
    }
    for (let index = 1; index < gradient.length; index++) gradient[index]! += 0.5 * weights[index]!;
    expect(Math.max(...gradient.map(Math.abs))).toBeLessThan(1e-6);
    // A category that no row has keeps no weight.
    expect(weights[7]).toBe(0);
  });

  it('stays finite where a column tells the classes apart without error', () => {
    const x = Float64Array.from({ length: 200 }, (_, row) => row - 99.5);
    const design: Design = { rows: 200, labels: Uint8Array.from(x, (value) => (value > 0 ? 1 : 0)), dense: [x], groups: [] };
    const { weights } = fitLogistic(design, 0.01, 100);
    expect(weights.every(Number.isFinite)).toBe(true);
    expect(predictLogistic(design, weights)[0]).toBeLessThan(0.1);
  });

  it('reports its loss on both splits, falling from step to step', async () => {
    const { reported, curves } = await train();
    const losses = curves['train_log_loss']!.map(([, loss]) => loss);
    expect(losses.length).toBeGreaterThan(2);
    expect(losses.toSorted((a, b) => b - a)).toEqual(losses);
    expect(reported['train_log_loss']).toBe(losses.at(-1));
    expect(reported['validation_log_loss']).toBeGreaterThan(0.1);
    expect(reported['validation_log_loss']).toBeLessThan(losses[0]!);
  });
});

describe('as a step', () => {
  it('trains into the output folder, and leaves nothing of an earlier run there', async () => {
    const outputFolder = join(folder, 'step');
    mkdirSync(outputFolder);
    writeFileSync(join(outputFolder, 'metrics.json'), '{"old": 1}');
    const { result, modelPath } = await runTraining(
      {
        model: 'churn',
        task: 'binary',
        training: { trainer: 'logistic-regression', params: { l2: 2 }, seed: 42, timeout: '1m', features: ['income', 'city'] },
        modelFile: { format: 'onnx', file: 'models/churn.onnx' },
        manifest,
        datasetFolder: folder,
        outputFolder,
        root: folder,
      },
      {
        runProcess: () => Promise.reject(new Error('not needed')),
        engine: async () => engine,
        progress: { note() {} },
        env: {},
        now: () => new Date(0),
        version: '0.0.0',
      },
    );
    expect(modelPath).toBe(join(outputFolder, 'models/churn.onnx'));
    expect(trainingResultSchema.parse(result)).toMatchObject({
      by: 'trainer',
      trainer: 'logistic-regression',
      command: null,
      params: { l2: 2 },
      model: {
        file: 'models/churn.onnx',
        opset: 17,
        inputs: [
          { name: 'income', type: 'tensor(double)' },
          { name: 'city', type: 'tensor(string)' },
        ],
      },
    });
    expect(Object.keys(result.reported)).toEqual(['train_log_loss', 'validation_log_loss', 'steps']);
  });
});

describe('what it says', () => {
  it('leaves times and names of single rows out, and says so', async () => {
    const { notices, encoding } = await train({ minCount: 2_000 });
    expect(notices.map(({ message }) => message).join('\n')).toMatch(/seen left out[\s\S]*city/);
    expect(encoding.categorical).toEqual([]);
  });

  it.each([
    ['TRAINER_PARAMS', { L2: 3 }, undefined, 'Did you mean l2?'],
    ['TRAINER_PARAMS', { l2: -1 }, undefined, 'l2'],
    ['FEATURE_UNKNOWN', {}, ['incom'], 'Did you mean income?'],
    ['FEATURE_UNKNOWN', { categorical: ['hours'] }, undefined, 'Did you mean hour?'],
    ['NO_FEATURES', {}, ['seen'], 'training.features'],
  ])('%s for %j and %j', async (code, params, wanted, hint) => {
    await expect(train(params, wanted)).rejects.toMatchObject({ code, hint: expect.stringContaining(hint) });
  });

  it('wants both classes', async () => {
    await expect(train({}, undefined, engine, { ...manifest, positive: 'maybe' })).rejects.toMatchObject({ code: 'ONE_CLASS' });
  });
});
