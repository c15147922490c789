import { UserError } from '../errors.ts';
import { splitWindows, windowStart } from '../monitoring/window-profiles.ts';
import { sketchedIds, type WindowPart } from '../monitoring/window-store.ts';
import { openPredictionLog, type PredictionLog, sliceCondition } from '../production/open-prediction-log.ts';
import { profileTable } from '../profile/profile-table.ts';
import type { QueryEngine } from '../query/query-engine.ts';
import { identifier, literal } from '../query/sql-text.ts';
import type { ColumnType } from '../source/column-type.ts';
import { isTableAddress } from '../source/table-address.ts';
import { openSource, type SourceColumn, type TableSource } from '../source/table-source.ts';
import { formatMany } from '../words/format-number.ts';
import type { ModelRun, RunContext } from './run-context.ts';

/** What the model was asked and what it answered, ready to be counted. */
export interface ProductionRows {
  readonly source: string;
  readonly relation: string;
  readonly columns: readonly SourceColumn[];
  /** Column of the time by which windows are cut. */
  readonly time: string;
  /** Columns that hold what the model answered, where there are any. */
  readonly answers: readonly string[];
  /** Column that names a row, where there is one. */
  readonly id: string | null;
  /** The one that holds the label, where there is one. */
  readonly label: string | null;
  readonly notices: readonly string[];
  /** Null for a table of rows. */
  readonly log: PredictionLog | null;
}

export interface ProductionRequest {
  readonly source: string;
  /** `v12`: answers of other versions are left out, where the rows say which version answered. */
  readonly version: string | null;
  /** Types that the training data have. */
  readonly types: Readonly<Record<string, ColumnType>>;
  /** Column of the time in a table that is no prediction log. */
  readonly time: string | undefined;
}

/** Opens the prediction log, or a table with a column of times. @throws UserError `MONITOR_NO_TIME`, and what the readers throw */
export async function openProductionRows(context: RunContext, run: ModelRun, request: ProductionRequest): Promise<ProductionRows> {
  const engine = await context.engine();
  if (isTableAddress(request.source) || /\.(?:csv|tsv|txt)(?:\.gz)?$/i.test(request.source))
    return tableRows(engine, context, run, request);
  return (await looksLikeLog(engine, context, run, request.source))
    ? logRows(engine, context, run, request)
    : tableRows(engine, context, run, request);
}

/** A log has `features` and says which model answered; a table of rows has its columns side by side. */
async function looksLikeLog(engine: QueryEngine, context: RunContext, run: ModelRun, source: string): Promise<boolean> {
  const { findLogFiles } = await import('../production/log-files.ts');
  const { format, files } = await findLogFiles({ source, root: run.root, fetch: context.fetchObjects });
  const file = literal(files[0]?.file ?? '');
  const read =
    format === 'parquet'
      ? `read_parquet(${file})`
      : `read_json(${file}, format = 'newline_delimited', sample_size = 50, ignore_errors = true)`;
  const found = await engine.rows<{ column_name: string }>(`DESCRIBE SELECT * FROM ${read}`).catch(() => []);
  const names = new Set(found.map(({ column_name }) => column_name));
  // What nobody can read is told by the log's own reader, which says what a log is.
  return names.size === 0 || (names.has('features') && names.has('model') && names.has('time'));
}

async function logRows(
  engine: QueryEngine,
  context: RunContext,
  run: ModelRun,
  { source, version, types }: ProductionRequest,
): Promise<ProductionRows> {
  const log = await openPredictionLog(engine, { source, root: run.root, types, fetch: context.fetchObjects });
  const taken = new Set(log.features.map(({ name }) => name));
  const named = (name: string) => (taken.has(name) ? `__${name}` : name);
  const [id, time, score, prediction, label] = [
    named('id'),
    named('time'),
    named('score'),
    named('prediction'),
    named(run.config.data?.label ?? 'label'),
  ];
  const number = run.config.task === 'regression';
  const text = (name: string): SourceColumn => ({ name, type: number ? 'number' : 'text', sqlType: number ? 'DOUBLE' : 'VARCHAR' });
  const labelType = types[run.config.data?.label ?? ''];
  const numericLabel = number || labelType === 'number' || labelType === 'integer';
  const cast = (field: string, numeric: boolean) => (numeric ? `TRY_CAST(${field} AS DOUBLE)` : field);
  const selected = [
    ...log.features.map(({ name }) => `${log.featureSql[name]} AS ${identifier(name)}`),
    `score AS ${identifier(score)}`,
    `${cast('prediction', number)} AS ${identifier(prediction)}`,
    `${cast('label', numericLabel)} AS ${identifier(label)}`,
    `time AS ${identifier(time)}`,
    `id AS ${identifier(id)}`,
  ];
  const slice = sliceCondition({ model: run.name, withoutShadow: true, withoutDegraded: true, ...(version !== null && { version }) });
  const { broken, repeated } = log.leftOut;
  return {
    source,
    log,
    relation: `(SELECT ${selected.join(', ')} FROM ${log.relation} WHERE ${slice})`,
    columns: [
      ...log.features,
      { name: score, type: 'number', sqlType: 'DOUBLE' },
      text(prediction),
      { name: label, type: numericLabel ? 'number' : 'text', sqlType: numericLabel ? 'DOUBLE' : 'VARCHAR' },
      { name: time, type: 'timestamp', sqlType: 'TIMESTAMP' },
    ],
    time,
    id,
    answers: [score, prediction],
    label,
    notices: [
      ...(broken > 0 ? [`${formatMany(broken, log.place)} of the log can't be read and ${broken === 1 ? 'was' : 'were'} left out.`] : []),
      ...(repeated > 0 ? [`${formatMany(repeated, 'answer')} of the log came twice and count once.`] : []),
    ],
  };
}

