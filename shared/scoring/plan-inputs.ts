import { UserError } from '../errors.ts';
import type { ElementType } from '../onnx/field-numbers.ts';
import type { ModelInfo, ValueInfo } from '../onnx/read-model.ts';
import { formatValueType } from '../onnx/value-type.ts';
import type { ColumnTable } from '../query/query-engine.ts';
import type { Tensor } from './inference-session.ts';
import type { Scorer } from './scorer.ts';
import { tensorData, wantedType } from './tensor-data.ts';

/** A column that the model may read: `features` of the dataset's manifest. */
export interface FeatureColumn {
  readonly name: string;
  readonly type: 'number' | 'integer' | 'text' | 'boolean' | 'timestamp' | 'date';
}

/** Which columns feed which inputs. */
export interface InputPlan {
  readonly columns: Scorer['inputs'];
  feed(rows: ColumnTable): Readonly<Record<string, Tensor>>;
}

interface TensorInput {
  readonly name: string;
  readonly element: ElementType;
  /** Columns a row; null where the file leaves it open. */
  readonly width: number | null;
}

/**
 * Either one input a column, shape [rows, 1] or [rows], named as the column; or one tensor [rows, k], its columns taken from the
 * file's own `feature_names` metadata, else the dataset's numeric features in their order, where there are exactly k.
 * Throws `MODEL_INPUT_UNKNOWN_COLUMN` and `MODEL_INPUTS_AMBIGUOUS`.
 */
export function planInputs(info: ModelInfo, features: readonly FeatureColumn[] | undefined): InputPlan {
  const inputs = info.inputs.map(tensorInput);
  if (inputs.length === 0) throw ambiguous('it has no input at all');
  const only = inputs.length === 1 ? inputs[0] : undefined;
  const isColumn = only !== undefined && only.width === 1 && (!features || features.some(({ name }) => name === only.name));
  if (only && !isColumn) return oneTensor(only, info, features);
  const wide = inputs.find(({ width }) => width !== 1);
  if (wide) throw ambiguous(`input ${wide.name} takes ${wide.width ?? 'any number of'} columns, and it is one of ${inputs.length} inputs`);
  return perColumn(inputs, features);
}

function tensorInput({ name, type }: ValueInfo): TensorInput {
  if (type.kind !== 'tensor' || type.element === 'unknown') {
    throw new UserError(
      'MODEL_TYPE_UNSUPPORTED',
      `Input ${name} is ${formatValueType(type)}, not a tensor of rows.`,
      'Export the model with tensor inputs.',
    );
  }
  const { shape } = type;
  if (shape && shape.length > 2) throw ambiguous(`input ${name} has ${shape.length} dimensions; rows have one or two`);
  const last = shape?.[1];
  return { name, element: type.element, width: shape === null ? null : shape.length < 2 ? 1 : typeof last === 'number' ? last : null };
}

function perColumn(inputs: readonly TensorInput[], features: readonly FeatureColumn[] | undefined): InputPlan {
  const unknown = features ? inputs.filter((input) => !features.some(({ name }) => name === input.name)) : [];
  if (unknown.length > 0) {
    throw new UserError(
      'MODEL_INPUT_UNKNOWN_COLUMN',
      `The model reads ${unknown.map(({ name }) => name).join(', ')}, which is not a feature of the dataset.`,
      `Features are ${features!.map(({ name }) => name).join(', ')}. The label, the id, times and excluded columns are not among them.`,
    );
  }
  return {
    columns: inputs.map(({ name, element }) => ({ name, type: wantedType(name, element) })),
    feed: (rows) =>
      Object.fromEntries(
        inputs.map(({ name, element }) => [name, { element, data: tensorData(rows, [name], element), shape: [rows.rowCount, 1] }]),
      ),
  };
}

function oneTensor(input: TensorInput, info: ModelInfo, features: readonly FeatureColumn[] | undefined): InputPlan {
  const names = namedFeatures(info.metadata) ?? datasetFeatures(input, features);
  if (input.width !== null && names.length !== input.width) {
    throw ambiguous(`input ${input.name} takes ${input.width} columns and the model's metadata names ${names.length}`);
  }
  const missing = features ? names.filter((name) => !features.some((feature) => feature.name === name)) : [];
  if (missing.length > 0) {
    throw new UserError(
      'MODEL_INPUT_UNKNOWN_COLUMN',
      `The model's metadata names ${missing.join(', ')}, which is not a feature of the dataset.`,
      `Features are ${features!.map(({ name }) => name).join(', ')}.`,
    );
  }
  return {
    columns: names.map((name) => ({ name, type: wantedType(name, input.element) })),
    feed: (rows) => ({
      [input.name]: { element: input.element, data: tensorData(rows, names, input.element), shape: [rows.rowCount, names.length] },
    }),
  };
}

/** Converters and teams write the names under one of these keys, as JSON or separated by commas. */
function namedFeatures(metadata: Readonly<Record<string, string>>): readonly string[] | null {
  const text = metadata['feature_names'] ?? metadata['features'] ?? metadata['weighin.features'];
  if (!text) return null;
  try {
    const found: unknown = JSON.parse(text);
    if (Array.isArray(found) && found.every((name) => typeof name === 'string')) return found;
  } catch {
    // Not JSON: a plain list.
  }
  const names = text.split(',').map((name) => name.trim());
  return names.every(Boolean) ? names : null;
}

function datasetFeatures(input: TensorInput, features: readonly FeatureColumn[] | undefined): readonly string[] {
  const wanted = input.element === 'string' ? ['text'] : ['number', 'integer', 'boolean'];
  const names = (features ?? []).filter(({ type }) => wanted.includes(type)).map(({ name }) => name);
  if (input.width === null ? names.length > 0 : names.length === input.width) return names;
  throw ambiguous(
    `input ${input.name} takes ${input.width ?? 'any number of'} columns, and the dataset has ${names.length} ${input.element === 'string' ? 'text' : 'numeric'} features` +
      (names.length > 0 ? ` (${names.join(', ')})` : ''),
  );
}

const ambiguous = (reason: string) =>
  new UserError(
    'MODEL_INPUTS_AMBIGUOUS',
    `It is not clear which columns feed the model: ${reason}.`,
    'Export it with one input a column, or write the column names into the file: metadata_props feature_names = ["a", "b", …]; data.exclude takes columns out.',
  );
