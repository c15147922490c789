import { access, constants } from 'node:fs/promises';
import { resolve } from 'node:path';
import { UserError } from '../errors.ts';
import type { QueryEngine } from '../query/query-engine.ts';
import type { ColumnType } from './column-type.ts';
import type { FetchObjects } from './fetch-objects.ts';
import { fetchTable } from './fetch-table.ts';
import { findFiles } from './find-files.ts';
import { loadCsv } from './load-csv.ts';
import { loadJson } from './load-json.ts';
import { openRemoteTable } from './open-remote-table.ts';
import { readParquet } from './read-parquet.ts';
import type { ConnectEngine } from './remote-engine.ts';
import { isTableAddress } from './table-address.ts';

/** table: rows of a database, in no order. */
export type SourceFormat = 'csv' | 'parquet' | 'json' | 'table';
type FileFormat = Exclude<SourceFormat, 'table'>;

export interface SourceFile {
  /** Relative to the root with `/`; absolute outside of it; the address of a fetched object. */
  readonly path: string;
  /** Where the bytes are on this machine. */
  readonly file: string;
  readonly bytes: number;
}

export interface SourceColumn {
  readonly name: string;
  readonly type: ColumnType;
  /** As the engine writes it: `BIGINT`, `DECIMAL(10,2)`, `STRUCT(…)`. */
  readonly sqlType: string;
}

/** A table that SQL can read: `SELECT … FROM ${relation}`. */
export interface TableSource {
  /** As the user wrote it. */
  readonly source: string;
  /** In the order in which rows are counted. */
  readonly files: readonly SourceFile[];
  readonly format: SourceFormat;
  /**
   * All columns and `__row`, BIGINT: the row's number from 1 over the files in order. Costs nothing in queries that don't name `__row`.
   * Of format `table` there is no `__row`: rows of a database have no order. Fit to stand after FROM, where it may have a name already.
   */
  readonly relation: string;
  readonly columns: readonly SourceColumn[];
}

export interface SourceRequest {
  readonly source: string;
  /** What relative paths are relative to. */
  readonly root: string;
  /**
   * Types that a contract declares. A CSV column is read as its declared type if every value is one; else it stays text, so that
   * a check can name the rows. Columns without a declared type get the narrowest type that every value has. Parquet keeps its own.
   */
  readonly types?: Readonly<Record<string, ColumnType>>;
  /** One SELECT to read instead of a table, where the source is a database. */
  readonly query?: string;
  /** Reaches databases, whose rows are brought here then; without it such a source is a UserError. */
  readonly connect?: ConnectEngine;
  /** Brings `s3://` objects; without it such a source is a UserError. */
  readonly fetch?: FetchObjects;
}

/** What a format's reader is given, and what it answers. */
export interface ReadRequest {
  readonly source: string;
  readonly files: readonly SourceFile[];
  /** Names of the `key=value` folders that all files lie in. */
  readonly partitions: readonly string[];
  readonly types: Readonly<Record<string, ColumnType>>;
}
export type ReadTable = Pick<TableSource, 'relation' | 'columns'>;

/**
 * Opens CSV, Parquet or JSON lines, one file or many. CSV and JSON are parsed once, into a table of the engine; Parquet is read in place;
 * a database's table is brought here whole.
 *
 * @throws UserError `DATA_NOT_FOUND`, `DATA_EMPTY`, `DATA_UNREADABLE` (with the line where known), `SOURCE_NOT_YET_SUPPORTED`.
 */
export async function openSource(engine: QueryEngine, request: SourceRequest): Promise<TableSource> {
  const { source, types = {} } = request;
  if (isTableAddress(source)) return fetchSource(engine, request);
  if (request.query !== undefined)
    throw new UserError(
      'QUERY_NEEDS_DATABASE',
      `${source} is no database, so nothing can answer the query.`,
      'Take the query out, or name postgres://… or sc://….',
    );
  const files = await resolveFiles(request);
  const format = formatOf(source, files);
  const empty = files.find((file) => file.bytes === 0);
  if (empty) {
    throw new UserError(
      'DATA_EMPTY',
      `${empty.path} is empty: it has no bytes.`,
      'Write the data again, or leave the file out of the source.',
      {
        file: empty.path,
      },
    );
  }
  await requireReadable(files);
  const read = { csv: loadCsv, json: loadJson, parquet: readParquet }[format];
  const table = await read(engine, { source, files, partitions: partitionsOf(files), types });
  return { source, files, format, ...table };
}

