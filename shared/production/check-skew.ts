import { canonicalText } from '../dataset/canonical-text.ts';
import { UserError } from '../errors.ts';
import type { QueryEngine } from '../query/query-engine.ts';
import { identifier } from '../query/sql-text.ts';
import { castText } from '../source/column-type.ts';
import { newTableName } from '../source/table-name.ts';
import type { SourceColumn, TableSource } from '../source/table-source.ts';
import { nearestName } from '../spec/nearest-name.ts';
import type { Notice } from '../verdict/notice.ts';
import { type Verdict, worstVerdict } from '../verdict/verdict.ts';
import { formatCount, formatMany, formatPercent } from '../words/format-number.ts';
import { type ComparedColumn, differenceSql } from './difference-sql.ts';
import { type LogSlice, type PredictionLog, sliceCondition } from './open-prediction-log.ts';
import { requireColumn } from './require-column.ts';
import type { SkewColumn, SkewReport } from './skew-report.ts';

export interface SkewRequest {
  readonly training: TableSource;
  readonly log: PredictionLog;
  readonly slice?: LogSlice;
  /** Column of the training data that names what the row is of, and the column of its time where an id alone is not unique. */
  readonly key: { readonly id: string; readonly time?: string };
  /** What the model was trained on, where it is known: these must be served. */
  readonly features?: readonly string[];
  /** Numbers a, b are equal where |a − b| ≤ tolerance · max(1, |a|, |b|). */
  readonly tolerance?: number;
  readonly columnTolerance?: Readonly<Record<string, number>>;
  /** Share of the joined rows beyond which a column fails; fewer warn. */
  readonly limit?: number;
}

const shownPlaces = 5;

/**
 * Joins answers to the training rows that they are of and compares each column. One scan of each side and a hash join, in the engine: only
 * counts come back. Without a joined row the columns are empty and `compared` is `distribution`: the caller compares profiles.
 *
 * @throws UserError `COLUMN_UNKNOWN`, `SKEW_KEY_REPEATS`, `SKEW_NO_COLUMNS`
 */
export async function checkSkew(engine: QueryEngine, request: SkewRequest): Promise<SkewReport> {
  const { training, log, tolerance = 1e-6, limit = 0.01, slice = {} } = request;
  const key = resolveKey(training, log, request.key);
  const keyNames = new Set([...key.map((part) => part.training), '__row', '__id']);
  const wanted = request.features ?? training.columns.map(({ name }) => name);
  const served = new Map(log.features.map((column) => [column.name, column]));
  const trained = training.columns.filter(({ name }) => wanted.includes(name) && !keyNames.has(name));
  const pairs = trained.flatMap((column) => {
    const other = served.get(column.name);
    return other ? [{ column, other, tolerance: toleranceOf(request, column, tolerance) }] : [];
  });
  const missing = request.features ? trained.filter(({ name }) => !served.has(name)).map(({ name }) => name) : [];
  const onlyInTraining = trained.filter(({ name }) => !served.has(name) && !missing.includes(name)).map(({ name }) => name);
  const names = new Set(training.columns.map(({ name }) => name));
  const onlyInServing = log.features.filter(({ name }) => !names.has(name)).map(({ name }) => name);
  if (pairs.length === 0)
    throw new UserError(
      'SKEW_NO_COLUMNS',
      `${training.source} and ${log.source} have no column in common.`,
      `Training has ${wanted.slice(0, 15).join(', ')}; the log's features are ${log.features
        .slice(0, 15)
        .map(({ name }) => name)
        .join(', ')}.`,
    );
  refuseUnknownTolerances(
    request,
    pairs.map(({ column }) => column.name),
  );

  const rows = await countSides(engine, training, log, slice);
  const counted = await compareRows(engine, { training, log, slice, key, pairs });
  const columns = counted.columns
    .map((column) => ({ ...column, verdict: verdictOf(column.rate, limit) }))
    .sort((a, b) => b.rate - a.rate || (a.column < b.column ? -1 : 1));
  const none = counted.answers === 0;
  const verdict = none
    ? ('inconclusive' as const)
    : worstVerdict([...columns.map((column): Verdict => column.verdict), ...(missing.length > 0 ? (['fail'] as const) : [])]);
  const joined = {
    answers: counted.answers,
    shareOfServing: rows.serving === 0 ? 0 : counted.answers / rows.serving,
    trainingRows: counted.trainingRows,
  };
  return {
    schema: 'weighin/skew@1',
    verdict,
    headline: none ? nothingJoined(key, training, log) : headlineOf(columns, missing, joined),
    training: { source: training.source, rows: rows.training },
    serving: { source: log.source, rows: rows.serving },
    compared: none ? 'distribution' : 'rows',
    key: key.map(({ training: ours, serving }) => ({ training: ours, serving })),
    joined,
    limit,
    tolerance,
    columns: none ? [] : columns,
    missing,
    onlyInTraining,
    onlyInServing,
    drift: null,
    notices: noticesOf(joined, none),
  };
}

