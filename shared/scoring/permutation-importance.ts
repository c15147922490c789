import type { Column, ColumnTable, QueryEngine } from '../query/query-engine.ts';
import { createRandom, type Random } from '../statistics/random.ts';
import { selectInputs } from './score-rows.ts';
import type { Predictions, Scorer } from './scorer.ts';

/** Rows that are shuffled; fewer where the model reads very many columns, so that it stays a matter of seconds. */
const mostRows = 2_000;
const mostCells = 1_000_000;
/** Below this many rows a shuffle says nothing. */
const leastRows = 50;

/**
 * How much the model's answers hang on each of its columns: the mean absolute change of the score when that column alone is shuffled, over
 * the standard deviation of the scores (Breiman 2001 with the answers themselves in place of a loss, so that no label is needed). 0: the
 * model does not use it; around 1: it decides nearly alone. Null where the answers don't differ at all.
 *
 * @param scoresOf one number a row, of a batch's answers
 * @param seed the same rows and seed give the same shuffles
 */
export async function permutationImportance(
  engine: QueryEngine,
  relation: string,
  scorer: Scorer,
  { scoresOf, seed }: { readonly scoresOf: (predictions: Predictions) => Float64Array; readonly seed: number },
): Promise<Readonly<Record<string, number>> | null> {
  const rows = Math.min(mostRows, Math.max(leastRows, Math.floor(mostCells / Math.max(1, scorer.inputs.length))));
  // The rows of a test set are in the order of their hashes, so that the first are as good as any.
  const table = await engine.columns(`${await selectInputs(engine, relation, scorer.inputs)} LIMIT ${rows}`);
  if (table.rowCount < leastRows) return null;
  const before = scoresOf(await scorer.score(table));
  const spread = deviation(before);
  if (!(spread > 0)) return null;
  const random = createRandom(seed);
  const importance: [string, number][] = [];
  for (const { name } of scorer.inputs) {
    const column = table.columns[name];
    if (!column) continue;
    const shuffled: ColumnTable = { ...table, columns: { ...table.columns, [name]: reorder(column, shuffle(random, table.rowCount)) } };
    const after = scoresOf(await scorer.score(shuffled));
    let change = 0;
    for (let row = 0; row < after.length; row++) change += Math.abs(after[row]! - before[row]!);
    importance.push([name, Math.round((change / after.length / spread) * 1e4) / 1e4]);
  }
  return Object.fromEntries(importance);
}

function deviation(values: Float64Array): number {
  const mean = values.reduce((sum, value) => sum + value, 0) / values.length;
  return Math.sqrt(values.reduce((sum, value) => sum + (value - mean) ** 2, 0) / values.length);
}

/** Fisher and Yates. */
function shuffle(random: Random, n: number): Uint32Array {
  const order = Uint32Array.from({ length: n }, (_, index) => index);
  for (let last = n - 1; last > 0; last--) {
    const other = Math.floor(random.uniform() * (last + 1));
    [order[last], order[other]] = [order[other]!, order[last]!];
  }
  return order;
}

function reorder(column: Column, order: Uint32Array): Column {
  if (column.kind === 'text') return { kind: 'text', values: Array.from(order, (row) => column.values[row] ?? null) };
  const nulls = column.nulls && { nulls: Uint8Array.from(order, (row) => column.nulls?.[row] ?? 0) };
  return column.kind === 'number'
    ? { kind: 'number', values: Float64Array.from(order, (row) => column.values[row]!), ...nulls }
    : { kind: 'integer', values: BigInt64Array.from(order, (row) => column.values[row]!), ...nulls };
}
