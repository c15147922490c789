import { z } from 'zod';

/**
 * What strategy ab keeps while it runs, plain JSON: cumulative counts of both arms, and as they stood at the end of each whole day. The
 * engine holds it in `engine.experiment`.
 */

const count = z.int().nonnegative();
const arm = z.strictObject({ units: count, metrics: z.record(z.string().max(100), count) });
const arms = z.strictObject({ control: arm, treatment: arm });

export const experimentRecordSchema = z.strictObject({
  /** When units were first assigned; ISO 8601. Days are counted from it. */
  startedAt: z.iso.datetime(),
  /** Everything so far. */
  total: arms,
  /** As of the first reading at or after so many whole days; a day without a reading is left out. Oldest first. */
  days: z.array(z.strictObject({ day: z.int().positive(), arms })).max(1000),
});

/** Units that were assigned to an arm, and how many of them each metric counts. */
export type ExperimentArm = z.infer<typeof arm>;
export type ExperimentArms = z.infer<typeof arms>;
export type ExperimentRecord = z.infer<typeof experimentRecordSchema>;

const DAY = 86_400_000;
const nothing: ExperimentArm = { units: 0, metrics: {} };

export const beginExperimentRecord = (startedAt: Date): ExperimentRecord => ({
  startedAt: startedAt.toISOString(),
  total: { control: nothing, treatment: nothing },
  days: [],
});

/** Adds what was counted since the last reading. A clock that went backwards starts no day anew. `at` is the reading's end. */
export function addToExperimentRecord(record: ExperimentRecord, since: ExperimentArms, at: Date): ExperimentRecord {
  const total = { control: addArm(record.total.control, since.control), treatment: addArm(record.total.treatment, since.treatment) };
  const day = Math.floor((at.getTime() - Date.parse(record.startedAt)) / DAY);
  const isNew = day >= 1 && day > (record.days.at(-1)?.day ?? 0);
  return { ...record, total, days: isNew ? [...record.days, { day, arms: total }] : record.days };
}

/** @throws z.ZodError where it is none; whoever keeps it says which document is broken */
export const readExperimentRecord = (value: unknown): ExperimentRecord => experimentRecordSchema.parse(value);

function addArm(sum: ExperimentArm, more: ExperimentArm): ExperimentArm {
  const metrics = { ...sum.metrics };
  for (const [name, count] of Object.entries(more.metrics)) metrics[name] = (Object.hasOwn(metrics, name) ? metrics[name]! : 0) + count;
  return { units: sum.units + more.units, metrics };
}
