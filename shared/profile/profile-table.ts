import { UserError } from '../errors.ts';
import type { SqlEngine } from '../query/query-engine.ts';
import type { SourceColumn, TableSource } from '../source/table-source.ts';
import { formatCount } from '../words/format-number.ts';
import { collectCounts } from './collect-counts.ts';
import type { ColumnCounts } from './column-counts.ts';
import { countRawNumbers } from './count-raw-numbers.ts';
import { findSpread } from './find-spread.ts';
import type { Profile, ProfileCell } from './profile.ts';
import { type CellKeys, type CellPlan, type CellTable, cellRowsSql, countsSql, kindOf, tableByCell, tableByKeys } from './profile-sql.ts';
import { readCounts } from './read-counts.ts';
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
/** Each has tables of its own for every cell. */
const columnsPerStream = 16;
/** Values of a statement's columns that are copied, so that a table of many columns is prepared once and not for each of them. */
const mostCopied = 20_000_000;
const fewestColumns = 4;
const wideColumns = 100;
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
  const rows = cells.reduce((sum, cell) => sum + cell.rows, 0);
  const spread = await findSpread(engine, source.relation, columns, { rows, cells: cells.length });
  const streamed = engine.chunks ? columns.filter((column) => kindOf(column) === 'numeric' && spread.has(column.name)) : [];
  const pushed = columns.filter((column) => !streamed.includes(column));
  const split = plan.by.length > 0 || plan.window !== null;
  const tableOf = (part: readonly SourceColumn[]): CellTable =>
    split && cells.length > 0 && engine.chunks
      ? tableByCell(
          engine.dialect,
          source.relation,
          plan,
          cells.map(({ keys }) => keys),
          part,
        )
      : tableByKeys(engine.dialect, source.relation, plan, part);

  const places = new Map(cells.map(({ keys }, place) => [cellKey(keys), place]));
  const counted = cells.map(() => new Map<string, ColumnCounts>());
  // What is copied has to fit: fewer columns of a long table at a time.
  const perStatement = split ? Math.min(columnsPerStatement, Math.max(fewestColumns, Math.floor(mostCopied / rows))) : columnsPerStatement;
  for (const group of groupsOf(pushed, perStatement)) {
    // Cells are smaller than the table: there nothing is certain of them.
    const many = group.map((column) => !split && spread.has(column.name));
    const copied = engine.chunks !== undefined && (split || source.columns.length > wideColumns) && rows * group.length <= mostCopied;
    const sql = countsSql(engine.dialect, tableOf(group), many, copied);
    const found = await readCounts(engine, sql, cells.length, (keys) => places.get(cellKey(keys)));
    for (const [place, of] of counted.entries()) {
      for (const [index, column] of group.entries()) of.set(column.name, collectCounts(kindOf(column), found[place]?.[index] ?? []));
    }
  }
  for (const group of groupsOf(streamed, columnsPerStream)) {
    const counters = await countRawNumbers(engine, tableOf(group), cells.length);
    for (const [place, of] of counted.entries()) {
      for (const [index, column] of group.entries()) of.set(column.name, counters[place * group.length + index]!.counts());
    }
  }
  const profiled = cells.map(
    ({ place, rows }, index): ProfileCell => ({ ...place, rows, columns: columns.map(({ name }) => counted[index]!.get(name)!) }),
  );
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
  readonly keys: CellKeys;
  readonly place: Pick<ProfileCell, 'segment' | 'window'>;
  readonly rows: number;
}

const cellKey = ({ s0, s1, w }: CellKeys): string => JSON.stringify([segmentText(s0), segmentText(s1), w ?? null]);

const segmentText = (value: CellKeys['s0']): string | null => (value === null || value === undefined ? null : String(value));

async function readCells(engine: SqlEngine, source: ProfileSource, plan: CellPlan): Promise<readonly Cell[]> {
  const rows = await engine.rows<CellKeys & { readonly n: number }>(cellRowsSql(engine.dialect, source.relation, plan));
  if (rows.length > mostCells) {
    throw new UserError(
      'PROFILE_TOO_MANY_SEGMENTS',
      `${[...plan.by.map(({ name }) => name), ...(plan.window ? ['the window'] : [])].join(' and ')} split ${source.source} into ${formatCount(rows.length)} parts; a profile holds at most ${formatCount(mostCells)}.`,
      'Split by a column with fewer values, or take longer windows.',
    );
  }
  return rows.map((row) => {
    const segment = plan.by.map((column, index) => {
      const text = segmentText(index === 0 ? row.s0 : row.s1);
      return text !== null && kindOf(column) === 'times' ? isoTime(BigInt(text)) : text;
    });
    const window = row.w === null || row.w === undefined ? null : isoTime(BigInt(row.w));
    return { keys: row, place: { segment, window }, rows: row.n };
  });
}

function* groupsOf<Item>(items: readonly Item[], size: number): Generator<readonly Item[]> {
  for (let at = 0; at < items.length; at += size) yield items.slice(at, at + size);
}
