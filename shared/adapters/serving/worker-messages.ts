import type { Tensor } from '../../scoring/inference-session.ts';

/** To a worker. */
export interface RunMessage {
  readonly call: number;
  readonly feeds: Readonly<Record<string, Tensor>>;
  readonly fetches: readonly string[];
}

/** To a worker: end by yourself, once what you compute is done. */
export interface StopMessage {
  readonly stop: true;
}

/** From a worker: first that it is ready, or why not; then one an answer. */
export type WorkerMessage =
  | { readonly kind: 'ready'; readonly inputs: readonly string[]; readonly outputs: readonly string[] }
  | { readonly kind: 'refused'; readonly error: CarriedError }
  | { readonly kind: 'answer'; readonly call: number; readonly tensors: Readonly<Record<string, Tensor>> }
  | { readonly kind: 'failed'; readonly call: number; readonly error: CarriedError };

/** Errors lose their class between threads. */
export interface CarriedError {
  readonly user: boolean;
  readonly code: string;
  readonly message: string;
  readonly hint: string;
}

/** What a worker begins with. */
export interface WorkerStart {
  readonly bytes: Uint8Array;
}
