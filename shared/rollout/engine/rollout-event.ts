import type { Person } from '../../promotion/forge.ts';
import type { ArmCounts } from '../judging/bucket.ts';
import type { Reading } from './metric-source.ts';
import type { ObservedTraffic } from './traffic.ts';

/** What can happen to a rollout. The reducer takes one at a time, with the time that it is now. */
export type RolloutEvent =
  /** A rollout that was handed over (`pending`) starts: its rules are fixed from stable's past, before the first request. */
  | {
      readonly is: 'begin';
      readonly owner: string;
      /** By metric, oldest first; empty where nothing is known. */
      readonly history: Readonly<Record<string, readonly ArmCounts[]>>;
      readonly historyBucketSeconds: number;
    }
  /** The guard looked. */
  | {
      readonly is: 'tick';
      readonly owner: string;
      /** null: the source was not asked at this tick. */
      readonly reading: Reading | null;
      /** null: the target did not answer. */
      readonly observed: ObservedTraffic | null;
      /** false: GitHub is away, so nothing can be recorded. It judges, pauses and goes back; it begins no step. Without it: true. */
      readonly mayAdvance?: boolean;
    }
  /** Another process takes up the guard. */
  | { readonly is: 'taken-over'; readonly owner: string }
  /**
   * An effect was carried out, or was not: the answer of a check, or whether the target took its wish (`ok`). A target that tells nothing
   * is believed by that alone, and its lease counts from there.
   */
  | { readonly is: 'checked'; readonly key: string; readonly ok: boolean; readonly detail: string }
  | { readonly is: 'pause'; readonly by: Person; readonly cause: string; readonly detail: string }
  | { readonly is: 'resume'; readonly by: Person; readonly cause: string }
  /** Ends the step that it is in, as if its time were over and all were well; the last step's end is the end. */
  | { readonly is: 'promote'; readonly by: Person; readonly cause: string }
  | { readonly is: 'abort'; readonly by: Person; readonly cause: string; readonly detail: string }
  /** 0 … 100. A weight of the plan goes to that step; 100 by the normal path, its hold included. Another stands in for this step's weight. */
  | { readonly is: 'set'; readonly percent: number; readonly by: Person; readonly cause: string }
  /** A newer promotion takes the stage. */
  | { readonly is: 'supersede'; readonly by: Person; readonly cause: string; readonly detail: string };
