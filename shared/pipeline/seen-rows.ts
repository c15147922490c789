import { join } from 'node:path';
import { type DatasetManifest, rowIdColumn } from '../dataset/manifest.ts';
import type { QueryEngine } from '../query/query-engine.ts';
import { identifier, literal } from '../query/sql-text.ts';
import type { ObjectStore } from '../registry/object-store.ts';
import type { Report } from '../report/report.ts';
import type { Notice } from '../verdict/notice.ts';

/**
 * Which rows a model was trained on, so that a later candidate is never compared with it on those. A version leaves, for each split, the
 * first eight bytes of every row's identity in order, under `rows/<digest of the identities>`: 8 MB for a million rows, and a chance of
 * 1 in 10^7 that any of a million others is taken for one of them.
 */
const rowsKey = (rowIds: string) => `rows/${rowIds.replace('sha256:', '')}`;

/** The first 16 of 32 hexadecimal digits as a signed integer, in the same order. */
const prefix = `CAST(CAST('0x' || ${identifier(rowIdColumn)}[1:16] AS UBIGINT)::HUGEINT - 9223372036854775808 AS BIGINT)`;

/** Writes the identities of the rows that a candidate was made of and judged on. Already there is as good. */
export async function keepSeenRows(
  engine: QueryEngine,
  store: Pick<ObjectStore, 'create'>,
  manifest: DatasetManifest,
  folder: string,
): Promise<void> {
  for (const split of Object.values(manifest.splits)) {
    const { columns } = await engine.columns(`SELECT ${prefix} AS id FROM read_parquet(${literal(join(folder, split.file))}) ORDER BY id`);
    const ids = columns['id'];
    if (ids?.kind === 'integer')
      await store.create(rowsKey(split.rowIds), new Uint8Array(ids.values.buffer, ids.values.byteOffset, ids.values.byteLength));
  }
}

export interface SeenRows {
  /** SQL that selects the `__id`s of test rows which the baseline was trained on; null where there is none. */
  readonly exclude: string | null;
  readonly notices: readonly Notice[];
}

/** Finds the test rows that the baseline has seen. The same split of the same rows needs no look: its parts are disjoint. */
export async function findSeenRows(
  engine: QueryEngine,
  store: ObjectStore,
  manifest: DatasetManifest,
  folder: string,
  baseline: Report | null,
): Promise<SeenRows> {
  const before = baseline?.dataset?.splits;
  if (!before || before.test.rowIds === manifest.splits.test.rowIds) return { exclude: null, notices: [] };
  const test = join(folder, manifest.splits.test.file);
  const parts = await Promise.all([before.train, before.validation].map((split) => store.read(rowsKey(split.rowIds))));
  if (parts.some((bytes) => bytes === undefined)) {
    const message = 'The test set is not the one that the baseline was judged on, and its store does not say which rows it was trained on.';
    return { exclude: null, notices: [{ code: 'BASELINE_ROWS_UNKNOWN', message }] };
  }
  const { columns } = await engine.columns(
    `SELECT ${prefix} AS id, ${identifier(rowIdColumn)} AS full FROM read_parquet(${literal(test)}) ORDER BY id`,
  );
  const own = columns['id'];
  const full = columns['full'];
  if (own?.kind !== 'integer' || full?.kind !== 'text') throw new Error('the query above selects a BIGINT and a text');
  const seen = new Set(parts.flatMap((bytes) => (bytes ? commonPositions(own.values, bigIntegers(bytes)) : [])));
  const notices: Notice[] = [];
  const previousTest = await store.read(rowsKey(before.test.rowIds));
  if (previousTest) {
    const previous = bigIntegers(previousTest);
    const kept = commonPositions(own.values, previous).length;
    const message = `The test set differs from the one that the baseline was judged on: +${own.values.length - kept} −${previous.length - kept} rows. Both models were scored on the rows of today.`;
    notices.push({ code: 'TEST_SET_CHANGED', message });
  }
  if (seen.size === 0) return { exclude: null, notices };
  notices.unshift({
    code: 'BASELINE_SAW_TEST',
    message: `rows=${seen.size}: the baseline was trained on ${seen.size} of the ${own.values.length} test rows, which are left out.`,
  });
  await engine.run('CREATE OR REPLACE TEMP TABLE weighin_seen (id VARCHAR)');
  const overlap = [...seen].map((position) => `(${literal(full.values[position] ?? '')})`);
  for (let from = 0; from < overlap.length; from += 10_000)
    await engine.run(`INSERT INTO weighin_seen VALUES ${overlap.slice(from, from + 10_000).join(', ')}`);
  return { exclude: 'SELECT id FROM weighin_seen', notices };
}

/** Positions in `own` whose value is in `others`; both ascend. */
function commonPositions(own: BigInt64Array, others: BigInt64Array): number[] {
  const common: number[] = [];
  let other = 0;
  own.forEach((id, position) => {
    while (other < others.length && (others[other] ?? 0n) < id) other++;
    if (others[other] === id) common.push(position);
  });
  return common;
}

/** A copy: the bytes of a store need not lie where a BigInt64Array may begin. */
const bigIntegers = (bytes: Uint8Array) => new BigInt64Array(bytes.slice().buffer);
