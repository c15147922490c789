import { identifier, literal } from '../query/sql-text.ts';
import type { TableSource } from '../source/table-source.ts';
import { askType } from './ask-type.ts';
import { type BoundColumn, isMissing } from './bind-columns.ts';
import type { Bound, Rule, RuleOf, Scalar } from './contract.ts';
import type { Check } from './contract-result.ts';
import type { Question, RowQuestion } from './question.ts';
import { limitText, toleranceText } from './wording.ts';

/** What a rule is judged with: the columns that the data has, and where the contract stands. */
export interface Asking {
  readonly source: TableSource;
  readonly columns: ReadonlyMap<string, BoundColumn>;
  readonly file: string;
}

/** One rule as a question to the data; null where it concerns a column that is missing, which is a finding of its own. */
export function askRule(rule: Rule, asking: Asking): Question | null {
  const { columns } = asking;
  if (rule.kind === 'row-count') {
    return {
      kind: 'count',
      rule: 'row-count',
      column: null,
      severity: rule.severity,
      line: rule.line,
      expected: limitText(rule.limit),
      limit: rule.limit,
    };
  }
  if (rule.kind === 'sql') {
    return {
      kind: 'sql',
      rule: 'sql',
      column: rule.column,
      severity: rule.severity,
      line: rule.line,
      expected: limitText(rule.limit),
      limit: rule.limit,
      query: rule.query,
    };
  }
  if (rule.kind === 'not-checked') return settled(notChecked(rule, asking.file));
  if (rule.kind === 'unique' || rule.kind === 'duplicates') {
    const bound = rule.columns.map((name) => columns.get(name) ?? freeColumn(name, asking));
    if (!bound.every((column) => column !== undefined)) return null;
    const tolerance = rule.kind === 'duplicates' ? rule.tolerance : null;
    return {
      kind: 'keys',
      rule: 'unique',
      column: bound.map(({ name }) => name).join(', '),
      severity: rule.severity,
      line: rule.line,
      expected: tolerance ? toleranceText(tolerance) : 'unique',
      columns: bound,
      counts: rule.kind === 'unique' ? 'shared' : 'repeated',
      tolerance,
    };
  }
  if (rule.kind === 'future-event') {
    const event = columns.get(rule.event) ?? freeColumn(rule.event, asking);
    const label = columns.get(rule.label) ?? freeColumn(rule.label, asking);
    return event && label ? askFutureEvent(event, label, rule) : null;
  }
  const column = columns.get(rule.column) ?? freeColumn(rule.column, asking);
  return column ? askColumn(rule, column, asking) : null;
}

/** A rule may name a column that the contract doesn't describe. */
function freeColumn(name: string, { source }: Asking): BoundColumn | undefined {
  const found = source.columns.find((column) => column.name === name);
  if (!found) return undefined;
  const cell = identifier(name);
  const isFloat = found.sqlType === 'DOUBLE' || found.sqlType === 'FLOAT';
  return { name, source: found, declared: null, cell, value: cell, type: found.type, isFloat };
}

type ColumnRule = Exclude<Rule, RuleOf<'row-count' | 'sql' | 'not-checked' | 'unique' | 'duplicates' | 'future-event'>>;

