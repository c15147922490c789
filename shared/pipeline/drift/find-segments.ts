import { codesOf } from '../../drift/align-counts.ts';
import { columnKind } from '../../drift/column-kind.ts';
import { compareCategories, totalVariation } from '../../drift/compare-categories.ts';
import { compareNumbers, largestDistance } from '../../drift/compare-numbers.ts';
import { sharedColumns } from '../../drift/compare-sides.ts';
import { independent, total } from '../../drift/dispersion.ts';
import type { DriftSegment } from '../../drift/drift-report.ts';
import type { DriftSettings } from '../../drift/drift-settings.ts';
import type { Places } from '../../drift/rank-test.ts';
import { foldCells } from '../../profile/merge-profiles.ts';
import type { Profile } from '../../profile/profile.ts';
import { type CodedColumn, codeColumn } from './column-codes.ts';
import { type Asked, type Count, openCounts } from './count-codes.ts';
import type { DriftTable } from './open-drift-side.ts';

export interface SegmentSide {
  readonly table: DriftTable;
  readonly profile: Profile;
}

const most = { targets: 3, candidates: 7, parts: 6, bins: 24, deep: 4, shown: 2 } as const;
const leastRows = 50;
/** A second column must explain so much more than the first alone. */
const worthDepth = 0.05;

/**
 * Where columns that moved have moved: rows of one value, or one value each of two columns, by what is left of the change without them.
 * Counts alone come back: of one column deep first, then of pairs of the best.
 */
export async function findSegments(
  reference: SegmentSide,
  current: SegmentSide,
  moved: readonly string[],
  settings: DriftSettings,
): Promise<DriftSegment[]> {
  const { targets, candidates } = codedColumns(reference.profile, current.profile, moved, settings);
  if (targets.length === 0 || candidates.length === 0) return [];
  const columns = [...targets, ...candidates];
  const [ofReference, ofCurrent] = await Promise.all([openCounts(reference, columns), openCounts(current, columns)]);
  const both = async (asked: readonly Asked[]) => {
    const [before, now] = await Promise.all([ofReference(asked), ofCurrent(asked)]);
    return asked.flatMap((one, at) => measure(one, before[at] ?? [], now[at] ?? []));
  };
  const single = await both(
    targets.flatMap((target) => candidates.filter(({ column }) => column !== target.column).map((by) => ({ target, by: [by] }))),
  );
  const pairs = targets.flatMap((target) => {
    const best = [...single].filter((one) => one.target === target).sort((a, b) => b.gain - a.gain);
    const columns = [...new Set(best.flatMap(({ by }) => by))].slice(0, most.deep);
    return columns.flatMap((first, at) => columns.slice(at + 1).map((second) => ({ target, by: [first, second] })));
  });
  const deep = pairs.length > 0 ? await both(pairs) : [];
  const tested = single.length + deep.length;
  const shown = targets.flatMap((target) => choose(target, single, deep, tested, settings));
  return countRows(reference, current, shown);
}

function codedColumns(reference: Profile, current: Profile, moved: readonly string[], settings: DriftSettings) {
  const [before, now] = [foldCells(reference).columns, foldCells(current).columns];
  const found = sharedColumns(reference, current, settings.ignore).flatMap((column) => {
    const [a, b] = [before[column.reference], now[column.current]];
    if (!a || !b) return [];
    const told = Object.hasOwn(settings.types, column.name) ? settings.types[column.name] : undefined;
    const kind = columnKind({
      reference: { type: column.types.reference, counts: a },
      current: { type: column.types.current, counts: b },
      told,
    });
    return kind.compare === null || (kind.compare === 'categorical' && kind.hashed) ? [] : [{ name: column.name, as: kind.compare, a, b }];
  });
  const targets = moved.slice(0, most.targets).flatMap((name) => {
    const own = found.find((one) => one.name === name);
    return (own && codeColumn(name, own.a, own.b, own.as, most.bins)) ?? [];
  });
  // Numbers that moved themselves are often one another's copies: they say nothing of where.
  const ways = found.filter(({ name, as }) => as === 'categorical' || !moved.includes(name));
  const byKind = [...ways].sort((a, b) => Number(a.as === 'numeric') - Number(b.as === 'numeric'));
  const candidates = byKind.flatMap(({ name, a, b, as }) => codeColumn(name, a, b, as, most.parts) ?? []).slice(0, most.candidates);
  return { targets, candidates };
}

interface Measured extends Asked {
  readonly codes: readonly number[];
  readonly places: Places;
  readonly effect: number;
  readonly explains: number;
  /** What it explains beyond its share of the rows. */
  readonly gain: number;
}

