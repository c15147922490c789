import { createRandom, type Random } from '../../shared/statistics/random.ts';
import type { Cell, Shift } from './cells.ts';
import {
  bucketCount,
  bucketOf,
  categoryColumn,
  categoryCuts,
  categoryShares,
  type DrawnColumn,
  drawCounts,
  drawNormals,
  normalShares,
  numericColumn,
} from './draw-tables.ts';

export interface DrawnTables {
  readonly reference: readonly DrawnColumn[];
  readonly current: readonly DrawnColumn[];
  /** The reference by days, where days differ. */
  readonly days: readonly (readonly DrawnColumn[])[];
}

/** Half of the columns are numbers, the other half categories of 2, 5 and 20 values. */
const categorySizes = [2, 5, 20];
const categoriesOf = (column: number) => (column % 2 === 0 ? null : (categorySizes[((column - 1) / 2) % categorySizes.length] ?? 2));
/** The numeric column that a mean moves, and the binary one that takes points. */
const movedColumn = (shift: Shift | null) => (shift === null ? -1 : shift.kind === 'mean' ? 0 : 1);

const still = normalShares(0, 1);
const correlation = 0.5;
const dayRows = 1_000;
const dayCount = 14;
/** How much days differ: of a mean in standard deviations, of the first category's share in points. */
const daySpread = { mean: 0.08, points: 0.03 };

/** The tables of one run, the same for the same seed. */
export function createDrawer(cell: Cell): (seed: number) => DrawnTables {
  const plain = sharesOf(cell, null);
  const moved = sharesOf(cell, cell.shift);
  if (cell.scenario === 'days-differ') return (seed) => drawDays(createRandom(seed), cell);
  const draw = cell.scenario === 'correlated' ? drawCorrelated : drawIndependent;
  return (seed) => {
    const random = createRandom(seed);
    return { reference: draw(random, cell, plain), current: draw(random, cell, moved), days: [] };
  };
}

type Shares = readonly Float64Array[];

function sharesOf({ columns }: Cell, shift: Shift | null): Shares {
  const at = movedColumn(shift);
  return Array.from({ length: columns }, (_, column) => {
    const categories = categoriesOf(column);
    if (categories === null) return column === at && shift?.kind === 'mean' ? normalShares(shift.sd, 1) : still;
    return categoryShares(categories, column === at && shift?.kind === 'share' ? shift.points : 0);
  });
}

const columnOf = (column: number, counts: Float64Array): DrawnColumn =>
  categoriesOf(column) === null ? numericColumn(`x${column}`, counts) : categoryColumn(`c${column}`, counts);

/** Of few rows it is faster to draw the rows than the counts of all buckets. */
const rowByRow = 8_000;

function drawIndependent(random: Random, { n, shift }: Cell, shares: Shares): DrawnColumn[] {
  return shares.map((own, column) => {
    if (n >= rowByRow || categoriesOf(column) !== null) return columnOf(column, drawCounts(random, n, own));
    return columnOf(
      column,
      drawNumbers(random, n, own !== still && shift?.kind === 'mean' && column === movedColumn(shift) ? shift.sd : 0),
    );
  });
}

/** Rows of a normal, by bucket. */
function drawNumbers(random: Random, n: number, mean: number): Float64Array {
  const normals = new Float64Array(n);
  drawNormals(random, normals);
  const counts = new Float64Array(bucketCount);
  for (let row = 0; row < n; row++) counts[bucketOf(normals[row]! + mean)]! += 1;
  return counts;
}

/** One common factor gives every pair of columns the same correlation; a category is a cut of its normal. */
function drawCorrelated(random: Random, { n, columns, shift }: Cell, shares: Shares): DrawnColumn[] {
  const common = new Float64Array(n);
  drawNormals(random, common);
  const own = new Float64Array(n);
  const [a, b] = [Math.sqrt(correlation), Math.sqrt(1 - correlation)];
  return Array.from({ length: columns }, (_, column) => {
    drawNormals(random, own);
    const categories = categoriesOf(column);
    const share = shares[column] ?? new Float64Array();
    if (categories === null) {
      // The shares of a moved column are those of a normal whose mean moved: draw it so.
      const mean = column === movedColumn(shift) && shift?.kind === 'mean' && share !== still ? shift.sd : 0;
      const counts = new Float64Array(bucketCount);
      for (let row = 0; row < n; row++) counts[bucketOf(a * common[row]! + b * own[row]! + mean)]! += 1;
      return columnOf(column, counts);
    }
    const cuts = categoryCuts(share);
    const counts = new Float64Array(categories);
    for (let row = 0; row < n; row++) {
      const z = a * common[row]! + b * own[row]!;
      let category = 0;
      while (z > cuts[category]!) category++;
      counts[category]! += 1;
    }
    return columnOf(column, counts);
  });
}

/** Fourteen days of reference and one of today, each with a mean and a share of its own. */
function drawDays(random: Random, cell: Cell): DrawnTables {
  const normals = new Float64Array(2);
  const drawDay = (n: number, shift: Shift | null): Float64Array[] =>
    Array.from({ length: cell.columns }, (_, column) => {
      drawNormals(random, normals);
      const z = normals[0]!;
      const own = column === movedColumn(shift) ? shift : null;
      const categories = categoriesOf(column);
      if (categories === null) return drawNumbers(random, n, z * daySpread.mean + (own?.kind === 'mean' ? own.sd : 0));
      const points = Math.min(0.3, Math.max(-0.15, z * daySpread.points + (own?.kind === 'share' ? own.points : 0)));
      return drawCounts(random, n, categoryShares(categories, points));
    });
  const days = Array.from({ length: dayCount }, () => drawDay(dayRows, null));
  const sum = days.reduce<Float64Array[]>(
    (total, day) =>
      total.length === 0 ? day.map((counts) => counts.slice()) : total.map((counts, at) => counts.map((c, i) => c + day[at]![i]!)),
    [],
  );
  return {
    reference: sum.map((counts, column) => columnOf(column, counts)),
    current: drawDay(cell.n, cell.shift).map((counts, column) => columnOf(column, counts)),
    days: days.map((day) => day.map((counts, column) => columnOf(column, counts))),
  };
}
