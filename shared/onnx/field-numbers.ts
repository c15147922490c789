/** Field numbers of `onnx.proto` (https://github.com/onnx/onnx/blob/main/onnx/onnx.proto), those that Weighin reads or writes. */
export const modelField = {
  irVersion: 1,
  producerName: 2,
  producerVersion: 3,
  graph: 7,
  opset: 8,
  metadata: 14,
  trainingInfo: 20,
  functions: 25,
};
export const opsetField = { domain: 1, version: 2 };
export const entryField = { key: 1, value: 2 };
export const graphField = { node: 1, name: 2, initializer: 5, input: 11, output: 12, sparseInitializer: 15 };
export const nodeField = { input: 1, output: 2, name: 3, opType: 4, attribute: 5, docString: 6, domain: 7 };
export const attributeField = {
  name: 1,
  float: 2,
  int: 3,
  string: 4,
  tensor: 5,
  graph: 6,
  floats: 7,
  ints: 8,
  strings: 9,
  tensors: 10,
  graphs: 11,
  type: 20,
  sparseTensor: 22,
  sparseTensors: 23,
};
export const tensorField = {
  dims: 1,
  dataType: 2,
  int32Data: 5,
  stringData: 6,
  int64Data: 7,
  name: 8,
  rawData: 9,
  externalData: 13,
  dataLocation: 14,
};
export const sparseTensorField = { values: 1, indices: 2 };
export const valueInfoField = { name: 1, type: 2 };
export const typeField = { tensor: 1, sequence: 4, map: 5, optional: 9 };
export const tensorTypeField = { element: 1, shape: 2 };
export const mapTypeField = { key: 1, value: 2 };
export const dimensionField = { value: 1, parameter: 2 };

/** `TensorProto.DataType`. */
export const elementTypes = {
  float: 1,
  uint8: 2,
  int8: 3,
  uint16: 4,
  int16: 5,
  int32: 6,
  int64: 7,
  string: 8,
  bool: 9,
  float16: 10,
  double: 11,
  uint32: 12,
  uint64: 13,
  bfloat16: 16,
} as const;
export type ElementType = keyof typeof elementTypes;