function measure(asked: Asked, reference: readonly Count[], current: readonly Count[]): Measured[] {
  const { target } = asked;
  const size = target.labels.length;
  const whole = emptyPlaces(size);
  const segments = new Map<string, { codes: number[]; places: Places }>();
  for (const [side, counts] of [
    ['reference', reference],
    ['current', current],
  ] as const) {
    for (const { a, b, t, n } of counts) {
      whole[side][t]! += n;
      const codes = asked.by.length > 1 ? [a, b] : [a];
      const key = codes.join(' ');
      const found = segments.get(key) ?? { codes, places: emptyPlaces(size) };
      found.places[side][t]! += n;
      segments.set(key, found);
    }
  }
  const all = effectOf(target, whole);
  if (!(all > 0)) return [];
  return [...segments.values()].flatMap(({ codes, places }) => {
    const [n, m] = [total(places.reference), total(places.current)];
    const named = codes.every((code, at) => code < 0 || typeof asked.by[at]?.labels[code] === 'string');
    if (!named || n < leastRows || m < leastRows) return [];
    const rest = {
      reference: whole.reference.map((rows, i) => rows - places.reference[i]!),
      current: whole.current.map((rows, i) => rows - places.current[i]!),
    };
    if (total(rest.reference) < leastRows || total(rest.current) < leastRows) return [];
    const explains = 1 - effectOf(target, rest) / all;
    const share = (n + m) / (total(whole.reference) + total(whole.current));
    return [{ ...asked, codes, places, effect: effectOf(target, places), explains, gain: explains - share }];
  });
}

const emptyPlaces = (size: number): Places => ({ reference: new Float64Array(size), current: new Float64Array(size) });
const effectOf = ({ ordered }: CodedColumn, places: Places): number => (ordered ? largestDistance(places).effect : totalVariation(places));

type Chosen = Measured & { readonly adjustedP: number };

/** The best segments of a column, pairs only where they explain more than their better half. Honest: every segment that was tried counts. */
function choose(
  target: CodedColumn,
  single: readonly Measured[],
  deep: readonly Measured[],
  tested: number,
  settings: DriftSettings,
): Chosen[] {
  const shown = (one: Measured): Chosen[] => {
    if (one.target !== target || one.gain <= worthDepth || one.effect < settings.shift) return [];
    const { p } = target.ordered ? compareNumbers(one.places, independent) : compareCategories(one.places, independent);
    const adjustedP = p === null ? 1 : Math.min(1, p * tested);
    return adjustedP < settings.alpha ? [{ ...one, adjustedP }] : [];
  };
  const alone = single.flatMap(shown).sort((a, b) => b.gain - a.gain);
  const best = alone[0]?.gain ?? 0;
  const pairs = deep.flatMap(shown).filter(({ gain }) => gain > best + worthDepth);
  return [...pairs, ...alone].sort((a, b) => b.gain - a.gain).slice(0, most.shown);
}

/** How many rows the segments that are shown have, of all rows: a category's stand in the profile, the rest is counted. */
async function countRows(reference: SegmentSide, current: SegmentSide, chosen: readonly Chosen[]): Promise<DriftSegment[]> {
  const count = async ({ table, profile }: SegmentSide): Promise<number[]> => {
    const known = chosen.map((one) => rowsInProfile(profile, one));
    const asked = chosen.filter((_, at) => known[at] === null);
    if (asked.length === 0) return known.map((rows) => rows ?? 0);
    const { dialect: d } = table.engine;
    const counts = asked.map(
      ({ by, codes }, at) => `${d.countIf(by.map((column, i) => `(${column.sql(d)}) = ${codes[i]}`).join(' AND '))} AS n${at}`,
    );
    const [row] = await table.engine.rows<Record<string, number>>(`SELECT ${counts.join(', ')} FROM ${table.source.relation}`);
    return chosen.map((one, at) => known[at] ?? row?.[`n${asked.indexOf(one)}`] ?? 0);
  };
  const [before, now] = await Promise.all([count(reference), count(current)]);
  return chosen.map(({ target, by, codes, effect, adjustedP, explains }, at) => ({
    where: by.map((column, i) => ({ column: column.column, value: column.labels[codes[i] ?? -1] ?? 'missing' })),
    column: target.column,
    rows: { reference: before[at] ?? 0, current: now[at] ?? 0 },
    effect,
    adjustedP,
    explains,
  }));
}

function rowsInProfile(profile: Profile, { by, codes }: Chosen): number | null {
  const [column, deeper] = by;
  const value = column?.values?.[codes[0] ?? -1];
  if (!column || deeper || value === undefined) return null;
  const counts = foldCells(profile).columns[profile.columns.findIndex(({ name }) => name === column.column)];
  const listed = counts?.kind === 'categories' ? counts.counts : counts?.kind === 'numeric' ? codesOf(counts) : null;
  if (!listed) return null;
  return listed.find(([one]) => String(one) === value)?.[1] ?? 0;
}
