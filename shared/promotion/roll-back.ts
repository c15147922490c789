import type { StageDocument } from '../registry/stage-document.ts';
import { newEvent } from './event-data.ts';
import type { EventLine } from './event-document.ts';
import { withRolledBack } from './first-live.ts';
import type { NewEvent, Person } from './forge.ts';
import { isHeld } from './holds.ts';
import { type LiveDocument, terminalPhases } from './live-document.ts';
import { placeHold } from './place-hold.ts';
import { type Refusal, refuse } from './refusal.ts';
import { isOpen } from './request-promotion.ts';

export interface RollbackRequest {
  readonly model: string;
  readonly stage: string;
  readonly main: StageDocument | null;
  readonly live: LiveDocument | null;
  /** Of the generation after main's: what is open there gives way. */
  readonly nextEvents: readonly EventLine[];
  /** A version's number; null for the last that succeeded here. */
  readonly to: number | null;
  readonly reason: string | null;
  readonly by: Person;
  readonly now: Date;
  readonly cause: string;
}

export interface Rollback {
  readonly allowed: true;
  readonly from: { readonly number: number; readonly digest: string };
  readonly to: { readonly number: number; readonly digest: string };
  /** Written first: it moves the traffic. */
  readonly live: LiveDocument;
  /** Of the live generation. */
  readonly events: readonly NewEvent[];
  /** Written to the generation after main's, before the revert asks for it; null where nothing was open there. */
  readonly supersede: NewEvent | null;
  /** Generation of the pull request that makes main say the same; null where it says so already. */
  readonly revertGeneration: number | null;
}

/**
 * Back to a version that succeeded here: toward stable, so neither approvals nor a freeze are asked. What is left is held, so that
 * nothing promotes it again by itself.
 */
export function rollBack(request: RollbackRequest): Rollback | Refusal {
  const { model, stage, main, live, now, by, cause, reason } = request;
  const at = now.toISOString();
  const running = live && !terminalPhases.includes(live.phase);
  const from = (running ? live.candidate : null) ?? live?.stable ?? null;
  if (!live || !from)
    return refuse('NO_PREVIOUS_VERSION', `${model} ${stage} runs nothing that the bot put there.`, 'Promote a version first.');
  if (live.phase === 'rolling-back')
    return refuse('ROLLBACK_IN_PROGRESS', `${model} ${stage} is being rolled back already.`, '`/weighin status` shows how far it is.');

  const to = request.to === null ? defaultTarget(live, from.digest, now) : live.verified.findLast(({ number }) => number === request.to);
  if (request.to === from.number) return alreadyThere(request, from.number);
  if (!to)
    return request.to === null
      ? refuse(
          'NO_PREVIOUS_VERSION',
          `No other version has succeeded at ${model} ${stage} and is not held.`,
          `\`weighin history ${model} ${stage}\` lists what ran there.`,
        )
      : ordinary(request.to, request, 'has not succeeded there');
  if (to.digest === from.digest) return alreadyThere(request, to.number);
  if (isHeldItself(live, to.digest, now)) return ordinary(to.number, request, 'is held');

  const target = { number: to.number, digest: to.digest };
  const returned: LiveDocument = {
    ...live,
    revision: live.revision + 1,
    // With a rollout somebody else shifts the traffic and reports back; without one this file is what decides.
    phase: live.strategy === null ? 'rolled-back' : 'rolling-back',
    stable: target,
    candidate: null,
    weight: live.weight && { ...live.weight, desired: 0 },
    pausedBy: null,
    rolledBack: withRolledBack(live, from.digest, at),
  };
  const why = reason ?? 'rolled back';
  const held = placeHold(returned, { digest: from.digest, reason: why, by, at, until: null, cause });
  const origin = { number: from.number, digest: from.digest };
  return {
    allowed: true,
    from: origin,
    to: target,
    live: { ...held.live, revision: live.revision + 1 },
    events: [newEvent('rollback.requested', by, cause, { from: origin, to: target, reason }), held.event],
    supersede: isOpen(request.nextEvents)
      ? newEvent('promotion.superseded', by, cause, { why: `${model} ${stage} was rolled back to v${to.number}.` })
      : null,
    revertGeneration: main && main.version.digest !== to.digest ? main.generation + 1 : null,
  };
}

/** The request of the pull request that follows a rollback, or a promotion that was refused at its start. */
export const requestRevert = (
  to: { readonly number: number; readonly digest: string },
  /** Digest of the version's record. */
  record: string,
  { by, cause, reason }: { readonly by: Person; readonly cause: string; readonly reason: string | null },
): NewEvent => newEvent('promotion.requested', by, cause, { version: to.number, digest: to.digest, record, reason, operation: 'rollback' });

const defaultTarget = (live: LiveDocument, current: string, now: Date) =>
  live.verified.findLast(({ digest }) => digest !== current && !isHeldItself(live, digest, now));

/** A hold of the whole stage keeps it from moving on, never from going back. */
const isHeldItself = (live: LiveDocument, digest: string, now: Date) =>
  isHeld({ ...live, holds: live.holds.filter((hold) => hold.digest !== null) }, now, digest);

const alreadyThere = ({ model, stage }: RollbackRequest, number: number) =>
  refuse('ALREADY_THERE', `${model} ${stage} runs v${number} already.`, 'Name another version, or none for the one before.');

const ordinary = (number: number, { model, stage }: RollbackRequest, why: string) =>
  refuse(
    'NOT_A_ROLLBACK',
    `v${number} ${why} at ${model} ${stage}, so going there is an ordinary promotion.`,
    why === 'is held' ? `\`/weighin unhold ${model} ${stage}\` first, if it is good.` : `\`/promote ${model}@v${number} ${stage}\`.`,
  );
