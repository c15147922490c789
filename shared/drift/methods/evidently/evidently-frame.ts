import { asKeys, asNumbers, type EvidentlyColumn, type EvidentlyType, inferType } from './column-type.ts';
import { runStatTest, statTests } from './stat-tests.ts';
import { textContentDrift } from './text-content.ts';

export interface EvidentlyResult {
  readonly type: 'num' | 'cat' | 'text';
  /** As Evidently prints it: `K-S p_value`, `Jensen-Shannon distance` … */
  readonly method: string;
  readonly threshold: number;
  /** null: undefined, NaN there; never drift. */
  readonly score: number | null;
  readonly drifted: boolean;
  /** Evidently's own score (or another number for the same question: texts, whose classifier is ours). */
  readonly compatible: boolean;
}

export interface EvidentlyFrame {
  /** Numbers, then categories, then texts, as Evidently lists them. */
  readonly columns: ReadonlyMap<string, EvidentlyResult>;
  /** Of the compared columns; null with `error`. */
  readonly dataset: { readonly columns: number; readonly driftedColumns: number; readonly share: number; readonly drifted: boolean } | null;
  /** Types that Evidently found on the current side; those of no known type, and times, are not compared. */
  readonly types: ReadonlyMap<string, EvidentlyType>;
  /** What Evidently raises for the whole report, in our words; then no column is compared. */
  readonly error: string | null;
}

/** A dataset drifts when at least this share of its columns does. */
const DRIFT_SHARE = 0.5;
/** Beyond so many reference rows the preset takes distances instead of tests. */
const FEW_ROWS = 1000;
/** Numbers of at most so many different values on both sides together are compared by value. */
const FEW_VALUES = 5;

/** `DataDriftPreset` of Evidently 0.7.23: types of the current side, methods by the reference's rows, its thresholds and scores. */
export function evidentlyFrame(
  reference: ReadonlyMap<string, EvidentlyColumn>,
  current: ReadonlyMap<string, EvidentlyColumn>,
): EvidentlyFrame {
  const types = new Map([...current].map(([name, column]) => [name, inferType(column)]));
  const columns = new Map<string, EvidentlyResult>();
  for (const type of ['num', 'cat', 'text'] as const) {
    for (const [name, column] of current) {
      if (types.get(name) !== type) continue;
      const found = compareColumn(name, type, reference.get(name), column);
      if (typeof found === 'string') return { columns: new Map(), dataset: null, types, error: found };
      columns.set(name, found);
    }
  }
  const driftedColumns = [...columns.values()].filter(({ drifted }) => drifted).length;
  const share = columns.size > 0 ? driftedColumns / columns.size : 0;
  return {
    columns,
    dataset: { columns: columns.size, driftedColumns, share, drifted: columns.size > 0 && share >= DRIFT_SHARE },
    types,
    error: null,
  };
}

/** Text: what Evidently refuses. */
function compareColumn(
  name: string,
  type: 'num' | 'cat' | 'text',
  reference: EvidentlyColumn | undefined,
  current: EvidentlyColumn,
): EvidentlyResult | string {
  if (!reference) return `The reference has no column ${JSON.stringify(name)}.`;
  for (const [side, column] of [
    ['reference', reference],
    ['current', current],
  ] as const)
    if (column.sample.n === 0) return `Column ${JSON.stringify(name)} has no value on the ${side} side.`;
  if (type === 'num' && !asNumbers(reference)) return `Column ${JSON.stringify(name)} holds numbers on the current side only.`;
  if (type === 'text') return { type, ...textContentDrift(asKeys(reference), asKeys(current), reference.sample.n > FEW_ROWS) };
  const test = chooseTest(type, reference, current);
  const result = runStatTest(test, type, reference, current);
  // The preset's own choices apply wherever it chooses them; a refusal would be a number that nothing defines.
  const { score, threshold, drifted } =
    'notApplicable' in result ? { score: null, threshold: statTests[test]!.threshold, drifted: false } : result;
  return { type, method: statTests[test]!.display, threshold, score, drifted, compatible: true };
}

function chooseTest(type: 'num' | 'cat', reference: EvidentlyColumn, current: EvidentlyColumn): string {
  // A million different numbers need no names to be known as more than five.
  const plenty = [reference, current].some(({ sample }) => sample.kind === 'numeric' && sample.values.length > FEW_VALUES);
  if (type === 'num' && plenty) return reference.sample.n > FEW_ROWS ? 'wasserstein' : 'ks';
  const [first, second] = [asKeys(reference).counts, asKeys(current).counts];
  let unique = first.size;
  for (const key of second.keys()) if (!first.has(key)) unique++;
  const byValue = type === 'cat' || unique <= FEW_VALUES;
  if (reference.sample.n > FEW_ROWS) return byValue ? 'jensenshannon' : 'wasserstein';
  if (!byValue) return 'ks';
  return unique > 2 ? 'chisquare' : 'z';
}
