import { digestOfDocument } from '../digest/canonical-json.ts';
import { mergeProfiles } from '../profile/merge-profiles.ts';
import { type Profile, profileSchemaName } from '../profile/profile.ts';
import { profileText } from '../profile/profile-text.ts';
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
 * Keeps the profile of a window under its digest: the same rows are the same object, whoever writes them and however often, and nothing
 * is ever written over. @returns false where it was there
 */
export async function keepWindow(
  store: Pick<ObjectStore, 'create'>,
  series: WindowSeries,
  start: Date,
  profile: Profile,
): Promise<boolean> {
  const digest = profile.digest.slice(7, 39);
  return store.create(`${prefixOf(series)}${stamp(start)}.${digest}.json`, new TextEncoder().encode(profileText(profile)));
}

/** Keys of each window that began at `from` or later, oldest first. */
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

/** The parts of each window, read and merged; in the order in which they were named. @throws what `readProfile` throws of a damaged one */
export async function readWindows(
  store: Pick<ObjectStore, 'read'>,
  series: WindowSeries,
  windows: readonly { readonly start: Date; readonly keys: readonly string[] }[],
): Promise<readonly StoredWindow[]> {
  const keys = windows.flatMap((window) => window.keys);
  const read = new Map<string, Profile>();
  for (let from = 0; from < keys.length; from += readsAtOnce)
    await Promise.all(
      keys.slice(from, from + readsAtOnce).map(async (key) => {
        const bytes = await store.read(key);
        // Listed a moment ago: only somebody who clears the store by hand takes it away in between.
        if (bytes) read.set(key, readProfile(new TextDecoder().decode(bytes), key));
      }),
    );
  return windows.flatMap(({ start, keys: own }) => {
    const parts = own.flatMap((key) => read.get(key) ?? []);
    return parts.length === 0 ? [] : [{ start, end: new Date(start.getTime() + series.milliseconds), profile: joinParts(parts) }];
  });
}

/** What is contained in another part was counted again with it; what is left are different rows. The order of the parts changes nothing. */
export function joinParts(parts: readonly Profile[]): Profile {
  const ordered = [...new Map(parts.map((part) => [part.digest, part])).values()].sort(
    (a, b) => b.rows - a.rows || (a.digest < b.digest ? -1 : 1),
  );
  const kept: Profile[] = [];
  for (const part of ordered) if (!kept.some((whole) => containsProfile(whole, part))) kept.push(part);
  const [only, ...others] = kept;
  if (!only) throw new Error('the caller has at least one part');
  return others.length === 0 ? only : mergeProfiles(kept);
}

/** `20261121T000000Z`: a key of a store holds no colon. */
const stamp = (date: Date) =>
  date
    .toISOString()
    .replace(/\.\d{3}Z$/, 'Z')
    .replaceAll(/[-:]/g, '');
const unstamp = (text: string) => new Date(text.replace(/^(....)(..)(..)T(..)(..)(..)Z$/, '$1-$2-$3T$4:$5:$6Z'));
