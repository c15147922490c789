/** A contract as it is judged: ODCS v3 read into flat rules, each with the line that it stands on. */
export interface Contract {
  readonly file: string;
  /** `sha256:<hex>` of the contract's text. */
  readonly digest: string;
  readonly id: string | null;
  readonly version: string | null;
  readonly tables: readonly ContractTable[];
}

export interface ContractTable {
  readonly name: string;
  readonly physicalName: string | null;
  readonly line: number;
  readonly columns: readonly ContractColumn[];
  readonly rules: readonly Rule[];
}

export interface ContractColumn {
  readonly name: string;
  /** What the column is called in the data, where that is another name. */
  readonly physicalName: string | null;
  readonly logicalType: LogicalType | null;
  readonly physicalType: string | null;
  /** The contract says `required: false` in so many words: missing values are expected. */
  readonly mayBeMissing: boolean;
  readonly line: number;
}

export const logicalTypes = [
  'string',
  'date',
  'timestamp',
  'time',
  'number',
  'integer',
  'boolean',
  'object',
  'array',
  'map',
  'vector',
] as const;
export type LogicalType = (typeof logicalTypes)[number];

export type Severity = 'fail' | 'warn';
export type Scalar = string | number | boolean;
/** A bound of a range: a number, or a date, time or timestamp as text. */
export type Bound = number | string;

/** What a count or a share must be. `between` holds both ends. */
export interface Limit {
  readonly operator: LimitOperator;
  readonly low: number;
  /** Only of the two `between` operators. */
  readonly high: number;
}
export const limitOperators = [
  'mustBe',
  'mustNotBe',
  'mustBeGreaterThan',
  'mustBeGreaterOrEqualTo',
  'mustBeLessThan',
  'mustBeLessOrEqualTo',
  'mustBeBetween',
  'mustNotBeBetween',
] as const;
export type LimitOperator = (typeof limitOperators)[number];

/** How many rows may violate a rule: none, unless the contract says otherwise. */
export interface Tolerance {
  readonly limit: Limit;
  readonly unit: 'rows' | 'percent';
}

interface Placed {
  readonly severity: Severity;
  readonly line: number;
}

/** `column` is the contract's own name for it. */
export type Rule = Placed &
  (
    | { readonly kind: 'type'; readonly column: string }
    | { readonly kind: 'required'; readonly column: string }
    | { readonly kind: 'unique'; readonly columns: readonly string[] }
    | {
        readonly kind: 'range';
        readonly column: string;
        readonly minimum?: Bound;
        readonly maximum?: Bound;
        readonly exclusiveMinimum?: Bound;
        readonly exclusiveMaximum?: Bound;
      }
    | { readonly kind: 'multiple-of'; readonly column: string; readonly of: number }
    | { readonly kind: 'length'; readonly column: string; readonly minimum?: number; readonly maximum?: number }
    | { readonly kind: 'pattern'; readonly column: string; readonly pattern: string; readonly tolerance?: Tolerance }
    | { readonly kind: 'format'; readonly column: string; readonly format: string }
    | { readonly kind: 'accepted-values'; readonly column: string; readonly values: readonly Scalar[]; readonly tolerance?: Tolerance }
    | { readonly kind: 'nulls'; readonly column: string; readonly tolerance: Tolerance }
    | {
        readonly kind: 'missing-values';
        readonly column: string;
        /** Texts that stand for a missing value, beside NULL itself. */
        readonly texts: readonly string[];
        readonly tolerance: Tolerance;
      }
    | { readonly kind: 'duplicates'; readonly columns: readonly string[]; readonly tolerance: Tolerance }
    | { readonly kind: 'row-count'; readonly limit: Limit }
    | { readonly kind: 'sql'; readonly column: string | null; readonly query: string; readonly limit: Limit }
    | { readonly kind: 'future-event'; readonly event: string; readonly label: string }
    | { readonly kind: 'distribution'; readonly column: string; readonly statistic: Statistic; readonly limit: Limit }
    /** Named, so that nobody takes it for checked: another engine's rule, a format that can't be tested. */
    | { readonly kind: 'not-checked'; readonly column: string | null; readonly what: string; readonly forPeople: boolean }
  );
export type RuleOf<Kind extends Rule['kind']> = Extract<Rule, { readonly kind: Kind }>;

export type Statistic =
  | { readonly name: 'mean' | 'standard-deviation' }
  /** Share of the rows with a value that hold one of these, 0 … 1. */
  | { readonly name: 'share'; readonly values: readonly Scalar[] };