function askColumn(rule: ColumnRule, column: BoundColumn, asking: Asking): Question {
  const base = {
    kind: 'rows',
    column: column.name,
    severity: rule.severity,
    line: rule.line,
    shown: column.cell,
    tolerance: null,
  } as const;
  const text = column.type === 'text' ? column.value : `CAST(${column.value} AS VARCHAR)`;
  const unjudged = (name: string, expected: string): Question =>
    settled({
      rule: name,
      column: column.name,
      status: rule.severity,
      severity: rule.severity,
      observed: column.source.sqlType,
      expected,
      failed: 0,
      total: 0,
      message: `${column.name} holds ${column.source.sqlType}, so ${expected} can't be judged.`,
      rows: [],
      location: { file: asking.file, line: rule.line },
    });

  switch (rule.kind) {
    case 'type':
      return askType(rule, column, asking);
    case 'required':
      return {
        ...base,
        rule: 'required',
        violates: isMissing(column),
        missingIn: column.name,
        expected: 'no missing values',
        what: 'have no value',
      };
    case 'nulls':
      return {
        ...base,
        rule: 'nulls',
        violates: isMissing(column),
        missingIn: column.name,
        tolerance: rule.tolerance,
        expected: toleranceText(rule.tolerance),
        what: 'have no value',
      };
    case 'missing-values': {
      const texts = rule.texts.map(literal).join(', ');
      return {
        ...base,
        rule: 'missing-values',
        violates: `(${isMissing(column)}${texts ? ` OR CAST(${column.cell} AS VARCHAR) IN (${texts})` : ''})`,
        tolerance: rule.tolerance,
        expected: toleranceText(rule.tolerance),
        what: 'have no value, or a text that stands for none',
      };
    }
    case 'range': {
      const expected = rangeText(rule);
      const violates = outside(rule, column);
      return violates === undefined
        ? unjudged('range', expected)
        : { ...base, rule: 'range', violates, expected, what: `outside ${expected}` };
    }
    case 'multiple-of': {
      const expected = `a multiple of ${rule.of}`;
      if (column.type !== 'number' && column.type !== 'integer') return unjudged('range', expected);
      const ratio = `CAST(${column.value} AS DOUBLE) / ${rule.of}`;
      // Decimal fractions are not exact in binary: a billionth of a step is forgiven.
      return {
        ...base,
        rule: 'range',
        violates: `isfinite(${ratio}) AND abs(${ratio} - round(${ratio})) > 1e-9`,
        expected,
        what: `not ${expected}`,
      };
    }
    case 'length': {
      const { minimum, maximum } = rule;
      const parts = [
        ...(minimum !== undefined ? [`length(${text}) < ${minimum}`] : []),
        ...(maximum !== undefined ? [`length(${text}) > ${maximum}`] : []),
      ];
      const expected =
        minimum === undefined
          ? `at most ${maximum} characters`
          : maximum === undefined
            ? `at least ${minimum} characters`
            : `${minimum} … ${maximum} characters`;
      return { ...base, rule: 'length', violates: parts.join(' OR '), expected, what: `not of ${expected}` };
    }
    case 'pattern':
      return {
        ...base,
        rule: 'pattern',
        violates: `NOT regexp_full_match(${text}, ${literal(rule.pattern)})`,
        tolerance: rule.tolerance ?? null,
        expected: rule.pattern,
        what: `not of the pattern ${rule.pattern}`,
      };
    case 'format':
      return {
        ...base,
        rule: 'pattern',
        violates: `NOT regexp_full_match(${text}, ${literal(formatPatterns[rule.format] ?? '(?s).*')})`,
        expected: rule.format,
        what: `not of the format ${rule.format}`,
      };
    case 'accepted-values': {
      const expected = valuesText(rule.values);
      return {
        ...base,
        rule: 'accepted-values',
        violates: rule.values.length === 0 ? `${column.value} IS NOT NULL` : `NOT ${within(column, rule.values)}`,
        tolerance: rule.tolerance ?? null,
        expected,
        what: `not among ${expected}`,
      };
    }
    case 'distribution':
      return askDistribution(rule, column, unjudged);
  }
}

function askDistribution(
  rule: RuleOf<'distribution'>,
  column: BoundColumn,
  unjudged: (name: string, expected: string) => Question,
): Question {
  const { statistic, limit } = rule;
  const expected = limitText(limit);
  const common = {
    kind: 'statistic',
    rule: statistic.name,
    column: column.name,
    severity: rule.severity,
    line: rule.line,
    expected,
    limit,
  } as const;
  if (statistic.name === 'share') {
    const part = `count(*) FILTER (WHERE ${within(column, statistic.values)})`;
    return {
      ...common,
      sql: `CAST(${part} AS DOUBLE) / nullif(count(${column.value}), 0)`,
      what: `the share of ${valuesText(statistic.values)}`,
    };
  }
  if (column.type !== 'number' && column.type !== 'integer') return unjudged(statistic.name, expected);
  const finite = `FILTER (WHERE isfinite(CAST(${column.value} AS DOUBLE)))`;
  const aggregate = statistic.name === 'mean' ? 'avg' : 'stddev_samp';
  return {
    ...common,
    sql: `${aggregate}(CAST(${column.value} AS DOUBLE)) ${finite}`,
    what: statistic.name === 'mean' ? 'the mean' : 'the standard deviation',
  };
}

/** Equal times pass: an event at the very moment of the label is not after it. */
export function askFutureEvent(
  event: BoundColumn,
  label: BoundColumn,
  placed: { readonly severity: 'fail' | 'warn'; readonly line: number | null },
): RowQuestion {
  const comparable = event.type === label.type || (isMoment(event) && isMoment(label)) || (isNumber(event) && isNumber(label));
  return {
    kind: 'rows',
    rule: 'LEAKAGE_FUTURE_EVENT',
    column: `${event.name}, ${label.name}`,
    severity: placed.severity,
    line: placed.line,
    // Times that can't be compared can't be shown to be in order: every row counts as violating.
    violates: comparable ? `${event.value} > ${label.value}` : 'true',
    shown: `concat_ws(' > ', ${event.cell}, ${label.cell})`,
    tolerance: null,
    expected: `${event.name} ≤ ${label.name}`,
    what: comparable
      ? `${event.name} is later than ${label.name}`
      : `${event.name} (${event.source.sqlType}) and ${label.name} (${label.source.sqlType}) can't be compared`,
  };
}

const isMoment = ({ type }: BoundColumn) => type === 'date' || type === 'timestamp';
const isNumber = ({ type }: BoundColumn) => type === 'number' || type === 'integer';

