import { bucketRange } from '../profile/bucket.ts';
import type { ColumnCounts, NumericCounts } from '../profile/column-counts.ts';
import { orderedBuckets } from '../profile/ordered-buckets.ts';
import type { ColumnType } from '../source/column-type.ts';
import { codesOf } from './align-counts.ts';

/** How a column is compared, or why it isn't. */
export type ColumnKind =
  | { readonly compare: 'numeric' | 'categorical'; readonly hashed: boolean }
  | { readonly compare: null; readonly type: 'numeric' | 'categorical' | 'text' | 'time'; readonly reason: string };

/** Whole numbers with at most so many different values are codes. */
const mostCodes = 20;

export interface ColumnSides {
  readonly reference: { readonly type: ColumnType; readonly counts: ColumnCounts };
  readonly current: { readonly type: ColumnType; readonly counts: ColumnCounts };
  /** What a contract or the user says that it is. */
  readonly told?: 'numeric' | 'categorical' | undefined;
}

export function columnKind({ reference, current, told }: ColumnSides): ColumnKind {
  const [a, b] = [reference.counts, current.counts];
  // Nothing at all on a side has no type of its own: a CSV column without values reads as text.
  if (a.kind !== b.kind) return { compare: null, type: typeOf(b), reason: isEmpty(a) || isEmpty(b) ? 'all-missing' : 'type-changed' };
  if (a.kind === 'times') return { compare: null, type: 'time', reason: 'a-time-moves-by-nature' };
  if (a.kind === 'categories' && b.kind === 'categories') {
    const hashed = a.counts === null || b.counts === null;
    if (hashed && (isSpread(a.hashed) || isSpread(b.hashed))) return { compare: null, type: 'text', reason: 'nearly-all-distinct' };
    return { compare: 'categorical', hashed };
  }
  if (a.kind !== 'numeric' || b.kind !== 'numeric') return { compare: null, type: 'text', reason: 'type-changed' };
  if (told === 'categorical') return { compare: 'categorical', hashed: !codesOf(a) || !codesOf(b) };
  const whole = reference.type === 'integer' && current.type === 'integer';
  if (!told && whole && isCode(a, b)) return { compare: 'categorical', hashed: false };
  if (!told && whole && (countsUp(a) || countsUp(b))) return { compare: null, type: 'numeric', reason: 'nearly-all-distinct' };
  return { compare: 'numeric', hashed: false };
}

export const typeOf = (counts: ColumnCounts): 'numeric' | 'categorical' | 'text' | 'time' =>
  counts.kind === 'numeric' ? 'numeric' : counts.kind === 'times' ? 'time' : counts.counts === null ? 'text' : 'categorical';

/** Whether a column has no value at all: then its type says nothing. */
export function isEmpty(counts: ColumnCounts): boolean {
  if (counts.kind === 'numeric') return counts.min === null;
  if (counts.kind === 'times') return counts.max === null;
  return counts.lengths === null && (counts.counts?.length ?? 0) === 0 && !counts.hashed?.some((n) => n > 0);
}

function isCode(a: NumericCounts, b: NumericCounts): boolean {
  const [left, right] = [codesOf(a), codesOf(b)];
  if (!left || !right) return false;
  return new Set([...left, ...right].map(([value]) => value)).size <= mostCodes;
}

/**
 * Whether hashed values are nearly all distinct: n different ones fill the slots as Poisson draws (variance = mean); values of r rows
 * each, with a variance of about r means. An id has nothing to compare.
 */
function isSpread(slots: readonly number[] | null): boolean {
  if (!slots) return false;
  const mean = slots.reduce((sum, n) => sum + n, 0) / slots.length;
  if (mean < 4) return false;
  const variance = slots.reduce((sum, n) => sum + (n - mean) ** 2, 0) / (slots.length - 1);
  return variance < 1.5 * mean;
}

/** Whether whole numbers are evenly spread over about as many places as there are rows: a running number, of which every row has its own. */
function countsUp(counts: NumericCounts): boolean {
  if (counts.values !== null || counts.min === null || counts.max === null) return false;
  const { order, n } = orderedBuckets(counts);
  let rows = 0;
  for (let i = 0; i < n.length; i++) rows += n[i]!;
  const places = counts.max - counts.min + 1;
  if (places < rows || places > 2 * rows) return false;
  let below = 0;
  for (let i = 0; i < n.length; i++) {
    below += n[i]!;
    const reached = (Math.min(bucketRange(order[i]!).high, counts.max) - counts.min) / (counts.max - counts.min);
    if (Math.abs(below / rows - reached) > 0.05) return false;
  }
  return true;
}
