import type { Contract } from '../../contract/contract.ts';
import { declaredTypes } from '../../contract/declared-types.ts';
import { requireColumn, requireMethods } from '../../drift/choose-methods.ts';
import { compareProfiles } from '../../drift/compare-profiles.ts';
import type { DriftReport } from '../../drift/drift-report.ts';
import { type DriftRequest, type DriftSettings, readDriftSettings } from '../../drift/drift-settings.ts';
import { UserError } from '../../errors.ts';
import type { Profile } from '../../profile/profile.ts';
import { profileTable } from '../../profile/profile-table.ts';
import type { Progress } from '../progress.ts';
import { type DriftSide, type OpenDriftTable, openDriftSide } from './open-drift-side.ts';

export interface DriftRun {
  /** Data (a file, glob or table of a database) or a profile, known by its content. */
  readonly reference: string;
  readonly current: string;
  readonly root: string;
  readonly openTable: OpenDriftTable;
  readonly settings: DriftRequest;
  readonly method: string;
  readonly columnMethods: Readonly<Record<string, string>>;
  /** At most two columns whose segments are compared by themselves; empty: those of the reference's profile. */
  readonly by: readonly string[];
  /** Windows of the current side, by its column of times. */
  readonly window: { readonly column: string; readonly milliseconds: number } | null;
  /** Columns to compare; null: all. */
  readonly columns: readonly string[] | null;
  readonly exclude: readonly string[];
  readonly contract: Contract | null;
  /** The model's permutation importance by column. */
  readonly importance?: Readonly<Record<string, number>>;
  readonly model?: string;
  readonly now: Date;
  readonly progress: Progress;
}

/**
 * Two tables or profiles compared. Tables are counted where they are, each in one scan and both at once; what a profile can't answer is
 * asked of the tables in a second pass.
 *
 * @throws UserError for what the user can mend: files, columns, methods, profiles of another version or edited ones
 */
export async function runDrift(run: DriftRun): Promise<DriftReport> {
  const types = run.contract ? declaredTypes(run.contract) : {};
  const opened = await openBoth(run, types);
  try {
    const [reference, current] = opened;
    const known = requireNames(run, reference, current);
    run.progress.step('profiles', countedNames(opened));
    const options = countingOf(run, reference, current);
    const [before, now] = await settleBoth([profileSide(reference, options.reference), profileSide(current, options.current)]);
    const settings = readDriftSettings({
      ...run.settings,
      types: { ...toldKinds(run.contract), ...run.settings.types },
      ignore: ignored(run, known),
    });
    run.progress.step('comparison', run.method === 'default' ? '' : run.method);
    const pair = {
      reference: before,
      current: now,
      referenceName: nameOf(reference),
      currentName: nameOf(current),
      settings,
      now: run.now,
      ...(run.importance && { importance: run.importance }),
      ...(run.model !== undefined && { model: run.model }),
    };
    const named = await namedResults(run, reference, current, before, now, settings);
    const report = compareProfiles({ ...pair, ...named });
    const moved = report.columns.filter(({ level, notTested }) => level !== 'none' && notTested === null);
    if (moved.length === 0 || reference.kind !== 'table' || current.kind !== 'table' || before.by.length > 0) return report;
    run.progress.step('segments', 'where the change is');
    const { findSegments } = await import('./find-segments.ts');
    const segments = await findSegments(
      { table: reference.table, profile: before },
      { table: current.table, profile: now },
      moved.map(({ column }) => column),
      settings,
    );
    return { ...report, segments };
  } finally {
    await Promise.all(opened.map((side) => (side.kind === 'table' ? side.table.close() : undefined)));
  }
}

async function namedResults(
  run: DriftRun,
  reference: DriftSide,
  current: DriftSide,
  before: Profile,
  now: Profile,
  settings: DriftSettings,
) {
  if (run.method === 'default' && Object.keys(run.columnMethods).length === 0) return {};
  const { judgeNamed } = await import('./judge-named.ts');
  return judgeNamed(
    { method: run.method, columns: run.columnMethods },
    { side: reference, profile: before },
    { side: current, profile: now },
    settings,
  );
}

async function openBoth(run: DriftRun, types: Parameters<typeof openDriftSide>[3]): Promise<readonly [DriftSide, DriftSide]> {
  const opening = [
    openDriftSide(run.reference, run.root, run.openTable, types),
    openDriftSide(run.current, run.root, run.openTable, types),
  ] as const;
  const settled = await Promise.allSettled(opening);
  const failed = settled.find((one) => one.status === 'rejected');
  if (!failed) return Promise.all(opening);
  for (const one of settled) if (one.status === 'fulfilled' && one.value.kind === 'table') await one.value.table.close();
  throw failed.reason;
}

