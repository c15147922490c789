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
    const chosen = await chooseTypes(engine, csv, names, types);
    const table = newTableName();
    const casts = names.map((name) => `${castText(identifier(name), chosen.get(name) ?? 'text')} AS ${identifier(name)}`);
    await engine.run(`CREATE TEMP TABLE ${table} AS SELECT ${casts.join(', ')} FROM ${csv}`);
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

/** A guess from the first rows, then the proof over all: a column falls down the ladder until every value of it is of the type. */
async function chooseTypes(
  engine: QueryEngine,
  csv: string,
  names: readonly string[],
  declared: Readonly<Record<string, ColumnType>>,
): Promise<ReadonlyMap<string, ColumnType>> {
  const chosen = new Map<string, ColumnType>();
  const sample = await misfits(
    engine,
    `(SELECT * FROM ${csv} LIMIT ${sampleRows})`,
    names.flatMap((name) => ladder.map((type) => ({ name, type }))),
  );
  const natural = (name: string, from: number) =>
    ladder.find((_, rung) => rung >= from && sample[names.indexOf(name) * ladder.length + rung] === 0) ?? 'text';
  for (const name of names) chosen.set(name, (Object.hasOwn(declared, name) ? declared[name] : undefined) ?? natural(name, 0));

  for (let open = names.filter((name) => chosen.get(name) !== 'text'); open.length > 0; ) {
    const asked = open.map((name) => ({ name, type: chosen.get(name) ?? 'text' }));
    const failed = await misfits(engine, csv, asked, declared);
    open = open.filter((_, index) => failed[index] !== 0);
    for (const name of open) {
      // What is not of its declared type stays text, so that a check can tell which rows are to blame.
      const next = Object.hasOwn(declared, name) ? 'text' : natural(name, ladder.indexOf(chosen.get(name) ?? 'text') + 1);
      chosen.set(name, next);
    }
    open = open.filter((name) => chosen.get(name) !== 'text');
  }
  return chosen;
}

/** For each pair, how many values of the column are not of the type. An entirely empty column fits every type and becomes text. */
async function misfits(
  engine: QueryEngine,
  relation: string,
  asked: readonly { readonly name: string; readonly type: ColumnType }[],
  declared: Readonly<Record<string, ColumnType>> = {},
): Promise<readonly number[]> {
  const counts = asked.map(({ name, type }, index) => {
    const text = identifier(name);
    // Undeclared: 007 is a code, not a number, and only a canonical integer is one.
    const strict = Object.hasOwn(declared, name)
      ? castText(text, type)
      : type === 'integer'
        ? `CASE WHEN CAST(TRY_CAST(${text} AS BIGINT) AS VARCHAR) = ${text} THEN 1 END`
        : type === 'number'
          ? `CASE WHEN NOT (${text} LIKE '0%' AND substr(${text}, 2, 1) BETWEEN '0' AND '9') THEN ${castText(text, type)} END`
          : castText(text, type);
    return `CASE WHEN count(${text}) = 0 THEN ${type === 'text' ? 0 : 1} ELSE count(${text}) - count(${strict}) END AS c${index}`;
  });
  const [row] = await engine.rows<Record<string, number>>(`SELECT ${counts.join(', ')} FROM ${relation}`);
  return asked.map((_, index) => row?.[`c${index}`] ?? 0);
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
