import { join as joinPath } from 'node:path';
import type { QueryEngine } from '../query/query-engine.ts';
import { identifier, literal } from '../query/sql-text.ts';
import type { ColumnPlan } from './plan-columns.ts';
import { type Notice, rowsInWords, work } from './prepare-rows.ts';
import { splitNames } from './split-quotas.ts';

/** Joins that are allowed and yet easily mean something else than intended. */
export async function joinNotices(engine: QueryEngine, plan: ColumnPlan, rows: string): Promise<readonly Notice[]> {
  const { time, joins } = plan;
  if (!time || joins.length === 0) return [];
  const notices: Notice[] = joins
    .filter((join) => join.time.type === 'date' && time.type !== 'date')
    .map((join) => ({
      code: 'FEATURE_TIME_IS_DATE',
      message: `${join.time.name} of ${join.table.source} is a date: its values count as known from 00:00 UTC of that day. If they are known only when the day is over, store the next day.`,
    }));
  const [timeless] = await engine.rows<{ rows: number }>(`SELECT count(*) AS rows FROM ${rows} WHERE ${work.time} IS NULL`);
  if (timeless && timeless.rows > 0) {
    notices.push({ code: 'JOIN_WITHOUT_TIME', message: `${rowsInWords(timeless.rows)} got no joined values: ${time.name} is missing.` });
  }
  return notices;
}

/** A feature table of which no row found a value most likely has another key or other times. Asked of the written files. */
export async function unmatchedFeatures(engine: QueryEngine, plan: ColumnPlan, folder: string): Promise<readonly Notice[]> {
  const files = splitNames.map((name) => literal(joinPath(folder, `${name}.parquet`))).join(', ');
  const notices: Notice[] = [];
  for (const { columns, entity, table } of plan.joins) {
    if (columns.length === 0) continue;
    const values = columns.map(({ name }) => `count(${identifier(name)})`).join(' + ');
    const [found] = await engine.rows<{ filled: number }>(`SELECT ${values} AS filled FROM read_parquet([${files}])`);
    if (found?.filled !== 0) continue;
    notices.push({
      code: 'FEATURES_NEVER_MATCH',
      message: `No row found a value in ${table.source}: compare ${entity.map(({ row }) => row.name).join(' and ')} and the times in both tables.`,
    });
  }
  return notices;
}
