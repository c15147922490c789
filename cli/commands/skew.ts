import { UserError } from '../../shared/errors.ts';
import type { SkewReport } from '../../shared/production/skew-report.ts';
import { formatCount, formatMany, formatPercent } from '../../shared/words/format-number.ts';
import { clipText, visibleText } from '../../shared/words/visible-text.ts';
import type { Arguments, CommandIo, CommandSpec, ExitCode } from '../command.ts';
import { openObjectFetcher } from '../fetch-objects.ts';
import { readMoment } from '../read-moment.ts';

export const command = {
  name: 'skew',
  summary: 'Compare what serving saw with what training saw, row by row',
  description: [
    'Joins the answers of a prediction log to the training rows that they are of, and compares each feature: other values, nulls on one side, types that differ (1 and "1"). Where nothing joins, both are compared by distribution, and it says so.',
    'The key is a column of the training data. Of the log it is the feature of that name, else the id (and the time) of the answer. Numbers a and b are equal where |a − b| ≤ tolerance · max(1, |a|, |b|). Differing rows are named by number, never by value.',
  ],
  options: {
    training: {
      description: 'A dataset folder (with manifest.json), or CSV, Parquet, JSON lines.',
      kind: 'path',
      placeholder: 'DATASET',
      required: true,
    },
    serving: { description: 'The prediction log.', kind: 'path', placeholder: 'LOG', required: true },
    key: {
      description: "The training data's id, and time where that is not unique; the dataset's id, or `id`, by default.",
      placeholder: 'ID[,TIME]',
    },
    tolerance: { description: 'Of numbers.', kind: 'number', default: '0.000001' },
    'column-tolerance': { description: 'Of single columns, as amount=0.01,age=0.', placeholder: 'COLUMN=N,…' },
    limit: {
      description: 'Share of the joined answers in which a column may differ: more fails, fewer warn.',
      kind: 'number',
      default: '0.01',
    },
    model: { description: 'Answers of this model alone, where the log has several.', placeholder: 'NAME' },
    since: { description: 'Answers from then on, ISO 8601.', placeholder: 'TIME' },
    until: { description: 'Answers before then.', placeholder: 'TIME' },
  },
  examples: [
    { command: 'weighin skew --training .weighin/runs/churn/dataset --serving logs/ --key customer_id', does: 'by the id that both have' },
    {
      command: 'weighin skew --training train.parquet --serving log.jsonl --key customer_id,event_time --json skew.json',
      does: 'ids that repeat',
    },
  ],
  exits: { 0: 'no column differs in more than --limit', 1: 'one does, or a trained column is never served' },
} as const satisfies CommandSpec;

type Args = Arguments<typeof command>;

export async function run(args: Args, io: CommandIo): Promise<ExitCode> {
  const [since, until] = [readMoment(args.since, 'since'), readMoment(args.until, 'until')];
  const slice = {
    ...(args.model !== undefined && { model: args.model }),
    ...(since && { since }),
    ...(until && { until }),
    withoutShadow: true,
  };
  const columnTolerance = tolerances(args['column-tolerance']);
  if (!(args.tolerance >= 0)) throw flagInvalid('tolerance', 'a number of at least 0');
  if (!(args.limit >= 0 && args.limit <= 1)) throw flagInvalid('limit', 'a share of 0 … 1');
  io.progress.step('reading', args.training);
  const [{ openDuckDB }, { openTrainingRows }, { openPredictionLog }, { checkSkew }] = await Promise.all([
    import('../../shared/adapters/duckdb/open-duckdb.ts'),
    import('../../shared/production/open-training-rows.ts'),
    import('../../shared/production/open-prediction-log.ts'),
    import('../../shared/production/check-skew.ts'),
  ]);
  const engine = await openDuckDB();
  const objects = openObjectFetcher(io.env);
  let report: SkewReport;
  try {
    const { table, features, id } = await openTrainingRows(engine, { source: args.training, root: io.cwd, fetch: objects.fetch });
    const key = keyOf(args.key, id ?? 'id');
    io.progress.step('reading', args.serving);
    const log = await openPredictionLog(engine, { source: args.serving, root: io.cwd, fetch: objects.fetch });
    io.progress.step('comparing');
    report = await checkSkew(engine, {
      training: table,
      log,
      slice,
      key,
      ...(features && { features }),
      tolerance: args.tolerance,
      columnTolerance,
      limit: args.limit,
    });
    if (report.compared === 'distribution') {
      const { compareServed } = await import('../../shared/production/compare-distributions.ts');
      const trained = features ?? table.columns.map(({ name }) => name);
      const columns = log.features.map(({ name }) => name).filter((name) => trained.includes(name) && name !== key.id && name !== key.time);
      const drift = await compareServed(engine, { training: table, log, columns, slice });
      report = { ...report, drift, verdict: report.missing.length > 0 ? 'fail' : drift.verdict };
    }
  } finally {
    await engine.close();
    await objects.close();
  }
  await io.writeJson(report);
  await printSkew(report, io);
  return report.verdict === 'fail' ? 1 : 0;
}

