import { UserError } from '../errors.ts';
import type { SqlEngine } from '../query/query-engine.ts';
import type { SourceColumn, TableSource } from '../source/table-source.ts';
import { collectCounts } from './collect-counts.ts';
import { keptValues } from './column-counts.ts';
import type { Profile, ProfileCell } from './profile.ts';
import { type CellPlan, type CountRow, cellRowsSql, countsSql, kindOf, prefixSql } from './profile-sql.ts';
import { sealProfile } from './seal-profile.ts';
import { isoTime } from './time-counts.ts';

export interface ProfileOptions {
  /** Columns whose values split the table into segments; at most two. */
  readonly by?: readonly string[];
  /** Windows of so many milliseconds by a column of dates or timestamps. */
  readonly window?: { readonly column: string; readonly milliseconds: number };
  /** Columns to count, in this order; all by default. */
  readonly columns?: readonly string[];
}

/** One statement's answer is held at once, so that very wide tables take several. */
const columnsPerStatement = 64;
const prefixRows = 20_000;
/** A profile of more cells than this would be as large as the data. */
const mostCells = 5_000;

/** What a profile needs of a table: a remote one has no files. */
export type ProfileSource = Pick<TableSource, 'source' | 'relation' | 'columns'>;

/**
 * Counts a table, in few statements: the cells, a look at the first rows, and every column of every cell together.
 *
 * @throws UserError `PROFILE_COLUMN_NOT_FOUND`, `PROFILE_BY`, `PROFILE_TIME_TYPE`, `PROFILE_TOO_MANY_SEGMENTS`, `PROFILE_NO_COLUMNS`
 */
export async function profileTable(engine: SqlEngine, source: ProfileSource, options: ProfileOptions = {}): Promise<Profile> {
  const columns = options.columns?.map((name) => columnOf(source, name, 'profiled')) ?? source.columns;
  if (columns.length === 0) throw new UserError('PROFILE_NO_COLUMNS', `${source.source} has no columns to profile.`, 'Name other data.');
  const plan = planCells(source, options);
  const cells = await readCells(engine, source, plan);
  const many = await columnsOfMany(engine, source, plan, columns, cells);

  const counted = new Map([...cells.keys()].map((key) => [key, columns.map(() => [] as CountRow[])]));
  for (let at = 0; at < columns.length; at += columnsPerStatement) {
    const part = columns.slice(at, at + columnsPerStatement).map((column) => ({ column, many: many.has(column.name) }));
    for (const row of await engine.rows<CountRow>(countsSql(engine.dialect, source.relation, plan, part))) {
      counted.get(cellKey(row))?.[at + row.c]?.push(row);
    }
  }
  const profiled = [...cells].map(([key, { place, rows }]): ProfileCell => {
    const found = counted.get(key) ?? [];
    return { ...place, rows, columns: columns.map((column, index) => collectCounts(kindOf(column), found[index] ?? [])) };
  });
  return sealProfile({
    privacy: 'exact',
    by: plan.by.map(({ name }) => name),
    window: plan.window && { column: plan.window.column.name, milliseconds: plan.window.milliseconds },
    columns: columns.map(({ name, type }) => ({ name, type })),
    cells: profiled,
  });
}

function columnOf(source: ProfileSource, name: string, use: string): SourceColumn {
  const column = source.columns.find((candidate) => candidate.name === name);
  if (column) return column;
  throw new UserError(
    'PROFILE_COLUMN_NOT_FOUND',
    `${source.source} has no column ${name}, which was to be ${use}.`,
    `It has: ${source.columns
      .map((candidate) => candidate.name)
      .slice(0, 20)
      .join(', ')}${source.columns.length > 20 ? ', …' : ''}.`,
  );
}

function planCells(source: ProfileSource, { by = [], window }: ProfileOptions): CellPlan {
  const twice = by.find((name, index) => by.indexOf(name) !== index);
  if (twice !== undefined) throw new UserError('PROFILE_BY', `The column ${twice} is named twice to split by.`, 'Name each column once.');
  if (by.length > 2)
    throw new UserError('PROFILE_BY', `A profile is split by at most two columns, not by ${by.length}.`, 'Leave some out.');
  const segments = by.map((name) => columnOf(source, name, 'split by'));
  if (!window) return { by: segments, window: null };
  const column = columnOf(source, window.column, 'the time');
  if (kindOf(column) !== 'times') {
    throw new UserError(
      'PROFILE_TIME_TYPE',
      `${column.name} holds no times: its type is ${column.type}.`,
      'Name a column of dates or timestamps; a text such as 2024-01-31T12:00:00Z is read as one from CSV.',
    );
  }
  return { by: segments, window: { column, milliseconds: window.milliseconds } };
}

interface Cell {
  readonly place: Pick<ProfileCell, 'segment' | 'window'>;
  readonly rows: number;
}
type CellRow = Pick<CountRow, 's0' | 's1' | 'w' | 'n'>;

const cellKey = ({ s0, s1, w }: Pick<CountRow, 's0' | 's1' | 'w'>): string => JSON.stringify([segmentText(s0), segmentText(s1), w ?? null]);
const segmentText = (value: CountRow['s0']): string | null => (value === null || value === undefined ? null : String(value));

async function readCells(engine: SqlEngine, source: ProfileSource, plan: CellPlan): Promise<ReadonlyMap<string, Cell>> {
  const rows = await engine.rows<CellRow>(cellRowsSql(engine.dialect, source.relation, plan));
  if (rows.length > mostCells) {
    throw new UserError(
      'PROFILE_TOO_MANY_SEGMENTS',
      `${[...plan.by.map(({ name }) => name), ...(plan.window ? ['the window'] : [])].join(' and ')} split ${source.source} into ${rows.length} parts; a profile holds at most ${mostCells}.`,
      'Split by a column with fewer values, or take longer windows.',
    );
  }
  return new Map(
    rows.map((row) => {
      const segment = plan.by.map((column, index) => {
        const text = segmentText(index === 0 ? row.s0 : row.s1);
        return text !== null && kindOf(column) === 'times' ? isoTime(BigInt(text)) : text;
      });
      const window = row.w === null || row.w === undefined ? null : isoTime(BigInt(row.w));
      return [cellKey(row), { place: { segment, window }, rows: row.n }];
    }),
  );
}

/** Columns of which a look at the first rows shows that they are not kept value by value. Cells are smaller: there nothing is sure. */
async function columnsOfMany(
  engine: SqlEngine,
  source: ProfileSource,
  plan: CellPlan,
  columns: readonly SourceColumn[],
  cells: ReadonlyMap<string, Cell>,
): Promise<ReadonlySet<string>> {
  const rows = [...cells.values()].reduce((sum, cell) => sum + cell.rows, 0);
  const asked = columns.filter((column) => kindOf(column) !== 'times' && column.type !== 'boolean');
  if (plan.by.length > 0 || plan.window || rows <= keptValues || asked.length === 0) return new Set();
  const [found] = await engine.rows<Record<string, number>>(prefixSql(engine.dialect, source.relation, asked, prefixRows));
  // NaN and both infinities count as values there, and are none of those that are kept.
  return new Set(asked.filter((_, index) => (found?.[`d${index}`] ?? 0) > keptValues + 3).map(({ name }) => name));
}
