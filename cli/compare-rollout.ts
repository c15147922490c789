import { UserError } from '../shared/errors.ts';
import type { ShadowComparison } from '../shared/rollout/shadow/shadow-comparison.ts';
import { formatCount, formatMany, formatMilliseconds, formatPercent } from '../shared/words/format-number.ts';
import { visibleText } from '../shared/words/visible-text.ts';
import type { CommandIo, ExitCode } from './command.ts';
import { openObjectFetcher } from './fetch-objects.ts';
import { readMoment } from './read-moment.ts';

/** What `weighin rollout compare` takes, as the command line has it. */
export interface CompareArguments {
  readonly log?: string | undefined;
  readonly stable?: string | undefined;
  readonly candidate?: string | undefined;
  readonly model?: string | undefined;
  readonly since?: string | undefined;
  readonly until?: string | undefined;
  readonly limit?: number | undefined;
  readonly tolerance?: number | undefined;
}

/** `weighin rollout compare`: a shadow's answers beside those that were given. 0 promote or not shown, 1 they differ too much. */
export async function compareRollout(args: CompareArguments, io: CommandIo): Promise<ExitCode> {
  const { log: source, limit, tolerance, model } = args;
  if (source === undefined)
    throw new UserError('FLAG_MISSING', '--log is missing: the prediction log.', '`weighin rollout --help` has examples.');
  const [stable, candidate] = [versionOf(args.stable, 'stable'), versionOf(args.candidate, 'candidate')];
  if (stable === candidate) throw invalid('candidate', 'another version than --stable');
  if (limit !== undefined && !(limit > 0 && limit < 1)) throw invalid('limit', 'a share between 0 and 1');
  if (tolerance !== undefined && !(tolerance >= 0 && Number.isFinite(tolerance))) throw invalid('tolerance', 'a number of at least 0');
  const [since, until] = [readMoment(args.since, 'since'), readMoment(args.until, 'until')];
  io.progress.step('reading', source);
  const [{ openDuckDB }, { openPredictionLog }, { compareShadow }] = await Promise.all([
    import('../shared/adapters/duckdb/open-duckdb.ts'),
    import('../shared/production/open-prediction-log.ts'),
    import('../shared/rollout/shadow/compare-shadow.ts'),
  ]);
  const engine = await openDuckDB();
  const objects = openObjectFetcher(io.env);
  let compared: ShadowComparison;
  try {
    const log = await openPredictionLog(engine, { source, root: io.cwd, fetch: objects.fetch });
    io.progress.step('comparing');
    compared = await compareShadow(engine, log, {
      stable,
      candidate,
      ...(model !== undefined && { model }),
      ...(since && { since }),
      ...(until && { until }),
      ...(limit !== undefined && { limit }),
      ...(tolerance !== undefined && { tolerance }),
    });
  } finally {
    await engine.close();
    await objects.close();
  }
  await io.writeJson(compared);
  printComparison(compared, io);
  return compared.verdict === 'fail' ? 1 : 0;
}

function printComparison(compared: ShadowComparison, { colors, print }: CommandIo): void {
  const { verdict, recommends, why, rows, scores, latency, log, notices } = compared;
  const { stable, candidate } = compared;
  const mark = verdict === 'pass' ? colors.green('✓') : verdict === 'fail' ? colors.red('✕') : colors.yellow('!');
  const advice = recommends === 'promote' ? `promote ${candidate}` : `keep ${stable}`;
  print(`${mark} ${colors.bold(`${advice}${verdict === 'inconclusive' ? ' (not shown)' : ''}`)}: ${visibleText(why)}`);
  const alone = [
    rows.stableAlone > 0 && `${formatCount(rows.stableAlone)} of ${stable} alone`,
    rows.candidateAlone > 0 && `${formatCount(rows.candidateAlone)} of ${candidate} alone`,
    rows.degraded > 0 && `${formatCount(rows.degraded)} by a fallback`,
    rows.unanswered > 0 && `${formatCount(rows.unanswered)} without an answer`,
  ].filter((part) => part !== false);
  const time = log.from !== null && log.to !== null ? `${minute(log.from)} … ${minute(log.to)} UTC, ` : '';
  print(
    `  ${colors.dim(`${time}${formatMany(rows.compared, 'request')} answered by both${alone.length > 0 ? `; left out: ${alone.join(', ')}` : ''}`)}`,
  );
  if (scores) {
    const { beyond } = scores;
    print(`  score difference  ${short(scores.mean)} in the mean, ${short(scores.meanAbsolute)} in size`);
    print(`                    ${scores.quantiles.map(({ share, difference }) => `${share * 100} %: ${short(difference)}`).join('   ')}`);
    print(`                    more than ${beyond.difference} in ${formatPercent(beyond.share)} (${formatMany(beyond.rows, 'request')})`);
  }
  if (latency)
    for (const [name, { mean, p50, p95, p99 }] of [[stable, latency.stable] as const, [candidate, latency.candidate] as const])
      print(
        `  latency ${name.padEnd(9)} ${[`mean ${formatMilliseconds(mean)}`, `median ${formatMilliseconds(p50)}`, `p95 ${formatMilliseconds(p95)}`, `p99 ${formatMilliseconds(p99)}`].join('   ')}`,
      );
  for (const { message } of notices) print(`  ${colors.dim(message)}`);
}

function versionOf(text: string | undefined, flag: string): string {
  if (text !== undefined && /^v[1-9]\d{0,8}$/.test(text)) return text;
  throw text === undefined
    ? new UserError('FLAG_MISSING', `--${flag} is missing: a version such as v12.`, '`weighin rollout --help` has examples.')
    : invalid(flag, 'a version such as v12');
}

const invalid = (flag: string, wants: string) =>
  new UserError('FLAG_INVALID', `--${flag} must be ${wants}.`, '`weighin rollout --help` has examples.');
const minute = (time: string) => time.slice(0, 16).replace('T', ' ');
const short = (value: number) => String(Number(value.toPrecision(3))).replace('-', '−');