async function tableRows(engine: QueryEngine, context: RunContext, run: ModelRun, request: ProductionRequest): Promise<ProductionRows> {
  const table: TableSource = await openSource(engine, {
    source: request.source,
    root: run.root,
    types: request.types,
    fetch: context.fetchObjects,
    connect: context.connectEngine,
  });
  // As it may be shown: an address without its user.
  const { source } = table;
  const wanted = request.time ?? run.config.data?.time ?? 'time';
  const time = table.columns.find(({ name, type }) => name === wanted && (type === 'timestamp' || type === 'date'));
  if (!time)
    throw new UserError(
      'MONITOR_NO_TIME',
      `${source} has no column ${wanted} with dates or timestamps, so its rows belong to no window.`,
      'Name the column that says when each row was answered: --time COLUMN, or data.time in weighin.yaml.',
      { file: source },
    );
  const has = (name: string | undefined) => name !== undefined && table.columns.some((column) => column.name === name);
  const label = run.config.data?.label;
  return {
    source,
    log: null,
    relation: table.relation,
    columns: table.columns,
    time: time.name,
    id: has(run.config.data?.id) ? (run.config.data?.id ?? null) : null,
    answers: ['score', 'prediction'].filter(has),
    label: label !== undefined && has(label) ? label : null,
    notices: [],
  };
}

export interface CountedWindow {
  readonly start: Date;
  readonly part: WindowPart;
}

/**
 * Counts the rows of whole windows alone: those from `from` on (all where it is null) up to the last that is over at `until`. What is not
 * over yet is counted by a later run.
 */
export async function profileWindows(
  engine: QueryEngine,
  rows: ProductionRows,
  {
    columns,
    by,
    milliseconds,
    from,
    until,
  }: {
    readonly columns: readonly string[];
    readonly by: readonly string[];
    readonly milliseconds: number;
    readonly from: Date | null;
    readonly until: Date;
  },
): Promise<readonly CountedWindow[]> {
  const time = engine.dialect.microseconds(identifier(rows.time));
  const moment = (date: Date) => `${date.getTime()}000`;
  const bounds = [...(from ? [`${time} >= ${moment(from)}`] : []), `${time} < ${moment(windowStart(until, milliseconds))}`];
  const relation = `(SELECT * FROM ${rows.relation} WHERE ${bounds.join(' AND ')})`;
  const profile = await profileTable(
    engine,
    { source: rows.source, relation, columns: rows.columns },
    { columns, by, window: { column: rows.time, milliseconds } },
  );
  const windows = splitWindows(profile);
  const ids = rows.id === null ? null : await sketchIds(engine, relation, { id: rows.id, time, milliseconds });
  return windows.map(({ start, profile: own }) => ({ start, part: { profile: own, ids: ids && (ids.get(start.getTime()) ?? []) } }));
}

/** The smallest hashes of the ids of each window. */
async function sketchIds(
  engine: QueryEngine,
  relation: string,
  { id, time, milliseconds }: { readonly id: string; readonly time: string; readonly milliseconds: number },
): Promise<ReadonlyMap<number, readonly string[]>> {
  const origin = windowStart(new Date(0), milliseconds).getTime();
  // Rounded down before 1970 too, as windows are; `//` alone rounds towards it.
  const since = `(${time} - (${origin}000))`;
  const place = `(${since} // ${milliseconds}000 - CAST(${since} % ${milliseconds}000 < 0 AS BIGINT))`;
  const found = await engine.rows<{ place: number; ids: string }>(
    `SELECT place, string_agg(hash, ',' ORDER BY hash) AS ids FROM (
       SELECT place, hash FROM (SELECT DISTINCT ${place} AS place, md5(CAST(${identifier(id)} AS VARCHAR))[1:15] AS hash FROM ${relation} WHERE ${identifier(id)} IS NOT NULL)
       QUALIFY row_number() OVER (PARTITION BY place ORDER BY hash) <= ${sketchedIds}
     ) GROUP BY place`,
  );
  return new Map(found.map((one) => [one.place * milliseconds + origin, one.ids.split(',')]));
}
