import type { ColumnCounts } from '../profile/column-counts.ts';
import { formatMany, formatPercent, formatPoints } from '../words/format-number.ts';
import type { ColumnComparison } from './compare-column.ts';
import type { DriftFinding, Level } from './drift-report.ts';
import type { Judged } from './judge-family.ts';

/** A category of fewer expected rows than this may be missing by chance. */
const expectedRows = 5;
const leastVanished = 0.01;

/** What is told of one column beside its distribution. Levels are decided by the caller, who knows the earlier windows. */
export function columnFindings(
  column: string,
  found: ColumnComparison,
  judged: readonly (Judged & { readonly final: Level })[],
): DriftFinding[] {
  const findings: DriftFinding[] = [];
  const { n, missing } = found;
  const tell = (kind: DriftFinding['kind'], one: Judged & { readonly final: Level }, message: string) =>
    findings.push({ kind, column, level: one.final, effect: one.effect, pValue: one.p, adjustedP: one.q, message });
  for (const one of judged) {
    if (one.question === 'values' || (one.final === 'none' && one.question !== 'unseen')) continue;
    if (one.question === 'missingness') {
      const [before, now] = [missing.reference / (n.reference + missing.reference), missing.current / (n.current + missing.current)];
      const way = now > before ? 'more' : 'fewer';
      const message = `${column}: ${formatPoints(now - before)} ${way} rows have no value: ${formatPercent(now)}, ${formatPercent(before)} in the reference.`;
      tell('missingness', one, message);
    } else if (one.question === 'range' && found.range) {
      const { below, above } = found.range;
      const side = below > above ? 'below the smallest' : 'above the largest';
      tell(
        'range',
        one,
        `${column}: ${formatPercent(one.effect)} of the rows lie ${side} value of the reference (${formatMany(Math.max(below, above), 'row')}).`,
      );
    } else if (one.question === 'unseen' && found.unseen && found.unseen.rows > 0) {
      const names = found.kind.compare === 'categorical' && !found.kind.hashed ? countNew(found) : null;
      const what = names === null ? 'categories' : formatMany(names, 'category', 'categories');
      const usual = one.final !== 'none' ? '' : one.effect < 0.01 ? ' Under 1 %: told, not tested.' : ' No more than chance explains.';
      tell('unseen', one, `${column}: ${formatPercent(one.effect)} of the rows hold ${what} that the reference does not have.${usual}`);
    }
  }
  const gone = vanished(found);
  if (gone) findings.push(note('vanished', column, `${column}: ${gone.text}`, gone.share));
  return findings;
}

/** A finding that decides nothing. */
export const note = (kind: DriftFinding['kind'], column: string, message: string, effect: number | null = null): DriftFinding => ({
  kind,
  column,
  level: 'none',
  effect,
  pValue: null,
  adjustedP: null,
  message,
});

const countNew = ({ places }: ColumnComparison): number =>
  places ? places.reference.reduce((count, rows, i) => count + (rows === 0 && places.current[i]! > 0 ? 1 : 0), 0) : 0;

/** Categories that should have been there: their own change is part of the column's, so this is a note. */
function vanished({ places, kind, n, notTested }: ColumnComparison): { readonly text: string; readonly share: number } | null {
  if (notTested !== null || !places || kind.compare !== 'categorical' || kind.hashed) return null;
  let [count, rows] = [0, 0];
  for (let i = 0; i < places.reference.length; i++) {
    if (places.current[i] !== 0 || (places.reference[i]! * n.current) / n.reference < expectedRows) continue;
    count++;
    rows += places.reference[i]!;
  }
  const share = rows / n.reference;
  if (share < leastVanished) return null;
  return {
    text: `${formatMany(count, 'category', 'categories')} of the reference, ${formatPercent(share)} of its rows, did not come up.`,
    share,
  };
}

/** One and the same value where the reference has many. */
export function becameConstant({ places }: ColumnComparison): boolean {
  if (!places) return false;
  const filled = (rows: Float64Array) => rows.reduce((count, one) => count + (one > 0 ? 1 : 0), 0);
  return filled(places.current) === 1 && filled(places.reference) > 1;
}

/** The newest time of a column; null where it holds none. */
export const newestTime = (counts: ColumnCounts | undefined): number | null =>
  counts?.kind === 'times' && counts.max !== null ? Date.parse(counts.max) : null;
