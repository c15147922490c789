import { literal } from '../query/sql-text.ts';
import type { Asking } from './ask-rule.ts';
import { askType } from './ask-type.ts';
import { type BoundColumn, isMissing } from './bind-columns.ts';
import { isNumber, outside, within } from './column-sql.ts';
import type { Rule, RuleOf, Scalar } from './contract.ts';
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
      if (!isNumber(column)) return unjudged('range', expected);
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
  if (!isNumber(column)) return unjudged(statistic.name, expected);
  const finite = `FILTER (WHERE isfinite(CAST(${column.value} AS DOUBLE)))`;
  const aggregate = statistic.name === 'mean' ? 'avg' : 'stddev_samp';
  return {
    ...common,
    sql: `${aggregate}(CAST(${column.value} AS DOUBLE)) ${finite}`,
    what: statistic.name === 'mean' ? 'the mean' : 'the standard deviation',
  };
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