/** Else the engine would call a file broken that it may not open. */
async function requireReadable(files: readonly SourceFile[]): Promise<void> {
  for (const { path, file } of files) {
    await access(file, constants.R_OK).catch(() => {
      throw new UserError(
        'DATA_UNREADABLE',
        `${path} may not be read by this user.`,
        'Give the file to the user who runs this, or copy it.',
        {
          file: path,
        },
      );
    });
  }
}

async function fetchSource(engine: QueryEngine, { source, query, connect }: SourceRequest): Promise<TableSource> {
  if (!connect)
    throw new UserError(
      'SOURCE_NOT_YET_SUPPORTED',
      `${source.slice(0, source.indexOf(':'))}://… can't be read here yet.`,
      'Tables of databases are read by run, train, validate, profile and drift; export the rows to Parquet first, and name that file.',
    );
  const opened = await openRemoteTable({ source, ...(query !== undefined && { query }) }, connect);
  try {
    return await fetchTable(opened.engine, opened.source, engine);
  } finally {
    await opened.engine.close();
  }
}

async function resolveFiles({ source, root, fetch }: SourceRequest): Promise<readonly SourceFile[]> {
  const scheme = /^([a-z][a-z0-9+.-]+):\/\//i.exec(source)?.[1]?.toLowerCase();
  if (scheme === 's3') {
    if (!fetch) throw notYet(source, 'Objects of a store can be read by `weighin run` in a project; copy the file here to read it alone.');
    const { stat } = await import('node:fs/promises');
    const fetched = await fetch(source);
    return Promise.all(fetched.map(async ({ address, file }) => ({ path: address, file: resolve(file), bytes: (await stat(file)).size })));
  }
  if (scheme !== undefined) throw notYet(source, 'Export the rows to Parquet or CSV first, and name that file.');
  if (/\.dvc$/i.test(source)) throw notYet(source, 'Run `dvc pull`, and name the data file itself.');
  return (await findFiles(source, root)).files;
}

const notYet = (source: string, hint: string) =>
  new UserError('SOURCE_NOT_YET_SUPPORTED', `${withoutPassword(source)} can't be read yet.`, hint);

const withoutPassword = (address: string) => address.replace(/\/\/[^/@]*@/, '//…@').replace(/\?.*$/, '');

function formatOf(source: string, files: readonly SourceFile[]): FileFormat {
  const formats = new Set(files.map((file) => formatOfName(file)));
  const [format] = formats;
  if (formats.size === 1 && format) return format;
  throw new UserError(
    'DATA_UNREADABLE',
    `${source} holds files of different formats: ${[...formats].join(' and ')}.`,
    'Name one format, for example with a glob such as data/*.parquet.',
  );
}

function formatOfName({ path }: SourceFile): FileFormat {
  const name = path.toLowerCase().replace(/\.gz$/, '');
  if (/\.(?:csv|tsv|txt)$/.test(name)) return 'csv';
  if (/\.(?:json|jsonl|ndjson)$/.test(name)) return 'json';
  if (/\.parquet$/.test(name) && !path.toLowerCase().endsWith('.gz')) return 'parquet';
  throw new UserError(
    'DATA_UNREADABLE',
    `${path} has no ending that says what it is.`,
    'Name it .csv, .tsv, .parquet, .json, .jsonl or .ndjson (text formats also with .gz).',
    { file: path },
  );
}

/** Folders named `key=value` are columns when every file lies in the same keys. Folders above the root don't count. */
function partitionsOf(files: readonly SourceFile[]): readonly string[] {
  const keys = files.map(({ path }) =>
    path
      .split('/')
      .slice(0, -1)
      .flatMap((folder) => /^([^=]+)=/.exec(folder)?.[1] ?? []),
  );
  const [first = []] = keys;
  return keys.every((found) => found.join('/') === first.join('/')) ? first : [];
}
