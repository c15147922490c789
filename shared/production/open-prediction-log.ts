import { UserError } from '../errors.ts';
import type { QueryEngine } from '../query/query-engine.ts';
import { identifier, literal } from '../query/sql-text.ts';
import type { ColumnType } from '../source/column-type.ts';
import { newTableName } from '../source/table-name.ts';
import type { SourceColumn, SourceFile, TableSource } from '../source/table-source.ts';
import { formatCount, formatMany } from '../words/format-number.ts';
import { findLogFiles, type LogRequest } from './log-files.ts';
import { readableLine } from './log-rule.ts';
import { stageJsonLog } from './stage-json-log.ts';
import { stageParquetLog } from './stage-parquet-log.ts';
import type { StagedLog } from './staged-log.ts';

export interface OpenLogRequest extends LogRequest {
  /** Types that the training data have: text of a feature is cast, as JSON knows no times. */
  readonly types?: Readonly<Record<string, ColumnType>>;
  /** Features whose absence as a key is told apart from null: `complete` says whether a line has them all (JSON lines alone). */
  readonly requires?: readonly string[];
}

/** Which answers of a log are meant; what is not given is not asked. */
export interface LogSlice {
  readonly model?: string;
  /** `v12`. */
  readonly version?: string;
  /** null: those without a variant. */
  readonly variant?: string | null;
  /** Leaves out answers that nobody was given. */
  readonly withoutShadow?: boolean;
  /** Leaves out what a fallback answered. */
  readonly withoutDegraded?: boolean;
  readonly since?: Date;
  readonly until?: Date;
}

/** A prediction log that SQL can read. Nothing of it is in JavaScript. */
export interface PredictionLog {
  readonly source: string;
  readonly files: readonly SourceFile[];
  readonly format: 'json' | 'parquet';
  /** Answers that can be read, each request's variant once. */
  readonly rows: number;
  /** Lines that break the schema, and answers whose id came before for the same variant: neither is in `relation`. */
  readonly leftOut: { readonly broken: number; readonly repeated: number };
  readonly features: readonly SourceColumn[];
  /** What `line` counts, for people. */
  readonly place: 'line' | 'row';
  /**
   * `SELECT … FROM ${relation}`: id, model, version, variant, prediction, label VARCHAR (canonical text: 1, 1.0 and "1" are `1`), time
   * TIMESTAMP in UTC, score and latency_ms DOUBLE, degraded and complete BOOLEAN, file and line (from 1), features STRUCT.
   */
  readonly relation: string;
  /** A feature's value, and what kind of value the log holds there, as expressions on `relation`. */
  readonly featureSql: Readonly<Record<string, string>>;
  readonly kindSql: Readonly<Record<string, string>>;
}

/** More broken lines than this share: the log is something else, or its writer is broken. A server that was killed leaves one. */
const mostBroken = 0.01;

/**
 * Opens a prediction log: JSON lines (parsed once, into the engine) or Parquet (read in place), one file or rotated pieces.
 * Lines that break the schema are left out and counted; of answers with the same id and variant the first by time counts.
 *
 * @throws UserError `LOG_EMPTY`, `LOG_INVALID`, `LOG_UNREADABLE`, `LOG_FORMAT`, `LOG_COLUMN_MISSING`, `LOG_COLUMN_TYPE`, `DATA_NOT_FOUND`
 */
export async function openPredictionLog(engine: QueryEngine, request: OpenLogRequest): Promise<PredictionLog> {
  const found = await findLogFiles(request);
  const staged = await stageLog(engine, request.source, found, request);
  const [counted] = await engine.rows<{ all: number; readable: number; repeated: number }>(
    `SELECT count(*) AS all, count(*) FILTER (ok) AS readable, (count(*) FILTER (ok)) - count(DISTINCT CASE WHEN ok THEN ${answerKey} END) AS repeated
     FROM (SELECT id, variant, ${readableLine} AS ok FROM ${staged.rows})`,
  );
  const { all = 0, readable = 0, repeated = 0 } = counted ?? {};
  const broken = all - readable;
  if (all === 0) throw new UserError('LOG_EMPTY', `${request.source} has no answers in it.`, 'Name another log.', { file: request.source });
  if (readable === 0 || broken / all > mostBroken) {
    throw new UserError(
      'LOG_INVALID',
      `${formatCount(broken)} of ${formatMany(all, staged.place)} of ${request.source} break the schema of a prediction log.`,
      `\`weighin logs check ${request.source}\` names them.`,
      { file: request.source },
    );
  }
  // The rules need not be asked again of a log that keeps them.
  const readableRows = broken === 0 ? staged.rows : `(SELECT * FROM ${staged.rows} WHERE ${readableLine})`;
  return {
    source: request.source,
    files: found.files,
    format: found.format,
    rows: readable - repeated,
    leftOut: { broken, repeated },
    features: staged.features,
    place: staged.place,
    relation: repeated === 0 ? readableRows : await withoutRepeats(engine, readableRows),
    featureSql: staged.featureSql,
    kindSql: staged.kindSql,
  };
}