const verdictOf = (rate: number, limit: number): Verdict => (rate > limit ? 'fail' : rate > 0 ? 'warn' : 'pass');

interface KeyPart {
  readonly training: string;
  readonly serving: string;
  /** Expressions that are equal where the rows are the same. */
  readonly trainingSql: string;
  readonly servingSql: string;
}

/** The log's feature of the key's name where it has one, else the log's own `id` and `time`. Times are equal to the millisecond. */
function resolveKey(training: TableSource, log: PredictionLog, { id, time }: SkewRequest['key']): readonly KeyPart[] {
  const feature = (name: string) => log.features.find((column) => column.name === name);
  const idColumn = requireColumn(training, id);
  const served = feature(id);
  const parts: KeyPart[] = [
    {
      training: id,
      serving: served ? id : 'id',
      trainingSql: canonicalText(identifier(id), idColumn),
      servingSql: served ? canonicalText(String(log.featureSql[id]), served) : 'id',
    },
  ];
  if (time !== undefined) {
    const timeColumn = requireColumn(training, time);
    const servedTime = feature(time);
    const sql = (expression: string, { type }: SourceColumn) =>
      `epoch_ms(${type === 'text' ? castText(expression, 'timestamp') : `CAST(${expression} AS TIMESTAMP)`})`;
    parts.push({
      training: time,
      serving: servedTime ? time : 'time',
      trainingSql: sql(identifier(time), timeColumn),
      servingSql: servedTime ? sql(String(log.featureSql[time]), servedTime) : 'epoch_ms(time)',
    });
  }
  return parts;
}

function toleranceOf({ columnTolerance = {} }: SkewRequest, { name, type }: SourceColumn, tolerance: number): number | null {
  const own = Object.hasOwn(columnTolerance, name) ? columnTolerance[name] : undefined;
  return type === 'number' || type === 'integer' ? (own ?? tolerance) : null;
}

function refuseUnknownTolerances({ columnTolerance = {} }: SkewRequest, known: readonly string[]): void {
  const unknown = Object.keys(columnTolerance).find((name) => !known.includes(name));
  if (unknown === undefined) return;
  const near = nearestName(unknown, known);
  throw new UserError(
    'COLUMN_UNKNOWN',
    `--column-tolerance names ${unknown}, which is no column of both sides.`,
    `${near === undefined ? '' : `Did you mean ${near}? `}Both have ${known.slice(0, 30).join(', ')}.`,
  );
}

async function countSides(engine: QueryEngine, training: TableSource, log: PredictionLog, slice: LogSlice) {
  const [found] = await engine.rows<{ training: number; serving: number }>(
    `SELECT (SELECT count(*) FROM ${training.relation}) AS training, (SELECT count(*) FROM ${log.relation} WHERE ${sliceCondition(slice)}) AS serving`,
  );
  return found ?? { training: 0, serving: 0 };
}

interface Comparison {
  readonly training: TableSource;
  readonly log: PredictionLog;
  readonly slice: LogSlice;
  readonly key: readonly KeyPart[];
  readonly pairs: readonly ComparedColumn[];
}

