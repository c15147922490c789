import { z } from 'zod';
import { UserError } from '../../errors.ts';
import { visibleText } from '../../words/visible-text.ts';
import { issueWords } from '../judging/issue-words.ts';

const count = z.int().nonnegative();
const name = z.string().min(1).max(100);

/** Of a ratio metric over units: sums of what each unit brought, as the delta method needs them. */
const sums = z
  .strictObject({
    numerator: z.number(),
    denominator: z.number().nonnegative(),
    numeratorSquares: z.number().nonnegative(),
    denominatorSquares: z.number().nonnegative(),
    products: z.number(),
  })
  .meta({ description: 'Σy, Σx, Σy², Σx², Σxy over units, for Σy/Σx such as clicks a view.' });
const measured = z.union([count, sums]).meta({ description: 'Units that converted; or sums of a ratio.' });
const metric = z.strictObject({ name, better: z.enum(['higher', 'lower']).default('higher') });

/** An experiment with its recorded counts: what `weighin ab analyse` reads, `schema/experiment.schema.json`. */
export const experimentSchema = z.strictObject({
  $schema: z.string().optional(),
  schema: z.literal('weighin/experiment@1').default('weighin/experiment@1'),
  name,
  rule: z
    .enum(['sequential', 'fixed'])
    .default('sequential')
    .meta({ description: 'fixed: one z-test at the planned size. sequential: daily looks.' }),
  alpha: z.number().gt(0).lt(0.5).default(0.05).meta({ description: 'Two-sided, for the whole experiment.' }),
  arms: z
    .array(z.strictObject({ name, share: z.number().gt(0).lt(1) }))
    .min(2)
    .meta({ description: 'The first is control; shares sum to 1.' }),
  plan: z
    .strictObject({ units: z.int().positive().meta({ description: 'Of all arms.' }), days: z.int().positive() })
    .nullable()
    .default(null),
  minEffect: z.number().positive().optional().meta({ description: 'Without a plan: the smallest difference worth finding, absolute.' }),
  minLift: z.number().nonnegative().default(0).meta({ description: 'The difference that must be shown, absolute.' }),
  metric,
  guardrails: z.array(metric.extend({ margin: z.number().positive() })).default([]),
  looks: z
    .array(
      z.strictObject({
        day: z.int().positive().meta({ description: 'Whole days since the start.' }),
        arms: z.record(name, z.strictObject({ units: count, metrics: z.record(name, measured) })),
      }),
    )
    .min(1)
    .meta({ description: 'Cumulative, oldest first; of several on a day the last counts.' }),
});

export type Experiment = z.infer<typeof experimentSchema>;
export type Measured = z.infer<typeof measured>;
export type ArmCounts = Experiment['looks'][number]['arms'][string];

/** @throws UserError EXPERIMENT_INVALID */
export function readExperiment(text: string, file: string): Experiment {
  const invalid = (what: string) =>
    new UserError(
      'EXPERIMENT_INVALID',
      `The experiment is not as it should be: ${what}.`,
      '`weighin ab --help` shows one; schema/experiment.schema.json says all.',
      { file },
    );
  let value: unknown;
  try {
    value = JSON.parse(text);
  } catch (cause) {
    throw invalid(`it is not JSON: ${cause instanceof Error ? visibleText(cause.message) : ''}`);
  }
  const parsed = experimentSchema.safeParse(value);
  if (!parsed.success) {
    const issues = parsed.error.issues.map(
      (issue) => `${issue.path.length > 0 ? visibleText(issue.path.join('.')) : 'the file'} ${issueWords(issue)}`,
    );
    throw invalid(issues.slice(0, 5).join('; '));
  }
  const problem = misfitOf(parsed.data);
  if (problem) throw invalid(problem);
  return parsed.data;
}

function misfitOf({ arms, looks, metric: primary, guardrails, plan, rule, minEffect }: Experiment): string | undefined {
  const names = arms.map((arm) => arm.name);
  const metrics = [primary, ...guardrails].map((each) => each.name);
  if (new Set(names).size < names.length) return 'two arms have one name';
  if (new Set(metrics).size < metrics.length) return 'two metrics have one name';
  if (Math.abs(arms.reduce((sum, { share }) => sum + share, 0) - 1) > 1e-9) return "the arms' shares do not sum to 1";
  if (rule === 'fixed' && !plan) return 'rule: fixed needs a plan';
  if (!plan && minEffect === undefined) return 'without a plan it needs minEffect, the smallest difference worth finding';
  let [day, before] = [0, new Map<string, number>()];
  for (const [at, look] of looks.entries()) {
    if (look.day < day) return `looks[${at}] is of day ${look.day}, after one of day ${day}`;
    day = look.day;
    if (Object.keys(look.arms).length !== names.length || !names.every((arm) => Object.hasOwn(look.arms, arm)))
      return `looks[${at}] must have the arms ${names.join(', ')}, each once`;
    for (const arm of names) {
      const { units, metrics: found } = look.arms[arm]!;
      if (units < (before.get(arm) ?? 0)) return `looks[${at}] has fewer units of ${arm} than the look before: counts are cumulative`;
      for (const each of metrics) {
        const got = Object.hasOwn(found, each) ? found[each] : undefined;
        if (got === undefined) return `looks[${at}] lacks ${each} of ${arm}`;
        if (typeof got === 'number' && got > units) return `looks[${at}] has more ${each} than units of ${arm}`;
      }
    }
    before = new Map(names.map((arm) => [arm, look.arms[arm]!.units]));
  }
  return undefined;
}
