import { existsSync, mkdirSync, mkdtempSync, readFileSync, rmSync, utimesSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { runProcess } from '../../../shared/adapters/process/run-process.ts';
import type { ModelFileConfig, TrainingConfig } from '../../../shared/config/schema.ts';
import type { DatasetManifest } from '../../../shared/dataset/manifest.ts';
import { runTraining } from '../../../shared/training/run-training.ts';
import { trainingResultSchema } from '../../../shared/training/training-result.ts';
import { identity, small } from '../onnx/small-models.ts';

let folder: string;
let root: string;
let log: string[];
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'weighin-test-'));
  root = join(folder, 'project');
  log = [];
  for (const name of ['project', 'runs/dataset']) mkdirSync(join(folder, name), { recursive: true });
  for (const split of ['train', 'validation', 'test']) writeFileSync(join(folder, `runs/dataset/${split}.parquet`), `${split} rows`);
  writeFileSync(join(root, 'made.onnx'), identity(1));
});
afterEach(() => rmSync(folder, { recursive: true, force: true }));

// Only the splits' files are read of it here.
const manifest = {
  splits: { train: { file: 'train.parquet' }, validation: { file: 'validation.parquet' }, test: { file: 'test.parquet' } },
} as DatasetManifest;

const train = (
  training: Partial<TrainingConfig> | undefined,
  modelFile: ModelFileConfig = { format: 'onnx' },
  env: Record<string, string> = {},
) =>
  runTraining(
    {
      model: 'churn',
      task: 'binary',
      training: training && { params: {}, seed: 42, timeout: '1m', ...training },
      modelFile,
      manifest,
      datasetFolder: join(folder, 'runs/dataset'),
      outputFolder: join(folder, 'runs/training'),
      root,
    },
    {
      runProcess,
      engine: () => Promise.reject(new Error('not needed')),
      progress: { note: (line) => log.push(line) },
      env: { ...process.env, ...env },
      now: () => new Date(0),
      version: '0.0.0',
    },
  );

/** A training command: the script runs in the project, as `node train.cjs` would. */
const script = (body: string) => {
  writeFileSync(
    join(root, 'train.cjs'),
    `const fs = require('fs'); const path = require('path'); const out = process.env.WEIGHIN_OUTPUT;\n${body}`,
  );
  return `${JSON.stringify(process.execPath)} train.cjs`;
};
const leavesModel = `fs.copyFileSync('made.onnx', path.join(out, 'model.onnx'));`;