async function compareRows(engine: QueryEngine, comparison: Comparison) {
  const { training, log, slice, key, pairs } = comparison;
  const ours = newTableName();
  const keys = key.map((_, index) => `k${index}`);
  await engine.run(
    `CREATE TEMP VIEW ${ours} AS SELECT ${key.map(({ trainingSql }, index) => `${trainingSql} AS k${index}`).join(', ')}, __row AS t_row,
       ${pairs.map(({ column }, index) => `${identifier(column.name)} AS t${index}`).join(', ')} FROM ${training.relation}`,
  );
  await refuseRepeats(engine, ours, comparison);

  const served = `SELECT ${key.map(({ servingSql }, index) => `${servingSql} AS k${index}`).join(', ')}, file, line,
    ${pairs.map(({ column }, index) => `${log.featureSql[column.name]} AS s${index}, ${log.kindSql[column.name]} AS kind${index}`).join(', ')}
    FROM ${log.relation} WHERE ${sliceCondition(slice)}`;
  const judged = pairs.map((pair, index) => `${differenceSql(pair, `t${index}`, `s${index}`, `kind${index}`)} AS d${index}`);
  const counts = pairs.map(
    (_, index) =>
      `count(*) FILTER (d${index} = 1) AS "v${index}", count(*) FILTER (d${index} = 2) AS "nt${index}", count(*) FILTER (d${index} = 3) AS "ns${index}",
       count(*) FILTER (d${index} = 4) AS "ty${index}",
       arg_min({'row': t_row, 'file': file, 'line': line}, file * 1000000000000 + line, ${shownPlaces}) FILTER (d${index} > 0) AS "f${index}"`,
  );
  const [found] = await engine.rows<Record<string, unknown>>(
    `SELECT count(*) AS answers, count(DISTINCT t_row) AS rows, ${counts.join(', ')}
     FROM (SELECT t_row, file, line, ${judged.join(', ')} FROM (${served}) AS served JOIN ${ours} USING (${keys.join(', ')}))`,
  );
  await engine.run(`DROP VIEW ${ours}`);
  const number = (name: string) => Number(found?.[name] ?? 0);
  const answers = number('answers');
  const columns = pairs.map((pair, index): SkewColumn => {
    const [otherValue, nullInTraining, nullInServing, otherType] = [
      number(`v${index}`),
      number(`nt${index}`),
      number(`ns${index}`),
      number(`ty${index}`),
    ];
    const differing = otherValue + nullInTraining + nullInServing + otherType;
    // The engine's list of the STRUCT that was asked for above.
    const first = (found?.[`f${index}`] ?? []) as readonly { readonly row: number; readonly file: number; readonly line: number }[];
    return {
      column: pair.column.name,
      types: { training: pair.column.type, serving: pair.other.type },
      tolerance: pair.tolerance,
      differing,
      rate: answers === 0 ? 0 : differing / answers,
      otherValue,
      nullInTraining,
      nullInServing,
      otherType,
      first: first.map(({ row, file, line }) => ({ row, file: log.files[file - 1]?.path ?? '', line })),
      verdict: 'pass',
    };
  });
  return { answers, trainingRows: number('rows'), columns };
}

async function refuseRepeats(engine: QueryEngine, ours: string, { training, key }: Comparison): Promise<void> {
  const whole = key.map((_, index) => `coalesce(CAST(k${index} AS VARCHAR), '')`).join(', chr(31), ');
  const present = key.map((_, index) => `k${index} IS NOT NULL`).join(' AND ');
  const [found] = await engine.rows<{ rows: number; keys: number }>(
    `SELECT count(*) AS rows, count(DISTINCT concat(${whole})) AS keys FROM ${ours} WHERE ${present}`,
  );
  if (!found || found.keys === found.rows) return;
  const names = key.map((part) => part.training).join(',');
  throw new UserError(
    'SKEW_KEY_REPEATS',
    `${names} does not name one row of ${training.source}: ${formatMany(found.rows, 'row')} have ${formatMany(found.keys, 'key')}.`,
    key.length === 1
      ? `Give the column of the row's time as well: --key ${names},TIME. Or name another column.`
      : 'Name columns that are unique together.',
    { file: training.source },
  );
}

function headlineOf(columns: readonly SkewColumn[], missing: readonly string[], joined: SkewReport['joined']): string {
  const rows = `${formatMany(joined.answers, 'answer')} joined`;
  const differing = columns.filter(({ rate }) => rate > 0);
  if (missing.length > 0)
    return `${rows}: ${formatMany(missing.length, 'trained column')} ${missing.length === 1 ? 'is' : 'are'} never served`;
  const [worst] = differing;
  if (!worst) return `${rows}: all ${formatMany(columns.length, 'column')} are the same in serving as in training`;
  return `${rows}: ${differing.length} of ${formatMany(columns.length, 'column')} differ, ${worst.column} most, in ${formatPercent(worst.rate)}`;
}

const nothingJoined = (key: readonly KeyPart[], training: TableSource, log: PredictionLog) =>
  `No answer of ${log.source} is of a row of ${training.source} by ${key.map((part) => part.training).join(' and ')}: distributions are compared instead`;

function noticesOf(joined: SkewReport['joined'], none: boolean): Notice[] {
  if (none)
    return [
      {
        code: 'SKEW_NOT_JOINED',
        message: 'Nothing joined, so a distribution that is the same proves no equal rows, and one that moved may be drift of the world.',
      },
    ];
  if (joined.shareOfServing >= 0.5) return [];
  return [
    {
      code: 'SKEW_FEW_JOINED',
      message: `${formatCount(joined.answers)} answers, ${formatPercent(joined.shareOfServing)} of the log, are of rows that training saw; the others say nothing here.`,
    },
  ];
}
