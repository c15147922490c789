import { UserError } from '../errors.ts';
import { type Sample, sampleOf, subsample } from './sample.ts';
import type { ScoredRows } from './scored-rows.ts';

export interface Slice {
  /** `region=south`; with several columns `region=south, plan=basic`. */
  readonly name: string;
  readonly sample: Sample;
}

const known = new WeakMap<ScoredRows, Map<string, readonly Slice[]>>();

/** The rows of every value (or combination of values) of these columns, by name; values without a row are left out. */
export function slicesOf(rows: ScoredRows, columns: readonly string[]): readonly Slice[] {
  const cache = known.get(rows) ?? new Map<string, readonly Slice[]>();
  known.set(rows, cache);
  const key = JSON.stringify(columns);
  const found = cache.get(key) ?? cut(rows, columns);
  cache.set(key, found);
  return found;
}

function cut(rows: ScoredRows, columns: readonly string[]): readonly Slice[] {
  const sample = sampleOf(rows);
  const coded = columns.map((column) => {
    const slice = rows.slices[column];
    if (slice) return { column, ...slice };
    throw new UserError(
      'SLICE_UNKNOWN_COLUMN',
      `Slices are asked for by the column "${column}", which the test rows do not have.`,
      `Columns that can be sliced by here: ${Object.keys(rows.slices).join(', ') || 'none'}.`,
    );
  });
  // One number a row for its combination of values; combinations that occur are far fewer than possible ones.
  const groups = new Map<number, { name: string; positions: number[] }>();
  for (let position = 0; position < sample.n; position++) {
    const row = sample.source[position]!;
    let code = 0;
    for (const { codes, names } of coded) code = code * names.length + codes[row]!;
    let group = groups.get(code);
    if (!group) {
      group = { name: coded.map(({ column, codes, names }) => `${column}=${names[codes[row]!]}`).join(', '), positions: [] };
      groups.set(code, group);
    }
    group.positions.push(position);
  }
  return [...groups.values()]
    .sort((a, b) => (a.name < b.name ? -1 : a.name > b.name ? 1 : 0))
    .map(({ name, positions }) => ({ name, sample: subsample(sample, Uint32Array.from(positions)) }));
}
