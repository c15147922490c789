import { UserError } from '../errors.ts';
import type { QueryEngine } from '../query/query-engine.ts';
import { literal } from '../query/sql-text.ts';
import type { SourceFile } from '../source/table-source.ts';
import { type Verdict, worstVerdict } from '../verdict/verdict.ts';
import { formatMany } from '../words/format-number.ts';
import { visibleText } from '../words/visible-text.ts';
import type { LogCheck, LogFinding } from './log-check.ts';
import { findLogFiles, type LogRequest } from './log-files.ts';
import { fieldWords, isWarned, readableLine } from './log-rule.ts';
import { answerKey, stageLog } from './open-prediction-log.ts';
import type { logFields } from './prediction-log.ts';
import type { StagedLog } from './staged-log.ts';

export interface CheckLogOptions {
  /** Of the model; binary: a score outside of 0 … 1 is told. */
  readonly task?: 'binary' | 'multiclass' | 'regression';
  readonly now: Date;
}

/** Clocks differ; a line that is later than this is from the future. */
const clockSlackMs = 300_000;
const shownPlaces = 5;

/**
 * Every line against the schema, by SQL: a log of any size is checked in the memory of its engine.
 *
 * @throws UserError where it can't be read at all: `LOG_EMPTY`, `LOG_UNREADABLE`, `LOG_FORMAT`, `LOG_COLUMN_MISSING`, `DATA_NOT_FOUND`
 */
export async function checkLog(engine: QueryEngine, request: LogRequest, { task, now }: CheckLogOptions): Promise<LogCheck> {
  const found = await findLogFiles(request);
  const staged = await stageLog(engine, request.source, found, {});
  const readable = `(SELECT * FROM ${staged.rows} WHERE ${readableLine})`;
  const [totals] = await engine.rows<{
    rows: number;
    from: string | null;
    to: string | null;
    labelled: number;
    degraded: number;
    noscore: number;
  }>(
    `SELECT count(*) AS rows, min(time) FILTER (ok) AS from, max(time) FILTER (ok) AS to, count(label) FILTER (ok) AS labelled,
       count(*) FILTER (ok AND degraded) AS degraded, count(*) FILTER (ok AND score IS NULL) AS noscore
     FROM (SELECT *, ${readableLine} AS ok FROM ${staged.rows})`,
  );
  if (!totals?.rows)
    throw new UserError('LOG_EMPTY', `${request.source} has no answers in it.`, 'Name another log.', { file: request.source });

  const context = { engine, staged, files: found.files };
  const findings = [
    ...(await brokenLines(context)),
    ...(await repeatedIds(context, readable)),
    ...(await futureTimes(context, readable, now)),
    ...(task === 'binary' ? await scoresOutside(context, readable) : []),
  ];
  const verdict = worstVerdict(findings.map(({ severity }): Verdict => severity));
  const answered = await engine.rows<LogCheck['answered'][number]>(
    `SELECT model, version, variant, count(*) AS rows FROM ${readable} GROUP BY ALL ORDER BY rows DESC, model, version, variant LIMIT 1000`,
  );
  const days = await engine.rows<LogCheck['days'][number]>(
    `SELECT strftime(time, '%Y-%m-%d') AS day, count(*) AS rows FROM ${readable} GROUP BY 1 ORDER BY 1 LIMIT 3660`,
  );
  return {
    schema: 'weighin/log-check@1',
    verdict,
    headline: headline(request.source, totals.rows, staged.place, findings),
    log: request.source,
    format: found.format,
    files: found.files.map(({ path }) => path),
    rows: totals.rows,
    from: totals.from,
    to: totals.to,
    findings,
    answered: [...answered],
    days: [...days],
    labelled: totals.labelled,
    degraded: totals.degraded,
    withoutScore: totals.noscore,
    features: await countMissing(engine, staged, readable),
  };
}

function headline(source: string, rows: number, place: 'line' | 'row', findings: readonly LogFinding[]): string {
  const counted = `${visibleText(source)}: ${formatMany(rows, place)}`;
  const broken = findings.filter(({ severity }) => severity === 'fail');
  if (broken.length > 0) return `${counted}, and ${broken.length === 1 ? 'a rule is' : `${broken.length} rules are`} broken`;
  return findings.length > 0
    ? `${counted}, all can be read; ${formatMany(findings.length, 'thing')} to mend`
    : `${counted}, all keep the schema`;
}

interface Context {
  readonly engine: QueryEngine;
  readonly staged: StagedLog;
  readonly files: readonly SourceFile[];
}

interface Counted {
  readonly rows: number;
  readonly first: readonly { readonly file: number; readonly line: number }[] | null;
}

const firstPlaces = (condition = 'true') =>
  `arg_min({'file': file, 'line': line}, file * 1000000000000 + line, ${shownPlaces}) FILTER (${condition}) AS first`;

const placesOf = ({ files }: Context, first: Counted['first']) =>
  (first ?? []).map(({ file, line }) => ({ file: files[file - 1]?.path ?? '', line }));

