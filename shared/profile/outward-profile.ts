import { bucketMiddle, bucketOrder, bucketRange } from './bucket.ts';
import { hashedValue, isHashedValue } from './category-counts.ts';
import type { CategoryCounts, ColumnCounts, NumericCounts, TimeCounts } from './column-counts.ts';
import { exactDouble, exactSumText, nearestDouble, parseExactSum } from './exact-sum.ts';
import { finiteRows, numericOfParts, numericOfValues, ordersOf } from './numeric-counts.ts';
import type { Profile, ProfileCell } from './profile.ts';
import { sealProfile } from './seal-profile.ts';

/** A value of fewer rows than this leaves the runner as a hash. */
export const namedRows = 20;
const significantDigits = 4;

/**
 * What may leave the runner: a value of fewer than `namedRows` rows is its hash, numbers are buckets alone, extremes are their buckets'
 * edges, sums have four digits (of fewer than `namedRows` rows, those of their buckets' middles), times are whole days. Segments likewise. Merging such profiles adds their counts exactly, and their
 * rounded sums as they are.
 */
export function outwardProfile(profile: Profile): Profile {
  if (profile.privacy === 'outward') return profile;
  const segments = segmentRows(profile);
  const cells = profile.cells.map(
    (cell): ProfileCell => ({
      ...cell,
      segment: cell.segment.map((value, index) => (value === null ? null : outwardValue(value, segments[index]?.get(value) ?? 0))),
      columns: cell.columns.map(outwardColumn),
    }),
  );
  return sealProfile({ privacy: 'outward', by: profile.by, window: profile.window, columns: profile.columns, cells });
}

/** What may leave under `privacy.values`. */
export const leavingProfile = (profile: Profile, values: 'allow' | 'deny'): Profile =>
  values === 'allow' ? profile : outwardProfile(profile);

/** Rows of each segment's value over all cells: in windows a value may be rare and known nonetheless. */
function segmentRows(profile: Profile): readonly Map<string, number>[] {
  return profile.by.map((_, index) => {
    const rows = new Map<string, number>();
    for (const cell of profile.cells) {
      const value = cell.segment[index];
      if (value !== null && value !== undefined) rows.set(value, (rows.get(value) ?? 0) + cell.rows);
    }
    return rows;
  });
}

/** A value that looks like a hash is hashed too, so that nobody can write one by hand. */
const outwardValue = (value: string, rows: number) => (rows < namedRows || isHashedValue(value) ? hashedValue(value) : value);

function outwardColumn(counts: ColumnCounts): ColumnCounts {
  return counts.kind === 'numeric'
    ? outwardNumbers(counts)
    : counts.kind === 'categories'
      ? outwardCategories(counts)
      : outwardTimes(counts);
}

function outwardNumbers(counts: NumericCounts): NumericCounts {
  const orders = ordersOf(counts);
  const { sum, squares } = finiteRows(counts) < namedRows ? sumsOfBuckets(orders) : counts;
  return numericOfParts({
    null: counts.null,
    nan: counts.nan,
    negativeInfinity: counts.negativeInfinity,
    positiveInfinity: counts.positiveInfinity,
    min: counts.min === null ? null : bucketRange(bucketOrder(counts.min)).low,
    max: counts.max === null ? null : bucketRange(bucketOrder(counts.max)).high,
    sum: parseExactSum(roundedSum(sum)),
    squares: parseExactSum(roundedSum(squares)),
    values: null,
    orders,
  });
}

/** As if every row lay in the middle of its bucket: of one row, or few, the sum would say more of it than the buckets do. */
function sumsOfBuckets(orders: ReadonlyMap<number, number>): Pick<NumericCounts, 'sum' | 'squares'> {
  return numericOfValues(
    [...orders].map(([order, rows]) => [bucketMiddle(order), rows]),
    { null: 0, nan: 0, negativeInfinity: 0, positiveInfinity: 0 },
  );
}

/** A sum beyond the doubles stays as it is: of one value it is the square of an overflow's neighbour, whose bucket is known anyway. */
function roundedSum(text: string): string {
  const value = nearestDouble(parseExactSum(text));
  return Number.isFinite(value) ? exactSumText(exactDouble(Number(value.toPrecision(significantDigits)))) : text;
}

function outwardCategories(counts: CategoryCounts): CategoryCounts {
  const named = counts.counts?.map(([value, n]): [string, number] => [outwardValue(value, n), n]) ?? null;
  const lengths = counts.lengths && {
    min: powerBelow(counts.lengths.min),
    max: powerAbove(counts.lengths.max),
    sum: Number(counts.lengths.sum.toPrecision(significantDigits)),
  };
  return { ...counts, counts: named?.sort(([a], [b]) => Buffer.compare(Buffer.from(a), Buffer.from(b))) ?? null, lengths };
}

const powerBelow = (n: number) => (n === 0 ? 0 : 2 ** Math.floor(Math.log2(n)));
const powerAbove = (n: number) => (n === 0 ? 0 : 2 ** Math.ceil(Math.log2(n)));

function outwardTimes(counts: TimeCounts): TimeCounts {
  return { ...counts, min: counts.min && dayBegin(counts.min), max: counts.max && dayEnd(counts.max) };
}

const dayBegin = (time: string) => `${time.slice(0, time.indexOf('T'))}T00:00:00.000000Z`;
const dayEnd = (time: string) => `${time.slice(0, time.indexOf('T'))}T23:59:59.999999Z`;

/**
 * Two sides' categories under the same names: a hash of the one side takes the name that the other side has for it.
 *
 * @returns both, with as many categories of the same name as can be known
 */
export function alignCategories(
  reference: readonly (readonly [string, number])[],
  current: readonly (readonly [string, number])[],
): { readonly reference: [string, number][]; readonly current: [string, number][] } {
  const names = new Map<string, string>();
  for (const [value] of [...reference, ...current]) if (!isHashedValue(value)) names.set(hashedValue(value), value);
  const under = (side: readonly (readonly [string, number])[]): [string, number][] => {
    const counts = new Map<string, number>();
    for (const [value, n] of side) {
      const name = (isHashedValue(value) ? names.get(value) : undefined) ?? value;
      counts.set(name, (counts.get(name) ?? 0) + n);
    }
    return [...counts];
  };
  return { reference: under(reference), current: under(current) };
}
