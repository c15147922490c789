import { adjust } from '../statistics/multiplicity.ts';
import type { ColumnComparison } from './compare-column.ts';
import { decideLevel } from './decide-level.ts';
import type { Level } from './drift-report.ts';
import type { DriftSettings } from './drift-settings.ts';

export type Question = 'values' | 'missingness' | 'unseen' | 'range';

/** One hypothesis of the run. */
export interface Judged {
  readonly question: Question;
  readonly effect: number;
  readonly p: number;
  readonly q: number;
  readonly level: Level;
}

/** Rows that the reference has nothing like count from 1 % on. */
const leastBeyond = 0.01;

/**
 * Every testable hypothesis of the run under Benjamini-Hochberg: columns, missingness, unseen categories, ranges.
 *
 * @param decidedElsewhere columns whose values a named method judges: they are not in the family
 */
export function judgeFamily(
  comparisons: ReadonlyMap<string, ColumnComparison>,
  { alpha, shift, alarm }: Pick<DriftSettings, 'alpha' | 'shift' | 'alarm'>,
  decidedElsewhere: ReadonlySet<string> = new Set(),
): { readonly family: number; readonly judged: ReadonlyMap<string, readonly Judged[]> } {
  const asked: { column: string; question: Question; effect: number; p: number }[] = [];
  for (const [column, { values, missingness, unseen, range }] of comparisons) {
    const questions = { values: decidedElsewhere.has(column) ? null : values, missingness, unseen, range };
    for (const question of ['values', 'missingness', 'unseen', 'range'] as const) {
      const found = questions[question];
      if (found && found.p !== null) asked.push({ column, question, effect: found.effect, p: found.p });
    }
  }
  const adjusted = adjust(
    asked.map(({ p }) => p),
    'bh',
  );
  const judged = new Map<string, Judged[]>([...comparisons.keys()].map((column) => [column, []]));
  asked.forEach(({ column, question, effect, p }, index) => {
    const q = adjusted[index] ?? 1;
    const beyond = question === 'unseen' || question === 'range';
    const level = decideLevel(q, effect, { alpha, alarm, shift: beyond ? Math.min(leastBeyond, shift) : shift });
    judged.get(column)?.push({ question, effect, p, q, level });
  });
  return { family: asked.length, judged };
}