async function brokenLines(context: Context): Promise<LogFinding[]> {
  const { engine, staged } = context;
  const found = await engine.rows<Counted & { code: string }>(
    `SELECT code, count(*) AS rows, ${firstPlaces()} FROM (SELECT file, line, unnest(broken) AS code FROM ${staged.rows}) GROUP BY code`,
  );
  const names = found.some(({ code }) => code === 'unknown-field')
    ? await engine.rows<{ name: string }>(
        `SELECT name FROM (SELECT unnest(unknown) AS name FROM ${staged.rows}) GROUP BY name ORDER BY count(*) DESC, name LIMIT 5`,
      )
    : [];
  return found
    .map(({ code, rows, first }): LogFinding => {
      const [rule, field = null] = code.split(':') as [LogFinding['rule'], (typeof logFields)[number]?];
      return {
        rule,
        field,
        severity: isWarned(code) ? 'warn' : 'fail',
        rows,
        first: placesOf(context, first),
        message: sentence(
          rule,
          field,
          formatMany(rows, staged.place),
          names.map(({ name }) => name),
        ),
      };
    })
    .sort((a, b) => Number(a.severity === 'warn') - Number(b.severity === 'warn') || b.rows - a.rows || (a.message < b.message ? -1 : 1));
}

function sentence(rule: LogFinding['rule'], field: (typeof logFields)[number] | null, lines: string, unknown: readonly string[]): string {
  const wants = field === null ? '' : fieldWords[field];
  switch (rule) {
    case 'not-json':
      return `${lines}: not JSON`;
    case 'not-an-object':
      return `${lines}: JSON, and no object`;
    case 'missing':
      return `${lines}: no ${field}; it must be ${wants}`;
    case 'type':
      return `${lines}: ${field} is of another type; it must be ${wants}`;
    case 'value':
      return `${lines}: ${field} must be ${wants}`;
    case 'not-finite':
      return `${lines}: ${field} is NaN or infinite; write null where there is none`;
    case 'unknown-field':
      return `${lines}: fields that the schema does not have: ${unknown.map(visibleText).join(', ')}`;
    case 'repeated-field':
      return `${lines}: a field stands twice`;
    case 'nested-feature':
      return `${lines}: a feature is an object or a list; write its parts as features of their own`;
    case 'feature-not-finite':
      return `${lines}: a feature is NaN or infinite; write null for a missing value`;
    default:
      return lines;
  }
}

async function repeatedIds(context: Context, readable: string): Promise<LogFinding[]> {
  // Counted before anything is named: the usual log has none, and a count needs no window.
  const [{ extra = 0 } = {}] = await context.engine.rows<{ extra: number }>(
    `SELECT count(*) - count(DISTINCT ${answerKey}) AS extra FROM ${readable}`,
  );
  if (extra === 0) return [];
  const [found] = await context.engine.rows<Counted>(
    `SELECT count(*) AS rows, ${firstPlaces()} FROM (
       SELECT file, line, row_number() OVER (PARTITION BY id, variant ORDER BY file, line) AS turn FROM ${readable}
     ) WHERE turn > 1`,
  );
  return [
    {
      rule: 'repeated-id',
      field: 'id',
      severity: 'fail',
      rows: extra,
      first: placesOf(context, found?.first ?? null),
      message: `${formatMany(extra, context.staged.place)}: an id that stood before for the same variant; readers take the first by time`,
    },
  ];
}

async function futureTimes(context: Context, readable: string, now: Date): Promise<LogFinding[]> {
  const limit = new Date(now.getTime() + clockSlackMs).toISOString().replace('T', ' ').replace('Z', '');
  const late = `time > TIMESTAMP ${literal(limit)}`;
  const [found] = await context.engine.rows<Counted>(`SELECT count(*) FILTER (${late}) AS rows, ${firstPlaces(late)} FROM ${readable}`);
  if (!found?.rows) return [];
  return [
    {
      rule: 'future-time',
      field: 'time',
      severity: 'fail',
      rows: found.rows,
      first: placesOf(context, found.first),
      message: `${formatMany(found.rows, context.staged.place)}: a time that has not come yet; is the server's clock or zone right?`,
    },
  ];
}

async function scoresOutside(context: Context, readable: string): Promise<LogFinding[]> {
  const outside = 'score < 0 OR score > 1';
  const [found] = await context.engine.rows<Counted>(
    `SELECT count(*) FILTER (${outside}) AS rows, ${firstPlaces(outside)} FROM ${readable}`,
  );
  if (!found?.rows) return [];
  return [
    {
      rule: 'score-range',
      field: 'score',
      severity: 'fail',
      rows: found.rows,
      first: placesOf(context, found.first),
      message: `${formatMany(found.rows, context.staged.place)}: a score outside of 0 … 1, where a probability must lie`,
    },
  ];
}

async function countMissing(engine: QueryEngine, staged: StagedLog, readable: string): Promise<LogCheck['features']> {
  const { features, featureSql } = staged;
  if (features.length === 0) return [];
  const counts = features.map(({ name }, index) => `count(*) - count(${featureSql[name]}) AS "f${index}"`);
  const [found] = await engine.rows<Record<string, number>>(`SELECT ${counts.join(', ')} FROM ${readable}`);
  return features.map(({ name, type }, index) => ({ name, type, missing: found?.[`f${index}`] ?? 0 }));
}
