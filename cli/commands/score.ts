import { existsSync } from 'node:fs';
import { relative, resolve } from 'node:path';
import { UserError } from '../../shared/errors.ts';
import type { RunContext } from '../../shared/pipeline/run-context.ts';
import type { ServedTask } from '../../shared/serving/served-model.ts';
import { formatCount, formatMany } from '../../shared/words/format-number.ts';
import type { Arguments, CommandIo, CommandSpec, ExitCode } from '../command.ts';
import { openObjectFetcher } from '../fetch-objects.ts';
import { createSourceOf, nameOfFile, servingConfig, stageVersion } from '../model-sources.ts';

export const command = {
  name: 'score',
  summary: 'Score a table with a model into a folder of Parquet, a partition a date',
  description: [
    'Reads CSV, JSON or Parquet, also from s3://, and writes prediction_date=DATE/part-00000.parquet … with id, score, prediction, prediction_date and model_version: one row for each row of the input, in its order.',
    'A date is scored whole or not at all: running it again replaces its partition at once, and a run that was killed goes on where it stopped.',
  ],
  options: {
    model: { description: 'churn@production, churn@v12, or an ONNX file.', required: true },
    input: { description: 'The rows: a file, a glob, or s3://….', kind: 'path', required: true },
    output: { description: 'Folder of the partitions.', kind: 'path', required: true },
    date: { description: 'The partition, as 2026-01-05; today (UTC) by default.' },
    id: { description: 'Column that names the rows: data.id by default, else their number.', placeholder: 'COLUMN' },
    task: {
      description: 'Of a file without a configuration; by default as the file looks.',
      values: ['binary', 'multiclass', 'regression'],
    },
    'piece-rows': { description: 'Rows of one Parquet file, and what a killed run loses at most.', kind: 'number', default: '1000000' },
  },
  examples: [
    { command: 'weighin score --model churn@production --input customers.parquet --output predictions', does: "today's partition" },
    {
      command: 'weighin score --model churn@v12 --input s3://lake/day/*.parquet --output predictions --date 2026-01-05',
      does: 'an older day again',
    },
  ],
  exits: { 0: 'every row was scored', 2: 'no such model, input or column' },
} as const satisfies CommandSpec;

type Args = Arguments<typeof command>;

export async function run(args: Args, io: CommandIo): Promise<ExitCode> {
  const isFile = /\.onnx$/i.test(args.model);
  if (isFile && !existsSync(resolve(io.cwd, io.configFile))) return score(args, null, io);
  const { withContext } = await import('../run-options.ts');
  return withContext({}, io, (context) => score(args, context, io));
}

async function score(args: Args, context: RunContext | null, io: CommandIo): Promise<ExitCode> {
  const [options, { openOnnxScorer }, { openSession }, { openDuckDB }, { openSource }, { scorePartition }, { servedTask }] =
    await Promise.all([
      import('../../shared/serving/read-serve-options.ts'),
      import('../../shared/scoring/open-onnx-scorer.ts'),
      import('../../shared/adapters/onnxruntime/open-session.ts'),
      import('../../shared/adapters/duckdb/open-duckdb.ts'),
      import('../../shared/source/table-source.ts'),
      import('../../shared/serving/score-partition.ts'),
      import('../../shared/serving/served-model.ts'),
    ]);
  const date = readDate(args.date);
  const rowsAPiece = options.readCount('piece-rows', args['piece-rows'], 1, 1_048_576);
  if (/^[a-z0-9]+:\/\//i.test(args.output))
    throw new UserError(
      'OUTPUT_NOT_A_FOLDER',
      'Predictions are written to a folder of this machine.',
      'Write them there and copy the partition on.',
    );
  const isFile = /\.onnx$/i.test(args.model);
  const name = isFile ? { model: nameOfFile(args.model), version: null, stage: null } : options.readServedName(args.model);
  const config = await servingConfig({ name: isFile ? undefined : name.model, task: args.task }, name.model, context);
  const sourceOf = await createSourceOf(name.model, isFile ? new Map([['v1', args.model]]) : null, config, context, io, () => undefined);
  const version = isFile ? 'v1' : `v${name.version ?? (await stageVersion(context, name.model, name.stage ?? 'production'))}`;
  io.progress.step('loading', `${name.model}@${version}`);
  const model = await sourceOf(version);
  const { evaluation, data } = context?.config.config.models[name.model] ?? {};
  const objects = openObjectFetcher(io.env);
  const engine = await openDuckDB();
  try {
    const task: ServedTask = model.task ?? servedTask(model.bytes);
    const types = Object.fromEntries((model.features ?? []).map((feature) => [feature.name, feature.type]));
    const source = await openSource(engine, { source: args.input, root: io.cwd, fetch: objects.fetch, types });
    const scorer = await openOnnxScorer(
      model.bytes,
      { openSession },
      {
        task,
        score: model.score,
        positive: model.positive,
        features: model.features ?? source.columns.filter((column) => column.name !== args.id),
      },
    );
    try {
      const named = data?.id ?? null;
      const id = args.id ?? (named !== null && source.columns.some((column) => column.name === named) ? named : null);
      io.progress.step('scoring', args.input);
      const result = await scorePartition(engine, {
        source,
        scorer,
        model: name.model,
        version,
        digest: model.digest,
        id,
        date,
        threshold: evaluation?.threshold ?? 0.5,
        output: resolve(io.cwd, args.output),
        rowsAPiece,
        onProgress: (done, total) => io.progress.note(`${formatCount(done)} of ${formatCount(total)} rows`),
        isAlive,
      });
      await io.writeJson({ model: name.model, version, date, ...result, folder: relative(io.cwd, result.folder) });
      const again = result.resumed > 0 ? `, ${formatMany(result.resumed, 'piece')} of them from a run that had stopped` : '';
      io.print(
        `${io.colors.green('✓')} ${io.colors.bold(`${formatMany(result.rows, 'row')} scored`)} by ${name.model}@${version}, mean score ${result.meanScore === null ? 'none' : String(Number(result.meanScore.toPrecision(6)))}`,
      );
      io.print(`  ${relative(io.cwd, result.folder)}: ${formatMany(result.pieces, 'piece')}${again}`);
      return 0;
    } finally {
      await scorer.close();
    }
  } finally {
    await engine.close();
    await objects.close();
  }
}

function readDate(text: string | undefined): string {
  if (text === undefined) return new Date().toISOString().slice(0, 10);
  const date = new Date(`${text}T00:00:00Z`);
  if (/^\d{4}-\d{2}-\d{2}$/.test(text) && !Number.isNaN(date.getTime()) && date.toISOString().startsWith(text)) return text;
  throw new UserError('DATE_INVALID', `--date ${text} is no date.`, 'Write it as 2026-01-05.');
}

/** Signal 0 asks without sending; what may not be asked is somebody else's and alive. */
function isAlive(id: number): boolean {
  try {
    process.kill(id, 0);
    return true;
  } catch (cause) {
    return cause instanceof Error && 'code' in cause && cause.code === 'EPERM';
  }
}
