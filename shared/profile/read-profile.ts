import { z } from 'zod';
import { UserError } from '../errors.ts';
import { orderOffset, overflowOrder, underflowOrder } from './bucket.ts';
import type { ColumnCounts, NumericCounts } from './column-counts.ts';
import { parseExactSum } from './exact-sum.ts';
import { finiteRows, missingRows } from './numeric-counts.ts';
import { type Profile, type ProfileCell, profileSchema, profileSchemaName } from './profile.ts';
import { digestOfProfile } from './seal-profile.ts';

/** Enough to tell another version from what is no profile at all. */
const headSchema = z.looseObject({ schema: z.string() });

/**
 * A profile from a file that anyone may have written.
 *
 * @param file - as the user named it, for messages
 * @throws UserError `PROFILE_INVALID` for what is no profile, `PROFILE_VERSION` for one of another schema, `PROFILE_EDITED` where the
 * digest is not the content's
 */
export function readProfile(text: string, file: string): Profile {
  const document = parse(text, file);
  const head = headSchema.safeParse(document);
  if (!head.success || !head.data.schema.startsWith('weighin/profile@')) {
    throw invalid(file, 'it says nowhere that it is a profile', 'Name a file that `weighin profile` wrote.');
  }
  if (head.data.schema !== profileSchemaName) {
    throw new UserError(
      'PROFILE_VERSION',
      `${file} is a profile of another version, ${head.data.schema.slice(0, 40)}; this Weighin reads ${profileSchemaName}.`,
      'Profile the data again, or read it with the version of Weighin that wrote it.',
      { file },
    );
  }
  const parsed = profileSchema.safeParse(document);
  if (!parsed.success) {
    const issue = parsed.error.issues[0];
    throw invalid(file, `at ${issue?.path.join('.') || 'the top'}: ${issue?.message ?? 'not of its schema'}`);
  }
  const profile = parsed.data;
  if (digestOfProfile(profile) !== profile.digest) {
    throw new UserError(
      'PROFILE_EDITED',
      `${file} was changed after it was written: its digest is of other content.`,
      'Take the file as it was written, or profile the data again.',
      { file },
    );
  }
  const wrong = inconsistency(profile);
  if (wrong !== undefined) throw invalid(file, wrong);
  return profile;
}

/** Whether a text is meant as a profile, whatever its version: so that a command can take data or a profile. */
export function looksLikeProfile(text: string): boolean {
  return /^\s*\{/.test(text) && /"schema"\s*:\s*"weighin\/profile@/.test(text);
}

function parse(text: string, file: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    throw invalid(file, 'it is no JSON', 'Name a file that `weighin profile` wrote; data is named with --data.');
  }
}

const invalid = (file: string, what: string, hint = 'Profile the data again.') =>
  new UserError('PROFILE_INVALID', `${file} is not a profile: ${what}.`, hint, { file });

/** What no table could have given, although every field is well formed. */
function inconsistency(profile: Profile): string | undefined {
  const rows = profile.cells.reduce((sum, cell) => sum + cell.rows, 0);
  if (rows !== profile.rows) return `its cells have ${rows} rows, and it says ${profile.rows}`;
  if (profile.window !== null && profile.window.milliseconds > longestWindow) return 'its windows are longer than a century';
  const places = new Set(profile.cells.map((cell) => JSON.stringify([cell.window, cell.segment])));
  if (places.size < profile.cells.length) return 'two of its cells are of the same segment and window';
  for (const cell of profile.cells) {
    const wrong = cellInconsistency(profile, cell);
    if (wrong !== undefined) return wrong;
  }
  return undefined;
}

