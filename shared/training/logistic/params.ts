import { z } from 'zod';
import { UserError } from '../../errors.ts';
import { nearestName } from '../../spec/nearest-name.ts';

const schema = z.strictObject({
  /** Strength of the penalty: Σ loss + l2/2 · ‖weights‖², the intercept free. scikit-learn's `C` is 1/l2. */
  l2: z.number().nonnegative().default(1),
  impute: z.enum(['mean', 'median']).default('mean'),
  /** A weight of its own for "missing", for columns that miss values in training. */
  missingIndicator: z.boolean().default(true),
  /** Categories with fewer training rows count as other. */
  minCount: z.number().int().positive().default(20),
  /** The most frequent ones of a column; the rest counts as other. */
  maxCategories: z.number().int().min(1).max(2_000).default(255),
  /** Columns of whole numbers to be read as categories, such as an hour or a postal code. */
  categorical: z.array(z.string()).default([]),
  features: z.array(z.string()).optional(),
  maxIterations: z.number().int().positive().max(1_000).default(50),
});
export type LogisticParams = z.infer<typeof schema>;

/** `training.params` of the trainer, defaults filled in. Throws `TRAINER_PARAMS`, naming the nearest known parameter. */
export function readParams(params: Readonly<Record<string, unknown>>): LogisticParams {
  const parsed = schema.safeParse(params);
  if (parsed.success) return parsed.data;
  const issue = parsed.error.issues[0]!;
  const known = Object.keys(schema.shape);
  if (issue.code === 'unrecognized_keys') {
    const unknown = issue.keys[0]!;
    const near = nearestName(unknown, known);
    throw new UserError(
      'TRAINER_PARAMS',
      `training.params.${unknown} is not a parameter of logistic-regression.`,
      near ? `Did you mean ${near}?` : `Its parameters are ${known.join(', ')}.`,
    );
  }
  throw new UserError(
    'TRAINER_PARAMS',
    `training.params.${issue.path.join('.')}: ${issue.message}.`,
    `The parameters of logistic-regression are ${known.join(', ')}.`,
  );
}
