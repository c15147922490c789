import { UserError } from '../errors.ts';
import { mergeCategories } from './category-counts.ts';
import type { ColumnCounts } from './column-counts.ts';
import { mergeNumeric } from './numeric-counts.ts';
import type { Profile, ProfileCell } from './profile.ts';
import { sealProfile } from './seal-profile.ts';
import { mergeTimes } from './time-counts.ts';

/**
 * The profile of all parts' rows together: the whole's own, byte for byte, in any order and grouping. With outward parts the result is
 * outward, and its sums and extremes are as rough as theirs.
 *
 * @param names - what messages call them
 * @throws UserError `PROFILE_MISMATCH` where parts count different things
 */
export function mergeProfiles(profiles: readonly Profile[], names: readonly string[] = []): Profile {
  const [first, ...others] = profiles;
  if (!first) throw new UserError('PROFILE_MISMATCH', 'There is no profile to merge.', 'Name at least one.');
  for (const [index, other] of others.entries()) requireSame(first, other, names[index + 1] ?? `Profile ${index + 2}`);
  const cells = new Map<string, ProfileCell[]>();
  for (const { cells: own } of profiles) {
    for (const cell of own) {
      const key = JSON.stringify([cell.window, cell.segment]);
      const found = cells.get(key);
      if (found) found.push(cell);
      else cells.set(key, [cell]);
    }
  }
  return sealProfile({
    privacy: profiles.some(({ privacy }) => privacy === 'outward') ? 'outward' : 'exact',
    by: first.by,
    window: first.window,
    columns: first.columns,
    cells: [...cells.values()].map((same) => mergeCells(same, first.columns.length)),
  });
}

function mergeCells(cells: readonly ProfileCell[], width: number): ProfileCell {
  const [first] = cells;
  if (cells.length === 1 && first) return first;
  return { segment: first?.segment ?? [], window: first?.window ?? null, ...foldColumns(cells, width) };
}

export interface FoldedCells {
  readonly rows: number;
  /** One for each of the profile's columns, in their order. */
  readonly columns: ColumnCounts[];
}

/** The cells that are kept (all by default), as one. Without a cell every column is null: nothing was counted. */
export function foldCells(profile: Profile, keep: (cell: ProfileCell) => boolean = () => true): FoldedCells {
  const cells = profile.cells.filter(keep);
  if (cells.length > 0) return foldColumns(cells, profile.columns.length);
  return { rows: 0, columns: profile.columns.map(({ type }) => emptyCounts(type)) };
}

function foldColumns(cells: readonly ProfileCell[], width: number): FoldedCells {
  const rows = cells.reduce((sum, cell) => sum + cell.rows, 0);
  const [only] = cells;
  if (cells.length === 1 && only) return { rows, columns: only.columns };
  return { rows, columns: Array.from({ length: width }, (_, index) => mergeColumn(cells.flatMap((cell) => cell.columns[index] ?? []))) };
}

/** Of one column in several cells. */
export function mergeColumn(parts: readonly ColumnCounts[]): ColumnCounts {
  const numbers = parts.filter((part) => part.kind === 'numeric');
  if (numbers.length > 0 && numbers.length === parts.length) return mergeNumeric(numbers);
  const categories = parts.filter((part) => part.kind === 'categories');
  if (categories.length > 0 && categories.length === parts.length) return mergeCategories(categories);
  const times = parts.filter((part) => part.kind === 'times');
  if (times.length > 0 && times.length === parts.length) return mergeTimes(times);
  throw new UserError('PROFILE_MISMATCH', 'A column is counted in different ways in two cells.', 'Profile the data again.');
}

function emptyCounts(type: Profile['columns'][number]['type']): ColumnCounts {
  if (type === 'date' || type === 'timestamp') return mergeTimes([]);
  return type === 'text' || type === 'boolean' ? mergeCategories([]) : mergeNumeric([]);
}

function requireSame(first: Profile, other: Profile, name: string): void {
  const difference =
    columnDifference(first, other) ??
    (JSON.stringify(first.by) === JSON.stringify(other.by)
      ? undefined
      : `is split by ${listed(other.by)}, the first by ${listed(first.by)}`) ??
    (first.window?.column === other.window?.column && first.window?.milliseconds === other.window?.milliseconds
      ? undefined
      : `has ${windowWords(other)}, the first ${windowWords(first)}`);
  if (difference === undefined) return;
  throw new UserError(
    'PROFILE_MISMATCH',
    `${name} ${difference}.`,
    'Profiles merge when they count the same columns in the same way: make them with the same options.',
  );
}

function columnDifference(first: Profile, other: Profile): string | undefined {
  const types = new Map(other.columns.map(({ name, type }) => [name, type]));
  for (const { name, type } of first.columns) {
    const own = types.get(name);
    if (own === undefined) return `lacks the column ${name}`;
    if (own !== type) return `has the column ${name} as ${own}, the first as ${type}`;
  }
  const names = new Set(first.columns.map(({ name }) => name));
  const extra = other.columns.find(({ name }) => !names.has(name));
  if (extra) return `has the column ${extra.name}, which the first lacks`;
  return first.columns.every(({ name }, index) => other.columns[index]?.name === name) ? undefined : 'has its columns in another order';
}

const listed = (names: readonly string[]) => (names.length === 0 ? 'nothing' : names.join(' and '));
const windowWords = ({ window }: Profile) => (window ? `windows of ${window.milliseconds / 1_000} s by ${window.column}` : 'no windows');
