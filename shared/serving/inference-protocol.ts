import { z } from 'zod';
import type { ElementType } from '../onnx/field-numbers.ts';
import type { ValueInfo } from '../onnx/read-model.ts';
import type { Tensor, TensorData } from '../scoring/inference-session.ts';
import { RefusedRequest } from './refused-request.ts';
import type { ServedModel } from './served-model.ts';

/** Data types of the Open Inference Protocol and ONNX's. */
const dataTypes = {
  BOOL: 'bool',
  UINT8: 'uint8',
  INT32: 'int32',
  INT64: 'int64',
  FP32: 'float',
  FP64: 'double',
  BYTES: 'string',
} as const satisfies Record<string, ElementType>;
type DataType = keyof typeof dataTypes;
const dataTypeOf = (element: string) => (Object.keys(dataTypes) as DataType[]).find((name) => dataTypes[name] === element);

const parameters = z.record(z.string(), z.union([z.string(), z.number(), z.boolean()]));
const requestSchema = z.object({
  id: z.string().max(200).optional(),
  parameters: parameters.optional(),
  inputs: z.array(
    z.object({
      name: z.string(),
      shape: z.array(z.number().int().nonnegative()).min(1).max(8),
      datatype: z.string(),
      parameters: parameters.optional(),
      data: z.array(z.unknown()),
    }),
  ),
  outputs: z.array(z.object({ name: z.string(), parameters: parameters.optional() })).optional(),
});

/** One of the request's own parameters, before all of it is read against a model. */
export function inferParameter(body: unknown, name: string): string | number | boolean | undefined {
  const given = requestSchema.pick({ parameters: true }).safeParse(body).data?.parameters;
  return given && Object.hasOwn(given, name) ? given[name] : undefined;
}

export interface InferRequest {
  readonly id: string | undefined;
  readonly feeds: Readonly<Record<string, Tensor>>;
  readonly outputs: readonly string[];
  readonly rows: number;
}

/**
 * Reads the body of `…/infer` against a model's own inputs.
 * @throws RefusedRequest BODY_INVALID, INPUT_UNKNOWN, INPUT_MISSING, INPUT_TYPE, INPUT_SHAPE, OUTPUT_UNKNOWN, TOO_MANY_ROWS
 */
export function readInferRequest(body: unknown, { info }: Pick<ServedModel, 'info'>, maxRows: number): InferRequest {
  const parsed = requestSchema.safeParse(body);
  if (!parsed.success) {
    const issue = parsed.error.issues[0];
    const place = issue?.path
      .map((part, index) => (typeof part === 'number' ? `[${part}]` : `${index ? '.' : ''}${String(part)}`))
      .join('');
    throw new RefusedRequest(400, 'BODY_INVALID', `The body is no inference request: ${place || 'it'} is missing or of another kind.`, {
      ...(place && { field: place }),
    });
  }
  const { id, inputs, outputs } = parsed.data;
  const feeds: Record<string, Tensor> = {};
  let rows = 0;
  for (const [at, input] of inputs.entries()) {
    const field = `inputs[${at}]`;
    const known = info.inputs.find(({ name }) => name === input.name);
    if (!known || Object.hasOwn(feeds, input.name))
      throw refuse(
        'INPUT_UNKNOWN',
        `The model's inputs are ${info.inputs.map(({ name }) => name).join(', ')}, each once.`,
        `${field}.name`,
      );
    rows = Math.max(rows, input.shape[0] ?? 0);
    feeds[input.name] = readTensor(input, known, field);
  }
  const missing = info.inputs.find(({ name }) => !Object.hasOwn(feeds, name));
  if (missing) throw refuse('INPUT_MISSING', `The input ${missing.name} is missing.`, 'inputs');
  if (rows > maxRows)
    throw new RefusedRequest(413, 'TOO_MANY_ROWS', `${rows} rows are more than the ${maxRows} that one request may hold.`, {
      field: 'inputs',
    });
  const names = tensorOutputs(info.outputs).map(({ name }) => name);
  const wanted = outputs?.map(({ name }) => name) ?? names;
  const unknown = wanted.findIndex((name) => !names.includes(name));
  if (unknown !== -1) throw refuse('OUTPUT_UNKNOWN', `The model's outputs are ${names.join(', ')}.`, `outputs[${unknown}].name`);
  return { id, feeds, outputs: wanted, rows };
}

