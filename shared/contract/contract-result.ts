import { z } from 'zod';
import { verdictSchema } from '../verdict/verdict.ts';

/** One rule of the contract, judged. Holds counts and row numbers, never values, unless `privacy.values: allow`. */
export const checkSchema = z.strictObject({
  /** `type`, `required`, `nulls`, `unique`, `range`, `accepted-values`, `pattern`, `length`, `row-count`, `columns`, `LEAKAGE_FUTURE_EVENT`, `duplicate-rows` … */
  rule: z.string(),
  /** The column, several joined by ", ", or null for the table. */
  column: z.string().nullable(),
  status: z.enum(['pass', 'warn', 'fail', 'error']),
  /** What a violation does to the verdict. */
  severity: z.enum(['fail', 'warn']),
  observed: z.union([z.string(), z.number(), z.null()]),
  expected: z.union([z.string(), z.number(), z.null()]),
  /** Rows that violate the rule, of `total` rows that it looked at. */
  failed: z.number().int(),
  total: z.number().int(),
  message: z.string(),
  /** Up to 20 violating rows, counted from 1 over the source's files in order (a CSV's header is not a row). Empty for a database's table. */
  rows: z.array(z.number().int()),
  /** Violating values beside `rows`, only with `privacy.values: allow`; those of a table are named by the row's id, where the data has one. */
  values: z.array(z.string()).optional(),
  /** Where the rule stands in the contract; null for a rule that is on by default. */
  location: z.strictObject({ file: z.string(), line: z.number().int() }).nullable(),
});
export type Check = z.infer<typeof checkSchema>;

export const contractResultSchema = z.strictObject({
  verdict: verdictSchema,
  contract: z.strictObject({ file: z.string(), digest: z.string(), id: z.string().nullable(), version: z.string().nullable() }).nullable(),
  rows: z.number().int(),
  columns: z.number().int(),
  checks: z.array(checkSchema),
});
export type ContractResult = z.infer<typeof contractResultSchema>;
