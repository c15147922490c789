import { UserError } from '../../errors.ts';
import type { PredictionLog } from '../../production/open-prediction-log.ts';
import type { QueryEngine } from '../../query/query-engine.ts';
import { literal } from '../../query/sql-text.ts';
import { formatMany } from '../../words/format-number.ts';
import { visibleText } from '../../words/visible-text.ts';
import { checkVersions, firstAnswers, onlyModel } from './first-answers.ts';
import { recommendShadow, USUAL_DISAGREEMENT } from './recommend-shadow.ts';
import type { ShadowComparison } from './shadow-comparison.ts';

export interface ShadowRequest {
  /** `v11`, who answered; `v12`, who was asked too. */
  readonly stable: string;
  readonly candidate: string;
  /** May be left out where the log is of one model. */
  readonly model?: string;
  readonly since?: Date;
  readonly until?: Date;
  /** Highest share of requests that may be answered otherwise. */
  readonly limit?: number;
  /** Scores that differ by more are another answer, for models that answer numbers; else another label is. */
  readonly tolerance?: number;
}

const BEYOND = 0.05;
const quantiles = [0.01, 0.05, 0.25, 0.5, 0.75, 0.95, 0.99];

/**
 * Compares by id what two versions answered to the same requests. The log never comes into JavaScript: the engine joins and counts. Nothing
 * of the result shows a value of the data.
 * @throws UserError MODEL_AMBIGUOUS, MODEL_NOT_IN_LOG, VERSION_NOT_IN_LOG, TOLERANCE_MISSING
 */
export async function compareShadow(engine: QueryEngine, log: PredictionLog, request: ShadowRequest): Promise<ShadowComparison> {
  const { stable, candidate, limit = USUAL_DISAGREEMENT, tolerance } = request;
  const model = request.model ?? (await onlyModel(engine, log));
  const slice = { model, ...(request.since && { since: request.since }), ...(request.until && { until: request.until }) };
  const found = await firstAnswers(engine, log, slice, [stable, candidate]);
  await checkVersions(engine, log, slice, [stable, candidate], found);

  const pairs = `(SELECT s.id, s.time AS moment, s.score AS a, c.score AS b, s.prediction AS x, c.prediction AS y, s.latency_ms AS la, c.latency_ms AS lb,
      s.degraded OR c.degraded AS fell, (s.score IS NULL AND s.prediction IS NULL) OR (c.score IS NULL AND c.prediction IS NULL) AS silent
    FROM ${found} AS s JOIN ${found} AS c ON s.id = c.id AND s.version = ${literal(stable)} AND c.version = ${literal(candidate)})`;
  const compared = `(SELECT * FROM ${pairs} WHERE NOT fell AND NOT silent)`;
  if (tolerance === undefined && (await answersNumbers(engine, compared)))
    throw new UserError(
      'TOLERANCE_MISSING',
      `${visibleText(model)} answers numbers, of which no two are quite the same.`,
      'Say from which difference on two answers are not the same: --tolerance 5.',
    );
  const rows = await countRows(engine, found, pairs, request);
  const answered = await countDisagreement(engine, compared, tolerance);
  const counted = { ...rows, repeated: rows.repeated + log.leftOut.repeated, broken: log.leftOut.broken };
  const { interval, ...judged } = recommendShadow(
    { compared: rows.compared, disagreeing: answered.disagreeing, missed: rows.missed },
    limit,
  );
  return {
    schema: 'weighin/shadow@1',
    ...judged,
    model,
    stable,
    candidate,
    log: { source: log.source, files: log.files.length, from: answered.from, to: answered.to },
    rows: counted,
    disagreement: {
      rows: answered.disagreeing,
      share: rows.compared > 0 ? answered.disagreeing / rows.compared : null,
      interval,
      limit,
      tolerance: tolerance ?? null,
    },
    scores: await compareScores(engine, compared, tolerance ?? BEYOND),
    latency: await compareLatency(engine, compared),
    notices: noticesOf(counted),
  };
}

/** A number is predicted where every prediction is its score; a classifier that only says 0 and 1 is none. */
async function answersNumbers(engine: QueryEngine, compared: string): Promise<boolean> {
  const isScore = (prediction: string, score: string) => `coalesce(TRY_CAST(${prediction} AS DOUBLE) = ${score}, false)`;
  const [found] = await engine.rows<{ numbers: boolean | null; classes: boolean | null }>(
    `SELECT bool_and(${isScore('x', 'a')} AND ${isScore('y', 'b')}) AS numbers, bool_and(coalesce(a IN (0, 1) AND b IN (0, 1), false)) AS classes FROM ${compared}`,
  );
  return found?.numbers === true && found.classes !== true;
}

type Rows = ShadowComparison['rows'];

