import { foldCells } from '../profile/merge-profiles.ts';
import type { Profile } from '../profile/profile.ts';
import type { ColumnComparison } from './compare-column.ts';
import { type CurrentRows, compareSides, type SharedColumn, sharedColumns } from './compare-sides.ts';
import { changedSince, compareWindows } from './compare-windows.ts';
import { agrees, worstLevel } from './decide-level.ts';
import { describeColumn } from './describe-column.ts';
import { driftHeadline } from './drift-headline.ts';
import type { DriftColumn, DriftFinding, DriftReport, DriftSegment, DriftWindow, Level } from './drift-report.ts';
import type { DriftSettings } from './drift-settings.ts';
import { becameConstant, columnFindings, note } from './find-findings.ts';
import { type Judged, judgeFamily } from './judge-family.ts';
import { ownValue } from './own-value.ts';
import { profileSegments } from './profile-segments.ts';
import { besideEachOther, openReference, type ReferenceView } from './reference-view.ts';
import { tableFindings } from './table-findings.ts';
import { shownTimes, spanOf } from './time-span.ts';

export interface ProfilePair {
  readonly reference: Profile;
  readonly current: Profile;
  /** Further columns of the reference, counted of other rows: what the model answered to its test set. */
  readonly answers?: Profile | null;
  /** What the sides are called: a file, a period. */
  readonly referenceName: string;
  readonly currentName: string;
  readonly settings: DriftSettings;
  /** The model's permutation importance by column. */
  readonly importance?: Readonly<Record<string, number>>;
  /**
   * Levels of each column in earlier windows, oldest first, before k of m (`windows[].columns[].level` of their reports). Given, even
   * empty, drift needs k of m; without it, and without windows on the current side, the comparison stands alone.
   */
  readonly previous?: Readonly<Record<string, readonly Level[]>>;
  readonly now?: Date;
  readonly model?: string | null;
  /** Columns that a named method judges: their values are not in the family. */
  readonly named?: ReadonlyMap<string, NamedResult>;
  /** What the report says that was used where it isn't the default. */
  readonly method?: string;
  /** A rule of its own for the whole, such as Evidently's: findings are then told and decide nothing. */
  readonly dataset?: { readonly drifted: boolean; readonly share: number };
  /** Segments that were found in the tables themselves. */
  readonly segments?: readonly DriftSegment[];
}

/** What a named method says of a column. */
export type NamedResult = Pick<DriftColumn, 'method' | 'score' | 'threshold' | 'pValue' | 'drifted' | 'notTested' | 'exactness' | 'bound'>;

/** What moved between two profiles, by the default of `decisions.md` §3. Pure: nothing but the profiles is asked. */
export function compareProfiles(pair: ProfilePair): DriftReport {
  const { reference, current, settings, named = new Map<string, NamedResult>() } = pair;
  const { answers } = pair;
  const columns = sharedColumns({ columns: [...reference.columns, ...(answers?.columns ?? [])] }, current, settings.ignore);
  const ofRows = openReference(reference, settings.dispersion);
  const ofTable = (column: SharedColumn) => column.reference < reference.columns.length;
  const viewOf = answers ? besideEachOther(ofRows, reference.columns.length, openReference(answers, settings.dispersion)) : ofRows;
  const view = viewOf(spanOf(reference, current));
  const side: CurrentRows = foldCells(current);
  const found = compareSides(view, side, columns, settings.types);
  const { family, judged } = judgeFamily(found, settings, new Set(named.keys()));
  const windows = compareWindows(current, columns, found, viewOf, settings);
  const agree = agreement(pair, windows);

  const findings: DriftFinding[] = [];
  const tell = (told: readonly DriftFinding[]) =>
    findings.push(...told.map((one) => (pair.dataset ? { ...one, level: 'none' as const } : one)));
  const aside = answers?.columns.map(({ name }) => name) ?? [];
  tell(tableFindings({ ...pair, settings: { ...settings, ignore: [...settings.ignore, ...aside] } }, side));
  const described = columns.flatMap((column) => {
    const own = found.get(column.name);
    if (!own) return [];
    const raw = judged.get(column.name) ?? [];
    const final = raw.map((one) => ({ ...one, final: agree.confirm(column.name, one.level) }));
    tell(columnFindings(column.name, own, final));
    if (becameConstant(own))
      tell([note('constant', column.name, `${column.name}: one and the same value in every row, many in the reference.`)]);
    const values = final.find(({ question }) => question === 'values');
    return [describe(pair, column, own, values, view, side)];
  });
  const tested = described.filter(({ notTested }) => notTested === null);
  const count = (level: Level) => tested.filter((column) => column.level === level).length;
  const counts = { compared: tested.length, shift: count('shift'), drift: count('drift'), notTested: described.length - tested.length };
  const moved = tested.filter(({ level }) => level !== 'none').map(({ column }) => column);
  const many = settings.shareLimit !== null && tested.length > 0 && moved.length / tested.length >= settings.shareLimit - 1e-12;
  const level = pair.dataset
    ? levelOf(pair.dataset, counts)
    : many
      ? 'drift'
      : worstLevel([...tested, ...findings].map((one) => one.level));
  const nothing = family === 0 && tested.length === 0 && level === 'none';
  const report: Omit<DriftReport, 'headline'> = {
    schema: 'weighin/drift@1',
    verdict: nothing ? 'inconclusive' : level === 'drift' ? 'fail' : level === 'shift' ? 'warn' : 'pass',
    model: pair.model ?? null,
    method: pair.method ?? 'default',
    reference: { name: pair.referenceName, rows: reference.rows, ...shownTimes(reference, settings) },
    current: { name: pair.currentName, rows: current.rows, ...shownTimes(current, settings) },
    dataset: {
      level,
      share: pair.dataset?.share ?? (tested.length > 0 ? counts.drift / tested.length : 0),
      drifted: level === 'drift',
      columns: counts,
      family,
    },
    columns: byImportance(described),
    findings: [...findings].sort((a, b) => rank(a.level) - rank(b.level)),
    segments: [...(pair.segments ?? profileSegments(reference, current, columns.filter(ofTable), found, settings, moved))],
    windows,
    since: changedSince(windows, moved),
    agree: { k: agree.k, m: agree.m },
    limits: { alpha: settings.alpha, shift: settings.shift, alarm: settings.alarm, shareLimit: settings.shareLimit },
  };
  return { ...report, headline: driftHeadline(report) };
}

