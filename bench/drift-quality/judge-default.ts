import { compareColumn } from '../../shared/drift/compare-column.ts';
import { independent } from '../../shared/drift/dispersion.ts';
import { defaultDriftSettings } from '../../shared/drift/drift-settings.ts';
import { judgeFamily } from '../../shared/drift/judge-family.ts';
import { openReference, type ReferenceView } from '../../shared/drift/reference-view.ts';
import type { Profile } from '../../shared/profile/profile.ts';
import type { DrawnTables } from './draw-cell.ts';
import { countsOf, type DrawnColumn } from './draw-tables.ts';

/** Whether the default flags any column: a shift or more, before k of m. The very functions that `weighin drift` calls. */
export function judgeDefault({ reference, current, days }: DrawnTables): boolean {
  const view = days.length > 0 ? viewOf(days) : null;
  const comparisons = new Map(
    reference.map((column, index) => {
      const own = current[index] ?? column;
      const comparison = compareColumn({
        reference: side(column),
        current: side(own),
        rows: { reference: rowsOf(column), current: rowsOf(own) },
        dispersion: (how) => view?.dispersion(index, how) ?? independent,
        missingDispersion: () => independent,
      });
      return [column.name, comparison];
    }),
  );
  for (const judged of judgeFamily(comparisons, defaultDriftSettings).judged.values())
    if (judged.some(({ level }) => level !== 'none')) return true;
  return false;
}

const side = (column: DrawnColumn) => ({ type: typeOf(column), counts: countsOf(column) });
const typeOf = ({ kind }: DrawnColumn) => (kind === 'numeric' ? ('number' as const) : ('text' as const));
export const rowsOf = ({ counts }: DrawnColumn) => counts.reduce((sum, n) => sum + n, 0);

/** The reference by days, as its profile holds it. */
function viewOf(days: DrawnTables['days']): ReferenceView {
  const [first = []] = days;
  const profile: Profile = {
    schema: 'weighin/profile@1',
    digest: '',
    privacy: 'exact',
    rows: 0,
    by: [],
    window: { column: 'time', milliseconds: 86_400_000 },
    columns: first.map((column) => ({ name: column.name, type: typeOf(column) })),
    cells: days.map((day, index) => ({
      segment: [],
      window: new Date(Date.UTC(2026, 0, 1 + index)).toISOString(),
      rows: rowsOf(day[0] ?? { name: '', kind: 'numeric', values: new Float64Array(), counts: new Float64Array() }),
      columns: day.map(countsOf),
    })),
  };
  return openReference(profile, 'auto')({ start: null, windows: 1 });
}
