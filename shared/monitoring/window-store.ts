import { z } from 'zod';
import { canonicalBytes, digestOfDocument } from '../digest/canonical-json.ts';
import { InfrastructureError } from '../errors.ts';
import { mergeProfiles } from '../profile/merge-profiles.ts';
import { type Profile, profileSchemaName } from '../profile/profile.ts';
import { readProfile } from '../profile/read-profile.ts';
import type { ObjectStore } from '../registry/object-store.ts';
import { checkedName } from '../registry/version-name.ts';
import { containsProfile } from './contains-profile.ts';

/** Windows that can be compared with each other: of one version at one stage, counted in one way. */
export interface WindowSeries {
  readonly model: string;
  readonly stage: string;
  /** `v12`; null where nobody knows which version answered. */
  readonly version: string | null;
  readonly milliseconds: number;
  /** Columns whose segments are counted by themselves. */
  readonly by: readonly string[];
}

/** Rows of a window that were counted together. */
export interface WindowPart {
  readonly profile: Profile;
  /**
   * The smallest `sketchedIds` hashes of the rows' ids, ascending, or all where there are fewer (bottom-k sketch; Bar-Yossef et al. 2002):
   * whether rows came before can be told without keeping an id. Null where the rows have none.
   */
  readonly ids: readonly string[] | null;
}

/** Parts of less than a hundredth of their window may stay unrecognised with so many: too few rows to change what is judged. */
export const sketchedIds = 256;

/** First 15 hexadecimal digits of an MD5. */
const partSchema = z.strictObject({
  schema: z.literal('weighin/window@1'),
  ids: z
    .array(z.string().regex(/^[0-9a-f]{15}$/))
    .max(sketchedIds)
    .nullable(),
  profile: z.unknown(),
});

/** A window of the store, whole and merged. */
export interface StoredWindow {
  readonly start: Date;
  readonly end: Date;
  readonly profile: Profile;
}

/** Objects that are asked for at once. */
const readsAtOnce = 16;

/**
 * `monitoring/<model>/<stage>/<version>/<how it was counted>/`: another window length, other segments or another profile schema begin a
 * series of their own, since their counts can't be merged.
 */
const prefixOf = (series: WindowSeries) =>
  `monitoring/${checkedName(series.model, 'model')}/${checkedName(series.stage, 'stage')}/${series.version ?? 'unversioned'}/${countedAs(series)}/`;

/** Twelve hexadecimal digits: what has to be equal for two profiles to be merged or compared by window. */
export const countedAs = ({ milliseconds, by }: Pick<WindowSeries, 'milliseconds' | 'by'>): string =>
  digestOfDocument({ schema: profileSchemaName, milliseconds, by }).slice(7, 19);

/**
 * Keeps a part of a window under its digest: the same rows are the same object, whoever writes them and however often, and nothing is ever
 * written over. @returns false where it was there
 */
export async function keepWindow(
  store: Pick<ObjectStore, 'create'>,
  series: WindowSeries,
  start: Date,
  { profile, ids }: WindowPart,
): Promise<boolean> {
  const digest = digestOfDocument({ ids, profile: profile.digest }).slice(7, 39);
  return store.create(`${prefixOf(series)}${stamp(start)}.${digest}.json`, canonicalBytes({ schema: 'weighin/window@1', ids, profile }));
}

/** Keys of the parts of each window, oldest first. */
export async function listWindows(
  store: Pick<ObjectStore, 'list'>,
  series: WindowSeries,
): Promise<readonly { readonly start: Date; readonly keys: readonly string[] }[]> {
  const windows = new Map<string, string[]>();
  for await (const key of store.list(prefixOf(series))) {
    const [, at] = /\/(\d{8}T\d{6}Z)\.[0-9a-f]{32}\.json$/.exec(key) ?? [];
    if (at) windows.set(at, [...(windows.get(at) ?? []), key]);
  }
  return [...windows].sort(([a], [b]) => (a < b ? -1 : 1)).map(([at, keys]) => ({ start: unstamp(at), keys }));
}

/** Parts by their keys. @throws InfrastructureError `WINDOW_CORRUPT`, and what `readProfile` throws of a profile that somebody changed */
export async function readParts(store: Pick<ObjectStore, 'read'>, keys: readonly string[]): Promise<ReadonlyMap<string, WindowPart>> {
  const parts = new Map<string, WindowPart>();
  for (let from = 0; from < keys.length; from += readsAtOnce)
    await Promise.all(
      keys.slice(from, from + readsAtOnce).map(async (key) => {
        const bytes = await store.read(key);
        // Listed a moment ago: only somebody who clears the store by hand takes it away in between.
        if (bytes) parts.set(key, readPart(bytes, key));
      }),
    );
  return parts;
}

function readPart(bytes: Uint8Array, key: string): WindowPart {
  let document: unknown;
  try {
    document = JSON.parse(new TextDecoder().decode(bytes));
  } catch {
    document = null;
  }
  const part = partSchema.safeParse(document);
  if (!part.success)
    throw new InfrastructureError(
      'WINDOW_CORRUPT',
      `The store holds a damaged window under ${key}. Remove it: the next run counts it again.`,
    );
  return { ids: part.data.ids, profile: readProfile(JSON.stringify(part.data.profile), key) };
}

/**
 * What is contained in another part was counted again with it; what is left are different rows. Of the same rows counted twice, the count
 * that knows more of them stands: labels come late. The order of the parts changes nothing.
 */
export function joinParts(parts: readonly WindowPart[]): Profile {
  const ordered = parts
    .map((part) => ({ part, unknown: unknownValues(part.profile) }))
    .sort(
      (a, b) =>
        b.part.profile.rows - a.part.profile.rows || a.unknown - b.unknown || (a.part.profile.digest < b.part.profile.digest ? -1 : 1),
    )
    .map(({ part }) => part);
  const kept: WindowPart[] = [];
  for (const part of ordered) if (!kept.some((whole) => containsRows(whole, part))) kept.push(part);
  const [only, ...others] = kept;
  if (!only) throw new Error('the caller has at least one part');
  if (others.length === 0) return only.profile;
  // A column that came or went within a window: counts of other columns can't be added, and the most rows stand for it.
  const counted = JSON.stringify(only.profile.columns);
  return mergeProfiles(kept.map(({ profile }) => profile).filter(({ columns }) => JSON.stringify(columns) === counted));
}

const unknownValues = ({ cells }: Profile): number =>
  cells.reduce((sum, { columns }) => columns.reduce((all, column) => all + column.null, sum), 0);

/** So many ids that both sketches can know say enough by themselves. */
const tellingIds = 5;

/** Whether the rows of `part` are among those of `whole`: by the ids that both sketches can know; where those are few, by the counts too. */
function containsRows(whole: WindowPart, part: WindowPart): boolean {
  if (!whole.ids || !part.ids) return containsProfile(whole.profile, part.profile);
  const last = whole.ids.length < sketchedIds ? undefined : whole.ids.at(-1);
  const known = new Set(whole.ids);
  const comparable = part.ids.filter((id) => last === undefined || id <= last);
  if (!comparable.every((id) => known.has(id))) return false;
  return comparable.length >= tellingIds || containsProfile(whole.profile, part.profile);
}

/** `20261121T000000Z`: a key of a store holds no colon. */
const stamp = (date: Date) =>
  date
    .toISOString()
    .replace(/\.\d{3}Z$/, 'Z')
    .replaceAll(/[-:]/g, '');
const unstamp = (text: string) => new Date(text.replace(/^(....)(..)(..)T(..)(..)(..)Z$/, '$1-$2-$3T$4:$5:$6Z'));