/** Both, or the first failure once neither works any more: an engine must not be closed under a statement. */
async function settleBoth<T>(both: readonly [Promise<T>, Promise<T>]): Promise<readonly [T, T]> {
  await Promise.allSettled(both);
  return Promise.all(both);
}

const columnsOf = (side: DriftSide): readonly string[] =>
  (side.kind === 'table' ? side.table.source.columns : side.profile.columns).map(({ name }) => name);
const nameOf = (side: DriftSide): string => (side.kind === 'table' ? side.table.source.source : side.name);
const countedNames = (sides: readonly DriftSide[]): string =>
  sides
    .filter(({ kind }) => kind === 'table')
    .map(nameOf)
    .join(' and ');

/** Names that nobody has are said before anything is counted. @throws UserError */
function requireNames(run: DriftRun, reference: DriftSide, current: DriftSide): readonly string[] {
  const known = [...new Set([...columnsOf(reference), ...columnsOf(current)])];
  requireMethods({ method: run.method, columns: run.columnMethods }, known);
  for (const column of run.columns ?? []) requireColumn(column, known, '--columns');
  for (const column of run.exclude) requireColumn(column, known, '--exclude');
  for (const column of run.by) requireColumn(column, known, '--by');
  if (run.window) requireColumn(run.window.column, columnsOf(current), '--time');
  if (run.settings.time) requireColumn(run.settings.time, columnsOf(current), '--time');
  if (run.settings.time && run.settings.maxAge !== null) requireTimes(run.settings.time, current);
  const left = known.filter((name) => !run.exclude.includes(name) && (run.columns?.includes(name) ?? true));
  if (left.length === 0)
    throw new UserError('DRIFT_NO_COLUMNS', 'No column is left to compare.', 'Name fewer in --exclude, or others in --columns.');
  return known;
}

/** An age is told from a time alone: of any other column nothing would ever be stale. */
function requireTimes(column: string, side: DriftSide): void {
  const { columns } = side.kind === 'table' ? side.table.source : side.profile;
  const type = columns.find(({ name }) => name === column)?.type;
  if (type === undefined || type === 'date' || type === 'timestamp') return;
  throw new UserError(
    'DRIFT_TIME_TYPE',
    `${column} holds no times, so it says no age: its type is ${type}.`,
    'Name a column of dates or timestamps with --time.',
  );
}

/** Columns that aren't compared. */
const ignored = ({ columns, exclude }: DriftRun, known: readonly string[]): string[] =>
  known.filter((name) => exclude.includes(name) || !(columns?.includes(name) ?? true));

/** What each table is counted by. A profile was counted already: the other side follows it. */
function countingOf(run: DriftRun, reference: DriftSide, current: DriftSide) {
  const given = [reference, current].flatMap((side) => (side.kind === 'profile' ? [side.profile] : []));
  for (const { by } of given) {
    if (run.by.length > 0 && by.join('\n') !== run.by.join('\n'))
      throw new UserError(
        'DRIFT_BY_PROFILE',
        `The profile is ${by.length > 0 ? `by ${by.join(' and ')}` : 'of the whole table'}, and --by asks for ${run.by.join(' and ')}.`,
        'Profile the data with the same --by, or name the data itself.',
      );
  }
  const by = run.by.length > 0 ? run.by : (given[0]?.by ?? []);
  const asked = (side: DriftSide) => {
    const names = columnsOf(side);
    const left = new Set(ignored(run, names));
    // The time is counted though it isn't compared: it says which rows these are.
    const kept = names.filter((name) => !left.has(name) || name === run.window?.column || name === run.settings.time);
    const window = run.window && names.includes(run.window.column) ? { window: run.window } : {};
    return { columns: kept, ...(by.every((name) => names.includes(name)) && { by }), ...window };
  };
  return { reference: asked(reference), current: asked(current) };
}

type Counting = ReturnType<typeof countingOf>['reference'];

const profileSide = async (side: DriftSide, options: Counting): Promise<Profile> =>
  side.kind === 'profile' ? side.profile : profileTable(side.table.engine, side.table.source, options);

/** What a contract says that a column is. */
function toldKinds(contract: Contract | null): Record<string, 'numeric' | 'categorical'> {
  const told = new Map<string, 'numeric' | 'categorical'>();
  for (const [name, type] of Object.entries(contract ? declaredTypes(contract) : {})) {
    if (type === 'number') told.set(name, 'numeric');
    if (type === 'text' || type === 'boolean') told.set(name, 'categorical');
  }
  // Entries define a column named __proto__ as any other.
  return Object.fromEntries(told);
}
