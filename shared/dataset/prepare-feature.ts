import { UserError } from '../errors.ts';
import type { QueryEngine } from '../query/query-engine.ts';
import { identifier } from '../query/sql-text.ts';
import { canonicalText, rowText } from './canonical-text.ts';
import { type JoinPlan, workPrefix } from './plan-columns.ts';
import { type Notice, rowsInWords, work } from './prepare-rows.ts';
import { timeKey } from './time-key.ts';

const entityKey = (index: number) => `${workPrefix}entity_${index}`;

/**
 * A feature table as the join needs it: one row per entity and time, none without either, none later than the as-of date.
 * Where a table has several rows for one entity and time, equal ones are one; of different ones the row whose content is last in text
 * order is taken, whatever order the file has, and a notice counts them.
 *
 * @throws UserError `TIME_UNREADABLE`.
 */
export async function prepareFeature(engine: QueryEngine, join: JoinPlan, table: string, asOf: Date | null): Promise<readonly Notice[]> {
  const { columns, entity, time } = join;
  const { sql: key } = timeKey(identifier(time.name), time, `${join.option}.time`);
  const keys = entity.map((pair, index) => `${matchable(identifier(pair.feature.name), pair.feature, pair.row)} AS ${entityKey(index)}`);
  const keyNames = [...entity.map((_, index) => entityKey(index)), work.time];
  const notices: Notice[] = [];

  await engine.run(`CREATE TEMP TABLE ${table} AS
    SELECT ${[...keys, `${key} AS ${work.time}`, ...columns.map(({ name }) => identifier(name))].join(', ')},
      ${identifier(time.name)} IS NOT NULL AND ${key} IS NULL AS ${workPrefix}unreadable
    FROM ${join.table.relation}${asOf ? ` WHERE ${key} <= ${Math.round(asOf.getTime() * 1000)} OR ${key} IS NULL` : ''}`);
  const [found] = await engine.rows<{ unreadable: number; unusable: number }>(
    `SELECT count(*) FILTER (${workPrefix}unreadable) AS unreadable, count(*) FILTER (${keyNames.map((name) => `${name} IS NULL`).join(' OR ')}) AS unusable FROM ${table}`,
  );
  if (found && found.unreadable > 0) {
    throw new UserError(
      'TIME_UNREADABLE',
      `${time.name} of ${join.table.source} holds something that is not a time in ${rowsInWords(found.unreadable)}.`,
      'Write times as ISO 8601, for example 2025-01-31T12:00:00Z.',
    );
  }
  if (found && found.unusable > 0) {
    await engine.run(`DELETE FROM ${table} WHERE ${keyNames.map((name) => `${name} IS NULL`).join(' OR ')}`);
    notices.push({
      code: 'FEATURE_ROWS_UNUSED',
      message: `${rowsInWords(found.unusable)} of ${join.table.source} not joined: ${[...entity.map((pair) => pair.feature.name), time.name].join(' or ')} is missing.`,
    });
  }

  const [ties] = await engine.rows<{ groups: number }>(
    `SELECT count(*) AS groups FROM (SELECT 1 FROM ${table} GROUP BY ${keyNames.join(', ')} HAVING count(*) > 1)`,
  );
  if (ties && ties.groups > 0) {
    const conflicts = await keepOneOfEach(engine, table, keyNames, columns);
    if (conflicts > 0) {
      notices.push({
        code: 'FEATURE_TIES',
        message: `${join.table.source} has different values for the same ${[...entity.map((pair) => pair.feature.name), time.name].join(' and ')} ${conflicts.toLocaleString('en-US')} times; one of each was taken, by its content and not by its place.`,
      });
    }
  }
  return notices;
}

async function keepOneOfEach(
  engine: QueryEngine,
  table: string,
  keyNames: readonly string[],
  columns: JoinPlan['columns'],
): Promise<number> {
  const text = rowText(columns.map((column) => ({ ...column, sql: identifier(column.name) })));
  const [found] = await engine.rows<{ conflicts: number }>(
    `SELECT count(*) AS conflicts FROM (SELECT 1 FROM ${table} GROUP BY ${keyNames.join(', ')} HAVING min(${text}) <> max(${text}))`,
  );
  await engine.run(`CREATE OR REPLACE TEMP TABLE ${table} AS
    SELECT * FROM ${table} QUALIFY row_number() OVER (PARTITION BY ${keyNames.join(', ')} ORDER BY ${text} DESC) = 1`);
  return found?.conflicts ?? 0;
}

/** Columns of one type are compared as they are, which is fast; others as text, so that 7, '7' and 7.0 are one entity. */
function matchable(sql: string, own: JoinPlan['time'], other: JoinPlan['time']): string {
  return own.type === other.type && own.type !== 'number' ? sql : canonicalText(sql, own);
}

/**
 * The joins of rows (alias `r`) with prepared feature tables (`f0`, `f1`, …) and the columns that they bring. The engine's ASOF join
 * takes the latest feature time that is not later than the row's, an equal one included; no match gives NULL. A NULL in that latest row
 * stays NULL: an older value is not what was known.
 */
export function joinSql(joins: readonly { readonly join: JoinPlan; readonly table: string }[]): {
  readonly from: string;
  readonly columns: readonly string[];
} {
  const from = joins.map(({ join, table }, index) => {
    const alias = `f${index}`;
    const same = join.entity.map(
      (pair, position) => `${matchable(`r.${identifier(pair.row.name)}`, pair.row, pair.feature)} = ${alias}.${entityKey(position)}`,
    );
    return `ASOF LEFT JOIN ${table} AS ${alias} ON ${same.join(' AND ')} AND r.${work.time} >= ${alias}.${work.time}`;
  });
  const columns = joins.flatMap(({ join }, index) =>
    join.columns.map(({ name }) => {
      const value = `f${index}.${identifier(name)}`;
      if (join.maxAge === null) return value;
      return `CASE WHEN r.${work.time} - f${index}.${work.time} <= ${join.maxAge} THEN ${value} END AS ${identifier(name)}`;
    }),
  );
  return { from: from.join(' '), columns };
}

/** Everything of a feature table that the join can use, for its digest. */
export const featureContent = (join: JoinPlan) =>
  `md5(${rowText([
    ...join.entity.map((pair, index) => ({ ...keyType(pair), name: `entity ${index}`, sql: entityKey(index) })),
    { name: 'time', sql: work.time, type: 'integer', sqlType: 'BIGINT' },
    ...join.columns.map((column) => ({ ...column, name: `column ${column.name}`, sql: identifier(column.name) })),
  ])})`;

/** The type of a key after `matchable`. */
const keyType = ({ row, feature }: JoinPlan['entity'][number]) =>
  row.type === feature.type && feature.type !== 'number' ? feature : { type: 'text' as const, sqlType: 'VARCHAR' };
