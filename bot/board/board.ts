import type { Phase } from '../../shared/promotion/live-document.ts';
import type { ArmCounts } from '../../shared/rollout/judging/bucket.ts';

/** What the board shows of one repository, as data: `renderBoard` makes a page of it. Moments are ISO 8601, texts unescaped. */
export interface Board {
  /** `acme/churn` */
  readonly repository: string;
  /** Of its web pages. */
  readonly url: string;
  /** When this was put together; ages count from here. */
  readonly now: string;
  /** When GitHub said what is shown. */
  readonly readAt: string;
  /** Why nothing newer is known; null where it is fresh. */
  readonly problem: string | null;
  readonly standing: Standing;
  /** The headline. */
  readonly says: string;
  /** What to look at first, in a sentence. */
  readonly why: string;
  readonly models: readonly BoardModel[];
  /** Newest first. */
  readonly activity: readonly Activity[];
}

/**
 * One scale for all that can be said of a stage, worst first; each has a mark, a word and a colour of its own, never the colour alone.
 * broken: it can't be read. unguarded: traffic moved and nobody watches. stopped: taken back. paused, drift: somebody must look. moving: traffic moves. waiting: for people or dates.
 */
export const standings = [
  'broken',
  'unguarded',
  'stopped',
  'paused',
  'drift',
  'held',
  'moving',
  'waiting',
  'shift',
  'steady',
  'empty',
] as const;
export type Standing = (typeof standings)[number];

export interface BoardModel {
  readonly name: string;
  /** Of the versions that the bot accepted; null where there is none. */
  readonly newest: number | null;
  /** Production first, then as weighin.yaml has them. */
  readonly stages: readonly BoardStage[];
}

export interface BoardStage {
  readonly model: string;
  readonly stage: string;
  readonly standing: Standing;
  /** Why it can't be shown; null where it can. */
  readonly problem: string | null;
  readonly runs: { readonly version: number; readonly since: string | null } | null;
  /** What a person may do where nothing runs yet. */
  readonly begin: Advice | null;
  /** `whole`: of the stage, whatever the version; else of the version alone, whose number may not be known. */
  readonly holds: readonly {
    readonly whole: boolean;
    readonly version: number | null;
    readonly reason: string;
    readonly by: string;
    readonly at: string;
    readonly until: string | null;
  }[];
  readonly rollout: BoardRollout | null;
  readonly waits: readonly Waiting[];
  readonly drift: BoardDrift | null;
}

/** A sentence on what to do, and the commands to copy. */
export interface Advice {
  readonly says: string;
  readonly commands: readonly string[];
}

export interface BoardRollout {
  readonly id: string;
  readonly strategy: string;
  readonly phase: Phase;
  readonly candidate: number;
  readonly stable: number | null;
  /** One sentence that a screen reader is told when it changes; holds no age. */
  readonly says: string;
  /** Percent of the candidate. null: the rollout is over, or nothing was moved yet. */
  readonly traffic: { readonly wanted: number; readonly seen: number | null; readonly mirror: boolean } | null;
  readonly steps: readonly TrackStep[];
  readonly metrics: readonly BoardMetric[];
  readonly checks: readonly { readonly name: string; readonly ok: boolean; readonly detail: string }[];
  readonly guard: GuardSign | null;
  /** Why it stands still or went back. */
  readonly trouble: {
    readonly title: string;
    readonly detail: string;
    readonly by: string | null;
    readonly at: string;
    readonly advice: Advice;
  } | null;
  /** What shadow or ab recommends. */
  readonly outcome: { readonly recommends: 'promote' | 'keep'; readonly why: string } | null;
}

export interface TrackStep {
  /** Percent. */
  readonly weight: number;
  /** Seconds that it is held; null where that is not known. */
  readonly hold: number | null;
  readonly state: 'done' | 'now' | 'next' | 'stopped';
  /** Seconds that were guarded; of the step that is under way and those before. */
  readonly guarded: number | null;
  /** It ended with too few requests to tell. */
  readonly unproven: boolean;
}

/** Whether somebody watches. */
export interface GuardSign {
  readonly driver: string;
  /** heartbeat: it told us itself. record: what Git says of its last look. */
  readonly from: 'heartbeat' | 'record' | 'nothing';
  readonly at: string | null;
  /** Seconds; older is too old. */
  readonly allowed: number;
  readonly owner: string | null;
  /** What it says of itself. */
  readonly says: string | null;
}

export interface BoardMetric {
  readonly name: string;
  /** `slower than 100 ms`; null for errors. */
  readonly bad: string | null;
  readonly candidate: ArmCounts;
  readonly stable: ArmCounts;
  /** Highest share that is allowed. */
  readonly limit: number | null;
  /** From this ratio on, worse than stable stops it. */
  readonly minRatio: number;
  readonly ratio: number | null;
  readonly bounds: { readonly lower: number; readonly upper: number } | null;
  /** 1 and more stops it; null where nothing is judged yet. */
  readonly strength: number | null;
  /** Of a metric that compares how the arms predict: counts by bucket, and the share of rows that would have to move, chance taken out. */
  readonly distribution: { readonly candidate: readonly number[]; readonly stable: readonly number[]; readonly share: number } | null;
  /** Why there are no counts now. */
  readonly missing: string | null;
  readonly answer: MetricAnswer;
}
/** worse: shown, it stops. over: above its limit, not proved yet. well: shown to be well. open: not decided yet. blind: nothing comes in. */
export type MetricAnswer = 'worse' | 'over' | 'well' | 'open' | 'blind';

/** A promotion that is asked for and has not started. */
export interface Waiting {
  readonly promotion: string;
  readonly version: number;
  readonly by: string | null;
  readonly at: string | null;
  readonly pull: number | null;
  /** `1 of 2 approvals`; null where none are wanted or nothing is known. */
  readonly approvals: string | null;
  readonly unmet: readonly { readonly code: string; readonly says: string; readonly next: string; readonly until: string | null }[];
  /** What it waits for where nothing is unmet, or why that is not known. */
  readonly says: string;
}

export interface BoardDrift {
  readonly level: 'none' | 'shift' | 'drift';
  readonly headline: string;
  readonly at: string;
  /** Oldest first. */
  readonly windows: readonly ('none' | 'shift' | 'drift')[];
  readonly columns: readonly { readonly column: string; readonly level: 'none' | 'shift' | 'drift'; readonly effect: number | null }[];
  readonly performance: string | null;
  readonly performanceLevel: 'none' | 'shift' | 'drift';
  readonly episodes: readonly { readonly kind: string; readonly since: string; readonly issue: number | null }[];
  readonly retraining: string | null;
  /** Of the run that measured it. */
  readonly url: string;
}

export interface Activity {
  readonly at: string;
  readonly stage: string;
  readonly by: string;
  readonly says: string;
  readonly type: string;
}
