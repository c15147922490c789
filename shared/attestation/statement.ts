import { z } from 'zod';
import { entryName } from '../config/schema-parts.ts';
import { digestSchema } from '../dataset/manifest.ts';
import { verdictSchema } from '../verdict/verdict.ts';

/** What the weigh run signs with a model: how it was judged. */
export const evaluationPredicateType = 'https://weighin.dev/evaluation/v1';

/** `predicate` of an evaluation: what a reader needs to hold it against a version's record, by digest. */
export const evaluationPredicateSchema = z.strictObject({
  model: entryName,
  verdict: verdictSchema,
  /** Of report.json's bytes, and of its decision core. */
  report: digestSchema,
  decision: digestSchema,
  policy: digestSchema,
  dataset: digestSchema.nullable(),
  baseline: digestSchema.nullable(),
  /** Commit whose code trained the model. */
  commit: z.string().regex(/^[0-9a-f]{40}$/),
  /** Weighin's own version. */
  weighin: z.string().min(1).max(100),
});
export type EvaluationPredicate = z.infer<typeof evaluationPredicateSchema>;

/** An in-toto statement (v1), as attestations carry it. */
const statementSchema = z.strictObject({
  _type: z.literal('https://in-toto.io/Statement/v1'),
  subject: z.array(z.looseObject({ digest: z.record(z.string(), z.string()) })).min(1),
  predicateType: z.string(),
  predicate: z.unknown(),
});

export interface ExpectedStatement {
  /** The model's bytes. */
  readonly subject: string;
  /** What the predicate must say; what is left out may be anything. */
  readonly predicate: Readonly<Partial<EvaluationPredicate>>;
}

/** A stable code, and a sentence. */
export interface Objection {
  readonly code: string;
  readonly message: string;
}

/** Whether a statement, whose signature is proved elsewhere, says what is expected: the first thing that is not so. */
export function checkStatement(
  statement: unknown,
  expected: ExpectedStatement,
): { readonly predicate: EvaluationPredicate } | { readonly objection: Objection } {
  const parsed = statementSchema.safeParse(statement);
  if (!parsed.success) return object('STATEMENT_INVALID', 'It is no statement of in-toto v1.');
  const { subject, predicateType } = parsed.data;
  if (predicateType !== evaluationPredicateType) return object('PREDICATE_OTHER', `It is no evaluation but ${shown(predicateType)}.`);
  if (!subject.some(({ digest }) => Object.hasOwn(digest, 'sha256') && `sha256:${digest['sha256']}` === expected.subject))
    return object('SUBJECT_OTHER', `It is about other bytes than ${expected.subject}.`);
  const predicate = evaluationPredicateSchema.safeParse(parsed.data.predicate);
  if (!predicate.success) {
    const [issue] = predicate.error.issues;
    return object('PREDICATE_INVALID', `Its predicate is not as in ${evaluationPredicateType}: ${issue?.path.join('.') || 'the whole'}.`);
  }
  const found: Readonly<Record<string, unknown>> = predicate.data;
  for (const [key, value] of Object.entries(expected.predicate))
    if (value !== undefined && found[key] !== value)
      return object('PREDICATE_DIFFERS', `It says ${key} ${shown(String(found[key]))}; expected was ${shown(String(value))}.`);
  return { predicate: predicate.data };
}

const object = (code: string, message: string) => ({ objection: { code, message } });
const shown = (text: string) => (text.length > 100 ? `${text.slice(0, 100)}…` : text);
