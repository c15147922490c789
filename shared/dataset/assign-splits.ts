import { UserError } from '../errors.ts';
import type { QueryEngine } from '../query/query-engine.ts';
import { literal } from '../query/sql-text.ts';
import { rowIdColumn } from './manifest.ts';
import { work } from './prepare-rows.ts';
import { type Quotas, type SplitName, splitQuotas } from './split-quotas.ts';

export interface SplitRequest {
  readonly table: string;
  /** Name of the view to make: the rows with `weighin_split`. */
  readonly view: string;
  readonly shares: Quotas;
  /** What rows are ordered by within their stratum: a hash of seed and identity, or time. */
  readonly by: 'hash' | 'time';
  /** Whether an id may stand in several strata. */
  readonly repeatedIds: boolean;
  /** Microseconds; 0 for none. */
  readonly embargo: number;
}

/** Values of the view's column; rows in an embargo have NULL. */
export const splitColumn = 'weighin_split';

/**
 * Cuts every stratum at its quotas. Rows that share the key at a cut (the same identity, or the same time) stay together, in the split
 * where the first of them falls, so that no row is on both sides; the quotas are exact wherever keys differ.
 *
 * The embargo of a time split leaves out rows less than `embargo` before the first row of the next split: one exactly that old is kept.
 */
export async function assignSplits(engine: QueryEngine, request: SplitRequest): Promise<void> {
  const { table, view, shares, by, embargo } = request;
  const key = by === 'hash' ? work.hash : work.time;
  if (request.repeatedIds) await oneStratumPerIdentity(engine, table);
  const strata = await engine.rows<{ stratum: string; rows: number }>(
    `SELECT ${work.stratum} AS stratum, count(*) AS rows FROM ${table} GROUP BY 1 ORDER BY 1`,
  );
  const cells = splitQuotas(
    strata.map(({ rows }) => rows),
    shares,
  );
  const quotas = strata.map(({ stratum }, index) => {
    const { train, validation } = cells[index]!;
    return `(${literal(stratum)}, ${train}, ${train + validation})`;
  });
  const cuts = `${view}_cuts`;
  // NULL where a quota is 0: nothing is at or below it.
  await engine.run(`CREATE TEMP TABLE ${cuts} AS
    SELECT q.stratum, max(k.key) FILTER (k.place = q.train) AS train_end, max(k.key) FILTER (k.place = q.validation) AS validation_end
    FROM (VALUES ${quotas.join(', ')}) AS q(stratum, train, validation)
    LEFT JOIN (SELECT ${work.stratum} AS stratum, ${key} AS key, row_number() OVER (PARTITION BY ${work.stratum} ORDER BY ${key}) AS place FROM ${table}) AS k
      ON k.stratum = q.stratum AND (k.place = q.train OR k.place = q.validation)
    GROUP BY q.stratum`);
  const assigned = `SELECT t.*, CASE WHEN t.${key} <= c.train_end THEN 'train' WHEN t.${key} <= c.validation_end THEN 'validation' ELSE 'test' END AS ${splitColumn}
    FROM ${table} AS t JOIN ${cuts} AS c ON t.${work.stratum} = c.stratum`;
  if (embargo === 0) {
    await engine.run(`CREATE TEMP VIEW ${view} AS ${assigned}`);
    return;
  }
  const starts = `${view}_starts`;
  await engine.run(`CREATE TEMP TABLE ${starts} AS
    SELECT min(key) FILTER (${splitColumn} <> 'train') AS after_train, min(key) FILTER (${splitColumn} = 'test') AS after_validation
    FROM (SELECT ${splitColumn}, ${key} AS key FROM (${assigned}))`);
  await engine.run(`CREATE TEMP VIEW ${view} AS
    SELECT a.* REPLACE (CASE
      WHEN ${splitColumn} = 'train' AND a.${key} > s.after_train - ${embargo} THEN NULL
      WHEN ${splitColumn} = 'validation' AND a.${key} > s.after_validation - ${embargo} THEN NULL
      ELSE ${splitColumn} END AS ${splitColumn})
    FROM (${assigned}) AS a, ${starts} AS s`);
}

/** An id whose rows have different labels counts in one stratum, else its rows could part. */
async function oneStratumPerIdentity(engine: QueryEngine, table: string): Promise<void> {
  await engine.run(`UPDATE ${table} SET ${work.stratum} = first.stratum
    FROM (SELECT ${rowIdColumn} AS id, min(${work.stratum}) AS stratum FROM ${table} GROUP BY 1 HAVING min(${work.stratum}) <> max(${work.stratum})) AS first
    WHERE ${rowIdColumn} = first.id`);
}

/** Rows by split; those left out by an embargo under `embargo`. @throws UserError `SPLIT_EMPTY` where train or test would be empty. */
export async function countSplits(engine: QueryEngine, view: string): Promise<Readonly<Record<SplitName | 'embargo', number>>> {
  const found = await engine.rows<{ split: SplitName | null; rows: number }>(
    `SELECT ${splitColumn} AS split, count(*) AS rows FROM ${view} GROUP BY 1`,
  );
  const rows = (name: SplitName | null) => found.find(({ split }) => split === name)?.rows ?? 0;
  const counts = { train: rows('train'), validation: rows('validation'), test: rows('test'), embargo: rows(null) };
  for (const name of ['train', 'test'] as const) {
    if (counts[name] > 0) continue;
    throw new UserError(
      'SPLIT_EMPTY',
      `The ${name} split would have no rows (train ${counts.train}, validation ${counts.validation}, test ${counts.test}${counts.embargo > 0 ? `, embargo ${counts.embargo}` : ''}).`,
      'Give it a larger share in data.split, shorten the embargo, or bring more rows.',
    );
  }
  return counts;
}
