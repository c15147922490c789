/** One cell of the table: what is drawn, and how often. */
export interface Cell {
  readonly scenario: 'independent' | 'correlated' | 'days-differ';
  /** Rows of either side; with days that differ, of the current day. */
  readonly n: number;
  readonly columns: number;
  /** What is moved in one column; null where nothing drifts and every alarm is false. */
  readonly shift: Shift | null;
}
export type Shift = { readonly kind: 'mean'; readonly sd: number } | { readonly kind: 'share'; readonly points: number };

const sizes = [50, 100, 300, 1_000, 3_000, 10_000, 30_000, 100_000];
const days = [100, 300, 1_000, 3_000, 10_000];
const shifts: readonly Shift[] = [
  { kind: 'mean', sd: 0.05 },
  { kind: 'mean', sd: 0.1 },
  { kind: 'mean', sd: 0.2 },
  { kind: 'share', points: 0.01 },
  { kind: 'share', points: 0.03 },
  { kind: 'share', points: 0.05 },
];

/** Every cell that is asked for: no drift and six shifts, at every size, of 10 and 100 columns; also correlated, and with days that differ. */
export const cells: readonly Cell[] = [
  ...grid('independent', sizes, [10], [null, ...shifts]),
  ...grid('independent', sizes, [100], [null]),
  ...grid('correlated', sizes, [10], [null]),
  ...grid('days-differ', days, [10], [null]),
  // Rows are drawn one by one where columns hang together: the largest tables would take days.
  ...grid(
    'correlated',
    sizes.filter((n) => n <= 3_000),
    [100],
    [null],
  ),
  ...grid('days-differ', [1_000], [10], shifts),
  ...grid('correlated', sizes, [10], shifts),
  ...grid('independent', sizes, [100], shifts),
];

function grid(scenario: Cell['scenario'], rows: readonly number[], columns: readonly number[], moved: readonly (Shift | null)[]): Cell[] {
  return rows.flatMap((n) => columns.flatMap((count) => moved.map((shift) => ({ scenario, n, columns: count, shift }))));
}

export const shiftName = (shift: Shift | null): string =>
  shift === null ? 'none' : shift.kind === 'mean' ? `${shift.sd} sd` : `${shift.points * 100} points`;
export const cellName = ({ scenario, n, columns, shift }: Cell): string =>
  `${scenario} n=${n} columns=${columns} shift=${shiftName(shift)}`;
