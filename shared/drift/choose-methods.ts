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

/** A method as it is asked for: `psi`, or with a limit of one's own `psi:0.2`. */
interface AskedMethod {
  readonly name: string;
  /** As it was written; undefined where the method's own holds. */
  readonly limit: string | undefined;
}

function readMethod(text: string): AskedMethod {
  const at = text.indexOf(':');
  return at < 0 ? { name: text, limit: undefined } : { name: text.slice(0, at), limit: text.slice(at + 1) };
}

const limitOf = ({ limit }: AskedMethod): number | undefined =>
  limit === undefined ? undefined : /^\d*\.?\d+$/.test(limit) ? Number(limit) : Number.NaN;

/** @throws UserError `METHOD_LIMIT` */
function requireLimit(asked: AskedMethod): void {
  const limit = limitOf(asked);
  const method = findMethod(asked.name);
  if (limit === undefined && method?.threshold !== null) return;
  if (limit === undefined)
    throw new UserError(
      'METHOD_LIMIT',
      `${asked.name} measures in the column's own unit, so it has no limit of its own and nothing would ever drift.`,
      `Give one: ${asked.name}:5 takes a distance of 5 for drift.`,
    );
  if (!method || !Number.isFinite(limit))
    throw new UserError(
      'METHOD_LIMIT',
      method ? `The limit of ${asked.name} is no number.` : `${asked.name} takes no limit.`,
      'Write METHOD:LIMIT, such as psi:0.2.',
    );
}

/** @throws UserError `METHOD_UNKNOWN`, `METHOD_LIMIT`, `DRIFT_COLUMN_UNKNOWN` for a column that neither side has */
export function requireMethods({ method, columns }: MethodChoice, known: readonly string[]): void {
  for (const text of [method, ...Object.values(columns)]) {
    const { name, limit } = readMethod(text);
    if (name === 'default' || name === 'evidently' || findMethod(name)) {
      requireLimit({ name, limit });
      continue;
    }
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

/** A method, and the limit that stands in for its own. */
export interface ChosenMethod extends NamedMethod {
  readonly limit: number | undefined;
}

/** The named method of a column; null for the default. */
export function namedMethodOf({ method, columns }: MethodChoice, column: string): ChosenMethod | null {
  const asked = readMethod(ownValue(columns, column) ?? method);
  const found = asked.name === 'default' || asked.name === 'evidently' ? undefined : findMethod(asked.name);
  return found ? { ...found, limit: limitOf(asked) } : null;
}

/** What a method compares of a column: numbers by order, or categories; by the column's own kind where it does both. */
export function comparedAs(method: NamedMethod, kind: ColumnKind, isNumber: boolean): 'numeric' | 'categorical' {
  if (!isNumber) return 'categorical';
  if (method.numeric && method.categories) return kind.compare ?? 'numeric';
  return method.numeric ? 'numeric' : 'categorical';
}

/** A column judged by a named method. What doesn't apply is no drift, and says why. */
export function judgeByMethod(method: ChosenMethod, reference: Sample, current: Sample): NamedResult {
  const found = runMethod(method.name, reference, current, method.limit);
  if ('notApplicable' in found) {
    return {
      method: method.name,
      score: null,
      threshold: method.limit ?? method.threshold,
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
