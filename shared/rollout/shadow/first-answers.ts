import { UserError } from '../../errors.ts';
import { type LogSlice, type PredictionLog, sliceCondition } from '../../production/open-prediction-log.ts';
import type { QueryEngine } from '../../query/query-engine.ts';
import { literal } from '../../query/sql-text.ts';
import { newTableName } from '../../source/table-name.ts';
import { formatMany } from '../../words/format-number.ts';
import { visibleText } from '../../words/visible-text.ts';

/** One answer of each version and request, the first; the others are counted. */
export async function firstAnswers(engine: QueryEngine, log: PredictionLog, slice: LogSlice, versions: readonly string[]): Promise<string> {
  const table = newTableName();
  await engine.run(
    `CREATE TEMP TABLE ${table} AS
     SELECT id, version, min(time) AS time, count(*) - 1 AS more,
       arg_min({score: score, prediction: prediction, latency_ms: latency_ms, degraded: degraded}, (time, file, line)) AS answer
     FROM ${log.relation} WHERE ${sliceCondition(slice)} AND version IN (${versions.map(literal).join(', ')})
     GROUP BY id, version`,
  );
  return `(SELECT id, version, time, more, answer.score AS score, answer.prediction AS prediction, answer.latency_ms AS latency_ms, answer.degraded AS degraded FROM ${table})`;
}

export async function onlyModel(engine: QueryEngine, log: PredictionLog): Promise<string> {
  const models = await engine.rows<{ model: string }>(`SELECT DISTINCT model FROM ${log.relation} ORDER BY model LIMIT 11`);
  const [one, ...others] = models;
  if (one && others.length === 0) return one.model;
  throw new UserError(
    'MODEL_AMBIGUOUS',
    `${log.source} is of several models: ${listed(models.map(({ model }) => model))}.`,
    'Name one with --model.',
  );
}

export async function checkVersions(
  engine: QueryEngine,
  log: PredictionLog,
  slice: LogSlice,
  versions: readonly string[],
  found: string,
): Promise<void> {
  const there = new Set((await engine.rows<{ version: string }>(`SELECT DISTINCT version FROM ${found}`)).map(({ version }) => version));
  const missing = versions.find((version) => !there.has(version));
  if (missing === undefined) return;
  const all = await engine.rows<{ version: string }>(
    `SELECT DISTINCT version FROM ${log.relation} WHERE ${sliceCondition(slice)} ORDER BY version LIMIT 11`,
  );
  if (all.length === 0)
    throw new UserError(
      'MODEL_NOT_IN_LOG',
      `${log.source} has no answer of ${visibleText(slice.model ?? '')} in that time.`,
      'Name another model or time; `weighin logs check` says what the log holds.',
    );
  throw new UserError(
    'VERSION_NOT_IN_LOG',
    `${missing} answered nothing in ${log.source}; there are ${listed(all.map(({ version }) => version))}.`,
    log.leftOut.repeated > 0
      ? `${formatMany(log.leftOut.repeated, 'answer')} came again for an id and its variant and were left out: a shadow's answers need a variant of their own, such as "shadow".`
      : 'Name a version that is there; `weighin serve --shadow v12 --log FOLDER` writes what a shadow answers.',
  );
}

const listed = (names: readonly string[]) =>
  `${names
    .slice(0, 10)
    .map((name) => visibleText(name))
    .join(', ')}${names.length > 10 ? ' and more' : ''}`;