async function printSkew(report: SkewReport, io: CommandIo): Promise<void> {
  const { colors, print } = io;
  const mark = report.verdict === 'pass' ? colors.green('✓') : report.verdict === 'fail' ? colors.red('✕') : colors.yellow('!');
  print(`${mark} ${colors.bold(report.verdict)}: ${visibleText(report.headline)}`);
  const key = report.key.map(({ training, serving }) => (training === serving ? training : `${training} = ${serving} of the log`));
  print(
    `  ${colors.dim(`${formatCount(report.training.rows)} training rows, ${formatCount(report.serving.rows)} answers, joined by ${visibleText(key.join(' and '))}`)}`,
  );
  const shown = report.columns.filter(({ rate }) => rate > 0);
  const width = Math.min(32, Math.max(0, ...shown.map(({ column }) => visibleText(column).length)));
  const manyFiles = new Set(shown.flatMap(({ first }) => first.map(({ file }) => file))).size > 1;
  for (const column of shown.slice(0, 20)) {
    const paint = column.verdict === 'fail' ? colors.red : colors.yellow;
    const name = clipText(visibleText(column.column), width).padEnd(width);
    print(`  ${paint(column.verdict.padEnd(4))}  ${name}  ${formatPercent(column.rate).padStart(8)}  ${waysOf(column)}`);
    const places = column.first.map(({ row, file, line }) => `row ${row} ↔ ${manyFiles ? `${visibleText(file)}:` : 'line '}${line}`);
    print(`        ${' '.repeat(width)}            ${colors.dim(places.join(', '))}`);
  }
  if (shown.length > 20) print(`  ${colors.dim(`and ${formatMany(shown.length - 20, 'column')} more`)}`);
  if (report.missing.length > 0) print(`  ${colors.red('fail')}  trained on and never served: ${names(report.missing)}`);
  if (report.onlyInTraining.length > 0) print(`  ${colors.dim(`in training alone: ${names(report.onlyInTraining)}`)}`);
  if (report.onlyInServing.length > 0) print(`  ${colors.dim(`in the log alone: ${names(report.onlyInServing)}`)}`);
  for (const notice of report.notices) print(`  ${colors.dim(notice.code)} ${visibleText(notice.message)}`);
  if (report.drift) {
    const { renderDriftTerminal } = await import('../../shared/report/drift/render-drift-terminal.ts');
    print(renderDriftTerminal(report.drift, { color: colors.bold('x') !== 'x', width: io.columns }));
  }
}

function waysOf(column: SkewReport['columns'][number]): string {
  const ways: readonly (readonly [number, string])[] = [
    [column.otherValue, column.tolerance === null ? 'other value' : `off by more than ${column.tolerance}`],
    [column.nullInServing, 'null in serving'],
    [column.nullInTraining, 'null in training'],
    [
      column.otherType,
      `${column.types.training} as ${column.types.serving === column.types.training ? 'another type' : column.types.serving}`,
    ],
  ];
  return ways
    .filter(([count]) => count > 0)
    .map(([count, what]) => `${formatCount(count)} ${what}`)
    .join(', ');
}

const names = (list: readonly string[]) =>
  `${list.slice(0, 12).map(visibleText).join(', ')}${list.length > 12 ? ` and ${list.length - 12} more` : ''}`;

function keyOf(text: string | undefined, usual: string): { readonly id: string; readonly time?: string } {
  const [id = usual, time, ...rest] = (text ?? usual).split(',').map((part) => part.trim());
  if (id === '' || time === '' || rest.length > 0) throw flagInvalid('key', 'ID or ID,TIME');
  return { id, ...(time !== undefined && { time }) };
}

function tolerances(text: string | undefined): Readonly<Record<string, number>> {
  const parts = (text ?? '').split(',').filter((part) => part.trim() !== '');
  return Object.fromEntries(
    parts.map((part): [string, number] => {
      const at = part.lastIndexOf('=');
      const value = Number(part.slice(at + 1));
      if (at < 1 || part.slice(at + 1).trim() === '' || !(value >= 0))
        throw flagInvalid('column-tolerance', 'COLUMN=N, such as amount=0.01');
      return [part.slice(0, at).trim(), value];
    }),
  );
}

const flagInvalid = (flag: string, wants: string) =>
  new UserError('FLAG_INVALID', `--${flag} must be ${wants}.`, '`weighin skew --help` has examples.');
