import type { InferenceSession } from '../scoring/inference-session.ts';

/** A loaded model that may lose its threads. */
export interface ServedSession extends InferenceSession {
  /** Threads that can answer now: neither gone nor overdue with an answer. Absent: the server's own thread, which is there. */
  readonly alive?: () => number;
}

export type OpenServedSession = (bytes: Uint8Array, options?: { readonly threads?: number }) => Promise<ServedSession>;
