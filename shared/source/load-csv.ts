import { UserError } from '../errors.ts';
import type { QueryEngine } from '../query/query-engine.ts';
import { identifier, literal } from '../query/sql-text.ts';
import { type ColumnType, castText, columnTypeOf, sqlTypeOf } from './column-type.ts';
import { compressionOf, fileList, foreignPartitions } from './file-list.ts';
import { type ScannedCsv, scanCsv } from './scan-csv.ts';
import { newTableName } from './table-name.ts';
import type { ReadRequest, ReadTable, SourceFile } from './table-source.ts';

/** Tried from left to right; text takes everything. */
const ladder: readonly ColumnType[] = ['boolean', 'integer', 'number', 'date', 'timestamp', 'text'];
const sampleRows = 5_000;

/**
 * Parses CSV once into a table, with a pinned dialect. An empty field is a missing value; nothing else is (`NA` is text).
 * Types hold for every row, not for a sample: a column with one odd value stays text.
 */
export async function loadCsv(engine: QueryEngine, { source, files, partitions, types }: ReadRequest): Promise<ReadTable> {
  const scanned = await scanAll(files);
  const { header, delimiter } = scanned[0]!;
  const rows = scanned.reduce((sum, file) => sum + file.rows, 0);
  if (rows === 0) throw new UserError('DATA_EMPTY', `${source} has a header and no rows.`, 'Write the data again.');

  const hive = partitions.length > 0;
  const hidden = ['__row', ...(hive ? foreignPartitions(files, partitions) : [])].map((name) => name.toLowerCase());
  const names = [...header, ...partitions.filter((key) => !header.includes(key))].filter((name) => !hidden.includes(name.toLowerCase()));
  const csv = `read_csv(${fileList(files)}, auto_detect = false, compression = '${compressionOf(files)}', strict_mode = true, header = true, delim = ${literal(delimiter)}, quote = '"', escape = '"', columns = {${header.map((name) => `${literal(name)}: 'VARCHAR'`).join(', ')}}, hive_partitioning = ${hive}, hive_types_autocast = false)`;

  try {
    const guess = await guessTypes(engine, csv, names, types);
    const table = newTableName();
    const load = (chosen: ChosenTypes, guard: (cast: string, text: string) => string) =>
      engine.run(
        `CREATE TEMP TABLE ${table} AS SELECT ${names
          .map((name) => `${guard(strictCast(name, chosen.get(name) ?? 'text', types), identifier(name))} AS ${identifier(name)}`)
          .join(', ')} FROM ${csv}`,
      );
    let chosen = guess.types;
    try {
      // The guess holds for most files, and then one parse is enough. The message depends on the row, or it would be raised in planning.
      await load(
        chosen,
        (cast, text) => `CASE WHEN ${text} IS NOT NULL THEN coalesce(${cast}, error('${misfit}' || left(${text}, 0))) END`,
      );
    } catch (cause) {
      if (!(cause instanceof Error && cause.message.includes(misfit))) throw cause;
      chosen = await proveTypes(engine, csv, guess, types);
      await load(chosen, (cast) => cast);
    }
    await requireRows(engine, table, rows, source);
    const columns = names.map((name) => {
      const sqlType = sqlTypeOf[chosen.get(name) ?? 'text'];
      return { name, type: columnTypeOf(sqlType), sqlType };
    });
    const selected = names.map(identifier).join(', ');
    return { relation: `(SELECT ${selected}, CAST(rowid + 1 AS BIGINT) AS "__row" FROM ${table})`, columns };
  } catch (cause) {
    throw cause instanceof UserError ? cause : unreadable(files, source, cause);
  }
}

async function scanAll(files: readonly SourceFile[]): Promise<readonly ScannedCsv[]> {
  const scanned: ScannedCsv[] = [];
  for (const file of files) {
    const found = await scanCsv(file);
    const first = scanned[0] ?? found;
    if (found.header.join('\n') !== first.header.join('\n') || found.delimiter !== first.delimiter) {
      throw new UserError(
        'DATA_UNREADABLE',
        `${file.path} has another header than ${files[0]?.path}: ${found.header.join(', ')} instead of ${first.header.join(', ')}.`,
        'Write all files of a source with the same columns, in the same order.',
        { file: file.path, line: 1 },
      );
    }
    scanned.push(found);
  }
  return scanned;
}

/** What the guarded load raises where a value is not of the guessed type. */
const misfit = 'weighin: not of the type';

type ChosenTypes = ReadonlyMap<string, ColumnType>;
type DeclaredTypes = Readonly<Record<string, ColumnType>>;

interface Guess {
  readonly types: ChosenTypes;
  /** The next type that the column may have, by the rows looked at. */
  readonly after: (name: string, type: ColumnType) => ColumnType;
}

