import { foldCells } from '../profile/merge-profiles.ts';
import type { Profile } from '../profile/profile.ts';
import type { DriftSettings } from './drift-settings.ts';
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
  const first = startOf(Date.parse(from), length);
  return { start: new Date(first).toISOString(), windows: (startOf(Date.parse(to), length) - first) / length + 1 };
}

const week = 7 * 86_400_000;
/** 1970-01-05 was a Monday: where profiles begin their weeks. */
const firstMonday = 4 * 86_400_000;

function startOf(time: number, length: number): number {
  const origin = length % week === 0 ? firstMonday : 0;
  return Math.floor((time - origin) / length) * length + origin;
}

/** As a report says it: to the day where values are no one's business, since the first and the last time are single rows'. */
export function shownTimes(profile: Profile, { time, values }: Pick<DriftSettings, 'time' | 'values'>) {
  const { from, to } = timesOfSide(profile, time);
  const shown = (moment: string | null) =>
    moment === null || values === 'allow' ? moment : `${moment.slice(0, moment.indexOf('T'))}T00:00:00.000000Z`;
  return { from: shown(from), to: shown(to) };
}

/** First and last time of a side: of the column that is told, of the windows' own, or of the only column of times. */
export function timesOfSide(profile: Profile, told: string | null): { readonly from: string | null; readonly to: string | null } {
  const times = profile.columns.flatMap(({ name, type }, place) => (type === 'date' || type === 'timestamp' ? [{ name, place }] : []));
  const wanted = told ?? profile.window?.column;
  const column = times.find(({ name }) => name === wanted) ?? (times.length === 1 ? times[0] : undefined);
  const counts = column && foldCells(profile).columns[column.place];
  return counts?.kind === 'times' ? { from: counts.min, to: counts.max } : { from: null, to: null };
}
