import { join } from 'node:path';
import type { EvaluationConfig } from '../config/schema.ts';
import { canonicalText } from '../dataset/canonical-text.ts';
import { type DatasetManifest, rowIdColumn, rowNumberColumn } from '../dataset/manifest.ts';
import { UserError } from '../errors.ts';
import type { ScoredRows } from '../evaluation/scored-rows.ts';
import type { ColumnTable, QueryEngine } from '../query/query-engine.ts';
import { identifier, literal } from '../query/sql-text.ts';
import { openSource, type SourceColumn } from '../source/table-source.ts';
import { nearestName } from '../spec/nearest-name.ts';

/** The rows that models are judged on, before any model has answered: what `ScoredRows` holds beside the scores. */
export interface TestRows {
  /** SQL that selects them, one row an answer, in the order in which the vectors below are. */
  readonly relation: string;
  readonly facts: Pick<ScoredRows, 'n' | 'labels' | 'slices' | 'clusters' | 'rowNumbers'>;
  readonly positives: number;
  /** Rows that were left out because the baseline was trained on them. */
  readonly leftOut: number;
}

export interface TestRowsRequest {
  readonly manifest: DatasetManifest;
  /** Folder of the manifest. */
  readonly folder: string;
  readonly evaluation: EvaluationConfig;
  readonly splitBy: string;
  /** SQL that selects `__id`s which must not be judged on, if any. */
  readonly exclude: string | null;
}

/** A row a day of at least this many days are blocks enough to resample; below, rows count as independent and the report says so. */
const fewestBlocks = 20;

/** The columns that metrics and gates are repeated by, each once. */
export const sliceColumnsOf = ({ slices, gates }: Pick<EvaluationConfig, 'slices' | 'gates'>): readonly string[] => [
  ...new Set([...slices, ...gates.flatMap((gate) => gate.slices?.by ?? [])]),
];

/** The column of this name. @throws UserError `COLUMN_UNKNOWN`, with the nearest name */
export function requireColumn(columns: readonly SourceColumn[], name: string): SourceColumn {
  const found = columns.find((candidate) => candidate.name === name);
  if (found) return found;
  const known = columns.map((candidate) => candidate.name).filter((candidate) => !candidate.startsWith('__'));
  const nearest = nearestName(name, known);
  throw new UserError(
    'COLUMN_UNKNOWN',
    `There is no column ${name} in the data.`,
    `${nearest === undefined ? '' : `Did you mean ${nearest}? `}Columns: ${known.join(', ')}.`,
  );
}

export async function loadTestRows(engine: QueryEngine, request: TestRowsRequest): Promise<TestRows> {
  const { manifest, folder, evaluation, exclude } = request;
  const path = join(folder, manifest.splits.test.file);
  const { columns } = await openSource(engine, { source: path, root: folder });
  // Read as it is: a source counts its own rows, and these have the numbers that they had in the data.
  const file = `read_parquet(${literal(path)})`;
  const column = (name: string) => requireColumn(columns, name);

  // The file is in the order of identities, which are hashes: its first rows are a fair sample, the same on every machine.
  const kept = exclude ? `WHERE ${identifier(rowIdColumn)} NOT IN (${exclude})` : '';
  const relation = `(SELECT * FROM ${file} ${kept} LIMIT ${evaluation.maxRows})`;

  const sliceColumns = sliceColumnsOf(evaluation);
  const label = column(manifest.label);
  const labelSql =
    manifest.positive === null
      ? `CAST(${identifier(label.name)} AS DOUBLE)`
      : `CAST(${canonicalText(identifier(label.name), label)} = ${literal(manifest.positive)} AS INTEGER)`;
  const byDay = request.splitBy === 'time' && manifest.cluster === null && manifest.time !== null;
  const clusterSql = manifest.cluster
    ? canonicalText(identifier(column(manifest.cluster).name), column(manifest.cluster))
    : byDay && manifest.time
      ? `CAST(CAST(${identifier(manifest.time)} AS DATE) AS VARCHAR)`
      : null;
  const selected = [
    `${labelSql} AS label`,
    `CAST(${identifier(rowNumberColumn)} AS DOUBLE) AS row_number`,
    ...(clusterSql ? [`${clusterSql} AS cluster`] : []),
    ...sliceColumns.map((name, index) => `${canonicalText(identifier(name), column(name))} AS ${identifier(`slice ${index}`)}`),
  ];
  const table = await engine.columns(`SELECT ${selected.join(', ')} FROM ${relation}`);
  const labels = numbers(table, 'label');
  const clusters = clusterSql ? encodeNames(texts(table, 'cluster')) : null;
  const enough = clusters && (!byDay || clusters.names.length >= fewestBlocks);
  return {
    relation,
    facts: {
      n: table.rowCount,
      labels,
      rowNumbers: numbers(table, 'row_number'),
      clusters: enough
        ? { codes: clusters.codes, count: clusters.names.length, what: byDay ? 'day' : (manifest.cluster ?? 'cluster') }
        : null,
      slices: Object.fromEntries(sliceColumns.map((name, index) => [name, encodeNames(texts(table, `slice ${index}`))])),
    },
    positives: manifest.positive === null ? 0 : labels.reduce((sum, value) => sum + value, 0),
    leftOut: exclude ? manifest.splits.test.rows - (await countRows(engine, `${file} ${kept}`)) : 0,
  };
}

const countRows = async (engine: QueryEngine, from: string) =>
  (await engine.rows<{ n: number }>(`SELECT count(*) AS n FROM ${from}`))[0]?.n ?? 0;

function numbers(table: ColumnTable, name: string): Float64Array {
  const column = table.columns[name];
  if (column?.kind !== 'number') throw new Error(`${name} was cast to a number in the query above`);
  return column.values;
}

function texts(table: ColumnTable, name: string): readonly (string | null)[] {
  const column = table.columns[name];
  if (column?.kind !== 'text') throw new Error(`${name} was cast to text in the query above`);
  return column.values;
}

/** Codes in the order of the names, so that the order of rows changes nothing. */
export function encodeNames(values: readonly (string | null)[]): { codes: Int32Array; names: readonly string[] } {
  const names = [...new Set(values.map((value) => value ?? '(missing)'))].sort();
  const codeOf = new Map(names.map((name, code) => [name, code]));
  return { codes: Int32Array.from(values, (value) => codeOf.get(value ?? '(missing)') ?? 0), names };
}
