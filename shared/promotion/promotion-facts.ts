import type { Config } from '../config/schema.ts';
import type { WatchDocument } from '../monitoring/watch-document.ts';
import type { PlanDocument, StageDocument } from '../registry/stage-document.ts';
import type { VersionRecord } from '../registry/version-record.ts';
import type { Report } from '../report/report.ts';
import type { EventLine } from './event-document.ts';
import type { Identity, Person, PullSnapshot, Role } from './forge.ts';
import type { LiveDocument } from './live-document.ts';

/**
 * All that decides about one promotion, as Git and GitHub said it a moment ago. The state machine, the unmet conditions and the body of
 * the pull request are pure functions of this: nothing about a promotion is stored that could be derived.
 */
export interface PromotionFacts {
  readonly model: string;
  readonly stage: string;
  readonly generation: number;
  readonly repositoryId: number;
  /** GitHub's time. */
  readonly now: Date;
  readonly identity: Identity;
  /** weighin.yaml of the default branch; the policy. */
  readonly config: Config;
  /** Where the default branch stands. */
  readonly mainHead: string;
  /** The stage's file on the default branch; null before the first promotion. */
  readonly main: StageDocument | null;
  /** The commit by which that file came, as the stage's own events say it; null where they say none. */
  readonly mainMergedAs?: string | null;
  readonly live: LiveDocument | null;
  /** What scheduled runs report of the stage; shown, never decides. */
  readonly watch?: WatchDocument | null;
  /** Live documents of this model's other stages, for order and soak. */
  readonly otherStages: Readonly<Record<string, LiveDocument | null>>;
  /** Of this promotion, in order; empty where nobody asked. */
  readonly events: readonly EventLine[];
  /** The version that is to be promoted: its record, the record's digest, and how far it is believed. */
  readonly version: EvidenceFacts | null;
  readonly pull: PromotionPull | null;
  readonly people: PeopleFacts;
}

export interface EvidenceFacts {
  readonly record: VersionRecord;
  /** Digest of the record's bytes. */
  readonly digest: string;
  /**
   * attested: the signer and every digest were verified. run-verified: the same facts from the Actions API. claimed: neither.
   * unknown: could not be asked, which is never ready.
   */
  readonly level: 'attested' | 'run-verified' | 'claimed' | 'unknown';
  /** The report that the promotion rests on: the version's own, or the newer one of this promotion's weigh run. */
  readonly report: Report | null;
  /** Digest of `report`'s decision core, which the plan names as `evaluation`. */
  readonly decision: string | null;
  /** When it was weighed. */
  readonly weighedAt: string | null;
  /** Whom the runs behind it name: they approve nothing. */
  readonly actors: readonly number[];
}

export interface PromotionPull {
  readonly snapshot: PullSnapshot;
  /** The plan as the file at each commit says it, by commit id: approvals count by the plan that they saw. Digest of the file's bytes. */
  readonly planAt: ReadonlyMap<string, string | null>;
  /** Changed files against the base as they are at the head: path → text. */
  readonly filesAtHead: ReadonlyMap<string, string | null>;
}

export interface PeopleFacts {
  /** Everyone who can push; null where that could not be asked. */
  readonly writers: readonly (Person & { readonly role: Role })[] | null;
  /** By slug as the policy writes it; `unreadable` where the team could not be read. */
  readonly teams: Readonly<Record<string, readonly number[] | 'unreadable'>>;
}

/** Something that must hold and does not: `code` is stable, `message` one sentence, `next` what would change it. */
export interface Condition {
  readonly code: ConditionCode;
  readonly message: string;
  readonly next: string;
  /** When it ends by itself. */
  readonly until?: string;
}
export const conditionCodes = [
  'NO_EVIDENCE',
  'CLAIMED_ONLY',
  'EVIDENCE_UNKNOWN',
  'EVIDENCE_STALE',
  'GATES_FAILED',
  'VERDICT_NOT_PASS',
  'APPROVALS_MISSING',
  'CHANGES_REQUESTED',
  'POLICY_UNSATISFIABLE',
  'CANNOT_READ_TEAM',
  'CANNOT_READ_PEOPLE',
  'BUILDER_NOT_ACCEPTED',
  'ORDER',
  'SOAK',
  'HELD',
  'FROZEN',
  'GENERATION_MOVED',
  'STAGE_BUSY',
  'NOT_THE_PLAN',
  'TAMPERED',
  'POLICY_UNREADABLE',
  'CONFLICT',
  'CARD_INCOMPLETE',
] as const;
export type ConditionCode = (typeof conditionCodes)[number];

export const promotionStates = [
  'NONE',
  'REQUESTED',
  'WEIGHING',
  'PLANNED',
  'READY',
  'MERGING',
  'MERGED',
  'STARTED',
  'REFUSED',
  'REFUSED_AT_START',
  'WITHDRAWN',
  'SUPERSEDED',
] as const;
export type PromotionState = (typeof promotionStates)[number];

/** The files of a promotion PR, exactly. */
export interface RenderedPromotion {
  readonly plan: PlanDocument;
  readonly document: StageDocument;
  readonly files: readonly { readonly path: string; readonly text: string }[];
}

/** What the state machine asks for next; the bot does it, reads again and asks again. Each is done at most once a fact. */
export type PromotionStep =
  | { readonly do: 'nothing' }
  | { readonly do: 'weigh'; readonly why: string }
  | ({ readonly do: 'plan' } & RenderedPromotion)
  /** Same branch, a further commit; approvals that saw an equal plan stay. `kept` says whether the digest is the same. */
  | ({ readonly do: 'replan'; readonly kept: boolean; readonly why: string } & RenderedPromotion)
  /** A commit that is not the App's, or files beyond the plan's: a new branch and PR, the old one closed. */
  | ({ readonly do: 'rebuild'; readonly why: string } & RenderedPromotion)
  | { readonly do: 'merge'; readonly head: string }
  | { readonly do: 'dequeue' }
  | { readonly do: 'start' }
  | { readonly do: 'refuse-at-start'; readonly unmet: readonly Condition[] }
  | { readonly do: 'close'; readonly as: 'WITHDRAWN' | 'SUPERSEDED' | 'REFUSED'; readonly why: string };

export interface PromotionStatus {
  readonly state: PromotionState;
  /** Every unmet condition, the most important first; empty when ready. */
  readonly unmet: readonly Condition[];
  readonly approvals: ApprovalCount;
  /** Digest of the plan as it would be rendered now; null where there is none yet. */
  readonly planDigest: string | null;
  readonly next: PromotionStep;
}

export interface ApprovalCount {
  readonly wanted: number;
  /** By team, where the policy asks by team. */
  readonly wantedOf: Readonly<Record<string, number>>;
  readonly counted: readonly CountedApproval[];
  /** Approvals that do not count, each with why, in a few words. */
  readonly ignored: readonly { readonly person: Person; readonly why: string }[];
  /** Who could still approve; null where it is not known. */
  readonly eligible: readonly Person[] | null;
}
export interface CountedApproval {
  readonly person: Person;
  readonly review: number;
  readonly commit: string;
  readonly as: string;
}
