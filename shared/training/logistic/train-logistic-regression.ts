import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { canonicalText } from '../../dataset/canonical-text.ts';
import type { DatasetManifest } from '../../dataset/manifest.ts';
import { UserError } from '../../errors.ts';
import type { QueryEngine } from '../../query/query-engine.ts';
import { identifier, literal } from '../../query/sql-text.ts';
import { openSource } from '../../source/table-source.ts';
import type { Notice } from '../../verdict/notice.ts';
import { buildLogisticModel } from './build-logistic-model.ts';
import { chooseColumns } from './choose-columns.ts';
import { type Design, type Encoding, weightCount } from './encoding.ts';
import { fitLogistic, predictLogistic } from './fit-logistic.ts';
import { learnCategories, learnNumeric } from './learn-encoding.ts';
import { readParams } from './params.ts';
import { encodeRows, readDesign, readRows } from './read-design.ts';

export interface LogisticRequest {
  readonly manifest: DatasetManifest;
  /** Folder of the manifest. */
  readonly datasetFolder: string;
  /** Where the ONNX file goes. */
  readonly modelPath: string;
  readonly params: Readonly<Record<string, unknown>>;
  /** Columns to read; all features by default. */
  readonly features: readonly string[] | undefined;
  /** Recorded; nothing here is random. */
  readonly seed: number;
}

export interface LogisticDeps {
  readonly engine: QueryEngine;
  readonly note: (line: string) => void;
  readonly version: string;
}

export interface Trained {
  readonly modelPath: string;
  readonly encoding: Encoding;
  readonly weights: Float64Array;
  readonly reported: Record<string, number>;
  readonly curves: Record<string, [number, number][]>;
  readonly notices: readonly Notice[];
}

/** Trains on the train split, and leaves one ONNX graph over the raw columns. Throws `TRAINER_PARAMS`, `FEATURE_UNKNOWN`, `NO_FEATURES`, `ONE_CLASS`. */
export async function trainLogisticRegression(request: LogisticRequest, { engine, note, version }: LogisticDeps): Promise<Trained> {
  const { manifest, datasetFolder } = request;
  const params = readParams(request.params);
  const columns = chooseColumns(manifest.features, request.features ?? params.features, params.categorical);
  const train = await openSplit('train');
  const categorical = await learnCategories(engine, train.relation, columns, params);
  const rare = columns.categorical
    .filter(({ name }) => !categorical.some((used) => used.name === name))
    .map(({ name }) => tooRare(name, params.minCount));
  const raw = await readRows(engine, train.relation, train.label, columns.numeric, categorical);
  refuseOneClass(raw.labels, manifest.label);
  const numeric = columns.numeric.map((name, index) => learnNumeric(name, raw.numeric[index]!, params));
  const encoding: Encoding = { numeric, categorical };
  const design = encodeRows(raw, numeric);
  const fit = fitLogistic(design, params.l2, params.maxIterations);
  const loss = fit.losses.at(-1) ?? Number.NaN;
  note(`logistic-regression: ${design.rows} rows, ${weightCount(design)} weights, ${fit.losses.length} steps, log loss ${loss.toFixed(5)}`);

  const validation = await openSplit('validation');
  const held = await readDesign(engine, validation.relation, validation.label, encoding);
  const names = manifest.features.map(({ name }) => name).filter((name) => [...numeric, ...categorical].some((used) => used.name === name));
  const file = buildLogisticModel({ encoding, weights: fit.weights, columns: names }, version, {
    'weighin.trainer': 'logistic-regression',
    'weighin.params': JSON.stringify(params),
    'weighin.features': JSON.stringify(names),
    'weighin.label': manifest.label,
    'weighin.dataset': manifest.version,
  });
  await writeFile(request.modelPath, file);
  return {
    modelPath: request.modelPath,
    encoding,
    weights: fit.weights,
    reported: {
      train_log_loss: loss,
      ...(held.rows > 0 ? { validation_log_loss: logLoss(held, fit.weights) } : {}),
      steps: fit.losses.length,
    },
    curves: { train_log_loss: fit.losses.map((value, step) => [step, value]) },
    notices: [...columns.notices, ...rare, ...(fit.converged ? [] : [notConverged(params.maxIterations)])],
  };

  async function openSplit(split: 'train' | 'validation') {
    const source = await openSource(engine, { source: join(datasetFolder, manifest.splits[split].file), root: datasetFolder });
    const label = source.columns.find(({ name }) => name === manifest.label);
    if (!label || manifest.positive === null) {
      throw new UserError('NO_LABEL', `The ${split} rows have no binary label ${manifest.label}.`, 'Check data.label and task.');
    }
    const column = identifier(label.name);
    return {
      relation: `(SELECT * FROM ${source.relation} WHERE ${column} IS NOT NULL)`,
      label: `${canonicalText(column, label)} = ${literal(manifest.positive)}`,
    };
  }
}

function refuseOneClass(labels: Uint8Array, label: string): void {
  const positives = labels.reduce((sum, value) => sum + value, 0);
  if (positives > 0 && positives < labels.length) return;
  throw new UserError(
    'ONE_CLASS',
    `The label ${label} has ${positives === 0 ? 'no positive' : 'only positive'} rows among the ${labels.length} of the train split, so there is nothing to tell apart.`,
    'Check data.label, data.positive and the split.',
  );
}

const tooRare = (column: string, minCount: number): Notice => ({
  code: 'FEATURES_LEFT_OUT',
  message: `No category of ${column} has ${minCount} rows in the train split (training.params.minCount): the column is left out.`,
});

const notConverged = (limit: number): Notice => ({
  code: 'NOT_CONVERGED',
  message: `logistic-regression did not settle within ${limit} steps: raise training.params.l2, or maxIterations.`,
});

/** Mean, in nats. Probabilities are kept 1e-15 away from 0 and 1. */
function logLoss(design: Design, weights: Float64Array): number {
  const probabilities = predictLogistic(design, weights);
  let sum = 0;
  for (let row = 0; row < design.rows; row++) {
    const probability = Math.min(1 - 1e-15, Math.max(1e-15, probabilities[row]!));
    sum -= Math.log(design.labels[row] ? probability : 1 - probability);
  }
  return sum / design.rows;
}
