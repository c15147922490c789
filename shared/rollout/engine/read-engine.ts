import { z } from 'zod';
import { rolloutSchema } from '../../config/rollout-schema.ts';
import { InfrastructureError } from '../../errors.ts';
import { personSchema } from '../../promotion/event-document.ts';
import { type LiveDocument, phases } from '../../promotion/live-document.ts';
import { visibleText } from '../../words/visible-text.ts';
import { type EngineState, pauseReasons, stopReasons } from './engine-state.ts';
import { missingReasons } from './metric-source.ts';

const count = z.number().int().nonnegative();
const arm = z.strictObject({ bad: count, total: count });
const at = z.iso.datetime();
const text = z.string().max(2_000);
const number = z.number();
const evidence = z.array(z.array(number).nullable()).max(100);
const ratio = z.union([number, z.literal('Infinity')]);
const check = rolloutSchema.shape.verify.unwrap();

const metricState = z.strictObject({
  rule: z.strictObject({
    absolute: evidence,
    absoluteStable: evidence,
    comparison: evidence,
    planned: z.strictObject({
      excess: number,
      information: number,
      above: number,
      below: number,
      looked: z.array(number).max(200),
      // It follows from `looked`, so it is not stored.
      chain: z.null(),
    }),
    ratio: z.array(number).max(200),
    candidate: arm,
    stable: arm,
    rise: z.strictObject({ candidate: arm, stable: arm }),
    buckets: count,
  }),
  step: count,
  inStep: arm,
});

const metric = z.strictObject({
  phi: number.min(1),
  plannedInformation: number.nullable(),
  requestsPerHour: number.nullable(),
  state: metricState.nullable(),
  open: z.strictObject({ candidate: arm, stable: arm, since: at }).nullable(),
  minute: z.array(z.strictObject({ at, bad: count, total: count })).max(500),
  distribution: z.strictObject({ candidate: z.array(count).max(1_000), stable: z.array(count).max(1_000) }).nullable(),
  look: z
    .strictObject({
      at,
      candidate: arm,
      stable: arm,
      ratio: ratio.nullable(),
      ratioBounds: z.strictObject({ lower: number, upper: ratio }).nullable(),
      limit: number.nullable(),
      strength: number.nullable(),
    })
    .nullable(),
});

const engineSchema = z.strictObject({
  schema: z.literal('weighin/engine@1'),
  name: text,
  definition: rolloutSchema,
  verifyAfter: check,
  pausedFrom: z.enum(phases).nullable(),
  pause: z.strictObject({ reason: z.enum(pauseReasons), detail: text, at }).nullable(),
  stop: z
    .strictObject({
      ends: z.enum(['rolled-back', 'superseded']),
      reason: z.enum(stopReasons),
      metric: text.nullable(),
      detail: text,
      by: personSchema,
      cause: text,
      at,
    })
    .nullable(),
  override: number.min(0).max(100).nullable(),
  promoted: z.boolean(),
  waived: z.array(z.enum(pauseReasons)).max(20),
  turn: count,
  handled: z.array(text).max(200),
  recordedAt: at.nullable(),
  leasedAt: at.nullable(),
  differsSince: at.nullable(),
  gap: z.strictObject({ from: at, foundAt: at, judgedAt: at.nullable() }).nullable(),
  lastDataAt: at.nullable(),
  missing: z.record(z.string(), z.strictObject({ why: z.enum(missingReasons), detail: text, since: at })),
  metrics: z.record(z.string(), metric),
  source: z.record(z.string(), z.unknown()).nullable(),
  read: z.strictObject({ from: number.nullable(), to: number }).nullable(),
  checks: z.record(z.string(), z.strictObject({ ok: z.boolean(), detail: text, at })),
  steps: z
    .array(
      z.strictObject({
        step: count,
        weight: number,
        from: at,
        to: at.nullable(),
        guardedSeconds: number.nonnegative(),
        metrics: z.record(z.string(), z.strictObject({ candidate: arm, stable: arm })),
        unproven: z.boolean(),
      }),
    )
    .max(200),
  outcome: z.strictObject({ recommends: z.enum(['promote', 'keep']), why: text }).nullable(),
  experiment: z.unknown(),
});

/** What was read or made here already: a guard that ticks from memory checks nothing twice. */
const known = new WeakMap<object, EngineState>();

/**
 * What the engine keeps of a rollout, checked; null where it is not the engine's.
 * @throws InfrastructureError STATE_BROKEN
 */
export function readEngine(live: LiveDocument): EngineState | null {
  const { engine } = live;
  if (engine === undefined) return null;
  const before = known.get(engine);
  if (before) return before;
  const parsed = engineSchema.safeParse(engine);
  if (!parsed.success) {
    const [first] = parsed.error.issues;
    const where = first && first.path.length > 0 ? ` at ${visibleText(first.path.map(String).join('.')).slice(0, 200)}` : '';
    const what = first ? visibleText(first.message).slice(0, 200) : 'unreadable';
    throw new InfrastructureError(
      'STATE_BROKEN',
      `The rollout of ${live.model} ${live.stage} on weighin/state is broken${where}: ${what}.`,
    );
  }
  // The schema and the interface say the same; zod writes its optional keys with `undefined`, which JSON has not.
  const read = parsed.data as unknown as EngineState;
  known.set(engine, read);
  return read;
}

/** A live document with what the engine keeps of it now. */
export function withEngine(live: LiveDocument, engine: EngineState): LiveDocument {
  // A plain object, as the document has it; the interface names its keys.
  const kept = engine as EngineState & Record<string, unknown>;
  known.set(kept, engine);
  return { ...live, engine: kept };
}