/** SQL for "outside the range", undefined where the column can't be compared with its bounds. NaN is missing, so it is never outside. */
function outside(rule: RuleOf<'range'>, column: BoundColumn): string | undefined {
  const { minimum, maximum, exclusiveMinimum, exclusiveMaximum } = rule;
  const bounds = [minimum, maximum, exclusiveMinimum, exclusiveMaximum].filter((bound) => bound !== undefined);
  const numeric = bounds.every((bound) => typeof bound === 'number');
  if (numeric ? !isNumber(column) : !isMoment(column) && column.type !== 'time') return undefined;
  const sql = (bound: Bound) => boundText(bound, column);
  const { value } = column;
  const parts =
    minimum !== undefined && maximum !== undefined
      ? [`${value} NOT BETWEEN ${sql(minimum)} AND ${sql(maximum)}`]
      : [
          ...(minimum !== undefined ? [`${value} < ${sql(minimum)}`] : []),
          ...(maximum !== undefined ? [`${value} > ${sql(maximum)}`] : []),
        ];
  if (exclusiveMinimum !== undefined) parts.push(`${value} <= ${sql(exclusiveMinimum)}`);
  if (exclusiveMaximum !== undefined) parts.push(`${value} >= ${sql(exclusiveMaximum)}`);
  return column.isFloat ? `(${parts.join(' OR ')}) AND NOT isnan(${value})` : parts.join(' OR ');
}

function boundText(bound: Bound, { type }: BoundColumn): string {
  if (typeof bound === 'number') return String(bound);
  if (type === 'time') return `CAST(${literal(bound)} AS TIME)`;
  // Through TIMESTAMPTZ, since a plain cast drops an offset.
  return `CAST(CAST(${literal(bound)} AS TIMESTAMPTZ) AS TIMESTAMP)`;
}

function rangeText({ minimum, maximum, exclusiveMinimum, exclusiveMaximum }: RuleOf<'range'>): string {
  if (minimum !== undefined && maximum !== undefined && exclusiveMinimum === undefined && exclusiveMaximum === undefined)
    return `${minimum} … ${maximum}`;
  return [
    ...(minimum !== undefined ? [`≥ ${minimum}`] : []),
    ...(exclusiveMinimum !== undefined ? [`> ${exclusiveMinimum}`] : []),
    ...(maximum !== undefined ? [`≤ ${maximum}`] : []),
    ...(exclusiveMaximum !== undefined ? [`< ${exclusiveMaximum}`] : []),
  ].join(' and ');
}

/** Numbers are compared as numbers where the column has them, else everything as text. */
function within(column: BoundColumn, values: readonly Scalar[]): string {
  if (values.length === 0) return 'false';
  if (
    isNumber(column) &&
    values.every(
      (value) => typeof value === 'number' || (typeof value === 'string' && value.trim() !== '' && Number.isFinite(Number(value))),
    )
  ) {
    const listed = `${column.value} IN (${values.map((value) => String(Number(value))).join(', ')})`;
    return column.isFloat ? `(${listed} OR isnan(${column.value}))` : listed;
  }
  if (isMoment(column) && values.every((value) => typeof value === 'string' && !Number.isNaN(Date.parse(value)))) {
    return `${column.value} IN (${values.map((value) => boundText(String(value), column)).join(', ')})`;
  }
  const text = column.type === 'text' ? column.value : `CAST(${column.value} AS VARCHAR)`;
  return `${text} IN (${values.map((value) => literal(String(value))).join(', ')})`;
}

function valuesText(values: readonly Scalar[]): string {
  const shown = values.slice(0, 10).map(String).join(', ');
  return values.length > 10 ? `${shown} and ${values.length - 10} more` : shown;
}

/** RE2, whole cell. Deliberately plain: what they pass looks like one, no more is promised. */
const formatPatterns: Readonly<Record<string, string>> = {
  email: '[^@\\s]+@[^@\\s]+\\.[^@\\s]+',
  uuid: '[0-9a-fA-F]{8}(-[0-9a-fA-F]{4}){3}-[0-9a-fA-F]{12}',
  uri: '[A-Za-z][A-Za-z0-9+.-]*:\\S+',
  hostname: '[A-Za-z0-9]([A-Za-z0-9-]{0,61}[A-Za-z0-9])?([.][A-Za-z0-9]([A-Za-z0-9-]{0,61}[A-Za-z0-9])?)*',
  ipv4: '((25[0-5]|2[0-4][0-9]|1[0-9]{2}|[1-9]?[0-9])[.]){3}(25[0-5]|2[0-4][0-9]|1[0-9]{2}|[1-9]?[0-9])',
  ipv6: '[0-9a-fA-F:]*:[0-9a-fA-F:.]*',
};

const settled = (check: Check): Question => ({ kind: 'settled', check });

function notChecked(rule: RuleOf<'not-checked'>, file: string): Check {
  const where = rule.column === null ? '' : `${rule.column}: `;
  return {
    rule: 'not-checked',
    column: rule.column,
    status: rule.forPeople ? 'pass' : 'warn',
    severity: 'warn',
    observed: null,
    expected: null,
    failed: 0,
    total: 0,
    message: `${where}not checked: ${rule.what}.`,
    rows: [],
    location: { file, line: rule.line },
  };
}
