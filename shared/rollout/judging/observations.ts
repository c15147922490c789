import { z } from 'zod';
import { UserError } from '../../errors.ts';
import { visibleText } from '../../words/visible-text.ts';
import type { ArmCounts, Bucket } from './bucket.ts';
import { issueWords, type JsonIssue } from './issue-words.ts';

const count = z.int().nonnegative();
const arm = z
  .union([z.strictObject({ bad: count, total: count }), z.tuple([count, count]).transform(([bad, total]) => ({ bad, total }))])
  .refine(({ bad, total }) => bad <= total, { message: 'has more bad answers than answers' });
const bucket = z.union([
  z.strictObject({
    step: count.meta({ description: 'Of the plan, from 0.' }),
    candidate: arm,
    stable: arm,
    at: z.iso.datetime({ offset: true }).optional().meta({ description: 'When the bucket began; for people.' }),
  }),
  z.strictObject({
    step: count,
    missing: z.literal(true).meta({ description: 'No counts came: no page, no series, NaN. No requests are counts of 0.' }),
    at: z.iso.datetime({ offset: true }).optional(),
  }),
  z
    .tuple([count, count, count, count, count])
    .transform(([step, x, m, c, s]) => ({ step, candidate: { bad: x, total: m }, stable: { bad: c, total: s } }))
    .refine(({ candidate, stable }) => candidate.bad <= candidate.total && stable.bad <= stable.total, {
      message: 'has more bad answers than answers',
    }),
]);
const metric = z.strictObject({
  history: z
    .array(arm)
    .default([])
    .meta({ description: "Stable's buckets from before the rollout, oldest first, as long as the others: [bad, total]." }),
  requestsPerHour: z.number().positive().optional().meta({ description: 'Of both arms as planned; by default what the history shows.' }),
  phi: z.number().min(1).optional().meta({ description: 'What counts are divided by; from the history by default.' }),
  plannedInformation: z.number().positive().optional().meta({ description: 'Of the whole rollout; from history and steps by default.' }),
  buckets: z.array(bucket).min(1).meta({ description: '{step, candidate, stable}, or [step, candidate bad, of, stable bad, of].' }),
});

/** Recorded counts of a rollout: what `weighin rollout judge --observations` reads, `schema/observations.schema.json`. */
export const observationsSchema = z.strictObject({
  $schema: z.string().optional(),
  schema: z.literal('weighin/observations@1').default('weighin/observations@1'),
  bucketSeconds: z
    .number()
    .positive()
    .max(3600)
    .default(300)
    .meta({ description: 'Length of a bucket; at most 300 is meant by the rule.' }),
  metrics: z.record(z.string().min(1), metric).refine((value) => Object.keys(value).length > 0, { message: 'needs a metric' }),
});

export interface Observed {
  readonly history: readonly ArmCounts[];
  readonly requestsPerHour: number | null;
  readonly phi?: number | undefined;
  readonly plannedInformation?: number | undefined;
  readonly buckets: readonly (Bucket | { readonly step: number; readonly missing: true })[];
}

export interface Observations {
  readonly bucketSeconds: number;
  readonly metrics: Readonly<Record<string, Observed>>;
}

/** @throws UserError OBSERVATIONS_INVALID with the place of the first things that are wrong */
export function readObservations(text: string, file: string): Observations {
  let value: unknown;
  try {
    value = JSON.parse(text);
  } catch (cause) {
    const why = cause instanceof Error ? visibleText(cause.message) : '';
    throw invalid(file, `is not JSON: ${why}`);
  }
  const parsed = observationsSchema.safeParse(value);
  if (!parsed.success) {
    const issues = parsed.error.issues.map((issue) => placeOf(issue));
    throw invalid(file, issues.slice(0, 5).join('; ') + (issues.length > 5 ? `; and ${issues.length - 5} more` : ''));
  }
  const { bucketSeconds, metrics } = parsed.data;
  return {
    bucketSeconds,
    metrics: Object.fromEntries(
      Object.entries(metrics).map(([name, { history, requestsPerHour, ...rest }]): [string, Observed] => {
        const total = history.reduce((sum, each) => sum + each.total, 0);
        const usual = total > 0 ? total / ((history.length * bucketSeconds) / 3600) : null;
        return [name, { history, requestsPerHour: requestsPerHour ?? usual, ...rest }];
      }),
    ),
  };
}

interface Issue extends JsonIssue {
  readonly path: readonly PropertyKey[];
  readonly errors?: readonly (readonly Issue[])[];
}

/** `metrics.error_rate.buckets[3].candidate has more bad answers than answers`: of a union, the branch that got furthest. */
function placeOf(issue: Issue, above: readonly PropertyKey[] = []): string {
  const path = [...above, ...issue.path];
  if (issue.code === 'invalid_union' && issue.errors) {
    const [deepest] = issue.errors
      .flatMap((issues) => issues.slice(0, 1))
      .sort((a, b) => b.path.length - a.path.length || Number(b.code === 'unrecognized_keys') - Number(a.code === 'unrecognized_keys'));
    if (deepest && deepest.path.length > 0) return placeOf(deepest, path);
    if (issue.errors.every((issues) => issues.every(({ path: inner }) => inner.length === 0)))
      return `${show(path)} is neither {step, candidate, stable} nor five whole numbers, or its parts are not {bad, total}`;
  }
  return `${show(path)} ${issueWords(issue)}`;
}

const show = (path: readonly PropertyKey[]) =>
  path.length === 0
    ? 'the file'
    : visibleText(path.map((part, i) => (typeof part === 'number' ? `[${part}]` : `${i > 0 ? '.' : ''}${String(part)}`)).join(''));

const invalid = (file: string, what: string) =>
  new UserError(
    'OBSERVATIONS_INVALID',
    `The recorded counts are not as they should be: ${what}.`,
    'Write {"metrics": {"error_rate": {"history": [[bad, total], …], "buckets": [[step, candidate bad, of, stable bad, of], …]}}}; schema/observations.schema.json says all.',
    { file },
  );
