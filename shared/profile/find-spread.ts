import type { Column, SqlEngine } from '../query/query-engine.ts';
import type { SourceColumn } from '../source/table-source.ts';
import { keptValues } from './column-counts.ts';
import { kindOf, prefixSql } from './profile-sql.ts';

const prefixRows = 5_000;
/** Groups that an engine may hold for a column, before its values are rather counted as they come. */
const mostGroups = 2_000_000;
const columnsPerStatement = 64;

/**
 * Columns that certainly have more different values than are kept, and so many that grouping by value would cost more than it tells. A
 * look at the first rows says so; the profile is the same whatever it says.
 */
export async function findSpread(
  engine: SqlEngine,
  relation: string,
  columns: readonly SourceColumn[],
  table: { readonly rows: number; readonly cells: number },
): Promise<ReadonlySet<string>> {
  const spread = new Set<string>();
  const asked = columns.filter((column) => kindOf(column) !== 'times' && column.type !== 'boolean');
  if (table.rows <= keptValues) return spread;
  for (let at = 0; at < asked.length; at += columnsPerStatement) {
    const part = asked.slice(at, at + columnsPerStatement);
    for (const [index, { values, different }] of (await countFirst(engine, relation, part)).entries()) {
      const share = different / Math.max(values, 1);
      const limit = table.cells > 1 ? 0.5 : 0.9;
      // NaN and both infinities count as values here, and are none of those that are kept.
      if (different > keptValues + 3 && (share > limit || share * table.rows > mostGroups)) spread.add(part[index]!.name);
    }
  }
  return spread;
}

interface First {
  readonly values: number;
  readonly different: number;
}

async function countFirst(engine: SqlEngine, relation: string, columns: readonly SourceColumn[]): Promise<readonly First[]> {
  const { dialect } = engine;
  if (!engine.chunks) {
    const [found] = await engine.rows<Record<string, number>>(prefixSql(dialect, relation, columns, prefixRows));
    return columns.map((_, index) => ({ values: found?.[`n${index}`] ?? 0, different: found?.[`d${index}`] ?? 0 }));
  }
  // A hash table for each of a thousand columns costs the engine more than the few values cost here.
  const found = columns.map(() => ({ values: 0, different: new Set<unknown>() }));
  const names = columns.map(({ name }, index) => `${dialect.identifier(name)} AS x${index}`);
  await engine.chunks(`SELECT ${names.join(', ')} FROM ${relation} LIMIT ${prefixRows}`, (piece) => {
    for (const [index, { different }] of found.entries()) found[index]!.values += addValues(piece.columns[`x${index}`], different);
  });
  return found.map(({ values, different }) => ({ values, different: different.size }));
}

/** How many values were there. */
function addValues(column: Column | undefined, different: Set<unknown>): number {
  if (!column) return 0;
  let values = 0;
  for (let row = 0; row < column.values.length; row++) {
    const isNull = column.kind === 'text' ? column.values[row] === null : column.nulls?.[row] === 1;
    if (isNull) continue;
    values++;
    different.add(column.values[row]);
  }
  return values;
}
