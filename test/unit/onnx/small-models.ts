import { buildModel, type ModelSource } from '../../../shared/onnx/build-model.ts';

const empty: ModelSource = {
  irVersion: 8,
  producer: { name: 'test', version: '1' },
  opsets: { 'ai.onnx': 17, 'ai.onnx.ml': 3 },
  name: 'graph',
  inputs: [],
  outputs: [],
  initializers: [],
  nodes: [],
  metadata: {},
};

/** A model from the parts that a test is about. */
export const small = (parts: Partial<ModelSource>): Uint8Array => buildModel({ ...empty, ...parts });

/** [rows, width] floats in, the same out. */
export const identity = (width: number | null, parts: Partial<ModelSource> = {}): Uint8Array =>
  small({
    inputs: [{ name: 'x', element: 'float', shape: [null, width] }],
    outputs: [{ name: 'y', element: 'float', shape: [null, width] }],
    nodes: [{ operator: 'Identity', inputs: ['x'], outputs: ['y'] }],
    ...parts,
  });
