import { codesOf } from '../../drift/align-counts.ts';
import { comparedAs, judgeByMethod, type MethodChoice, namedMethodOf } from '../../drift/choose-methods.ts';
import { columnKind } from '../../drift/column-kind.ts';
import type { NamedResult, ProfilePair } from '../../drift/compare-profiles.ts';
import { type SharedColumn, sharedColumns } from '../../drift/compare-sides.ts';
import type { DriftSettings } from '../../drift/drift-settings.ts';
import { type EvidentlyColumn, pandasDtype } from '../../drift/methods/evidently/column-type.ts';
import { evidentlyFrame } from '../../drift/methods/evidently/evidently-frame.ts';
import { asCategories } from '../../drift/methods/samples-of-rows.ts';
import { ownValue } from '../../drift/own-value.ts';
import { categoriesOfProfiles, numbersOfProfile } from '../../drift/profile-samples.ts';
import type { Sample } from '../../drift/sample.ts';
import { UserError } from '../../errors.ts';
import type { ColumnCounts } from '../../profile/column-counts.ts';
import { foldCells } from '../../profile/merge-profiles.ts';
import type { Profile } from '../../profile/profile.ts';
import type { ColumnType } from '../../source/column-type.ts';
import type { DriftSide } from './open-drift-side.ts';
import { isWhole, readCategories, readNumbers } from './read-samples.ts';

export interface JudgedSide {
  readonly side: DriftSide;
  readonly profile: Profile;
}

/** Columns judged by named methods: from the profiles where those hold every value, else by a second pass over the tables. */
export async function judgeNamed(
  choice: MethodChoice,
  reference: JudgedSide,
  current: JudgedSide,
  { ignore, types }: Pick<DriftSettings, 'ignore' | 'types'>,
): Promise<Pick<ProfilePair, 'named' | 'method' | 'dataset'>> {
  const columns = sharedColumns(reference.profile, current.profile, ignore);
  const folded = { reference: foldCells(reference.profile).columns, current: foldCells(current.profile).columns };
  const countsOf = (column: SharedColumn) => {
    const [before, now] = [folded.reference[column.reference], folded.current[column.current]];
    return before && now ? ([before, now] as const) : null;
  };
  if (choice.method === 'evidently') return judgeByEvidently(columns, countsOf, reference, current);

  const named = new Map<string, NamedResult>();
  for (const column of columns) {
    const method = namedMethodOf(choice, column.name);
    const counts = countsOf(column);
    if (!method || !counts) continue;
    const [before, now] = counts;
    if (before.kind === 'times' || now.kind === 'times' || before.kind !== now.kind) {
      named.set(column.name, notCompared(method.name, before.kind === now.kind ? 'a-time-moves-by-nature' : 'type-changed'));
      continue;
    }
    const kind = columnKind({
      reference: { type: column.types.reference, counts: before },
      current: { type: column.types.current, counts: now },
      told: ownValue(types, column.name),
    });
    const as = comparedAs(method, kind, before.kind === 'numeric');
    const samples = await samplesOf(column.name, [before, now], [reference, current], as);
    named.set(column.name, judgeByMethod(method, ...samples));
  }
  return { named, method: choice.method };
}

const notCompared = (method: string, notTested: string): NamedResult => ({
  method,
  score: null,
  threshold: null,
  pValue: null,
  drifted: false,
  notTested,
  exactness: 'exact',
  bound: null,
});

type Countable = Exclude<ColumnCounts, { kind: 'times' }>;

async function samplesOf(
  column: string,
  counts: readonly [Countable, Countable],
  sides: readonly [JudgedSide, JudgedSide],
  as: 'numeric' | 'categorical',
): Promise<readonly [Sample, Sample]> {
  const [first, second] = counts;
  if (first.kind === 'numeric' && second.kind === 'numeric') {
    const both = await Promise.all(
      [first, second].map(
        async (own, at) => (isWhole(own) ? null : await readTable(sides[at as 0 | 1], column, readNumbers)) ?? numbersOfProfile(own),
      ),
    );
    const [a = numbersOfProfile(first), b = numbersOfProfile(second)] = both;
    if (as === 'numeric') return [a, b];
    const hashed = !codesOf(first) || !codesOf(second);
    return a.exactness === 'bounded' || b.exactness === 'bounded'
      ? categoriesOfProfiles([first, second], hashed)
      : [asCategories(a), asCategories(b)];
  }
  if (isWhole(first) && isWhole(second)) return categoriesOfProfiles(counts, false);
  const [a, b] = await Promise.all(sides.map((side) => readTable(side, column, readCategories)));
  return a && b ? [a, b] : categoriesOfProfiles(counts, true);
}

async function readTable<T>(
  { side, profile }: JudgedSide,
  column: string,
  read: (table: Parameters<typeof readNumbers>[0], column: string) => Promise<T>,
) {
  if (side.kind !== 'table') return null;
  return read({ engine: side.table.engine, source: side.table.source, rows: profile.rows }, column);
}

/** The whole table as Evidently's preset judges it. @throws UserError `EVIDENTLY_REFUSES` */
async function judgeByEvidently(
  columns: readonly SharedColumn[],
  countsOf: (column: SharedColumn) => readonly [ColumnCounts, ColumnCounts] | null,
  reference: JudgedSide,
  current: JudgedSide,
) {
  const sides = [new Map<string, EvidentlyColumn>(), new Map<string, EvidentlyColumn>()] as const;
  for (const column of columns) {
    const counts = countsOf(column);
    if (!counts) continue;
    const [before, now] = counts;
    if (before.kind === 'times' || now.kind === 'times' || before.kind !== now.kind) continue;
    const samples = await samplesOf(
      column.name,
      [before, now],
      [reference, current],
      before.kind === 'numeric' ? 'numeric' : 'categorical',
    );
    const types = [column.types.reference, column.types.current] as const;
    for (const at of [0, 1] as const) {
      const sample = samples[at];
      sides[at].set(column.name, { dtype: pandasDtype(kindOfType(types[at]), sample.missing), sample });
    }
  }
  const frame = evidentlyFrame(...sides);
  if (frame.error !== null)
    throw new UserError('EVIDENTLY_REFUSES', `Evidently compares nothing here: ${frame.error}`, 'Leave that column out with --exclude.');
  const samples = [...sides[0].values(), ...sides[1].values()].map(({ sample }) => sample.exactness);
  const exactness = samples.includes('sampled') ? 'sampled' : samples.includes('bounded') ? 'bounded' : 'exact';
  const named = new Map(
    columns.map(({ name }): [string, NamedResult] => {
      const found = frame.columns.get(name);
      if (!found) return [name, notCompared('evidently', 'does-not-apply')];
      const { method, score, threshold, drifted } = found;
      return [name, { method, score, threshold, pValue: null, drifted, notTested: null, exactness, bound: null }];
    }),
  );
  const { drifted = false, share = 0 } = frame.dataset ?? {};
  return { named, method: 'evidently', dataset: { drifted, share } };
}

const kindOfType = (type: ColumnType) =>
  type === 'number' ? 'float' : type === 'date' || type === 'timestamp' ? 'time' : type === 'integer' || type === 'boolean' ? type : 'text';
