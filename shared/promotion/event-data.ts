import { z } from 'zod';
import { digestSchema } from '../dataset/manifest.ts';
import { InfrastructureError } from '../errors.ts';
import { verdictSchema } from '../verdict/verdict.ts';
import type { EventLine } from './event-document.ts';
import { evidenceDocumentSchema } from './evidence-document.ts';
import type { NewEvent, Person } from './forge.ts';
import { holdSchema } from './live-document.ts';

const number = z.number().int().positive();
const commit = z.string().regex(/^[0-9a-f]{40}$/);
const version = z.strictObject({ number, digest: digestSchema });
const percent = z.number().gte(0).lte(100);
const run = z.strictObject({ id: z.number().int().positive(), attempt: z.number().int().positive() });
const planned = z.strictObject({ plan: digestSchema, pull: number, branch: z.string(), commit });
const approval = z.strictObject({ review: z.number().int().positive(), commit, plan: digestSchema, as: z.string() });
const ended = z.strictObject({ why: z.string() });

/** What each type of event says, for those who write it and those who read it. */
export const eventData = {
  'promotion.requested': z.strictObject({
    version: number,
    /** Of the model's bytes. */
    digest: digestSchema,
    /** Of the version's record. */
    record: digestSchema,
    reason: z.string().nullable(),
    operation: z.enum(['promote', 'rollback']),
  }),
  /** A weigh run was asked for. `why` names what makes it needed, so that one need is asked for once. */
  'promotion.weighing': z.strictObject({ why: z.string(), attempt: z.number().int().positive() }),
  'promotion.weighed': z.strictObject({
    run,
    report: digestSchema,
    decision: digestSchema,
    verdict: verdictSchema,
    level: z.enum(['attested', 'run-verified', 'claimed']),
    actors: z.array(z.number().int().positive()),
    /** What was handed over, so that its attestation can be proved again at plan and at start. */
    evidence: evidenceDocumentSchema.optional(),
  }),
  'promotion.planned': planned,
  'promotion.replanned': planned,
  'approval.counted': approval,
  'approval.withdrawn': approval,
  'gate.overridden': z.strictObject({ gate: z.string(), reason: z.string(), commit: commit.nullable() }),
  'promotion.merging': z.strictObject({ head: commit }),
  'promotion.merged': z.strictObject({ commit, pull: number.nullable() }),
  'promotion.started': z.strictObject({ tag: z.string(), deployment: z.number().int().nullable(), rollout: z.string().nullable() }),
  'promotion.refused-at-start': z.strictObject({ unmet: z.array(z.strictObject({ code: z.string(), message: z.string() })) }),
  'promotion.refused': ended,
  'promotion.withdrawn': ended,
  'promotion.superseded': ended,
  'rollout.began': z.strictObject({ rollout: z.string(), strategy: z.string(), version, stable: version.nullable() }),
  'rollout.advanced': z.strictObject({ step: z.number().int().nonnegative(), weight: percent, unproven: z.boolean() }),
  'rollout.set': z.strictObject({ weight: percent }),
  'rollout.paused': z.strictObject({ reason: z.string(), detail: z.string() }),
  'rollout.resumed': z.strictObject({}),
  'rollout.taken-over': z.strictObject({ owner: z.string(), fence: z.number().int().nonnegative() }),
  'rollout.succeeded': z.strictObject({ version }),
  'rollout.failed': z.strictObject({ version, why: z.string() }),
  /** By the rules or a person, while it was under way: what ran before runs on. */
  'rollout.rolled-back': z.strictObject({ from: version, to: version.nullable(), reason: z.string(), detail: z.string() }),
  'rollout.superseded': ended,
  'rollback.requested': z.strictObject({ from: version, to: version, reason: z.string().nullable() }),
  'rollback.recorded': z.strictObject({ generation: number, pull: number.nullable() }),
  'hold.placed': z.strictObject({ hold: holdSchema }),
  'hold.lifted': z.strictObject({ holds: z.array(digestSchema).min(1) }),
} as const satisfies Record<EventLine['type'], z.ZodType>;

export type EventData = { readonly [Type in keyof typeof eventData]: z.infer<(typeof eventData)[Type]> };

export interface ReadEvent<Type extends keyof EventData> extends Omit<EventLine, 'type' | 'data'> {
  readonly type: Type;
  readonly data: EventData[Type];
}

/** An event to append, its data held to what readers expect. */
export function newEvent<Type extends keyof EventData>(type: Type, actor: Person, cause: string, data: EventData[Type]): NewEvent {
  return { type, actor, cause, data: eventData[type].parse(data) as NewEvent['data'] };
}

/**
 * The events since the last request. A promotion that was refused or withdrawn leaves its generation to the next one, which has the
 * same file and must not inherit its pull request, its weigh run or its overrides.
 */
export function currentEvents(events: readonly EventLine[]): readonly EventLine[] {
  const asked = events.findLastIndex(({ type }) => type === 'promotion.requested');
  return asked === -1 ? events : events.slice(asked);
}

/**
 * All events of a type since the last request, oldest first.
 * @throws InfrastructureError STATE_BROKEN where one does not say what its type says
 */
export function allOf<Type extends keyof EventData>(events: readonly EventLine[], type: Type): readonly ReadEvent<Type>[] {
  return currentEvents(events)
    .filter((event) => event.type === type)
    .map((event) => {
      const data = eventData[type].safeParse(event.data);
      // Parsed by the schema that the type names.
      if (data.success) return { ...event, type, data: data.data as EventData[Type] };
      throw new InfrastructureError('STATE_BROKEN', `Event ${event.seq} of ${event.promotion} does not say what ${type} says.`);
    });
}

/** The newest event of a type since the last request; null where there is none. */
export const lastOf = <Type extends keyof EventData>(events: readonly EventLine[], type: Type): ReadEvent<Type> | null =>
  allOf(events, type).at(-1) ?? null;

/** Branch, pull request and commit as they were planned last: a rebuilt promotion is planned again. */
export function lastPlanned(events: readonly EventLine[]): ReadEvent<'promotion.planned'> | ReadEvent<'promotion.replanned'> | null {
  const found = [lastOf(events, 'promotion.planned'), lastOf(events, 'promotion.replanned')].filter((event) => event !== null);
  return found.sort((a, b) => a.seq - b.seq).at(-1) ?? null;
}

/** The attempt that the next branch of this generation gets: earlier requests had branches too, which may still lie there. */
export const nextAttempt = (events: readonly EventLine[]): number =>
  1 +
  new Set(events.filter(({ type }) => type === 'promotion.planned' || type === 'promotion.replanned').map(({ data }) => data['branch']))
    .size;
