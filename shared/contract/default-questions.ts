import { UserError } from '../errors.ts';
import type { Dialect } from '../query/dialect.ts';
import type { TableSource } from '../source/table-source.ts';
import { askFutureEvent } from './ask-future-event.ts';
import { type BoundColumn, bindColumn } from './bind-columns.ts';
import type { ContractTable } from './contract.ts';
import { nearestOf } from './nearest-of.ts';
import type { Question } from './question.ts';

export interface DefaultsRequest {
  readonly id?: string;
  readonly time?: string;
  readonly labelTime?: string;
  readonly label?: string;
}

/** More missing than this share of a column fails; exactly this share passes. */
const maxNullShare = 0.1;

/**
 * What is asked of every table, with a contract or without: no column too empty, no event after its label, no whole row twice, ids that
 * name one row. Where the contract says the same thing in its own numbers, the contract holds.
 *
 * @throws UserError `COLUMN_NOT_FOUND` where the config names a column that the data hasn't.
 */
export function defaultQuestions(
  source: TableSource,
  table: ContractTable | null,
  dialect: Dialect,
  request: DefaultsRequest,
): readonly Question[] {
  const bound = new Map(source.columns.map((column) => [column.name, bindColumn(column, declaredAs(column.name, table), source, dialect)]));
  const find = (key: keyof DefaultsRequest): BoundColumn | undefined => {
    const name = request[key];
    if (name === undefined) return undefined;
    const column = bound.get(name);
    if (column) return column;
    const nearest = nearestOf(name, [...bound.keys()]);
    throw new UserError(
      'COLUMN_NOT_FOUND',
      `${source.source} has no column ${name}, which the config names as ${key}.`,
      nearest ? `Did you mean ${nearest}?` : `Its columns: ${[...bound.keys()].slice(0, 30).join(', ')}.`,
    );
  };
  const id = find('id');
  const time = find('time');
  const labelTime = find('labelTime');
  find('label');

  const questions: Question[] = [];
  const ownNullRule = new Set([
    ...(table?.rules.flatMap((rule) => (rule.kind === 'nulls' || rule.kind === 'missing-values' ? [rule.column] : [])) ?? []),
    ...(table?.columns.flatMap((column) => (column.mayBeMissing ? [column.name] : [])) ?? []),
  ]);
  questions.push({
    kind: 'null-share',
    rule: 'nulls',
    column: null,
    severity: 'fail',
    line: null,
    expected: `at most ${100 * maxNullShare} % of a column`,
    columns: [...bound.values()].filter(({ name, declared }) => !ownNullRule.has(declared?.name ?? name)),
    share: maxNullShare,
  });
  if (time && labelTime) questions.push(askFutureEvent(time, labelTime, dialect, { severity: 'fail', line: null }));
  if (id) {
    const base = { column: id.name, severity: 'fail', line: null, tolerance: null } as const;
    const name = id.declared?.name ?? id.name;
    if (!table?.rules.some((rule) => rule.kind === 'required' && rule.column === name)) {
      questions.push({
        ...base,
        kind: 'rows',
        rule: 'required',
        violates: id.missing,
        missingIn: id.name,
        shown: id.cell,
        expected: 'no missing values',
        what: 'have no value',
      });
    }
    if (!table?.rules.some((rule) => rule.kind === 'unique' && rule.columns.length === 1 && rule.columns[0] === name)) {
      questions.push({ ...base, kind: 'keys', rule: 'unique', expected: 'unique', columns: [id], counts: 'shared' });
    }
  }
  questions.push({ kind: 'duplicate-rows', rule: 'duplicate-rows', column: null, severity: 'warn', line: null, expected: 'no row twice' });
  return questions;
}

const declaredAs = (name: string, table: ContractTable | null) =>
  table?.columns.find((column) => column.physicalName === name) ?? table?.columns.find((column) => column.name === name) ?? null;