/** From the first rows; a column without a value there is looked at whole. What is declared is believed until a value says otherwise. */
async function guessTypes(engine: QueryEngine, csv: string, names: readonly string[], declared: DeclaredTypes): Promise<Guess> {
  const rungs = (asked: readonly string[]) => asked.flatMap((name) => ladder.map((type) => ({ name, type })));
  const counts = new Map<string, readonly Misfits[]>();
  const look = async (asked: readonly string[], relation: string) => {
    const found = await countMisfits(engine, relation, rungs(asked), {});
    for (const [index, name] of asked.entries()) counts.set(name, found.slice(index * ladder.length, (index + 1) * ladder.length));
  };
  await look(names, `(SELECT * FROM ${csv} LIMIT ${sampleRows})`);
  const blank = names.filter((name) => !Object.hasOwn(declared, name) && counts.get(name)?.[0]?.values === 0);
  if (blank.length > 0) await look(blank, csv);

  const natural = (name: string, from: number): ColumnType => {
    const found = counts.get(name) ?? [];
    return ladder.find((_, rung) => rung >= from && (found[rung]?.values ?? 0) > 0 && found[rung]?.misfits === 0) ?? 'text';
  };
  const types = new Map(names.map((name) => [name, (Object.hasOwn(declared, name) ? declared[name] : undefined) ?? natural(name, 0)]));
  return { types, after: (name, type) => natural(name, ladder.indexOf(type) + 1) };
}

/** Holds the guess against every row: a column falls down the ladder until all its values are of the type. */
async function proveTypes(engine: QueryEngine, csv: string, guess: Guess, declared: DeclaredTypes): Promise<ChosenTypes> {
  const chosen = new Map(guess.types);
  for (let open = [...chosen].filter(([, type]) => type !== 'text'); open.length > 0; ) {
    const found = await countMisfits(
      engine,
      csv,
      open.map(([name, type]) => ({ name, type })),
      declared,
    );
    for (const [name, type] of open.filter((_, index) => found[index]?.misfits !== 0)) {
      // What is not of its declared type stays text, so that a check can tell which rows are to blame.
      chosen.set(name, Object.hasOwn(declared, name) ? 'text' : guess.after(name, type));
    }
    open = open.flatMap(([name, type]): readonly [string, ColumnType][] => {
      const now = chosen.get(name) ?? 'text';
      return now === type || now === 'text' ? [] : [[name, now]];
    });
  }
  return chosen;
}

interface Misfits {
  /** Cells that hold something. */
  readonly values: number;
  /** Those that are not of the type. */
  readonly misfits: number;
}

async function countMisfits(
  engine: QueryEngine,
  relation: string,
  asked: readonly { readonly name: string; readonly type: ColumnType }[],
  declared: DeclaredTypes,
): Promise<readonly Misfits[]> {
  const counts = asked.map(
    ({ name, type }, index) => `count(${identifier(name)}) AS n${index}, count(${strictCast(name, type, declared)}) AS c${index}`,
  );
  const [row] = await engine.rows<Record<string, number>>(`SELECT ${counts.join(', ')} FROM ${relation}`);
  return asked.map((_, index) => ({ values: row?.[`n${index}`] ?? 0, misfits: (row?.[`n${index}`] ?? 0) - (row?.[`c${index}`] ?? 0) }));
}

/** Where nothing is declared, 007 is a code and not a number, and an integer is one as it would be written: `12`, not `+12` or `12.0`. */
function strictCast(name: string, type: ColumnType, declared: DeclaredTypes): string {
  const text = identifier(name);
  if (Object.hasOwn(declared, name)) return castText(text, type);
  if (type === 'integer') return `CASE WHEN CAST(TRY_CAST(${text} AS BIGINT) AS VARCHAR) = ${text} THEN TRY_CAST(${text} AS BIGINT) END`;
  if (type === 'number')
    return `CASE WHEN NOT (${text} LIKE '0%' AND substr(${text}, 2, 1) BETWEEN '0' AND '9') THEN ${castText(text, type)} END`;
  return castText(text, type);
}

/** Two readers of the same bytes must agree on the number of rows; where they don't, one of them read something else. */
async function requireRows(engine: QueryEngine, table: string, rows: number, source: string): Promise<void> {
  const [counted] = await engine.rows<{ rows: number }>(`SELECT count(*) AS rows FROM ${table}`);
  if (counted?.rows === rows) return;
  throw new UserError(
    'DATA_UNREADABLE',
    `${source} has ${rows} rows by its line breaks and quotes, and ${counted?.rows} as the engine reads it.`,
    'Write the file with one kind of line break and quotes by RFC 4180, or as Parquet.',
  );
}

/** The engine's own message repeats the line, which is data: only its number goes on. */
function unreadable(files: readonly SourceFile[], source: string, cause: unknown): UserError {
  const text = cause instanceof Error ? cause.message : '';
  const line = Number(/CSV Error on Line: (\d+)/.exec(text)?.[1]) || undefined;
  const file = files.find((candidate) => text.includes(`file = ${candidate.file}`))?.path ?? source;
  const what = /unicode|utf-8/i.test(text)
    ? 'is not UTF-8'
    : /maximum line size/i.test(text)
      ? 'has a line of more than 2 MB'
      : 'is not well-formed CSV';
  const hint = /unicode|utf-8/i.test(text) ? 'Save it as UTF-8.' : 'Correct it there, or write the data as Parquet.';
  return new UserError('DATA_UNREADABLE', `${file} ${what}${line ? `: line ${line}` : ''}.`, hint, line ? { file, line } : { file });
}
