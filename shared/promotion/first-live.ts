import type { StageDocument } from '../registry/stage-document.ts';
import type { LiveDocument } from './live-document.ts';

/**
 * A stage that the bot has not moved yet. What its stage file named before is taken as what runs: a model that was adopted, or promoted
 * without the bot. `at` stands for a time that nobody wrote down, so a soak counts from then.
 */
export function firstLive(model: string, stage: string, ran: StageDocument['previous'], at: string): LiveDocument {
  return {
    schema: 'weighin/live@1',
    model,
    stage,
    generation: ran?.generation ?? 0,
    revision: 0,
    fence: 0,
    rolloutId: null,
    plan: null,
    strategy: null,
    phase: 'idle',
    step: 0,
    stepStartedAt: null,
    guardedSeconds: 0,
    pausedBy: null,
    stable: ran && { number: ran.number, digest: ran.digest },
    candidate: null,
    weight: null,
    looks: [],
    guard: null,
    effects: [],
    deployment: null,
    holds: [],
    verified: ran ? [{ ...ran, at }] : [],
    rolledBack: [],
  };
}

/** The live state to write on: what is there, or the first of its stage. */
export const liveOf = (live: LiveDocument | null, main: StageDocument | null, model: string, stage: string, at: string): LiveDocument =>
  live ?? firstLive(model, stage, main && { number: main.version.number, digest: main.version.digest, generation: main.generation }, at);

const remembered = 20;

type Verified = LiveDocument['verified'][number];
/** A version that succeeded is the newest of those that did, and once among them. */
export const withVerified = (live: LiveDocument, version: Verified): LiveDocument['verified'] =>
  [...live.verified.filter(({ digest }) => digest !== version.digest), version].slice(-remembered);

export const withRolledBack = (live: LiveDocument, digest: string, at: string): LiveDocument['rolledBack'] =>
  [...live.rolledBack.filter((one) => one.digest !== digest), { digest, at }].slice(-remembered);
