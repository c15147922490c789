/** The minutes at which a schedule is due, in UTC. */
export interface Cron {
  readonly minutes: ReadonlySet<number>;
  readonly hours: ReadonlySet<number>;
  readonly days: ReadonlySet<number>;
  readonly months: ReadonlySet<number>;
  readonly weekdays: ReadonlySet<number>;
  /** Both day of month and day of week are written: POSIX has either of them match then. */
  readonly eitherDay: boolean;
}

const names = {
  months: ['jan', 'feb', 'mar', 'apr', 'may', 'jun', 'jul', 'aug', 'sep', 'oct', 'nov', 'dec'],
  weekdays: ['sun', 'mon', 'tue', 'wed', 'thu', 'fri', 'sat'],
} as const;

const fields = [
  { name: 'minute', low: 0, high: 59, names: [] },
  { name: 'hour', low: 0, high: 23, names: [] },
  { name: 'day of the month', low: 1, high: 31, names: [] },
  { name: 'month', low: 1, high: 12, names: names.months },
  // 7 is Sunday too.
  { name: 'day of the week', low: 0, high: 7, names: names.weekdays },
] as const;

/** Five fields as POSIX and GitHub read them (`*`, lists, ranges, steps, names); what is wrong as a text otherwise. */
export function parseCron(text: string): Cron | string {
  const parts = text.trim().split(/\s+/);
  if (parts.length !== fields.length)
    return `it has ${parts[0] === '' ? 0 : parts.length} fields, and cron has 5 (minute hour day month weekday)`;
  const sets: Set<number>[] = [];
  for (const [index, field] of fields.entries()) {
    const set = parseField(parts[index] ?? '', field);
    if (typeof set === 'string') return set;
    sets.push(set);
  }
  const [minutes, hours, days, months, weekdays] = sets;
  if (!minutes || !hours || !days || !months || !weekdays) throw new Error('five fields were read above');
  if (weekdays.delete(7)) weekdays.add(0);
  const cron = { minutes, hours, days, months, weekdays, eitherDay: !parts[2]?.startsWith('*') && !parts[4]?.startsWith('*') };
  // The longest that a date of a calendar stays away is eight years (29 February around a century's end).
  return latestDue(cron, new Date(Date.UTC(2104, 2, 1)), new Date(Date.UTC(2096, 2, 1))) ? cron : 'there is no such day in any year';
}

type Field = (typeof fields)[number];

function parseField(text: string, field: Field): Set<number> | string {
  const found = new Set<number>();
  for (const part of text.split(',')) {
    const [, range = '', step] = /^([^/]+)(?:\/(\d{1,4}))?$/.exec(part) ?? [];
    const [, from = '', to] = /^([^-]+)(?:-([^-]+))?$/.exec(range) ?? [];
    const first = from === '*' ? field.low : numberOf(from, field);
    const last = from === '*' || (to === undefined && step !== undefined) ? field.high : to === undefined ? first : numberOf(to, field);
    const by = step === undefined ? 1 : Number(step);
    if (first === undefined || last === undefined || (from === '*' && to !== undefined) || by < 1 || first > last)
      return `"${part.slice(0, 20)}" is no ${field.name} (${field.low} to ${field.high})`;
    for (let value = first; value <= last; value += by) found.add(value);
  }
  return found;
}

function numberOf(text: string, { low, high, names: words }: Field): number | undefined {
  const named = (words as readonly string[]).indexOf(text.toLowerCase());
  const value = named >= 0 ? named + low : /^\d{1,2}$/.test(text) ? Number(text) : Number.NaN;
  return value >= low && value <= high ? value : undefined;
}

/** The latest minute at or before `now`, and after `since`, at which the schedule was due; undefined where there was none. */
export function latestDue(cron: Cron, now: Date, since: Date): Date | undefined {
  const day = 86_400_000;
  for (let midnight = Math.floor(now.getTime() / day) * day; midnight > since.getTime() - day; midnight -= day) {
    if (!dayMatches(cron, new Date(midnight))) continue;
    for (let minute = 1439; minute >= 0; minute--) {
      const at = midnight + minute * 60_000;
      if (at > now.getTime()) continue;
      if (at <= since.getTime()) return undefined;
      if (cron.hours.has(Math.floor(minute / 60)) && cron.minutes.has(minute % 60)) return new Date(at);
    }
  }
  return undefined;
}

function dayMatches({ days, months, weekdays, eitherDay }: Cron, date: Date): boolean {
  if (!months.has(date.getUTCMonth() + 1)) return false;
  const ofMonth = days.has(date.getUTCDate());
  const ofWeek = weekdays.has(date.getUTCDay());
  return eitherDay ? ofMonth || ofWeek : ofMonth && ofWeek;
}
