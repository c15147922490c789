import type { ElementType } from '../onnx/field-numbers.ts';

/** Values of a tensor, row-major. `bool` is a Uint8Array of 0 and 1. */
export type TensorData = Float32Array | Float64Array | BigInt64Array | Int32Array | Uint8Array | readonly string[];

export interface Tensor {
  readonly element: ElementType;
  readonly data: TensorData;
  readonly shape: readonly number[];
}

/** A loaded model. `shared/adapters/onnxruntime/` implements it. */
export interface InferenceSession {
  readonly inputs: readonly string[];
  readonly outputs: readonly string[];
  /**
   * Computes the outputs named in `fetches`. Throws `MODEL_INPUT_MISSING` and `MODEL_INPUT_UNKNOWN` when the feeds are not exactly the
   * inputs, `MODEL_RUN_FAILED` when the graph fails (types, ranks, a fixed batch size).
   */
  run(feeds: Readonly<Record<string, Tensor>>, fetches: readonly string[]): Promise<Readonly<Record<string, Tensor>>>;
  close(): Promise<void>;
}

export type OpenSession = (bytes: Uint8Array, options?: { readonly threads?: number }) => Promise<InferenceSession>;
