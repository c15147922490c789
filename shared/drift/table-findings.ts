import type { Profile } from '../profile/profile.ts';
import type { ColumnType } from '../source/column-type.ts';
import { formatAge, formatMany, formatSeconds } from '../words/format-number.ts';
import { isEmpty } from './column-kind.ts';
import { leastRows } from './compare-column.ts';
import type { CurrentRows } from './compare-sides.ts';
import type { DriftFinding, Level } from './drift-report.ts';
import type { DriftSettings } from './drift-settings.ts';
import { newestTime, note } from './find-findings.ts';

interface Sides {
  readonly reference: Profile;
  readonly current: Profile;
  readonly settings: DriftSettings;
  readonly now?: Date;
}

/** What can be told from the two tables' columns alone: missing, new, of another type, too few rows, too old. */
export function tableFindings({ reference, current, settings, now }: Sides, side: CurrentRows): DriftFinding[] {
  const left = new Set(settings.ignore);
  const types = (profile: Profile) => new Map(profile.columns.filter(({ name }) => !left.has(name)).map(({ name, type }) => [name, type]));
  const [before, after] = [types(reference), types(current)];
  const findings: DriftFinding[] = [];
  for (const [name, type] of before) {
    const found = after.get(name);
    if (found === undefined) findings.push(told('missing-column', name, 'drift', `${name}: the current data has no such column.`));
    else if (family(found) !== family(type) && !nothingIn(reference, name) && !nothingIn(current, name))
      findings.push(told('type', name, 'drift', `${name}: ${type} in the reference, ${found} in the current data: not compared.`));
  }
  for (const name of after.keys()) {
    if (!before.has(name)) findings.push(note('new-column', name, `${name}: a new column that the reference does not have.`));
  }
  for (const [which, rows] of [
    ['reference', reference.rows],
    ['current data', current.rows],
  ] as const) {
    if (rows < leastRows)
      findings.push(note('not-enough-data', '', `The ${which} has ${formatMany(rows, 'row')}: fewer than ${leastRows} say nothing.`));
  }
  return [...findings, ...stale(current, side, settings, now)];
}

/** A column without a value has no type of its own: a CSV's reads as text. */
function nothingIn(profile: Profile, name: string): boolean {
  const place = profile.columns.findIndex((column) => column.name === name);
  return profile.cells.every(({ columns }) => columns[place] === undefined || isEmpty(columns[place]));
}

const told = (kind: DriftFinding['kind'], column: string, level: Level, message: string): DriftFinding => ({
  ...note(kind, column, message),
  level,
});

/** Types that are compared alike are one. */
const family = (type: ColumnType): string =>
  type === 'integer' || type === 'number' ? 'number' : type === 'date' || type === 'timestamp' ? 'time' : 'category';

/** STALE: the newest row is older than `maxAge`. */
function stale({ columns }: Profile, side: CurrentRows, { time, maxAge }: DriftSettings, now: Date | undefined): DriftFinding[] {
  if (maxAge === null || !now) return [];
  return columns.flatMap(({ name }, place) => {
    const newest = time === null || time === name ? newestTime(side.columns[place]) : null;
    const age = newest === null ? 0 : now.getTime() - newest;
    if (age <= maxAge) return [];
    return [
      told('staleness', name, 'drift', `STALE: the newest ${name} is ${sayDuration(age)} old; at most ${sayDuration(maxAge)} is allowed.`),
    ];
  });
}

const day = 86_400_000;
const sayDuration = (milliseconds: number): string =>
  milliseconds >= 2 * day ? formatAge(milliseconds / day).replace(/ old$/, '') : formatSeconds(milliseconds / 1_000);