const levelOf = ({ drifted }: NonNullable<ProfilePair['dataset']>, { drift }: { readonly drift: number }): Level =>
  drifted ? 'drift' : drift > 0 ? 'shift' : 'none';

function describe(
  { importance, named, settings }: ProfilePair,
  column: SharedColumn,
  own: ColumnComparison,
  values: (Judged & { readonly final: Level }) | undefined,
  view: ReferenceView,
  side: CurrentRows,
): DriftColumn {
  const { name, types } = column;
  const [before, now] = [view.columns[column.reference], side.columns[column.current]];
  const elsewhere = named?.get(name);
  const request = { found: own, rows: { reference: view.rowsOf(column.reference), current: side.rows }, values: settings.values };
  const whole = types.reference === 'integer' && types.current === 'integer';
  const shapes = before && now ? describeColumn({ ...request, reference: before, current: now, whole }) : undefined;
  const { compare } = own.kind;
  const level = values?.final ?? 'none';
  return {
    column: name,
    type: compare === null ? own.kind.type : compare === 'categorical' && own.kind.hashed ? 'text' : compare,
    method: 'default',
    score: own.effect,
    threshold: settings.alarm,
    effect: own.effect,
    phi: own.dispersion.phi,
    pValue: values?.p ?? null,
    adjustedP: values?.q ?? null,
    level,
    drifted: level === 'drift',
    notTested: own.notTested,
    exactness: 'exact',
    bound: null,
    n: own.n,
    moved: [],
    importance: ownValue(importance, name) ?? null,
    shape: null,
    ...shapes,
    shown: { ...shapes?.shown, ...(own.range && { beyondRange: own.range.effect }) },
    ...(elsewhere && { ...elsewhere, adjustedP: null, level: elsewhere.drifted ? ('drift' as const) : ('none' as const) }),
  };
}

/** Drift first, then shifts, then the rest; within each by importance · effect, so that what can't matter stands last. */
function byImportance(columns: readonly DriftColumn[]): DriftColumn[] {
  const known = columns.flatMap(({ importance }) => (importance === null ? [] : [Math.max(0, importance)]));
  const usual = known.length > 0 ? known.reduce((sum, one) => sum + one, 0) / known.length : 1;
  const weight = ({ importance, effect }: DriftColumn) => (importance === null ? usual : Math.max(0, importance)) * (effect ?? 0);
  const place = (column: DriftColumn) => (column.notTested === null ? rank(column.level) : 3);
  return [...columns].sort((a, b) => place(a) - place(b) || weight(b) - weight(a) || (b.effect ?? 0) - (a.effect ?? 0));
}

const rank = (level: Level): number => ({ drift: 0, shift: 1, none: 2 })[level];

/** k of m where there are windows to agree: earlier ones, or those of the current side. */
function agreement({ previous, settings }: ProfilePair, windows: readonly DriftWindow[]) {
  const { k, m } = settings.agree;
  if (previous === undefined && windows.length < 2) return { k: 1, m: 1, confirm: (_: string, level: Level) => level };
  const confirm = (column: string, level: Level): Level => {
    if (level !== 'drift') return level;
    const own = windows.flatMap(({ columns }) => columns.filter((one) => one.column === column));
    // Windows too short to test agree with nobody: where all are, they can't overrule the whole.
    if (previous === undefined && own.every(({ effect }) => effect === null)) return level;
    const now: Level[] = windows.length > 0 ? own.map((one) => one.level) : [level];
    return agrees([...(ownValue(previous, column) ?? []), ...now], settings.agree) ? 'drift' : 'shift';
  };
  return { k, m, confirm };
}
