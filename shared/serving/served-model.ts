import type { Contract } from '../contract/contract.ts';
import { UserError } from '../errors.ts';
import { type ModelInfo, readModel } from '../onnx/read-model.ts';
import { refuseDangerousModel } from '../onnx/refuse-dangerous-model.ts';
import { rewriteZipMap } from '../onnx/rewrite-zip-map.ts';
import type { InferenceSession, Tensor } from '../scoring/inference-session.ts';
import { type FeatureColumn, planInputs } from '../scoring/plan-inputs.ts';
import { planOutputs } from '../scoring/plan-outputs.ts';
import type { Predictions } from '../scoring/scorer.ts';
import { emptyRows, openIfQuick, type SessionPlaces } from './own-thread.ts';
import type { ServedRow } from './read-row.ts';
import { rowsTable } from './rows-table.ts';
import { type ServedField, servedFields } from './served-field.ts';
import type { ServedSession } from './served-session.ts';

export type ServedTask = 'binary' | 'multiclass' | 'regression';

/** A version as it comes from the registry, or from a file. */
export interface ModelSource {
  /** `v12`. */
  readonly version: string;
  readonly bytes: Uint8Array;
  readonly digest: string;
  /** Null: as the file looks. */
  readonly task: ServedTask | null;
  readonly score: string | undefined;
  readonly positive: string | null;
  readonly features: readonly FeatureColumn[] | null;
  readonly contract: Contract | null;
}

/** A model that is loaded and ready to answer. */
export interface ServedModel {
  readonly version: string;
  readonly digest: string;
  readonly task: ServedTask;
  readonly info: ModelInfo;
  readonly fields: readonly ServedField[];
  /** Inputs of the graph, as the Open Inference Protocol feeds them. */
  readonly session: InferenceSession;
  /** The one tensor's name where rows may be given as a list in its order; null where inputs have names. */
  readonly list: string | null;
  /** Rows that one call takes: 1 where the file fixes its first dimension. */
  readonly maxRows: number;
  /** Threads that run it; 0: the server's own. */
  readonly threads: number;
  /** Whether any of them can answer now. */
  isAlive(): boolean;
  predict(rows: readonly ServedRow[]): Promise<Predictions>;
  /** Outputs of the graph that predictions are read from. */
  readonly fetches: readonly string[];
  /** Predictions from the graph's own outputs, those of `fetches` at least. @throws UserError SCORES_NOT_FINITE */
  read(tensors: Readonly<Record<string, Tensor>>, rows: number): Predictions;
  close(): Promise<void>;
}

/**
 * Opens a model and asks it once, so that what can't answer is found before any request is. A file that is dangerous is refused first.
 * A model that is quick and can't hang runs in the server's own thread: between threads a message costs more than its answer.
 * @throws UserError what reading and planning throw
 */
export async function openServedModel(source: ModelSource, places: SessionPlaces): Promise<ServedModel> {
  const { bytes } = source;
  refuseDangerousModel(bytes);
  const runnable = rewriteZipMap(bytes);
  const info: ModelInfo = { ...readModel(runnable), classLabels: readModel(bytes).classLabels };
  const task = source.task ?? taskOf(info);
  const unnamed = unnamedWidth(info, source.features);
  const features =
    unnamed === null ? source.features : Array.from({ length: unnamed }, (_, index) => ({ name: `f${index}`, type: 'number' as const }));
  const inputs = planInputs(info, features ?? undefined);
  const outputs = planOutputs(info, { task, score: source.score, positive: source.positive });
  const fields = servedFields(inputs.columns, features ?? [], source.contract, needsValue(info));
  const ask = async (session: InferenceSession, rows: readonly ServedRow[]) => {
    const tensors = await session.run(inputs.feed(rowsTable(rows, fields)), outputs.fetches);
    return outputs.read(tensors, rows.length);
  };
  const maxRows = hasFixedRows(info) ? 1 : Number.POSITIVE_INFINITY;
  const probe = (own: InferenceSession, count: number) => ask(own, emptyRows(fields, count));
  const quick = await openIfQuick(runnable, info, { ...places, maxRows: Math.min(maxRows, places.maxRows) }, probe);
  const session: ServedSession = quick ?? (await places.openSession(runnable));
  const predict = (rows: readonly ServedRow[]) => ask(session, rows);
  try {
    await askOnce(predict, fields);
  } catch (error) {
    await session.close();
    throw error;
  }
  return {
    version: source.version,
    digest: source.digest,
    task,
    info,
    fields,
    session,
    list: isOneTensor(info) ? (info.inputs[0]?.name ?? null) : null,
    maxRows,
    threads: quick ? 0 : places.workers,
    isAlive: () => session.alive === undefined || session.alive() > 0,
    predict,
    fetches: outputs.fetches,
    read: outputs.read,
    close: () => session.close(),
  };
}

/** An integer tensor has no missing value. */
function needsValue(info: ModelInfo): (name: string) => boolean {
  const holdsMissing = (name: string) => {
    const type = (info.inputs.find((input) => input.name === name) ?? info.inputs[0])?.type;
    return type?.kind === 'tensor' && (type.element === 'float' || type.element === 'double' || type.element === 'string');
  };
  return (name) => !holdsMissing(name);
}

const isOneTensor = ({ inputs }: ModelInfo) => {
  const type = inputs[0]?.type;
  return inputs.length === 1 && type?.kind === 'tensor' && type.shape?.length === 2 && type.shape[1] !== 1;
};

/** Columns of a single tensor whose names nobody knows; null where they are known. */
function unnamedWidth(info: ModelInfo, features: readonly FeatureColumn[] | null): number | null {
  const type = info.inputs[0]?.type;
  if (features !== null || !isOneTensor(info) || type?.kind !== 'tensor') return null;
  if (['feature_names', 'features', 'weighin.features'].some((key) => info.metadata[key])) return null;
  const width = type.shape?.[1];
  return typeof width === 'number' ? width : null;
}

const hasFixedRows = ({ inputs }: ModelInfo) => inputs.some(({ type }) => type.kind === 'tensor' && type.shape?.[0] === 1);

/** Two classes, more of them, or a number: from class names, else from an integer or text label among the outputs. */
const taskOf = (info: ModelInfo): ServedTask => {
  if (info.classLabels) return info.classLabels.length === 2 ? 'binary' : 'multiclass';
  const labels = info.outputs.some(({ type }) => type.kind === 'tensor' && (type.element === 'int64' || type.element === 'string'));
  return labels && info.outputs.length > 1 ? 'binary' : 'regression';
};

/** What a file looks to be for. */
export const servedTask = (bytes: Uint8Array): ServedTask =>
  taskOf({ ...readModel(rewriteZipMap(bytes)), classLabels: readModel(bytes).classLabels });

/** Zeros and empty texts: a model may refuse those values, but not the shape of its answer. */
async function askOnce(predict: ServedModel['predict'], fields: readonly ServedField[]): Promise<void> {
  try {
    await predict(emptyRows(fields, 1));
  } catch (error) {
    if (error instanceof UserError && (error.code === 'MODEL_RUN_FAILED' || error.code === 'SCORES_NOT_FINITE')) return;
    throw error;
  }
}
