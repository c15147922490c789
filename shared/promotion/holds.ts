import type { Hold, LiveDocument } from './live-document.ts';

/** Holds of a stage that are on at an instant and reach these model bytes, or any where `digest` is null. */
export const activeHolds = (live: LiveDocument | null, now: Date, digest: string | null = null): readonly Hold[] =>
  (live?.holds ?? []).filter(
    (hold) =>
      (hold.until === null || Date.parse(hold.until) > now.getTime()) &&
      (hold.digest === null || digest === null || hold.digest === digest),
  );

/** Whether these bytes may not run here now, by a hold of the stage or of the bytes. */
export const isHeld = (live: LiveDocument | null, now: Date, digest: string): boolean => activeHolds(live, now, digest).length > 0;