describe('a training command', () => {
  it('is told what the design says, and leaves a model that is described', async () => {
    const command = script(`
      const told = Object.fromEntries(Object.entries(process.env).filter(([name]) => name.startsWith('WEIGHIN_')));
      fs.writeFileSync('told.json', JSON.stringify({ ...told, train: fs.readFileSync(process.env.WEIGHIN_TRAIN, 'utf8'), validation: fs.readFileSync(process.env.WEIGHIN_VALIDATION, 'utf8') }));
      fs.writeFileSync(path.join(out, 'metrics.json'), JSON.stringify({ auc: 0.8, name: 'text', nested: { loss: 0.3 } }));
      fs.writeFileSync(path.join(out, 'metrics.jsonl'), '{"step":1,"loss":0.9}\\n{"step":2,"loss":0.5}\\nbroken\\n');
      console.log('epoch 1'); ${leavesModel}`);
    const { result, modelPath, tail } = await train({ command, params: { trees: 3 }, seed: 7, setup: 'echo installed' });
    const told = JSON.parse(readFileSync(join(root, 'told.json'), 'utf8'));
    expect(told).toMatchObject({ WEIGHIN_PARAMS: '{"trees":3}', WEIGHIN_SEED: '7', train: 'train rows', validation: 'validation rows' });
    expect(
      Object.keys(told)
        .filter((name) => name.startsWith('WEIGHIN_'))
        .toSorted(),
    ).toEqual(['WEIGHIN_OUTPUT', 'WEIGHIN_PARAMS', 'WEIGHIN_SEED', 'WEIGHIN_TRAIN', 'WEIGHIN_VALIDATION']);
    expect(log).toEqual(['setup │ installed', 'train │ epoch 1']);
    expect(tail).toEqual(['installed', 'epoch 1']);
    expect(modelPath).toBe(join(folder, 'runs/training/model.onnx'));
    expect(trainingResultSchema.parse(result)).toMatchObject({
      by: 'command',
      command,
      trainer: null,
      params: { trees: 3 },
      seed: 7,
      model: { format: 'onnx', file: 'model.onnx', opset: 17, inputs: [{ name: 'x', type: 'tensor(float)' }] },
      reported: { auc: 0.8, 'nested.loss': 0.3 },
      curves: {
        loss: [
          [1, 0.9],
          [2, 0.5],
        ],
      },
    });
    expect(result.notices.map(({ code }) => code)).toEqual(['CURVES_UNREAD_LINES']);
  });

  it('finds no test rows in or near the paths that it is told', async () => {
    const command = script(`
      const roots = [process.env.WEIGHIN_TRAIN, out].map((found) => path.dirname(fs.realpathSync(found)));
      const near = new Set(roots.flatMap((found) => fs.readdirSync(found, { recursive: true }).map((name) => path.join(found, name))));
      fs.writeFileSync('near.json', JSON.stringify([...near])); ${leavesModel}`);
    await train({ command });
    const near: string[] = JSON.parse(readFileSync(join(root, 'near.json'), 'utf8'));
    const handed = near.filter((path) => path.endsWith('.parquet')).map((path) => path.split(/[\\/]/).at(-1));
    expect(new Set(handed)).toEqual(new Set(['train.parquet', 'validation.parquet']));
  });

  it('cannot change the dataset through what it is handed', async () => {
    const command = script(
      `const file = process.env.WEIGHIN_TRAIN; fs.chmodSync(file, 0o666); fs.writeFileSync(file, 'spoilt'); ${leavesModel}`,
    );
    await train({ command });
    expect(readFileSync(join(folder, 'runs/dataset/train.parquet'), 'utf8')).toBe('train rows');
  });

  it("does not see the job's tokens, inputs and files", async () => {
    const secrets = {
      GITHUB_TOKEN: 's',
      INPUT_CONFIG: 's',
      'INPUT_STORE-KEY': 's',
      ACTIONS_RUNTIME_TOKEN: 's',
      GITHUB_ENV: 's',
      GITHUB_OUTPUT: 's',
      MINE: 'kept',
    };
    const command = script(`fs.writeFileSync('env.json', JSON.stringify(process.env)); ${leavesModel}`);
    await train({ command }, undefined, secrets);
    const seen = JSON.parse(readFileSync(join(root, 'env.json'), 'utf8'));
    expect(Object.keys(secrets).filter((name) => name in seen)).toEqual(['MINE']);
  });

  it('tells the exit code and the last twenty lines when it fails', async () => {
    const command = script(`for (let i = 1; i <= 30; i++) console.log('line ' + i); process.exit(9);`);
    const failure = await train({ command }).catch((cause: unknown) => cause);
    expect(failure).toMatchObject({ code: 'TRAINING_FAILED', message: expect.stringContaining('exit code 9') });
    expect((failure as Error).message).toContain('line 30');
    expect((failure as Error).message).toContain('line 11');
    expect((failure as Error).message).not.toContain('line 10\n');
    await expect(train({ command, setup: 'exit 5' })).rejects.toMatchObject({ code: 'SETUP_FAILED' });
  });

  it('is ended when its time is over', async () => {
    const command = script('setInterval(() => {}, 1000);');
    await expect(train({ command, timeout: '300ms' })).rejects.toMatchObject({
      code: 'TRAINING_TIMEOUT',
      message: expect.stringContaining('300ms'),
    });
  });

  it('must leave the model where it is looked for', async () => {
    const elsewhere = script(`fs.copyFileSync('made.onnx', path.join(out, 'other.onnx'));`);
    await expect(train({ command: elsewhere })).rejects.toMatchObject({
      code: 'MODEL_MISSING',
      message: expect.stringContaining('model.onnx'),
    });
    expect((await train({ command: elsewhere }, { format: 'onnx', file: 'other.onnx' })).modelPath).toBe(
      join(folder, 'runs/training/other.onnx'),
    );
  });

  it("may write the model into the config's folder, but an old file there is not its model", async () => {
    const modelFile = { format: 'command', file: 'model.pkl', predict: 'x' } as const;
    const writes = script(`fs.writeFileSync('model.pkl', 'weights');`);
    const { result, modelPath } = await train({ command: writes }, modelFile);
    expect(readFileSync(modelPath, 'utf8')).toBe('weights');
    expect(result.model).toMatchObject({ format: 'command', file: 'model.pkl', bytes: 7, opset: null, inputs: [] });
    utimesSync(join(root, 'model.pkl'), 1, 1);
    await expect(train({ command: script('') }, modelFile)).rejects.toMatchObject({
      code: 'MODEL_MISSING',
      message: expect.stringContaining('older'),
    });
  });

  it('may not leave a model that reaches outside itself', async () => {
    writeFileSync(join(root, 'made.onnx'), small({ nodes: [{ operator: 'Run', domain: 'com.evil', inputs: ['x'], outputs: ['y'] }] }));
    await expect(train({ command: script(leavesModel) })).rejects.toMatchObject({ code: 'MODEL_REFUSED' });
    writeFileSync(join(root, 'made.onnx'), 'text');
    await expect(train({ command: script(leavesModel) })).rejects.toMatchObject({ code: 'MODEL_UNREADABLE' });
  });

  it('leaves no temporary folder behind, and nothing of an earlier run', async () => {
    mkdirSync(join(folder, 'runs/training'));
    writeFileSync(join(folder, 'runs/training/metrics.json'), '{"old": 1}');
    const command = script(`fs.writeFileSync('where.txt', out); ${leavesModel}`);
    expect((await train({ command })).result.reported).toEqual({});
    expect(existsSync(dirname(readFileSync(join(root, 'where.txt'), 'utf8')))).toBe(false);
  });
});

