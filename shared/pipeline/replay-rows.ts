import { canonicalText } from '../dataset/canonical-text.ts';
import { UserError } from '../errors.ts';
import type { LabelledLog } from '../production/late-labels.ts';
import { type LogSlice, sliceCondition } from '../production/open-prediction-log.ts';
import type { Replay } from '../production/replay.ts';
import type { ColumnTable, QueryEngine } from '../query/query-engine.ts';
import { identifier } from '../query/sql-text.ts';
import type { Scorer } from '../scoring/scorer.ts';
import { newTableName } from '../source/table-name.ts';
import { formatMany } from '../words/format-number.ts';

export interface ReplayRows {
  /** SQL of the replayed rows, one column an input; in one order, whenever it is asked. */
  readonly relation: string;
  /** `score` and `prediction` of production, `label`, `day`, `seen` (1: trained on) and `slice <i>`. */
  readonly answers: ColumnTable;
  readonly slices: readonly string[];
  readonly counts: Omit<Replay['rows'], 'labelled'>;
  readonly log: Replay['log'];
}

export interface ReplayRowsRequest {
  readonly model: string;
  readonly log: LabelledLog;
  readonly inputs: Scorer['inputs'];
  readonly slices: readonly string[];
  readonly since?: Date;
  readonly until?: Date;
  readonly maxRows: number;
  /** SQL that selects, as text, the ids of the rows that the candidate was trained on; they are the log's feature `column`, else its ids. */
  readonly seen: { readonly column: string; readonly ids: string } | null;
}

/**
 * Takes from a log what can be replayed: the model's own answers, whose features are the candidate's inputs. Copied once, since a model is asked
 * in batches that need one order.
 *
 * @throws UserError `REPLAY_NO_ANSWERS`, `REPLAY_COLUMN_MISSING`
 */
export async function takeReplayRows(engine: QueryEngine, request: ReplayRowsRequest): Promise<ReplayRows> {
  const { log, model, inputs, maxRows } = request;
  const served = new Map(log.features.map((column) => [column.name, column]));
  const lacking = inputs.filter(({ name }) => !served.has(name)).map(({ name }) => name);
  if (lacking.length > 0) {
    throw new UserError(
      'REPLAY_COLUMN_MISSING',
      `The candidate reads ${lacking.join(', ')}, which no answer of ${log.source} was logged with.`,
      `What was logged: ${log.features
        .slice(0, 30)
        .map(({ name }) => name)
        .join(', ')}. A new input can be replayed once serving logs it.`,
      { file: log.source },
    );
  }
  const slice: LogSlice = {
    model,
    ...(request.since && { since: request.since }),
    ...(request.until && { until: request.until }),
  };
  const shadow = `variant IS NOT DISTINCT FROM 'shadow'`;
  const usable = `NOT degraded AND NOT ${shadow}`;
  const answered = '(score IS NOT NULL OR prediction IS NOT NULL)';
  const counted = `${usable} AND complete AND ${answered}`;
  const where = sliceCondition(slice);
  const [totals] = await engine.rows<Record<'all' | 'degraded' | 'shadow' | 'incomplete' | 'unanswered' | 'usable', number>>(
    `SELECT count(*) AS all, count(*) FILTER (degraded) AS degraded, count(*) FILTER (NOT degraded AND ${shadow}) AS shadow,
       count(*) FILTER (${usable} AND NOT complete) AS incomplete, count(*) FILTER (${usable} AND complete AND NOT ${answered}) AS unanswered,
       count(*) FILTER (${counted}) AS usable FROM ${log.relation} WHERE ${where}`,
  );
  if (!totals || totals.all === 0) throw await noAnswers(engine, request);
  if (totals.usable === 0) {
    throw new UserError(
      'REPLAY_NO_ANSWERS',
      `None of the ${formatMany(totals.all, 'answer')} of ${model} in ${log.source} can be replayed: ${totals.degraded} by fallbacks, ${totals.shadow} by shadows, ${totals.incomplete} without an input of the candidate, ${totals.unanswered} without an answer.`,
      'Name a log of other days.',
      { file: log.source },
    );
  }
  const slices = request.slices.filter((name) => served.has(name));
  const table = newTableName();
  const sampled = totals.usable > maxRows;
  const columns = [
    ...inputs.map(({ name }) => `${log.featureSql[name]} AS ${identifier(name)}`),
    ...slices.map((name, index) => {
      const column = served.get(name);
      return `${column ? canonicalText(String(log.featureSql[name]), column) : 'NULL'} AS "__slice ${index}"`;
    }),
    'score AS __score',
    'prediction AS __prediction',
    'label AS __label',
    'time AS __time',
    'version AS __version',
    'variant AS __variant',
    `${request.seen ? `(${identityOf(log, request.seen.column)} IN (${request.seen.ids}))` : 'false'} AS __seen`,
  ];
  await engine.run(
    `CREATE TEMP TABLE ${table} AS SELECT ${columns.join(', ')} FROM ${log.relation} WHERE ${where} AND ${counted}
     ORDER BY ${sampled ? `md5(id), id LIMIT ${maxRows}` : 'time, file, line'}`,
  );
  const answers = await engine.columns(
    `SELECT __score AS score, __prediction AS prediction, __label AS label, strftime(__time, '%Y-%m-%d') AS day, CAST(coalesce(__seen, false) AS DOUBLE) AS seen
       ${slices.map((_, index) => `, "__slice ${index}" AS "slice ${index}"`).join('')} FROM ${table}`,
  );
  const who = await engine.rows<Replay['log']['answered'][number]>(
    `SELECT __version AS version, __variant AS variant, count(*) AS rows FROM ${table} GROUP BY ALL ORDER BY rows DESC, version, variant`,
  );
  const [span] = await engine.rows<{ from: string | null; to: string | null }>(
    `SELECT min(__time) AS from, max(__time) AS to FROM ${table}`,
  );
  const { degraded, shadow: shadows, incomplete, unanswered } = totals;
  return {
    relation: table,
    answers,
    slices,
    counts: {
      replayed: answers.rowCount,
      degraded,
      shadow: shadows,
      incomplete,
      unanswered,
      beyondMaximum: totals.usable - answers.rowCount,
    },
    log: { source: log.source, from: span?.from ?? null, to: span?.to ?? null, answered: [...who] },
  };
}

function identityOf(log: LabelledLog, name: string): string {
  const column = log.features.find((feature) => feature.name === name);
  return column ? canonicalText(String(log.featureSql[name]), column) : 'id';
}

async function noAnswers(engine: QueryEngine, { log, model }: ReplayRowsRequest): Promise<UserError> {
  const models = await engine.rows<{ model: string }>(`SELECT DISTINCT model FROM ${log.relation} ORDER BY 1 LIMIT 20`);
  const known = models.map((row) => row.model);
  return new UserError(
    'REPLAY_NO_ANSWERS',
    known.includes(model) ? `${log.source} has no answer of ${model} in that time.` : `${log.source} has no answer of ${model}.`,
    known.includes(model) ? 'Widen --since and --until.' : `It has answers of ${known.join(', ')}.`,
    { file: log.source },
  );
}

export function textsOf(table: ColumnTable, name: string): readonly (string | null)[] {
  const column = table.columns[name];
  if (column?.kind !== 'text') throw new Error(`${name} was selected as text`);
  return column.values;
}

export function numbersOf(table: ColumnTable, name: string): Float64Array {
  const column = table.columns[name];
  if (column?.kind !== 'number') throw new Error(`${name} was selected as a number`);
  return column.values;
}
