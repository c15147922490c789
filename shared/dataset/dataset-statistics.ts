import { UserError } from '../errors.ts';
import type { Dialect } from '../query/dialect.ts';
import type { SqlEngine } from '../query/query-engine.ts';
import type { SourceColumn, TableSource } from '../source/table-source.ts';
import type { DatasetManifest } from './manifest.ts';

export type DatasetStatistics = DatasetManifest['statistics'];

interface Assigned {
  /** SQL: rows with their split. */
  readonly relation: string;
  /** SQL: `train`, `validation` or `test`; rows of none of them are left out. */
  readonly split: string;
  /** SQL: the label as text; null where it is no class. */
  readonly label: string | null;
  readonly features: number;
  /** More classes than this are none. */
  readonly mostClasses?: number;
}

/** Beyond this a label is no longer a set of classes. */
const most = 1000;

/** In one statement, whose answer has a row for every split and class. Works on every engine. */
export async function datasetStatistics(engine: SqlEngine, assigned: Assigned): Promise<DatasetStatistics> {
  const { relation, split, label, features, mostClasses: most } = assigned;
  const found = await engine.rows<{ split: string; label: string | null; n: number }>(
    `SELECT split, label, count(*) AS n FROM (SELECT ${split} AS split, ${label ?? engine.dialect.text('NULL')} AS label FROM ${relation}) AS assigned
     WHERE split IN ('train', 'validation', 'test') GROUP BY split, label${most === undefined ? '' : ` LIMIT ${3 * most + 1}`}`,
  );
  const training = found.filter((row) => row.split === 'train' && row.label !== null);
  if (most !== undefined && (found.length > 3 * most || training.length > most)) {
    throw new UserError(
      'LABEL_CLASSES',
      `The label has more than ${most.toLocaleString('en-US')} different values; a classification needs classes.`,
      'Set task: regression, or correct data.label.',
    );
  }
  const rowsOf = (name: string) => found.reduce((sum, row) => (row.split === name ? sum + row.n : sum), 0);
  const trainRows = rowsOf('train');
  return {
    train_rows: trainRows,
    val_rows: rowsOf('validation'),
    test_rows: rowsOf('test'),
    train_label_dist: Object.fromEntries(
      training
        .map((row) => [row.label ?? '', row.n / trainRows] as const)
        // By bytes, as DuckDB sorts, whatever language a database sorts by.
        .sort(([a], [b]) => Buffer.compare(Buffer.from(a), Buffer.from(b))),
    ),
    num_features: features,
  };
}

export interface TableStatisticsRequest {
  readonly label: string;
  readonly task: 'binary' | 'multiclass' | 'regression' | 'ranking';
  /** A column of the table that says `train`, `validation` or `test`; without it all rows are for training. */
  readonly split?: string;
  /** Columns that are no features: id, times, cluster. The label and the split never are. */
  readonly except?: readonly string[];
}

/**
 * The same of a table where it lies: rows without a label are left out, as a dataset leaves them out.
 *
 * @throws UserError `COLUMN_NOT_FOUND`, `LABEL_CLASSES`
 */
export async function tableStatistics(engine: SqlEngine, source: TableSource, request: TableStatisticsRequest): Promise<DatasetStatistics> {
  const { dialect } = engine;
  const find = (name: string): SourceColumn => {
    const column = source.columns.find((candidate) => candidate.name === name);
    if (column) return column;
    const names = source.columns.slice(0, 30).map((candidate) => candidate.name);
    throw new UserError('COLUMN_NOT_FOUND', `${source.source} has no column ${name}.`, `Its columns: ${names.join(', ')}.`);
  };
  const label = find(request.label);
  const split = request.split === undefined ? undefined : find(request.split);
  const apart = new Set([request.label, ...(split ? [split.name] : []), ...(request.except ?? [])]);
  const cell = dialect.identifier(label.name);
  const isMissing = label.type === 'number' ? `${cell} IS NULL OR ${dialect.isNaN(cell)}` : `${cell} IS NULL`;
  return datasetStatistics(engine, {
    relation: `(SELECT * FROM ${source.relation} WHERE NOT (${isMissing})) AS labelled`,
    split: split ? dialect.text(dialect.identifier(split.name)) : dialect.text("'train'"),
    label: request.task === 'regression' || request.task === 'ranking' ? null : classText(label, dialect),
    features: source.columns.filter(({ name }) => !apart.has(name)).length,
    mostClasses: most,
  });
}

/** A class as the dataset's `canonicalText` writes it: a float that is whole as an integer, a time in microseconds. */
function classText({ name, type }: SourceColumn, dialect: Dialect): string {
  const cell = dialect.identifier(name);
  if (type === 'timestamp' || type === 'date') return dialect.text(dialect.microseconds(cell));
  if (type !== 'number') return dialect.bytewise(dialect.text(cell));
  const double = `CAST(${cell} AS ${dialect.types.double})`;
  const whole = dialect.text(`CAST(${cell} AS ${dialect.types.bigint})`);
  return `CASE WHEN abs(${double}) < ${dialect.double(2 ** 53)} AND ${double} = floor(${double}) THEN ${whole} ELSE ${dialect.text(cell)} END`;
}
