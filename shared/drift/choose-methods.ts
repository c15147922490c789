import { UserError } from '../errors.ts';
import { nearestName } from '../spec/nearest-name.ts';
import type { ColumnKind } from './column-kind.ts';
import type { NamedResult } from './compare-profiles.ts';
import type { NamedMethod } from './methods/method.ts';
import { findMethod, namedMethods } from './methods/named-methods.ts';
import { runMethod } from './methods/run-method.ts';
import { ownValue } from './own-value.ts';
import type { Sample } from './sample.ts';

/** Which method judges which column: `default`, or a named one. */
export interface MethodChoice {
  readonly method: string;
  readonly columns: Readonly<Record<string, string>>;
}

/** @throws UserError `METHOD_UNKNOWN`, `DRIFT_COLUMN_UNKNOWN` for a column that neither side has */
export function requireMethods({ method, columns }: MethodChoice, known: readonly string[]): void {
  for (const name of [method, ...Object.values(columns)]) {
    if (name === 'default' || name === 'evidently' || findMethod(name)) continue;
    const names = ['default', 'evidently', ...namedMethods.flatMap((one) => [one.name, ...one.aliases])];
    const near = nearestName(name, names);
    throw new UserError(
      'METHOD_UNKNOWN',
      `There is no drift method \`${name.slice(0, 60)}\`.`,
      near ? `Did you mean \`${near}\`?` : `Use default, evidently or one of ${namedMethods.map((one) => one.name).join(', ')}.`,
    );
  }
  for (const column of Object.keys(columns)) requireColumn(column, known, 'a method');
  const whole = Object.entries(columns).find(([, name]) => name === 'evidently');
  if (whole)
    throw new UserError(
      'METHOD_OF_TABLE',
      `${whole[0]} can't have the method evidently, which judges a whole table.`,
      'Use --method evidently, or name one test for the column.',
    );
}

/** @throws UserError `DRIFT_COLUMN_UNKNOWN` */
export function requireColumn(column: string, known: readonly string[], use: string): void {
  if (known.includes(column)) return;
  const near = nearestName(column, known);
  const some = known.slice(0, 20).join(', ');
  throw new UserError(
    'DRIFT_COLUMN_UNKNOWN',
    `There is no column \`${column.slice(0, 80)}\`, which was named for ${use}.`,
    near ? `Did you mean \`${near}\`?` : `There are: ${some}${known.length > 20 ? ', …' : ''}.`,
  );
}

/** The named method of a column; null for the default. */
export function namedMethodOf({ method, columns }: MethodChoice, column: string): NamedMethod | null {
  const name = ownValue(columns, column) ?? method;
  return name === 'default' || name === 'evidently' ? null : (findMethod(name) ?? null);
}

/** What a method compares of a column: numbers by order, or categories; by the column's own kind where it does both. */
export function comparedAs(method: NamedMethod, kind: ColumnKind, isNumber: boolean): 'numeric' | 'categorical' {
  if (!isNumber) return 'categorical';
  if (method.numeric && method.categories) return kind.compare ?? 'numeric';
  return method.numeric ? 'numeric' : 'categorical';
}

/** A column judged by a named method. What doesn't apply is no drift, and says why. */
export function judgeByMethod(method: NamedMethod, reference: Sample, current: Sample): NamedResult {
  const found = runMethod(method.name, reference, current);
  if ('notApplicable' in found) {
    return {
      method: method.name,
      score: null,
      threshold: method.threshold,
      pValue: null,
      drifted: false,
      notTested: found.notApplicable,
      exactness: 'exact',
      bound: null,
    };
  }
  const { score, threshold, pValue, drifted, exactness, bound } = found;
  return {
    method: method.name,
    score,
    threshold,
    pValue,
    drifted,
    notTested: score === null ? 'undefined for these rows' : null,
    exactness,
    bound,
  };
}