describe('without training', () => {
  it('takes the file that is there', async () => {
    const { result, modelPath } = await train(undefined, { format: 'onnx', file: 'made.onnx' });
    expect(result).toMatchObject({ by: 'given', command: null, model: { file: 'made.onnx' } });
    expect(modelPath).toBe(join(folder, 'runs/training/made.onnx'));
    await expect(train(undefined)).rejects.toMatchObject({ code: 'MODEL_MISSING', message: expect.stringContaining('model.onnx') });
  });

  it('takes the numbers of a metrics file as what was reported', async () => {
    writeFileSync(join(root, 'metrics.json'), '{"roc_auc": 0.81, "__proto__": 1, "bad": null}');
    const { result } = await train(undefined, { format: 'metrics' });
    expect(Object.entries(result.reported)).toEqual([
      ['roc_auc', 0.81],
      ['__proto__', 1],
    ]);
    writeFileSync(join(root, 'metrics.json'), '[]');
    await expect(train(undefined, { format: 'metrics' })).rejects.toMatchObject({ code: 'METRICS_UNREADABLE' });
  });

  it('says which trainers there are', async () => {
    await expect(train({ trainer: 'gradient-boosting' })).rejects.toMatchObject({
      code: 'TRAINER_NOT_YET_SUPPORTED',
      hint: expect.stringContaining('logistic-regression'),
    });
    await expect(train({ trainer: 'logistic-regression' }, { format: 'command', predict: 'x' })).rejects.toMatchObject({
      code: 'TRAINER_WRITES_ONNX',
    });
  });
});

describe('curves', () => {
  it('are cut to what a plot can show, the last point kept', async () => {
    const command = script(`
      fs.writeFileSync(path.join(out, 'metrics.jsonl'), Array.from({ length: 5000 }, (_, i) => JSON.stringify({ step: i, loss: 1 / (i + 1), ...Object.fromEntries(Array.from({ length: 25 }, (_, j) => ['s' + j, j])) })).join('\\n'));
      ${leavesModel}`);
    const { result } = await train({ command });
    expect(Object.keys(result.curves)).toHaveLength(20);
    expect(result.curves['loss']!.length).toBeLessThanOrEqual(1_000);
    expect(result.curves['loss']!.at(-1)).toEqual([4999, 1 / 5000]);
    expect(result.notices.map(({ code }) => code)).toEqual(['CURVES_CUT']);
  });
});
