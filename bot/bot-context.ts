import type { Config } from '../shared/config/schema.ts';
import type { EventType } from '../shared/promotion/event-document.ts';
import type { EvidenceDocument } from '../shared/promotion/evidence-document.ts';
import type { Forge, Person } from '../shared/promotion/forge.ts';
import type { VerifyAttestation } from './reports/read-evidence.ts';

/** What every part of the bot works with: one repository, seen through one installation's token. */
export interface BotContext {
  readonly forge: Forge;
  /** `weighin[bot]/0.1.0`: how events name who wrote them. */
  readonly by: string;
  readonly log: Log;
  /** Tells the webhooks of `notify:`; never throws, never waits for them. */
  readonly notify: Notify;
  /** `server`: an App's own token, pinned checks. `workflow`: a job's token or the App's in a job; promotion may be advisory. */
  readonly mode: 'server' | 'workflow';
  /** The policy: weighin.yaml (with what it includes) of the default branch at a commit; kept by commit, which never changes. */
  readonly policy: () => Promise<Policy>;
  /** When a rollout's guard said that it had looked, since what it recorded; for people to see, never to decide by. */
  readonly heard?: (rolloutId: string) => { readonly at: string } | null;
  /** Proves evidence that a weigh run hands over. @throws UserError where a statement contradicts it */
  readonly verifyNewEvidence: VerifyAttestation;
  /** Proves again what was accepted as attested; `unknown` where nobody could be asked, which is never ready. */
  readonly verifyEvidence: (evidence: EvidenceDocument) => Promise<'attested' | 'claimed' | 'unknown'>;
}

export interface Policy {
  /** Where the default branch stood. */
  readonly commit: string;
  /** null where the default branch holds none that can be read; `problem` says why. */
  readonly config: Config | null;
  readonly problem: string | null;
  /** The configuration's own path, and its folder ('' at the top): registry/ lies in it. */
  readonly file: string;
  readonly folder: string;
  /** A team's template of the comment, from the default branch. */
  readonly template: string | null;
}

/** JSON lines in production; holds no token. */
export interface Log {
  info(fields: Readonly<Record<string, unknown>>, message: string): void;
  warn(fields: Readonly<Record<string, unknown>>, message: string): void;
  error(fields: Readonly<Record<string, unknown>>, message: string): void;
}

export interface Notification {
  readonly event: 'promoted' | 'refused' | 'rolled-back' | 'held' | 'drift' | 'failed';
  readonly type: EventType | 'episode.began' | 'episode.ended';
  /** The event's id: the same fact is told once. */
  readonly id: string;
  readonly model: string;
  readonly stage: string;
  readonly version: number | null;
  readonly actor: Person;
  /** One sentence, plain text. */
  readonly says: string;
  readonly url: string | null;
  readonly at: string;
}
export type Notify = (config: Config, notification: Notification) => void;

/**
 * Why the bot should look. A hint is never believed: it says where to look first, and what is read then decides. Only a command's
 * text is taken from a `created` delivery, which is signed and can't have been edited.
 */
export type Hint =
  | { readonly kind: 'comment'; readonly number: number; readonly onPull: boolean; readonly comment: HintedComment }
  | { readonly kind: 'pull'; readonly number: number }
  | { readonly kind: 'run'; readonly id: number }
  | { readonly kind: 'push'; readonly branch: string }
  | { readonly kind: 'merge-group'; readonly sha: string; readonly branch: string }
  | { readonly kind: 'check'; readonly sha: string }
  | { readonly kind: 'sweep' };

export interface HintedComment {
  readonly id: number;
  readonly author: Person;
  readonly body: string;
  readonly createdAt: string;
  readonly updatedAt: string;
}

/** The answer to a command: always one, with a stable code. */
export interface Reply {
  /** 🚀 done · 👎 refused · 😕 not understood, or could not be asked. */
  readonly outcome: 'done' | 'refused' | 'unclear';
  /** `PROMOTION_OPENED`, `HELD`, `NOT_ALLOWED` … */
  readonly code: string;
  /** Markdown, safe: the sentence, then what to do next. */
  readonly body: string;
}