function readTensor(input: z.infer<typeof requestSchema>['inputs'][number], { type }: ValueInfo, field: string): Tensor {
  const element = type.kind === 'tensor' ? type.element : 'unknown';
  const wanted = dataTypeOf(element);
  if (wanted === undefined || input.datatype !== wanted)
    throw refuse('INPUT_TYPE', `The input takes ${wanted ?? 'a type that this server does not carry'}.`, `${field}.datatype`);
  const shape = type.kind === 'tensor' ? type.shape : null;
  const fits =
    !shape || (shape.length === input.shape.length && shape.every((size, at) => typeof size !== 'number' || size === input.shape[at]));
  if (!fits)
    throw refuse(
      'INPUT_SHAPE',
      `The input's shape is [${shape.map((size) => (typeof size === 'number' ? size : -1)).join(', ')}].`,
      `${field}.shape`,
    );
  // As deep as the shape, or flat.
  const values = input.data.flat(input.shape.length - 1);
  if (values.length !== input.shape.reduce((product, size) => product * size, 1))
    throw refuse('INPUT_SHAPE', `The shape and the number of values, ${values.length}, do not agree.`, `${field}.data`);
  return { element: dataTypes[wanted], data: tensorValues(wanted, values, `${field}.data`), shape: input.shape };
}

function tensorValues(type: DataType, values: readonly unknown[], field: string): TensorData {
  const holds = (test: (value: unknown) => boolean, what: string) => {
    const at = values.findIndex((value) => !test(value));
    if (at !== -1) throw refuse('INPUT_TYPE', `${type} takes ${what}; value ${at + 1} is something else.`, field);
  };
  if (type === 'BYTES') {
    holds((value) => typeof value === 'string', 'texts');
    return values as readonly string[];
  }
  if (type === 'BOOL') {
    holds((value) => typeof value === 'boolean' || value === 0 || value === 1, 'true and false');
    return Uint8Array.from(values, Number);
  }
  if (type === 'FP32' || type === 'FP64') {
    holds((value) => (typeof value === 'number' && Number.isFinite(value)) || value === null, 'numbers, or null for a missing one');
    const numbers = values.map((value) => (value === null ? Number.NaN : (value as number)));
    return type === 'FP32' ? Float32Array.from(numbers) : Float64Array.from(numbers);
  }
  const [low, high] = { UINT8: [0, 255], INT32: [-(2 ** 31), 2 ** 31 - 1], INT64: [Number.MIN_SAFE_INTEGER, Number.MAX_SAFE_INTEGER] }[
    type
  ] as [number, number];
  holds(
    (value) => Number.isInteger(value) && (value as number) >= low && (value as number) <= high,
    `whole numbers from ${low} to ${high}`,
  );
  const numbers = values as readonly number[];
  if (type === 'INT64') return BigInt64Array.from(numbers, BigInt);
  return type === 'INT32' ? Int32Array.from(numbers) : Uint8Array.from(numbers);
}

/** The body of the answer. */
export function inferResponse(
  model: string,
  version: string,
  id: string,
  outputs: readonly string[],
  tensors: Readonly<Record<string, Tensor>>,
): object {
  return {
    model_name: model,
    model_version: version,
    id,
    outputs: outputs.map((name) => {
      const { element, data, shape } = tensors[name]!;
      return { name, datatype: dataTypeOf(element) ?? element, shape: [...shape], data: plainValues(element, data) };
    }),
  };
}

/** A whole number beyond 2^53 loses digits in JSON; so be it, as other servers do. NaN and infinities become null. */
function plainValues(element: ElementType, data: TensorData): readonly unknown[] {
  if (element === 'bool') return Array.from(data as Uint8Array, Boolean);
  return Array.from(data as ArrayLike<unknown>, (value) => (typeof value === 'bigint' ? Number(value) : value));
}

const tensorOutputs = (outputs: readonly ValueInfo[]) => outputs.filter(({ type }) => type.kind === 'tensor');

/** `GET /v2/models/<name>`. */
export function modelMetadata(name: string, versions: readonly string[], { info }: Pick<ServedModel, 'info'>): object {
  const tensor = ({ name, type }: ValueInfo) =>
    type.kind === 'tensor'
      ? {
          name,
          datatype: dataTypeOf(type.element) ?? type.element.toUpperCase(),
          shape: (type.shape ?? [null]).map((size) => (typeof size === 'number' ? size : -1)),
        }
      : [];
  return { name, versions, platform: 'onnx_onnxv1', inputs: info.inputs.flatMap(tensor), outputs: info.outputs.flatMap(tensor) };
}

const refuse = (code: string, message: string, field: string) => new RefusedRequest(422, code, message, { field });
