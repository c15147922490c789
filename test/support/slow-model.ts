import { small } from '../unit/onnx/small-models.ts';

/**
 * `{"p": 0.3}` scores 0.3 at once. A `p` of some thousands has ONNX Runtime multiply matrices of that size first, which takes seconds and
 * cannot be stopped: what a model does that hangs.
 */
export const slowModel = (): Uint8Array =>
  small({
    inputs: [{ name: 'p', element: 'float', shape: [null, 1] }],
    outputs: [{ name: 'y', element: 'float', shape: [null, 1] }],
    initializers: [
      { name: 'zero', shape: [], values: BigInt64Array.of(0n) },
      { name: 'one', shape: [], values: BigInt64Array.of(1n) },
      { name: 'second', shape: [1], values: BigInt64Array.of(1n) },
      { name: 'nothing', shape: [1], values: Float32Array.of(0) },
    ],
    nodes: [
      { operator: 'ReduceMax', inputs: ['p'], outputs: ['most'], attributes: { keepdims: { int: 0 } } },
      { operator: 'Cast', inputs: ['most'], outputs: ['size'], attributes: { to: { int: 7 } } },
      { operator: 'Range', inputs: ['zero', 'size', 'one'], outputs: ['range'] },
      { operator: 'Cast', inputs: ['range'], outputs: ['numbers'], attributes: { to: { int: 1 } } },
      { operator: 'Unsqueeze', inputs: ['numbers', 'second'], outputs: ['column'] },
      { operator: 'Transpose', inputs: ['column'], outputs: ['line'] },
      { operator: 'MatMul', inputs: ['column', 'line'], outputs: ['matrix'] },
      { operator: 'MatMul', inputs: ['matrix', 'matrix'], outputs: ['product'] },
      { operator: 'ReduceSum', inputs: ['product'], outputs: ['sum'], attributes: { keepdims: { int: 0 } } },
      { operator: 'Mul', inputs: ['sum', 'nothing'], outputs: ['none'] },
      { operator: 'Add', inputs: ['p', 'none'], outputs: ['y'] },
    ],
  });
