import type { QueryEngine } from '../query/query-engine.ts';
import { identifier, literal } from '../query/sql-text.ts';
import type { ColumnPlan } from './plan-columns.ts';
import type { Notice } from './prepare-rows.ts';

/** Mean rows of one entity from which test rows no longer count as independent. */
const independent = 1.05;

/**
 * Ids or joined entities that stand in several test rows make intervals too narrow, unless `data.cluster` says that their rows belong
 * together. Asked of the written test split, so of exactly the rows that are scored.
 */
export async function repeatedEntities(engine: QueryEngine, plan: ColumnPlan, testFile: string): Promise<readonly Notice[]> {
  if (plan.cluster) return [];
  const groups = [...(plan.id ? [[plan.id.name]] : []), ...plan.joins.map(({ entity }) => entity.map(({ row }) => row.name))];
  const different = [...new Map(groups.map((names) => [names.join('\n'), names])).values()];
  const notices: Notice[] = [];
  for (const names of different) {
    const key = names.length === 1 ? identifier(names[0]!) : `(${names.map(identifier).join(', ')})`;
    const [found] = await engine.rows<{ rows: number; entities: number }>(
      `SELECT count(*) AS rows, count(DISTINCT ${key}) AS entities FROM read_parquet(${literal(testFile)}) WHERE ${names.map((name) => `${identifier(name)} IS NOT NULL`).join(' AND ')}`,
    );
    if (!found || found.entities === 0 || found.rows <= independent * found.entities) continue;
    const mean = (found.rows / found.entities).toLocaleString('en-US', { maximumFractionDigits: 2 });
    const mend =
      names.length === 1 ? `Set data.cluster: ${names[0]}` : 'Add one column that names the whole entity and set data.cluster to it';
    notices.push({
      code: 'REPEATED_ENTITY',
      message: `${names.join(' and ')} repeats in the test set: ${mean} rows each on average, so rows are not independent and intervals come out too narrow. ${mend}, and intervals resample whole entities.`,
    });
  }
  return notices;
}