export const stageLog = (
  engine: QueryEngine,
  source: string,
  found: Awaited<ReturnType<typeof findLogFiles>>,
  options: Pick<OpenLogRequest, 'types' | 'requires'>,
): Promise<StagedLog> =>
  found.format === 'json' ? stageJsonLog(engine, source, found, options) : stageParquetLog(engine, source, found, options);

/** SQL of what is unique in a log: the request, and who answered it. */
export const answerKey = `concat(strlen(id), ':', id, coalesce(variant, ''))`;

/** Kept as places: a window over whole rows would hold every feature in memory. */
async function withoutRepeats(engine: QueryEngine, rows: string): Promise<string> {
  const table = newTableName();
  await engine.run(
    `CREATE TEMP TABLE ${table} AS SELECT file, line FROM (
       SELECT file, line, row_number() OVER (PARTITION BY id, variant ORDER BY time, file, line) AS turn FROM ${rows}
     ) WHERE turn > 1`,
  );
  return `(SELECT * FROM ${rows} AS answer ANTI JOIN ${table} USING (file, line))`;
}

/** SQL that holds for the answers that are meant. */
export function sliceCondition(slice: LogSlice): string {
  const parts = [
    slice.model !== undefined && `model = ${literal(slice.model)}`,
    slice.version !== undefined && `version = ${literal(slice.version)}`,
    slice.variant !== undefined && (slice.variant === null ? 'variant IS NULL' : `variant = ${literal(slice.variant)}`),
    slice.withoutShadow && `variant IS DISTINCT FROM 'shadow'`,
    slice.withoutDegraded && 'NOT degraded',
    slice.since && `time >= ${timeLiteral(slice.since)}`,
    slice.until && `time < ${timeLiteral(slice.until)}`,
  ].filter((part) => typeof part === 'string');
  return parts.length === 0 ? 'true' : parts.join(' AND ');
}

const timeLiteral = (moment: Date) => `TIMESTAMP ${literal(moment.toISOString().replace('T', ' ').replace('Z', ''))}`;

/** Fields of the log that a table of its features carries, prefixed: a feature may be called `time` or `score` itself. */
const carried: readonly SourceColumn[] = [
  { name: 'id', type: 'text', sqlType: 'VARCHAR' },
  { name: 'time', type: 'timestamp', sqlType: 'TIMESTAMP' },
  { name: 'version', type: 'text', sqlType: 'VARCHAR' },
  { name: 'variant', type: 'text', sqlType: 'VARCHAR' },
  { name: 'score', type: 'number', sqlType: 'DOUBLE' },
  { name: 'prediction', type: 'text', sqlType: 'VARCHAR' },
  { name: 'label', type: 'text', sqlType: 'VARCHAR' },
];

/**
 * The features as a table for whoever counts columns (profiles, contracts): one column a feature by its name, and of the log `__id`, `__time`,
 * `__version`, `__variant`, `__score`, `__prediction` and `__label`, for windows and segments. What is counted is named:
 * `profileTable(engine, featureTable(log), {columns: log.features.map(({name}) => name), window: {column: '__time', …}})`.
 */
export function featureTable(log: PredictionLog, slice: LogSlice = {}): TableSource {
  const features = log.features.map(({ name }) => `${log.featureSql[name]} AS ${identifier(name)}`);
  const selected = [...features, ...carried.map(({ name }) => `${name} AS "__${name}"`), 'line AS "__row"'];
  return tableOf(log, `(SELECT ${selected.join(', ')} FROM ${log.relation} WHERE ${sliceCondition(slice)})`, [
    ...log.features,
    ...carried.map((column) => ({ ...column, name: `__${column.name}` })),
  ]);
}

/** What was answered as a table: `time`, `score`, and `prediction` and `label` as numbers (regression) or texts. */
export function answerTable(log: PredictionLog, task: 'binary' | 'multiclass' | 'regression', slice: LogSlice = {}): TableSource {
  const value = (name: string) => (task === 'regression' ? `TRY_CAST(${name} AS DOUBLE) AS ${name}` : name);
  const answered = task === 'regression' ? 'DOUBLE' : 'VARCHAR';
  const type = task === 'regression' ? 'number' : 'text';
  return tableOf(
    log,
    `(SELECT score, ${value('prediction')}, ${value('label')}, time, line AS "__row" FROM ${log.relation} WHERE ${sliceCondition(slice)})`,
    [
      { name: 'score', type: 'number', sqlType: 'DOUBLE' },
      { name: 'prediction', type, sqlType: answered },
      { name: 'label', type, sqlType: answered },
      { name: 'time', type: 'timestamp', sqlType: 'TIMESTAMP' },
    ],
  );
}

const tableOf = (log: PredictionLog, relation: string, columns: readonly SourceColumn[]): TableSource => ({
  source: log.source,
  files: log.files,
  format: log.format,
  relation,
  columns,
});
