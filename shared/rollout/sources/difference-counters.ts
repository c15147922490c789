import { z } from 'zod';
import type { Counter } from './read-counters.ts';

const stored = z.union([z.number(), z.tuple([z.number(), z.number()])]);
const storedCounters = z.record(z.string(), stored);
/** Counters of one metric, arm and page as they were at a reading. A count, or a count and when it began (milliseconds since 1970). */
export const counterGroupSchema = z.strictObject({
  /** When the page's process started; null where it does not say. */
  start: z.number().nullable(),
  counters: storedCounters,
  /** Series that were there before: one that comes back goes on. */
  gone: storedCounters.optional(),
});
export type CounterGroup = z.infer<typeof counterGroupSchema>;
type Stored = z.infer<typeof stored>;

/** Starts that differ by less are one: pages round. Milliseconds. */
const SAME_START = 1000;
const MOST_GONE = 500;

export interface Differences {
  /** By part, since the last reading. */
  readonly parts: ReadonlyMap<string, number>;
  readonly group: CounterGroup;
  /** Whether counts before a restart were lost. */
  readonly restarted: boolean;
}

/**
 * What came since the last reading. After a restart (a newer start, or a count that fell) everything since it counts and what came before it
 * is not known. Counters that were not seen before count where they began after the last reading, else they only set the beginning.
 *
 * @param since end of the last reading, milliseconds since 1970; null: this is the first
 * @returns null where answers come from several processes in turn
 */
export function differenceCounters(
  before: CounterGroup | null,
  now: ReadonlyMap<string, Counter>,
  { start, since }: { readonly start: number | null; readonly since: number | null },
): Differences | null {
  const group = (gone: Record<string, Stored>): CounterGroup => ({
    start,
    counters: Object.fromEntries([...now].map(([key, { value, created }]) => [key, created === null ? value : [value, created]])),
    ...(Object.keys(gone).length > 0 && { gone: Object.fromEntries(Object.entries(gone).slice(-MOST_GONE)) }),
  });
  if (!before) {
    const isNew = ({ created }: Counter) => since !== null && (created ?? start ?? Number.NEGATIVE_INFINITY) > since;
    return { parts: sumParts(now, (_, counter) => (isNew(counter) ? counter.value : 0)), group: group({}), restarted: false };
  }
  const hasStart = start !== null && before.start !== null;
  if (hasStart && start < before.start! - SAME_START) return null;
  const isOther = hasStart && start > before.start! + SAME_START;
  const old = new Map(Object.entries(before.counters));
  const gone = new Map(Object.entries(before.gone ?? {}));
  /** It says that it began anew, or that it did not; null: it says nothing. */
  const beganAnew = (key: string, { created }: Counter): boolean | null => {
    const last = old.get(key);
    return created === null || !Array.isArray(last) ? null : created > last[1]! + SAME_START;
  };
  // One count of a group that fell without a word: its process, or what it counts by, began anew, and with it the others of the group.
  const fell = !isOther && [...now].some(([key, counter]) => counter.value < countOf(old.get(key)) && beganAnew(key, counter) !== true);
  const parts = sumParts(now, (key, counter) => {
    if (isOther) return counter.value;
    const last = old.get(key);
    if (last === undefined) return counter.value - (counter.value >= countOf(gone.get(key)) ? countOf(gone.get(key)) : 0);
    const anew = beganAnew(key, counter);
    return anew === true || (fell && (anew === null || counter.value < countOf(last))) ? counter.value : counter.value - countOf(last);
  });
  const left = isOther || fell ? {} : Object.fromEntries([...gone, ...old].filter(([key]) => !now.has(key)));
  return { parts, group: group(left), restarted: isOther || fell };
}

const countOf = (kept: Stored | undefined): number => (kept === undefined ? 0 : Array.isArray(kept) ? kept[0] : kept);

function sumParts(now: ReadonlyMap<string, Counter>, deltaOf: (key: string, counter: Counter) => number): ReadonlyMap<string, number> {
  const parts = new Map<string, number>();
  for (const [key, counter] of now) parts.set(counter.part, (parts.get(counter.part) ?? 0) + deltaOf(key, counter));
  return parts;
}
