import { mkdir, mkdtemp, readdir, readFile, truncate, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { beforeEach, describe, expect, it } from 'vitest';
import { artifactSubject, stageArtifacts } from '../../../../shared/adapters/github/stage-artifacts.ts';
import { better } from '../../../support/reports/reports.ts';

let output: string;
let folder: string;
beforeEach(async () => {
  output = await mkdtemp(join(tmpdir(), 'weighin-stage-'));
  folder = join(output, 'artifacts');
});

const leave = async (model: string, files: readonly string[]) => {
  for (const file of files) {
    const path = join(output, 'runs', model, file);
    await mkdir(dirname(path), { recursive: true });
    await writeFile(path, file);
  }
};
const everything = [
  ...[
    'report.json',
    'report.html',
    'comment.md',
    'junit.xml',
    'MODEL_CARD.md',
    'contract.json',
    'tests.json',
    'training.json',
    'evaluation.json',
  ],
  ...[
    'dataset/manifest.json',
    'dataset/train.parquet',
    'dataset/test.parquet',
    'training/model.onnx',
    'training/checkpoint.bin',
    'inputs.json',
  ],
];
const named = (model: string, format: 'onnx' | 'predictions' = 'onnx', file = 'model.onnx') => {
  const report = better();
  const { training } = report;
  return { ...report, model, training: training && { ...training, model: { ...training.model, format, file } } };
};
const found = async (path: string) =>
  (await readdir(path, { recursive: true, withFileTypes: true }))
    .filter((entry) => entry.isFile())
    .map((entry) => join(entry.parentPath, entry.name).slice(path.length + 1))
    .sort();

describe('what leaves the runner', () => {
  it('is the report for a reader, and the model with its metadata; never rows', async () => {
    await leave('churn', everything);
    const staged = await stageArtifacts([named('churn')], { output, folder, attempt: 2 });
    expect(staged.name).toBe('churn-2');
    expect(await found(staged.report)).toEqual(['churn/comment.md', 'churn/junit.xml', 'churn/report.html', 'churn/report.json']);
    expect(await found(staged.files)).toEqual([
      'churn/MODEL_CARD.md',
      'churn/contract.json',
      'churn/dataset/manifest.json',
      'churn/evaluation.json',
      'churn/tests.json',
      'churn/training.json',
      'churn/training/model.onnx',
    ]);
  });

  it('has no predictions in it, which are rows, and nothing from outside the run', async () => {
    await leave('churn', everything);
    await leave('.', ['../secret.txt']);
    const predictions = await stageArtifacts([named('churn', 'predictions', 'model.onnx')], { output, folder, attempt: 1 });
    expect(await found(predictions.files)).not.toContain('churn/training/model.onnx');
    const outside = await stageArtifacts([named('churn', 'onnx', '../../../secret.txt')], { output, folder, attempt: 1 });
    expect((await found(outside.files)).filter((name) => name.includes('secret'))).toEqual([]);
  });

  it('stays small where a bot reads it', async () => {
    await leave('churn', everything);
    await truncate(join(output, 'runs/churn/report.html'), 6_000_000);
    const staged = await stageArtifacts([named('churn')], { output, folder, attempt: 1 });
    expect(await found(staged.report)).not.toContain('churn/report.html');
    expect(await found(staged.files)).toContain('churn/report.html');
  });

  it('is made anew each time', async () => {
    await leave('churn', everything);
    await leave('fraud', ['report.json']);
    await stageArtifacts([named('churn')], { output, folder, attempt: 1 });
    const staged = await stageArtifacts([named('fraud')], { output, folder, attempt: 1 });
    expect(await found(staged.report)).toEqual(['fraud/report.json']);
    expect(await readFile(join(staged.report, 'fraud/report.json'), 'utf8')).toBe('report.json');
  });
});

describe("an artifact's name", () => {
  it('is that of its model, or of its models with what no name can hold', () => {
    expect(artifactSubject(['churn'])).toBe('churn');
    expect(artifactSubject(['churn', 'fraud'])).toBe('churn+fraud');
  });

  it('stays short and its own for many', () => {
    const many = Array.from({ length: 40 }, (_, index) => `model-${index}`);
    const [one, other] = [artifactSubject(many), artifactSubject(many.slice(1))];
    expect(one).toMatch(/^model-0\+39-[0-9a-f]{8}$/);
    expect(new Set([one, other, artifactSubject([...many, 'x'])]).size).toBe(3);
  });
});