function cellInconsistency(profile: Profile, cell: ProfileCell): string | undefined {
  if (cell.columns.length !== profile.columns.length)
    return `a cell counts ${cell.columns.length} of its ${profile.columns.length} columns`;
  if (cell.segment.length !== profile.by.length) return 'a cell has other segments than the profile';
  if (cell.window !== null && Number.isNaN(Date.parse(cell.window))) return 'the window of a cell is no time';
  for (const [index, counts] of cell.columns.entries()) {
    const { name, type } = profile.columns[index]!;
    const kind = type === 'number' || type === 'integer' ? 'numeric' : type === 'text' || type === 'boolean' ? 'categories' : 'times';
    if (counts.kind !== kind) return `its column ${name} is of type ${type}, and counted as ${counts.kind}`;
    const counted = countedRows(counts);
    if (counted === undefined) return `its column ${name} is counted neither by value nor by bucket, or by both`;
    if (counted !== cell.rows) return `its column ${name} counts ${counted} of ${cell.rows} rows`;
    if (!ascends(counts)) return `its column ${name} is not in order`;
    if (!isPossible(counts)) return `its column ${name} holds what no number or time could have given`;
  }
  return undefined;
}

function countedRows(counts: ColumnCounts): number | undefined {
  const sum = (pairs: readonly (readonly [unknown, number])[]) => pairs.reduce((total, [, n]) => total + n, 0);
  if (counts.kind === 'times') return counts.null + sum(counts.days);
  if (counts.kind === 'categories') {
    if ((counts.counts === null) === (counts.hashed === null)) return undefined;
    return counts.null + sum(counts.counts ?? []) + (counts.hashed ?? []).reduce((total, n) => total + n, 0);
  }
  if ((counts.values === null) === (counts.histogram === null)) return undefined;
  return missingRows(counts) + finiteRows(counts);
}

const longestWindow = 36_525 * 86_400_000;
/** Of 2^53 squares of doubles: exponents of at least 2 · -1,074 and, with all their digits, of less than 2 · 1,024 + 53. */
const widestSum = { exponent: 2_200, digits: 1_300 };

/** What is compared and added is within what numbers and times can be: a bucket beyond them would be looked for without an end. */
function isPossible(counts: ColumnCounts): boolean {
  if (counts.kind === 'categories') return true;
  const { min, max } = counts;
  const some = counts.kind === 'times' ? counts.days.length > 0 : finiteRows(counts) > 0;
  if ((min !== null) !== some || (max !== null) !== some) return false;
  if (counts.kind === 'times') return [min, max].every((time) => time === null || !Number.isNaN(Date.parse(String(time))));
  return hasPossibleBuckets(counts) && [counts.sum, counts.squares].every(isPossibleSum);
}

function hasPossibleBuckets({ histogram }: NumericCounts): boolean {
  const all = [...(histogram?.negative.buckets ?? []), ...(histogram?.positive.buckets ?? [])];
  return all.every(([k]) => k + orderOffset > underflowOrder && k + orderOffset < overflowOrder);
}

function isPossibleSum(text: string): boolean {
  return text.length <= widestSum.digits && Math.abs(parseExactSum(text).exponent) <= widestSum.exponent;
}

/** Strictly: no value and no bucket stands twice. */
function ascends(counts: ColumnCounts): boolean {
  if (counts.kind === 'times')
    return counts.days.every(
      ([day], index) =>
        !Number.isNaN(Date.parse(monthStart(day))) && (index === 0 || monthStart(counts.days[index - 1]![0]) !== monthStart(day)),
    );
  if (counts.kind === 'categories') return new Set(counts.counts?.map(([value]) => value)).size === (counts.counts?.length ?? 0);
  const rises = (pairs: readonly (readonly [number, number])[]) => pairs.every(([key], index) => index === 0 || pairs[index - 1]![0] < key);
  const { values, histogram } = counts;
  return rises(values ?? []) && rises(histogram?.negative.buckets ?? []) && rises(histogram?.positive.buckets ?? []);
}

const monthStart = (day: string) => (/^[+-]?\d+-\d\d$/.test(day) ? `${day}-01` : day);