async function countRows(
  engine: QueryEngine,
  found: string,
  pairs: string,
  { stable, candidate }: ShadowRequest,
): Promise<Omit<Rows, 'broken'>> {
  const [own] = await engine.rows<{ stable: number; candidate: number; repeated: number }>(
    `SELECT count(*) FILTER (version = ${literal(stable)}) AS stable, count(*) FILTER (version = ${literal(candidate)}) AS candidate,
       CAST(coalesce(sum(more), 0) AS BIGINT) AS repeated FROM ${found}`,
  );
  const [both] = await engine.rows<{ all: number; degraded: number; unanswered: number }>(
    `SELECT count(*) AS all, count(*) FILTER (fell) AS degraded, count(*) FILTER (silent AND NOT fell) AS unanswered FROM ${pairs}`,
  );
  // Between its first and its last answer the candidate was there to be asked.
  const [left] = await engine.rows<{ missed: number }>(
    `SELECT count(*) AS missed FROM ${found} AS s
     WHERE s.version = ${literal(stable)} AND NOT EXISTS (SELECT 1 FROM ${found} AS c WHERE c.id = s.id AND c.version = ${literal(candidate)})
       AND s.time BETWEEN (SELECT min(time) FROM ${found} WHERE version = ${literal(candidate)}) AND (SELECT max(time) FROM ${found} WHERE version = ${literal(candidate)})`,
  );
  const counts = { stable: own?.stable ?? 0, candidate: own?.candidate ?? 0, repeated: own?.repeated ?? 0 };
  const { all = 0, degraded = 0, unanswered = 0 } = both ?? {};
  return {
    ...counts,
    compared: all - degraded - unanswered,
    degraded,
    unanswered,
    stableAlone: counts.stable - all,
    candidateAlone: counts.candidate - all,
    missed: left?.missed ?? 0,
  };
}

async function countDisagreement(engine: QueryEngine, compared: string, tolerance: number | undefined) {
  // A label against none is another answer, and so is a number against none.
  const differs =
    tolerance === undefined ? 'x IS DISTINCT FROM y' : `coalesce(abs(b - a) > ${literalNumber(tolerance)}, a IS DISTINCT FROM b)`;
  const [found] = await engine.rows<{ disagreeing: number; from: string | null; to: string | null }>(
    `SELECT count(*) FILTER (${differs}) AS disagreeing, ${isoTime('min(moment)')} AS "from", ${isoTime('max(moment)')} AS "to" FROM ${compared}`,
  );
  return found ?? { disagreeing: 0, from: null, to: null };
}

const isoTime = (moment: string) => `strftime(${moment}, '%Y-%m-%dT%H:%M:%SZ')`;
const literalNumber = (value: number) => `CAST(${literal(String(value))} AS DOUBLE)`;

async function compareScores(engine: QueryEngine, compared: string, beyond: number): Promise<ShadowComparison['scores']> {
  const [found] = await engine.rows<{ rows: number; mean: number; absolute: number; beyond: number } & Record<string, number>>(
    `SELECT count(*) AS rows, avg(d) AS mean, avg(abs(d)) AS absolute, count(*) FILTER (abs(d) > ${literalNumber(beyond)}) AS beyond,
       ${quantiles.map((share, at) => `quantile_cont(d, ${share}) AS q${at}`).join(', ')}
     FROM (SELECT b - a AS d FROM ${compared} WHERE a IS NOT NULL AND b IS NOT NULL AND isfinite(b - a))`,
  );
  if (!found || found.rows === 0) return null;
  return {
    rows: found.rows,
    mean: found.mean,
    meanAbsolute: found.absolute,
    quantiles: quantiles.map((share, at) => ({ share, difference: found[`q${at}`] ?? Number.NaN })),
    beyond: { difference: beyond, rows: found.beyond, share: found.beyond / found.rows },
  };
}

async function compareLatency(engine: QueryEngine, compared: string): Promise<ShadowComparison['latency']> {
  const of = (column: string, name: string) =>
    `avg(${column}) AS ${name}_mean, ${[50, 95, 99].map((p) => `quantile_cont(${column}, ${p / 100}) AS ${name}_p${p}`).join(', ')}`;
  const [found] = await engine.rows<Readonly<Record<string, number | null>>>(`SELECT ${of('la', 's')}, ${of('lb', 'c')} FROM ${compared}`);
  const read = (name: string) => {
    const [mean, p50, p95, p99] = ['mean', 'p50', 'p95', 'p99'].map((part) => found?.[`${name}_${part}`] ?? null);
    return mean == null || p50 == null || p95 == null || p99 == null ? null : { mean, p50, p95, p99 };
  };
  const [stable, candidate] = [read('s'), read('c')];
  return stable && candidate && { stable, candidate };
}

function noticesOf(rows: Rows): ShadowComparison['notices'] {
  const notices = [
    rows.missed > 0 && {
      code: 'MISSED',
      message: `While the candidate was asked, ${formatMany(rows.missed, 'request')} got no answer of it: it failed, was late, or too far behind.`,
    },
    rows.repeated > 0 && { code: 'REPEATED', message: `${formatMany(rows.repeated, 'answer')} came again for an id; the first counts.` },
    rows.broken > 0 && { code: 'BROKEN', message: `Left out: ${formatMany(rows.broken, 'line')} not as the schema of the log has it.` },
    rows.compared > 0 && {
      code: 'INDEPENDENT',
      message: 'Requests are taken as independent: many of one user make the interval too narrow.',
    },
  ];
  return notices.filter((notice) => notice !== false);
}
