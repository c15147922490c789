/** The rules a gate can have. `min`, `max` take the limit itself as good; `above`, `below` do not. */
export type Rule = 'min' | 'above' | 'max' | 'below' | 'maxRegression' | 'minImprovement' | 'maxRelative';

export const isComparison = (rule: Rule): boolean => rule === 'maxRegression' || rule === 'minImprovement' || rule === 'maxRelative';

/** What a gate asks, with its defaults filled in. */
export interface Question {
  readonly rule: Rule;
  /** On the metric's own scale (`maxRelative`: a share of the baseline). Null: no margin could be set. */
  readonly limit: number | null;
  readonly prove: 'safe' | 'harm';
  readonly decide: 'bound' | 'point';
  readonly severity: 'fail' | 'warn';
  /** One-sided. */
  readonly alpha: number;
}

/** What was found, oriented so that larger is better: metric − limit, limit − metric, or the improvement over the baseline. */
export interface Finding {
  readonly estimate: number | null;
  readonly lower: number | null;
  readonly upper: number | null;
  /** One-sided p of "not worse than the bound"; null where the method has none. */
  readonly p: number | null;
  /** Fewer rows than the minimum. */
  readonly short: boolean;
  /** The same predictions on every row. */
  readonly identical: boolean;
}

/** `open`: the interval holds the bound, or there is none. */
export type Answer = 'pass' | 'beyond' | 'open';

/** Limits typed in decimals meet bounds computed in binary. */
const SLACK = 1e-12;

/** Where the oriented figure must lie: 0 for limits, −margin for regressions, +d for improvements. */
export const boundOf = ({ rule, limit }: Question): number =>
  rule === 'minImprovement' ? (limit ?? 0) : isComparison(rule) ? 0 - (limit ?? 0) : 0;

/** Whether the bound itself is not good enough. */
export const isStrict = ({ rule, limit }: Question): boolean =>
  rule === 'above' || rule === 'below' || (rule === 'minImprovement' && limit === 0);

/** `prove: harm` is the default for slices, fairness and warnings; an improvement is always shown (safe). */
export function proveOf(
  rule: Rule,
  asked: 'safe' | 'harm' | undefined,
  context: { readonly slice: boolean; readonly fairness: boolean; readonly severity: 'fail' | 'warn' },
): 'safe' | 'harm' {
  if (rule === 'minImprovement') return 'safe';
  return asked ?? (context.slice || context.fairness || context.severity === 'warn' ? 'harm' : 'safe');
}

/** p of identical predictions: the difference is 0 with certainty. */
export const identicalP = (question: Question): number => ((isStrict(question) ? 0 > boundOf(question) : 0 >= boundOf(question)) ? 1 : 0);

/** The three answers, before any family of harm gates is looked at. */
export function answerOf(question: Question, finding: Finding): Answer {
  const { estimate, lower, upper, short, identical } = finding;
  const bound = boundOf(question);
  const strict = isStrict(question);
  const reaches = (figure: number) => (strict ? figure > bound + SLACK : figure >= bound - SLACK);
  if (question.decide === 'point') return estimate === null ? 'open' : reaches(estimate) ? 'pass' : 'beyond';
  if (identical && isComparison(question.rule)) return reaches(0) ? 'pass' : 'beyond';
  if (short || estimate === null || lower === null || upper === null || question.limit === null) return 'open';
  if (reaches(lower)) return 'pass';
  return (strict ? upper <= bound + SLACK : upper < bound - SLACK) ? 'beyond' : 'open';
}
