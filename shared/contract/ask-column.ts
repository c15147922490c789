import { UserError } from '../errors.ts';
import type { Dialect } from '../query/dialect.ts';
import type { Asking } from './ask-rule.ts';
import { askType } from './ask-type.ts';
import type { BoundColumn } from './bind-columns.ts';
import { isNumber, outside, says, within } from './column-sql.ts';
import type { Rule, RuleOf, Scalar } from './contract.ts';
import { engineName } from './engine-name.ts';
import { notChecked } from './not-checked.ts';
import { type Question, settled } from './question.ts';
import { limitText, toleranceText } from './wording.ts';

type ColumnRule = Exclude<Rule, RuleOf<'row-count' | 'sql' | 'not-checked' | 'unique' | 'duplicates' | 'future-event'>>;

/** A rule of one column. What the type of the column makes impossible fails by name, rather than pass unasked. */
export function askColumn(rule: ColumnRule, column: BoundColumn, asking: Asking): Question {
  const base = {
    kind: 'rows',
    column: column.name,
    severity: rule.severity,
    line: rule.line,
    shown: column.cell,
    tolerance: null,
  } as const;
  const { dialect } = asking;
  const { text } = column;
  const hasNoText = column.isFloat && dialect.name !== 'duckdb';
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
  const notAsked = (what: string): Question =>
    settled(notChecked({ column: column.name, what, forPeople: false, line: rule.line }, asking.file));

  switch (rule.kind) {
    case 'type':
      return askType(rule, column, asking);
    case 'required':
      return {
        ...base,
        rule: 'required',
        violates: column.missing,
        missingIn: column.name,
        expected: 'no missing values',
        what: 'have no value',
      };
    case 'nulls':
      return {
        ...base,
        rule: 'nulls',
        violates: column.missing,
        missingIn: column.name,
        tolerance: rule.tolerance,
        expected: toleranceText(rule.tolerance),
        what: 'have no value',
      };
    case 'missing-values': {
      const said = says(column, rule.texts, dialect);
      return {
        ...base,
        rule: 'missing-values',
        violates: said === 'false' ? column.missing : `(${column.missing} OR ${said})`,
        tolerance: rule.tolerance,
        expected: toleranceText(rule.tolerance),
        what: 'have no value, or a text that stands for none',
      };
    }
    case 'range': {
      const expected = rangeText(rule);
      const violates = outside(rule, column, dialect);
      return violates === undefined
        ? unjudged('range', expected)
        : { ...base, rule: 'range', violates, expected, what: `outside ${expected}` };
    }
    case 'multiple-of': {
      const expected = `a multiple of ${rule.of}`;
      if (!isNumber(column)) return unjudged('range', expected);
      return {
        ...base,
        rule: 'range',
        violates: isNoMultiple(column.double, rule.of, dialect),
        expected,
        what: `not ${expected}`,
      };
    }
    case 'length': {
      if (hasNoText) return notAsked('the length of a float, which every engine writes in its own way');
      const { minimum, maximum } = rule;
      const parts = [
        ...(minimum !== undefined ? [`${dialect.length(text)} < ${minimum}`] : []),
        ...(maximum !== undefined ? [`${dialect.length(text)} > ${maximum}`] : []),
      ];
      const expected =
        minimum === undefined
          ? `at most ${maximum} characters`
          : maximum === undefined
            ? `at least ${minimum} characters`
            : `${minimum} … ${maximum} characters`;
      return { ...base, rule: 'length', violates: parts.join(' OR '), expected, what: `not of ${expected}` };
    }
    case 'pattern': {
      if (hasNoText) return notAsked('a pattern of a float, which every engine writes in its own way');
      const matches = matching(text, rule.pattern, dialect);
      if (matches === undefined)
        return notAsked(`the pattern ${rule.pattern}, which ${engineName(dialect)} may read otherwise than RE2 does`);
      return {
        ...base,
        rule: 'pattern',
        violates: `NOT ${matches}`,
        tolerance: rule.tolerance ?? null,
        expected: rule.pattern,
        what: `not of the pattern ${rule.pattern}`,
      };
    }
    case 'format': {
      if (hasNoText) return notAsked(`the format ${rule.format} of a float`);
      const pattern = formatPatterns[rule.format];
      const matches = pattern === undefined ? undefined : matching(text, pattern, dialect);
      if (matches === undefined) return notAsked(`the format ${rule.format}`);
      return {
        ...base,
        rule: 'pattern',
        violates: `NOT ${matches}`,
        expected: rule.format,
        what: `not of the format ${rule.format}`,
      };
    }
    case 'accepted-values': {
      const expected = valuesText(rule.values);
      return {
        ...base,
        rule: 'accepted-values',
        violates: rule.values.length === 0 ? `${column.value} IS NOT NULL` : `NOT ${within(column, rule.values, dialect)}`,
        tolerance: rule.tolerance ?? null,
        expected,
        what: `not among ${expected}`,
      };
    }
    case 'distribution':
      return askDistribution(rule, column, dialect, unjudged);
  }
}

function askDistribution(
  rule: RuleOf<'distribution'>,
  column: BoundColumn,
  dialect: Dialect,
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
    const part = `${dialect.countIf(within(column, statistic.values, dialect))}`;
    return {
      ...common,
      sql: `CAST(${part} AS ${dialect.types.double}) / nullif(count(${column.value}), 0)`,
      what: `the share of ${valuesText(statistic.values)}`,
    };
  }
  if (!isNumber(column)) return unjudged(statistic.name, expected);
  return {
    ...common,
    sql: statistic.name === 'mean' ? dialect.mean(column.double) : dialect.deviation(column.double),
    what: statistic.name === 'mean' ? 'the mean' : 'the standard deviation',
  };
}

/** Undefined where the engine has no expression that is sure to mean the same. */
function matching(text: string, pattern: string, dialect: Dialect): string | undefined {
  try {
    return dialect.matches(text, pattern);
  } catch (cause) {
    if (cause instanceof UserError) return undefined;
    throw cause;
  }
}

/**
 * Decimal fractions are not exact in binary: a billionth of a step is forgiven. Infinities, and what would become one, pass; so does what
 * is as good as zero. Neither is divided, since some engines stop at an overflow.
 */
function isNoMultiple(value: string, of: number, dialect: Dialect): string {
  const step = dialect.double(of);
  const least = dialect.double(of * 1e-10);
  const most = dialect.double(Math.min(Number.MAX_VALUE, Number.MAX_VALUE * of * (1 - 1e-15)));
  return `CASE WHEN abs(${value}) BETWEEN ${least} AND ${most} THEN abs(${value} / ${step} - round(${value} / ${step})) > 1e-9 ELSE false END`;
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
