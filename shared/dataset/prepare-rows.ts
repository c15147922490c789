import { UserError } from '../errors.ts';
import type { QueryEngine } from '../query/query-engine.ts';
import { identifier, literal } from '../query/sql-text.ts';
import { canonicalText, rowText } from './canonical-text.ts';
import { rowIdColumn, rowNumberColumn } from './manifest.ts';
import { type ColumnPlan, workPrefix } from './plan-columns.ts';
import { timeKey } from './time-key.ts';

/** What a working row has beside the source's columns, `__row` and `__id`. */
export const work = {
  /** BIGINT: what a seeded split orders by. */
  hash: `${workPrefix}hash`,
  /** BIGINT: the row's time, by `timeKey`. */
  time: `${workPrefix}time`,
  labelTime: `${workPrefix}label_time`,
  /** The label as canonical text. */
  label: `${workPrefix}label`,
  /** Rows of one stratum are cut in the same shares. */
  stratum: `${workPrefix}stratum`,
  /** Digest of the whole row; only with an as-of date, and of a table without files. */
  content: `${workPrefix}content`,
} as const;

export interface PrepareRequest {
  readonly plan: ColumnPlan;
  readonly table: string;
  readonly seed: number;
  /** Strata by label, or one stratum. */
  readonly stratified: boolean;
  readonly asOf: Date | null;
  /** Whether a row without a time can't be used. */
  readonly needsTime: boolean;
}

export interface Notice {
  readonly code: string;
  readonly message: string;
}

/**
 * Materialises the source once, with what the next steps ask of every row, and drops the rows that can't be used; each is counted under
 * one reason. Identities are md5: they only have to tell rows apart and to look random, nobody gains by a collision (it puts two rows of
 * one's own data into the same split), and md5 is the engine's fastest hash whose value is the same in every version and on every machine.
 *
 * @throws UserError `ID_MISSING`, `TIME_UNREADABLE`, `LABEL_NOT_NUMERIC`, `NO_ROWS`.
 */
export async function prepareRows(engine: QueryEngine, request: PrepareRequest): Promise<readonly Notice[]> {
  const { plan, table, seed, stratified, asOf } = request;
  const { source, label, id, time, labelTime } = plan;
  const columns = source.columns.map((column) => ({ ...column, sql: identifier(column.name) }));
  const content = `md5(${rowText(columns)})`;
  const key = (column: typeof time, option: string) =>
    column ? timeKey(identifier(column.name), column, option).sql : 'CAST(NULL AS BIGINT)';
  const labelText = canonicalText(identifier(label.name), label);
  // NaN is how floating-point tables say "missing".
  const usableLabel = label.type === 'number' ? `CASE WHEN isfinite(${identifier(label.name)}) THEN ${labelText} END` : labelText;
  await engine.run(`CREATE TEMP TABLE ${table} AS SELECT *, ${stratified ? work.label : literal('')} AS ${work.stratum},
    CAST(md5_number_lower(${literal(`${seed}:`)} || ${rowIdColumn}) >> 1 AS BIGINT) AS ${work.hash}
    FROM (SELECT ${columns.map(({ sql }) => sql).join(', ')}, ${rowNumberColumn},
      ${id ? `md5(${canonicalText(identifier(id.name), id)})` : content} AS ${rowIdColumn},
      ${asOf || source.format === 'table' ? `${content} AS ${work.content},` : ''}
      ${key(time, 'data.time')} AS ${work.time}, ${key(labelTime, 'data.labelTime')} AS ${work.labelTime},
      ${usableLabel} AS ${work.label}
    FROM ${source.relation})`);

  await refuse(engine, table, `${rowIdColumn} IS NULL`, (count, rows) => [
    'ID_MISSING',
    `The id column ${id?.name} is empty in ${count} (${rows}), so nothing names them.`,
    'Fill the column, or leave data.id out: the whole row names itself then.',
  ]);
  for (const [column, sql] of [
    [time, work.time],
    [labelTime, work.labelTime],
  ] as const) {
    if (!column) continue;
    await refuse(engine, table, `${identifier(column.name)} IS NOT NULL AND ${sql} IS NULL`, (count, rows) => [
      'TIME_UNREADABLE',
      `${column.name} holds something that is not a time in ${count} (${rows}).`,
      'Write times as ISO 8601, for example 2025-01-31T12:00:00Z.',
    ]);
  }
  return leaveOut(engine, request);
}

async function leaveOut(engine: QueryEngine, { table, asOf, needsTime, plan }: PrepareRequest): Promise<readonly Notice[]> {
  const instant = asOf === null ? null : Math.round(asOf.getTime() * 1000);
  const day = asOf?.toISOString();
  const reasons = [
    { code: 'TIME_MISSING', when: needsTime ? `${work.time} IS NULL` : 'false', why: `${plan.time?.name} is missing` },
    { code: 'AFTER_AS_OF', when: instant === null ? 'false' : `${work.time} > ${instant}`, why: `later than ${day}` },
    {
      code: 'LABEL_AFTER_AS_OF',
      when: instant === null ? 'false' : `${work.labelTime} > ${instant}`,
      why: `the label was not known by ${day}`,
    },
    { code: 'LABEL_MISSING', when: `${work.label} IS NULL`, why: `${plan.label.name} is missing` },
  ];
  const reason = `CASE ${reasons.map(({ code, when }) => `WHEN ${when} THEN ${literal(code)}`).join(' ')} END`;
  const counts = await engine.rows<{ reason: string | null; rows: number }>(
    `SELECT ${reason} AS reason, count(*) AS rows FROM ${table} GROUP BY 1`,
  );
  const left = new Map(counts.map(({ reason, rows }) => [reason, rows]));
  if (counts.some(({ reason }) => reason !== null)) await engine.run(`DELETE FROM ${table} WHERE ${reason} IS NOT NULL`);
  const notices = reasons
    .filter(({ code }) => left.has(code))
    .map(({ code, why }) => ({ code, message: `${rowsInWords(left.get(code) ?? 0)} of ${plan.source.source} left out: ${why}.` }));
  if (!left.has(null)) {
    throw new UserError(
      'NO_ROWS',
      `No row of ${plan.source.source} is left to learn from. ${notices.map(({ message }) => message).join(' ')}`.trim(),
      'Correct data.label, data.time or the as-of date.',
    );
  }
  return notices;
}

export const rowsInWords = (count: number) => `${count.toLocaleString('en-US')} ${count === 1 ? 'row' : 'rows'}`;

/** Row numbers are safe to show; values are not. */
async function refuse(
  engine: QueryEngine,
  table: string,
  wrong: string,
  say: (count: string, rows: string) => readonly [code: string, message: string, hint: string],
): Promise<void> {
  const [found] = await engine.rows<{ rows: number; first: readonly number[] | null }>(
    `SELECT count(*) AS rows, min(${rowNumberColumn}, 5) AS first FROM ${table} WHERE ${wrong}`,
  );
  if (!found || found.rows === 0) return;
  const numbers = (found.first ?? []).join(', ');
  throw new UserError(...say(rowsInWords(found.rows), `${found.rows > 5 ? 'first in rows' : found.rows > 1 ? 'rows' : 'row'} ${numbers}`));
}
