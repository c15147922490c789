import { UserError } from '../errors.ts';
import { entryField, graphField, modelField, nodeField, opsetField, tensorField, valueInfoField } from './field-numbers.ts';
import { readClassLabels } from './read-class-labels.ts';
import { contentOf, contentsOf, integerOf, readFields, textOf } from './read-fields.ts';
import { readValueType, type ValueType } from './value-type.ts';

export interface ValueInfo {
  readonly name: string;
  readonly type: ValueType;
}

/** What a model file says of itself, without running it. */
export interface ModelInfo {
  readonly irVersion: number;
  readonly producer: string;
  /** Version by domain; the default domain is `ai.onnx`. */
  readonly opsets: Readonly<Record<string, number>>;
  /** What must be fed: initializers that older files list among the inputs are left out. */
  readonly inputs: readonly ValueInfo[];
  readonly outputs: readonly ValueInfo[];
  /** Nodes of the outer graph by operator, `domain:Operator` outside the default domain. */
  readonly operators: Readonly<Record<string, number>>;
  readonly metadata: Readonly<Record<string, string>>;
  /** Class names as text, in the order of the probability columns; null where the file holds none. */
  readonly classLabels: readonly string[] | null;
}

/** Reads the file on the wire level. Throws `MODEL_UNREADABLE` where the bytes are no ONNX model. */
export function readModel(bytes: Uint8Array): ModelInfo {
  try {
    return readModelFields(bytes);
  } catch (cause) {
    if (cause instanceof UserError) throw cause;
    throw unreadable();
  }
}

export const unreadable = () =>
  new UserError(
    'MODEL_UNREADABLE',
    'The model file is not an ONNX model, or it is cut short.',
    'Export it again (model.format: onnx), or set model.format to what it is: command, predictions or metrics.',
  );

/** ONNX writes the default domain as an empty string or as ai.onnx. */
export const domainName = (domain: string) => domain || 'ai.onnx';

function readModelFields(bytes: Uint8Array): ModelInfo {
  const model = readFields(bytes);
  const graphBytes = contentOf(model, modelField.graph);
  if (!graphBytes) throw unreadable();
  const graph = readFields(graphBytes);
  const initializers = new Set(
    contentsOf(graph, graphField.initializer).map((tensor) => textOf(contentOf(readFields(tensor), tensorField.name))),
  );
  const operators = new Map<string, number>();
  for (const node of contentsOf(graph, graphField.node)) {
    const parts = readFields(node);
    const domain = domainName(textOf(contentOf(parts, nodeField.domain)));
    const operator = textOf(contentOf(parts, nodeField.opType));
    const name = domain === 'ai.onnx' ? operator : `${domain}:${operator}`;
    operators.set(name, (operators.get(name) ?? 0) + 1);
  }
  return {
    irVersion: Number(integerOf(contentOf(model, modelField.irVersion))),
    producer: [modelField.producerName, modelField.producerVersion]
      .map((no) => textOf(contentOf(model, no)))
      .join(' ')
      .trim(),
    opsets: Object.fromEntries(
      contentsOf(model, modelField.opset).map((entry) => {
        const parts = readFields(entry);
        return [domainName(textOf(contentOf(parts, opsetField.domain))), Number(integerOf(contentOf(parts, opsetField.version)))];
      }),
    ),
    inputs: contentsOf(graph, graphField.input)
      .map(readValueInfo)
      .filter(({ name }) => !initializers.has(name)),
    outputs: contentsOf(graph, graphField.output).map(readValueInfo),
    operators: Object.fromEntries(operators),
    metadata: Object.fromEntries(
      contentsOf(model, modelField.metadata).map((entry) => {
        const parts = readFields(entry);
        return [textOf(contentOf(parts, entryField.key)), textOf(contentOf(parts, entryField.value))];
      }),
    ),
    classLabels: readClassLabels(graph),
  };
}

function readValueInfo(bytes: Uint8Array): ValueInfo {
  const parts = readFields(bytes);
  return { name: textOf(contentOf(parts, valueInfoField.name)), type: readValueType(contentOf(parts, valueInfoField.type)) };
}
