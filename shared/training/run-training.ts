import { mkdir, rm } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import type { ModelFileConfig, TrainingConfig } from '../config/schema.ts';
import type { DatasetManifest } from '../dataset/manifest.ts';
import { UserError } from '../errors.ts';
import type { QueryEngine } from '../query/query-engine.ts';
import type { Notice } from '../verdict/notice.ts';
import { describeModel } from './describe-model.ts';
import { copyGivenModel, findTrainedModel, modelFileName, rootModelTime } from './find-model.ts';
import { readReported } from './read-reported.ts';
import { runCommand } from './run-command.ts';
import type { RunProcess } from './run-process.ts';
import type { TrainingResult } from './training-result.ts';

export interface TrainingRequest {
  /** Name of the model in the config. */
  readonly model: string;
  readonly task: 'binary' | 'multiclass' | 'regression' | 'ranking';
  readonly training: TrainingConfig | undefined;
  readonly modelFile: ModelFileConfig;
  /** null where the config has no data: then no split is handed to the command, and no trainer can run. */
  readonly manifest: DatasetManifest | null;
  /** Folder of the manifest. */
  readonly datasetFolder: string;
  /** Absolute; it and what was in it are replaced. */
  readonly outputFolder: string;
  /** Absolute: the config's folder, where commands run. */
  readonly root: string;
}

export interface TrainingDeps {
  readonly runProcess: RunProcess;
  /** Asked for by built-in trainers alone. */
  readonly engine: () => Promise<QueryEngine>;
  /** A part of the pipeline's Progress. */
  readonly progress: { note(line: string): void };
  /** The surrounding environment; tokens in it are withheld from commands. */
  readonly env: Readonly<Record<string, string | undefined>>;
  readonly now: () => Date;
  /** Weighin's own version, for the model file. */
  readonly version: string;
}

export interface TrainingOutcome {
  readonly result: TrainingResult;
  /** Absolute path of the model file. */
  readonly modelPath: string;
  /** Last lines of the command's log. */
  readonly tail: readonly string[];
}

/**
 * Makes the candidate: by the team's command, by a built-in trainer, or by taking the file that is there.
 * Throws `TRAINING_FAILED`, `TRAINING_TIMEOUT`, `SETUP_FAILED`, `MODEL_MISSING`, `MODEL_REFUSED`, `MODEL_UNREADABLE`,
 * `TRAINER_NOT_YET_SUPPORTED` and the trainer's own errors.
 */
export async function runTraining(request: TrainingRequest, deps: TrainingDeps): Promise<TrainingOutcome> {
  const { training, modelFile } = request;
  const started = deps.now().getTime();
  const done = await makeModel(request, deps);
  const { reported, curves, notices } = await readReported(request.outputFolder, modelFile, done.modelPath);
  const model = await describeModel(modelFile.format, done.modelPath, request.outputFolder);
  return {
    result: {
      by: done.by,
      command: done.by === 'command' ? (training?.command ?? null) : null,
      trainer: done.by === 'trainer' ? (training?.trainer ?? null) : null,
      params: training?.params ?? {},
      seed: training?.seed ?? 42,
      seconds: Math.max(0, (deps.now().getTime() - started) / 1000),
      model,
      reported: { ...done.reported, ...reported },
      curves: { ...done.curves, ...curves },
      environment: { platform: `${process.platform}-${process.arch}`, node: process.version },
      notices: [...done.notices, ...notices],
    },
    modelPath: done.modelPath,
    tail: done.tail,
  };
}

interface Made extends Pick<TrainingResult, 'by' | 'reported' | 'curves'> {
  readonly modelPath: string;
  readonly tail: readonly string[];
  readonly notices: readonly Notice[];
}

async function makeModel(request: TrainingRequest, deps: TrainingDeps): Promise<Made> {
  const { training } = request;
  if (training?.trainer) return trainBuiltIn(request, training, deps);
  if (training?.command) {
    const before = await rootModelTime(request);
    const tail = await runCommand({ ...request, training, command: training.command }, deps);
    const modelPath = await findTrainedModel(request, before);
    return { by: 'command', modelPath, tail, notices: [], reported: {}, curves: {} };
  }
  return { by: 'given', modelPath: await copyGivenModel(request), tail: [], notices: [], reported: {}, curves: {} };
}

async function trainBuiltIn(request: TrainingRequest, training: TrainingConfig, deps: TrainingDeps): Promise<Made> {
  const { trainer, params, seed, features } = training;
  if (trainer !== 'logistic-regression') {
    throw new UserError(
      'TRAINER_NOT_YET_SUPPORTED',
      `The trainer ${trainer} of ${request.model} is not built in yet.`,
      'Use trainer: logistic-regression (binary), or train with training.command.',
    );
  }
  if (request.task !== 'binary') {
    throw new UserError(
      'TRAINER_NOT_YET_SUPPORTED',
      `The trainer logistic-regression does task: binary, and the task of ${request.model} is ${request.task}.`,
      'Train with training.command.',
    );
  }
  if (request.modelFile.format !== 'onnx') {
    throw new UserError(
      'TRAINER_WRITES_ONNX',
      `The trainer logistic-regression writes an ONNX file, and model.format of ${request.model} is ${request.modelFile.format}.`,
      'Set model: {format: onnx}.',
    );
  }
  if (!request.manifest) throw new UserError('NO_DATA', `${request.model} has a trainer and no data.`, 'Add data: to the model.');
  const { trainLogisticRegression } = await import('./logistic/train-logistic-regression.ts');
  const modelPath = join(request.outputFolder, modelFileName(request.modelFile));
  await rm(request.outputFolder, { recursive: true, force: true });
  await mkdir(dirname(modelPath), { recursive: true });
  const trained = await trainLogisticRegression(
    {
      manifest: request.manifest,
      datasetFolder: request.datasetFolder,
      modelPath,
      params,
      features,
      seed,
    },
    { engine: await deps.engine(), note: deps.progress.note, version: deps.version },
  );
  const { reported, curves, notices } = trained;
  return { by: 'trainer', modelPath, tail: [], reported, curves, notices };
}
