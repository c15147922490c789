import type { BoundColumn } from './bind-columns.ts';
import type { Limit, Severity, Tolerance } from './contract.ts';
import type { Check } from './contract-result.ts';

interface Asked {
  /** As the check will call it. */
  readonly rule: string;
  readonly column: string | null;
  readonly severity: Severity;
  /** In the contract; null for a rule that is on by default. */
  readonly line: number | null;
  readonly expected: string | number | null;
}

/** How many rows violate something that each row shows by itself. All of these are answered in one scan. */
export interface RowQuestion extends Asked {
  readonly kind: 'rows';
  /** SQL: true where a row violates; NULL and false where it doesn't. */
  readonly violates: string;
  /** Set where the violation is a missing cell: then the count is known without asking. */
  readonly missingIn?: string;
  /** SQL of what to show of a violating row, where values may be shown. */
  readonly shown: string;
  /** None may violate, unless there is one. */
  readonly tolerance: Tolerance | null;
  /** Set where the rule fails whatever the rows hold, since the file's own type is another: then `violates` only finds the rows to look at. */
  readonly otherType?: string;
  /** What is wrong with the rows: `outside 0 … 2880`. */
  readonly what: string;
}

/** How many rows share their key with others. Each needs a grouping of its own. */
export interface KeyQuestion extends Asked {
  readonly kind: 'keys';
  readonly columns: readonly BoundColumn[];
  /** shared: every row whose key isn't its alone; repeated: those beyond the first of a key. */
  readonly counts: 'shared' | 'repeated';
  readonly tolerance: Tolerance | null;
}

/** A number that the one scan gives along: a mean, a share. */
export interface StatisticQuestion extends Asked {
  readonly kind: 'statistic';
  readonly sql: string;
  readonly limit: Limit;
  readonly what: string;
}

export interface CountQuestion extends Asked {
  readonly kind: 'count';
  readonly limit: Limit;
}

export interface SqlQuestion extends Asked {
  readonly kind: 'sql';
  readonly query: string;
  readonly limit: Limit;
}

/** Whole rows that repeat an earlier one. */
export interface DuplicateQuestion extends Asked {
  readonly kind: 'duplicate-rows';
}

/** More missing cells in a column than `share`. One check for all columns. */
export interface NullShareQuestion extends Asked {
  readonly kind: 'null-share';
  readonly columns: readonly BoundColumn[];
  readonly share: number;
}

/** Known without a look at the rows. */
export interface Settled {
  readonly kind: 'settled';
  readonly check: Check;
}

export type Question =
  | RowQuestion
  | KeyQuestion
  | StatisticQuestion
  | CountQuestion
  | SqlQuestion
  | DuplicateQuestion
  | NullShareQuestion
  | Settled;

/** What a check repeats of its question. */
export const bare = ({ rule, column, severity, expected }: Exclude<Question, { kind: 'settled' }>) => ({
  rule,
  column,
  severity,
  expected,
});

export const settled = (check: Check): Question => ({ kind: 'settled', check });
