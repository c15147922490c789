import type { BinaryWriter } from '@bufbuild/protobuf/wire';
import {
  attributeField,
  type ElementType,
  elementTypes,
  entryField,
  graphField,
  modelField,
  nodeField,
  opsetField,
  tensorField,
} from './field-numbers.ts';
import { writeBytes, writeFloat, writeInteger, writeMessage, writeTensorInfo, writeText } from './write-fields.ts';

/** A constant of the graph, row-major. */
export interface TensorSource {
  readonly name: string;
  readonly shape: readonly number[];
  readonly values: Float32Array | Float64Array | BigInt64Array | readonly string[];
}

export type AttributeValue =
  | { readonly float: number }
  | { readonly int: number | bigint }
  | { readonly string: string }
  | { readonly floats: readonly number[] }
  | { readonly ints: readonly (number | bigint)[] }
  | { readonly strings: readonly string[] };

export interface NodeSource {
  readonly operator: string;
  /** The default domain where absent. */
  readonly domain?: string;
  readonly inputs: readonly string[];
  readonly outputs: readonly string[];
  readonly attributes?: Readonly<Record<string, AttributeValue>>;
}

export interface ValueSource {
  readonly name: string;
  readonly element: ElementType;
  readonly shape: readonly (number | string | null)[];
}

/** A whole model, in the words of ONNX. Nodes stand in an order in which they can run. */
export interface ModelSource {
  readonly irVersion: number;
  readonly producer: { readonly name: string; readonly version: string };
  readonly opsets: Readonly<Record<string, number>>;
  readonly name: string;
  readonly inputs: readonly ValueSource[];
  readonly outputs: readonly ValueSource[];
  readonly initializers: readonly TensorSource[];
  readonly nodes: readonly NodeSource[];
  readonly metadata: Readonly<Record<string, string>>;
}

/** The model as a file. The same source gives the same bytes. */
export function buildModel(source: ModelSource): Uint8Array {
  const graph = writeMessage((writer) => {
    for (const node of source.nodes) writeBytes(writer, graphField.node, writeNode(node));
    writeText(writer, graphField.name, source.name);
    for (const tensor of source.initializers) writeBytes(writer, graphField.initializer, writeTensor(tensor));
    for (const { name, element, shape } of source.inputs) writeBytes(writer, graphField.input, writeTensorInfo(name, element, shape));
    for (const { name, element, shape } of source.outputs) writeBytes(writer, graphField.output, writeTensorInfo(name, element, shape));
  });
  return writeMessage((writer) => {
    writeInteger(writer, modelField.irVersion, source.irVersion);
    writeText(writer, modelField.producerName, source.producer.name);
    writeText(writer, modelField.producerVersion, source.producer.version);
    writeBytes(writer, modelField.graph, graph);
    for (const [domain, version] of Object.entries(source.opsets)) {
      const entry = writeMessage((inner) => {
        writeText(inner, opsetField.domain, domain === 'ai.onnx' ? '' : domain);
        writeInteger(inner, opsetField.version, version);
      });
      writeBytes(writer, modelField.opset, entry);
    }
    for (const [key, value] of Object.entries(source.metadata)) {
      const entry = writeMessage((inner) => {
        writeText(inner, entryField.key, key);
        writeText(inner, entryField.value, value);
      });
      writeBytes(writer, modelField.metadata, entry);
    }
  });
}

function writeNode(node: NodeSource): Uint8Array {
  return writeMessage((writer) => {
    for (const input of node.inputs) writeText(writer, nodeField.input, input);
    for (const output of node.outputs) writeText(writer, nodeField.output, output);
    // Named after what it makes: ONNX Runtime's messages then say which node they mean.
    writeText(writer, nodeField.name, node.outputs.join('+'));
    writeText(writer, nodeField.opType, node.operator);
    if (node.domain) writeText(writer, nodeField.domain, node.domain);
    for (const [name, value] of Object.entries(node.attributes ?? {})) {
      writeBytes(
        writer,
        nodeField.attribute,
        writeMessage((inner) => writeAttribute(inner, name, value)),
      );
    }
  });
}

/** The last numbers are `AttributeProto.AttributeType`. */
function writeAttribute(writer: BinaryWriter, name: string, value: AttributeValue): void {
  writeText(writer, attributeField.name, name);
  const typed = (type: number) => writeInteger(writer, attributeField.type, type);
  if ('float' in value) {
    writeFloat(writer, attributeField.float, value.float);
    typed(1);
  } else if ('int' in value) {
    writeInteger(writer, attributeField.int, value.int);
    typed(2);
  } else if ('string' in value) {
    writeText(writer, attributeField.string, value.string);
    typed(3);
  } else if ('floats' in value) {
    for (const number of value.floats) writeFloat(writer, attributeField.floats, number);
    typed(6);
  } else if ('ints' in value) {
    for (const number of value.ints) writeInteger(writer, attributeField.ints, number);
    typed(7);
  } else {
    for (const text of value.strings) writeText(writer, attributeField.strings, text);
    typed(8);
  }
}

function writeTensor({ name, shape, values }: TensorSource): Uint8Array {
  return writeMessage((writer) => {
    for (const size of shape) writeInteger(writer, tensorField.dims, size);
    writeInteger(writer, tensorField.dataType, elementTypes[elementOf(values)]);
    writeText(writer, tensorField.name, name);
    if (isNumbers(values)) writeBytes(writer, tensorField.rawData, littleEndian(values));
    else for (const text of values) writeText(writer, tensorField.stringData, text);
  });
}

type Numbers = Float32Array | Float64Array | BigInt64Array;
const isNumbers = (values: TensorSource['values']): values is Numbers => ArrayBuffer.isView(values);

function elementOf(values: TensorSource['values']): ElementType {
  if (!isNumbers(values)) return 'string';
  if (values instanceof Float32Array) return 'float';
  return values instanceof Float64Array ? 'double' : 'int64';
}

/** `raw_data` is little-endian on every machine. */
function littleEndian(values: Numbers): Uint8Array {
  const bytes = new Uint8Array(values.length * values.BYTES_PER_ELEMENT);
  const view = new DataView(bytes.buffer);
  values.forEach((value: number | bigint, index: number) => {
    const at = index * values.BYTES_PER_ELEMENT;
    if (typeof value === 'bigint') view.setBigInt64(at, value, true);
    else if (values instanceof Float32Array) view.setFloat32(at, value, true);
    else view.setFloat64(at, value, true);
  });
  return bytes;
}
