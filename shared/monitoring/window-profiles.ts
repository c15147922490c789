import type { Profile } from '../profile/profile.ts';
import { sealProfile } from '../profile/seal-profile.ts';

const week = 7 * 86_400_000;
/** 1970-01-05 was a Monday. */
const firstMonday = 4 * 86_400_000;

/** Where the window of a moment begins, as profiles count them: from 1970 in UTC, weeks from Monday. */
export function windowStart(moment: Date, milliseconds: number): Date {
  const origin = milliseconds % week === 0 ? firstMonday : 0;
  return new Date(Math.floor((moment.getTime() - origin) / milliseconds) * milliseconds + origin);
}

/** The profile of each window by itself, oldest first; rows without a time belong to none. */
export function splitWindows(profile: Profile): readonly { readonly start: Date; readonly profile: Profile }[] {
  const starts = [...new Set(profile.cells.flatMap(({ window }) => window ?? []))];
  return starts
    .map((window) => ({
      start: new Date(window),
      profile: sealProfile({ ...partsOf(profile), cells: profile.cells.filter((cell) => cell.window === window) }),
    }))
    .sort((a, b) => a.start.getTime() - b.start.getTime());
}

/** The columns that are asked for, in the profile's order. */
export function selectColumns(profile: Profile, keep: (name: string) => boolean): Profile {
  const kept = profile.columns.map(({ name }) => keep(name));
  if (kept.every(Boolean)) return profile;
  const own = <Item>(items: readonly Item[]) => items.filter((_, index) => kept[index]);
  return sealProfile({
    ...partsOf(profile),
    columns: own(profile.columns),
    cells: profile.cells.map((cell) => ({ ...cell, columns: own(cell.columns) })),
  });
}

const partsOf = ({ privacy, by, window, columns }: Profile) => ({ privacy, by, window, columns });
