import { UserError } from '../../shared/errors.ts';
import type { LogCheck } from '../../shared/production/log-check.ts';
import { formatCount, formatMany } from '../../shared/words/format-number.ts';
import { visibleText } from '../../shared/words/visible-text.ts';
import type { Arguments, CommandIo, CommandSpec, ExitCode } from '../command.ts';
import { openObjectFetcher } from '../fetch-objects.ts';

export const command = {
  name: 'logs',
  summary: 'Check a prediction log: every line by its schema, ids, times, scores',
  description: [
    'What a server wrote of each answer: JSON lines or Parquet, one file, a folder of rotated pieces, or a glob. docs/prediction-log.md says how a line looks; `weighin drift`, `skew`, `evaluate --replay` and monitoring read it.',
    'Findings name lines by their number and count them; they show no value.',
  ],
  positionals: [
    { name: 'action', description: '`check`.', required: true },
    { name: 'log', description: 'The log: .jsonl, .ndjson, .jsonl.gz or .parquet, a folder, a glob, or s3://….', required: true },
  ],
  options: {
    task: { description: 'Of the model; binary: scores must lie in 0 … 1.', values: ['binary', 'multiclass', 'regression'] },
  },
  examples: [
    { command: 'weighin logs check logs/churn-2026-01-05.jsonl.gz', does: 'one piece' },
    { command: "weighin logs check 'logs/*.parquet' --task binary --json check.json", does: 'all pieces, scores too' },
  ],
  exits: { 0: 'every line can be read', 1: 'lines break the schema' },
} as const satisfies CommandSpec;

export async function run(args: Arguments<typeof command>, io: CommandIo): Promise<ExitCode> {
  if (args.action !== 'check')
    throw new UserError(
      'ACTION_UNKNOWN',
      `\`weighin logs ${visibleText(args.action)}\` is nothing it knows.`,
      'Write `weighin logs check LOG`.',
    );
  io.progress.step('reading', args.log);
  const [{ openDuckDB }, { checkLog }] = await Promise.all([
    import('../../shared/adapters/duckdb/open-duckdb.ts'),
    import('../../shared/production/check-log.ts'),
  ]);
  const engine = await openDuckDB();
  const objects = openObjectFetcher(io.env);
  let result: LogCheck;
  try {
    result = await checkLog(
      engine,
      { source: args.log, root: io.cwd, fetch: objects.fetch },
      { ...(args.task && { task: args.task }), now: new Date() },
    );
  } finally {
    await engine.close();
    await objects.close();
  }
  await io.writeJson(result);
  printCheck(result, io);
  return result.verdict === 'fail' ? 1 : 0;
}

function printCheck(check: LogCheck, { colors, print }: CommandIo): void {
  const mark = check.verdict === 'pass' ? colors.green('✓') : check.verdict === 'warn' ? colors.yellow('!') : colors.red('✕');
  print(`${mark} ${colors.bold(check.verdict)}: ${check.headline}`);
  for (const { severity, message, first } of check.findings) {
    print(`  ${severity === 'warn' ? colors.yellow('! warn') : colors.red('✕ fail')}  ${visibleText(message)}`);
    const places = first.map(({ file, line }) => `${check.files.length > 1 ? `${visibleText(file)}:` : ''}${line}`);
    print(`          ${colors.dim(`first: ${places.join(', ')}`)}`);
  }
  if (check.from !== null && check.to !== null)
    print(`  ${minute(check.from)} … ${minute(check.to)} UTC, ${formatMany(check.days.length, 'day')}`);
  for (const { model, version, variant, rows } of check.answered.slice(0, 12))
    print(`  ${formatCount(rows).padStart(12)}  ${visibleText(`${model}@${version}${variant === null ? '' : `, ${variant}`}`)}`);
  if (check.answered.length > 12) print(`  ${colors.dim(`and ${check.answered.length - 12} more`)}`);
  const also = [
    `${formatMany(check.features.length, 'feature')}`,
    `${formatCount(check.labelled)} labelled`,
    ...(check.degraded > 0 ? [`${formatCount(check.degraded)} degraded`] : []),
    ...(check.withoutScore > 0 ? [`${formatCount(check.withoutScore)} without a score`] : []),
  ];
  print(`  ${colors.dim(also.join(' · '))}`);
}

const minute = (time: string) => time.slice(0, 16).replace('T', ' ');
