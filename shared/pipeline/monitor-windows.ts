import { windowStart } from '../monitoring/window-profiles.ts';
import {
  joinParts,
  keepWindow,
  listWindows,
  readParts,
  type StoredWindow,
  type WindowPart,
  type WindowSeries,
} from '../monitoring/window-store.ts';
import { outwardProfile } from '../profile/outward-profile.ts';
import type { ObjectStore } from '../registry/object-store.ts';
import { isStoreError } from '../registry/store-error.ts';
import { type CountedWindow, type ProductionRows, profileWindows } from './monitor-source.ts';
import type { RunContext } from './run-context.ts';

/** The windows of a series that are over, oldest first. */
export interface OpenedWindows {
  readonly count: number;
  /** Those at these places, with all their parts. */
  read(from: number, to: number): Promise<readonly StoredWindow[]>;
  readonly notices: readonly string[];
}

/** Windows before the newest one that is kept are read again so far back: rows and labels come late. */
const lateWindows = 7;

/**
 * Counts what is new, keeps it, and opens all that is kept. A store that takes nothing from here is no reason to stop: what this run
 * counted is judged with what is there, and not kept.
 */
export async function openWindows(
  context: RunContext,
  series: WindowSeries,
  rows: ProductionRows,
  { columns, until, keep }: { readonly columns: readonly string[]; readonly until: Date; readonly keep: boolean },
): Promise<OpenedWindows> {
  const { store, writable } = await context.store();
  const { milliseconds, by } = series;
  const last = (await listWindows(store, series)).at(-1);
  const from = last ? new Date(last.start.getTime() - lateWindows * milliseconds) : null;
  const counted = await profileWindows(await context.engine(), rows, { columns, by, milliseconds, from, until });
  const outward = context.config.config.privacy.values !== 'allow';
  const own = counted.map(({ start, part: { ids, profile } }) => ({
    start,
    part: { ids, profile: outward ? outwardProfile(profile) : profile },
  }));
  const unkept = !keep
    ? 'it was told to keep nothing'
    : writable
      ? await keepAll(store, series, own)
      : 'a pull request of a fork may not write to the store';

  // A clock that was set back, and a run over the past, must not judge what comes after it.
  const over = windowStart(until, milliseconds).getTime();
  const places = new Map((await listWindows(store, series)).map(({ start, keys }) => [start.getTime(), keys]));
  if (unkept !== null) for (const { start } of own) if (!places.has(start.getTime())) places.set(start.getTime(), []);
  const windows = [...places].filter(([start]) => start < over).sort(([a], [b]) => a - b);
  const mine = new Map(unkept === null ? [] : own.map(({ start, part }): [number, WindowPart] => [start.getTime(), part]));
  return {
    count: windows.length,
    async read(begin, end) {
      const part = windows.slice(begin, end);
      const parts = await readParts(
        store,
        part.flatMap(([, keys]) => keys),
      );
      return part.flatMap(([start, keys]) => {
        const all = [...keys.map((key) => parts.get(key)), mine.get(start)].filter((one) => one !== undefined);
        return all.length === 0 ? [] : [{ start: new Date(start), end: new Date(start + milliseconds), profile: joinParts(all) }];
      });
    },
    notices: unkept === null ? [] : [`The windows of this run are judged and not kept: ${unkept}.`],
  };
}

/** @returns why they could not be kept; null where they were */
async function keepAll(store: ObjectStore, series: WindowSeries, windows: readonly CountedWindow[]): Promise<string | null> {
  try {
    for (const { start, part } of windows) await keepWindow(store, series, start, part);
    return null;
  } catch (cause) {
    if (!isStoreError(cause, 'STORE_READ_ONLY')) throw cause;
    return `the store ${store.location} may only be read`;
  }
}
