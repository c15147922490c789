import { foldCells } from '../profile/merge-profiles.ts';
import type { Profile } from '../profile/profile.ts';
import type { Span } from './reference-view.ts';

/** How many of the reference's windows the current side spans: windows of its own of the same length, or else the times of its rows. */
export function spanOf(reference: Profile, current: Profile): Span {
  const length = reference.window?.milliseconds;
  if (length === undefined) return { start: null, windows: null };
  if (current.window?.milliseconds === length) {
    const starts = current.cells.flatMap(({ window }) => (window === null ? [] : [Date.parse(window)]));
    const [first, last] = [Math.min(...starts), Math.max(...starts)];
    if (starts.length === 0) return { start: null, windows: null };
    return { start: new Date(first).toISOString(), windows: Math.round((last - first) / length) + 1 };
  }
  const { from, to } = timesOfSide(current, reference.window?.column ?? null);
  if (from === null || to === null) return { start: null, windows: null };
  const windows = Math.floor(Date.parse(to) / length) - Math.floor(Date.parse(from) / length) + 1;
  return { start: new Date(Math.floor(Date.parse(from) / length) * length).toISOString(), windows };
}

/** First and last time of a side: of the column that is told, of the windows' own, or of the only column of times. */
export function timesOfSide(profile: Profile, told: string | null): { readonly from: string | null; readonly to: string | null } {
  const times = profile.columns.flatMap(({ name, type }, place) => (type === 'date' || type === 'timestamp' ? [{ name, place }] : []));
  const wanted = told ?? profile.window?.column;
  const column = times.find(({ name }) => name === wanted) ?? (times.length === 1 ? times[0] : undefined);
  const counts = column && foldCells(profile).columns[column.place];
  return counts?.kind === 'times' ? { from: counts.min, to: counts.max } : { from: null, to: null };
}
