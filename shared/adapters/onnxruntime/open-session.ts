import type { InferenceSession as OrtSession, Tensor as OrtTensor } from 'onnxruntime-node';
import { UserError } from '../../errors.ts';
import type { ElementType } from '../../onnx/field-numbers.ts';
import type { InferenceSession, OpenSession, Tensor, TensorData } from '../../scoring/inference-session.ts';

/** ONNX Runtime's names of element types, and ONNX's. */
const runtimeTypes = {
  float: 'float32',
  double: 'float64',
  int64: 'int64',
  int32: 'int32',
  uint8: 'uint8',
  bool: 'bool',
  string: 'string',
} as const satisfies Partial<Record<ElementType, OrtTensor.Type>>;
type Carried = keyof typeof runtimeTypes;
const elementNames = new Map<string, Carried>(Object.entries(runtimeTypes).map(([ours, theirs]) => [theirs, ours as Carried]));
const isCarried = (element: ElementType): element is Carried => element in runtimeTypes;

/** Loads a model into ONNX Runtime (CPU). `threads` bounds the threads within an operator; all cores by default. */
export const openSession: OpenSession = async (bytes, options = {}) => {
  const ort = await import('onnxruntime-node');
  let session: OrtSession;
  try {
    session = await ort.InferenceSession.create(bytes, {
      // 3 is errors only: a wrongly declared output shape would print a warning at every call.
      logSeverityLevel: 3,
      ...(options.threads === undefined ? {} : { intraOpNumThreads: options.threads, interOpNumThreads: 1 }),
    });
  } catch (cause) {
    throw new UserError(
      'MODEL_NOT_LOADABLE',
      `ONNX Runtime can't load the model: ${reason(cause)}`,
      'Export it for an opset that ONNX Runtime 1.30 knows.',
    );
  }
  return toSession(session, (tensor) => {
    if (!isCarried(tensor.element)) throw unsupported(tensor.element);
    // The constructor's overloads pair each type with its array; `Tensor` guarantees the pair, the union can't say so.
    return new ort.Tensor(runtimeTypes[tensor.element] as 'float32', tensor.data as Float32Array, tensor.shape);
  });
};

function toSession(session: OrtSession, toRuntime: (tensor: Tensor) => OrtTensor): InferenceSession {
  const inputs = new Set(session.inputNames);
  return {
    inputs: session.inputNames,
    outputs: session.outputNames,

    async run(feeds, fetches) {
      const missing = session.inputNames.filter((name) => !Object.hasOwn(feeds, name));
      if (missing.length > 0) {
        throw new UserError(
          'MODEL_INPUT_MISSING',
          `The model's input ${missing.join(', ')} was not given.`,
          'Give every input that the model declares.',
        );
      }
      const extra = Object.keys(feeds).filter((name) => !inputs.has(name));
      // ONNX Runtime drops them in silence: a misspelt optional input would go unnoticed.
      if (extra.length > 0) {
        throw new UserError(
          'MODEL_INPUT_UNKNOWN',
          `The model has no input ${extra.join(', ')}.`,
          `Its inputs are ${session.inputNames.join(', ')}.`,
        );
      }
      const given: Record<string, OrtTensor> = {};
      for (const name of session.inputNames) given[name] = toRuntime(feeds[name]!);
      let found: OrtSession.ReturnType;
      try {
        found = await session.run(given, fetches);
      } catch (cause) {
        throw new UserError(
          'MODEL_RUN_FAILED',
          `The model failed on the rows it was given: ${reason(cause)}`,
          'Its inputs must take any number of rows (a dynamic first dimension) of the types that it declares.',
        );
      }
      return Object.fromEntries(fetches.map((name) => [name, fromRuntime(name, found[name] as OrtTensor)]));
    },

    close: () => session.release(),
  };
}

function fromRuntime(name: string, tensor: OrtTensor): Tensor {
  const element = elementNames.get(tensor.type);
  if (!element) throw unsupported(`${tensor.type} (output ${name})`);
  return { element, data: tensor.data as TensorData, shape: tensor.dims };
}

const unsupported = (type: string) =>
  new UserError(
    'MODEL_TYPE_UNSUPPORTED',
    `The model uses tensors of type ${type}, which Weighin does not carry.`,
    'Export it with float, double, int64, int32, bool or string.',
  );

/** First line, without the addresses of ONNX Runtime's own source files. */
const reason = (cause: unknown) =>
  (cause instanceof Error ? cause.message : String(cause))
    .split('\n')[0]!
    .replace(/\S*\/onnxruntime\/\S+\s?/g, '')
    .slice(0, 400);
