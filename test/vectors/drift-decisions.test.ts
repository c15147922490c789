import { describe, it } from 'vitest';
import { alignCategories, alignNumbers } from '../../shared/drift/align-counts.ts';
import { compareCategories } from '../../shared/drift/compare-categories.ts';
import { type ColumnComparison, compareColumn } from '../../shared/drift/compare-column.ts';
import { compareNumbers, type NumberComparison } from '../../shared/drift/compare-numbers.ts';
import { agreeingLevels, worstLevel } from '../../shared/drift/decide-level.ts';
import { independent, learnDispersion } from '../../shared/drift/dispersion.ts';
import { levelSchema } from '../../shared/drift/drift-report.ts';
import { defaultDriftSettings } from '../../shared/drift/drift-settings.ts';
import { homogeneityTest } from '../../shared/drift/homogeneity-test.ts';
import { type Judged, judgeFamily } from '../../shared/drift/judge-family.ts';
import { rankTest } from '../../shared/drift/rank-test.ts';
import { categoriesOf } from '../../shared/profile/category-counts.ts';
import type { CategoryCounts, NumericCounts } from '../../shared/profile/column-counts.ts';
import { mergeColumn } from '../../shared/profile/merge-profiles.ts';
import { numericOfValues } from '../../shared/profile/numeric-counts.ts';
import { compareExpected, inputNumber, listAbsent, readVectors, type VectorCase } from './read-vectors.ts';

interface Column {
  readonly type: 'numeric' | 'categorical';
  readonly reference: unknown;
  readonly current: unknown;
}

function numbers(values: readonly unknown[]): NumericCounts {
  const counts = new Map<number, number>();
  const rest = { null: 0, nan: 0, positiveInfinity: 0, negativeInfinity: 0 };
  for (const value of values) {
    const x = value === null ? null : inputNumber(value);
    if (x === null) rest.null++;
    else if (Number.isNaN(x)) rest.nan++;
    else if (x === Number.POSITIVE_INFINITY) rest.positiveInfinity++;
    else if (x === Number.NEGATIVE_INFINITY) rest.negativeInfinity++;
    else counts.set(x + 0, (counts.get(x + 0) ?? 0) + 1);
  }
  return numericOfValues([...counts], rest);
}

const categories = (counts: Readonly<Record<string, number>>, nulls = 0): CategoryCounts =>
  categoriesOf(
    Object.entries(counts).filter(([, n]) => n > 0),
    nulls,
  );

function sideOf({ type }: Pick<Column, 'type'>, side: unknown) {
  if (type === 'numeric') {
    const values = side as unknown[];
    return { rows: values.length, type: 'number' as const, counts: numbers(values) };
  }
  const { counts, null: nulls } = side as { counts: Record<string, number>; null: number };
  const found = categories(counts, nulls);
  return { rows: Object.values(counts).reduce((sum, n) => sum + n, nulls), type: 'text' as const, counts: found };
}

function driftDefault({ columns }: { readonly columns: Readonly<Record<string, Column>> }) {
  const comparisons = new Map<string, ColumnComparison>();
  for (const [name, column] of Object.entries(columns)) {
    const [reference, current] = [sideOf(column, column.reference), sideOf(column, column.current)];
    const rows = { reference: reference.rows, current: current.rows };
    const alone = () => independent;
    comparisons.set(name, compareColumn({ reference, current, rows, told: column.type, dispersion: alone, missingDispersion: alone }));
  }
  const { family, judged } = judgeFamily(comparisons, defaultDriftSettings);
  const all = [...judged.values()].flat().map(({ level }) => level);
  const words = { none: 'none', shift: 'warn', drift: 'alarm' } as const;
  return {
    family,
    dataset: family === 0 ? 'not_enough_data' : words[worstLevel(all)],
    columns: Object.fromEntries([...comparisons].map(([name, found]) => [name, described(found, judged.get(name) ?? [])])),
  };
}

/** As the vectors write it. */
function described(found: ColumnComparison, judged: readonly Judged[]) {
  const { values, unseen, range, missingness, n, missing, places } = found;
  const of = (question: Judged['question']) => judged.find((one) => one.question === question);
  const decided = (question: Judged['question']) => ({ q: of(question)?.q ?? null, level: of(question)?.level ?? 'none' });
  return {
    n,
    missing,
    values: values ? { ...testOf(values), ...decided('values') } : { level: 'not_enough_data' },
    ...(range && { range: { ...range, ...decided('range') } }),
    ...(missingness && { missingness: { ...testOf(missingness), ...decided('missingness') } }),
    ...(unseen && {
      unseen: {
        ...unseen,
        values: (places?.names ?? []).filter((_, at) => places?.reference[at] === 0 && (places.current[at] ?? 0) > 0),
        ...decided('unseen'),
      },
    }),
  };
}

const testOf = (values: NonNullable<ColumnComparison['values']>) => ('pKs' in values ? ranked(values) : values);
const ranked = ({ statistic, pRanks, pKs, ...rest }: NumberComparison) => ({ ...rest, s2: statistic, p_s2: pRanks, p_ks: pKs });

function phi({ type, windows, current }: { readonly type: Column['type']; readonly windows: unknown[]; readonly current: unknown }) {
  const countsOf = (side: unknown) => (type === 'numeric' ? numbers(side as unknown[]) : categories(side as Record<string, number>));
  const parts = windows.map(countsOf);
  const align = (sides: readonly (NumericCounts | CategoryCounts)[]) =>
    type === 'numeric' ? alignNumbers(sides as NumericCounts[]).sides : alignCategories(sides, false).sides;
  const learnt = learnDispersion(align(parts), type === 'numeric' ? rankTest : homogeneityTest);
  const [reference, now] = align([mergeColumn(parts) as NumericCounts | CategoryCounts, countsOf(current)]);
  if (!reference || !now) throw new Error('two sides');
  const places = { reference, current: now };
  const found = type === 'numeric' ? ranked(compareNumbers(places, learnt)) : compareCategories(places, learnt);
  return { ...found, phi: learnt.phi, K: learnt.large, x: learnt.ratios, learnt: learnt.windows !== null };
}

const answers: Readonly<Record<string, (input: VectorCase['input']) => unknown>> = {
  drift_default: (input) => driftDefault(input as never),
  phi: (input) => phi(input as never),
  agree: (input) => ({
    levels: agreeingLevels(levelSchema.array().parse(input['levels']), { k: Number(input['k']), m: Number(input['m']) }),
  }),
};

describe('the default of drift', () => {
  listAbsent('decisions.json');
  for (const { name, kind, input, expected, tolerance } of readVectors('decisions.json')) {
    const answer = answers[kind];
    if (answer) it(`${kind}: ${name}`, () => compareExpected(answer(input), expected, tolerance));
  }
});
