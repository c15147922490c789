import type { Prediction } from '../production/prediction-log.ts';

/** Takes lines of the prediction log and never makes an answer wait: what it can't hold it drops, and counts. */
export interface PredictionSink {
  write(line: Prediction): void;
  /** All that was taken is on disk. */
  flush(): Promise<void>;
  close(): Promise<void>;
  readonly written: number;
  readonly dropped: number;
}

/** Whether a share of ids holds this one: the same id is kept or left out for every variant, so that answers can be compared by it. */
export function isSampled(id: string, share: number): boolean {
  if (share >= 1) return true;
  let hash = 0x811c9dc5;
  for (let at = 0; at < id.length; at++) hash = Math.imul(hash ^ id.charCodeAt(at), 0x01000193);
  // FNV mixes its high bits badly for short texts.
  hash = Math.imul(hash ^ (hash >>> 16), 0x85ebca6b);
  hash ^= hash >>> 13;
  return (hash >>> 0) / 2 ** 32 < share;
}
