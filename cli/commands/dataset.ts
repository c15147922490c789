import { spec } from '../../actions/validate-data/spec.ts';
import { UserError } from '../../shared/errors.ts';
import { formatCount, formatPercent } from '../../shared/words/format-number.ts';
import { visibleText } from '../../shared/words/visible-text.ts';
import type { Arguments, CommandIo, CommandSpec, ExitCode } from '../command.ts';
import { oneModel, withContext } from '../run-options.ts';

export const command = {
  name: 'dataset',
  summary: 'Build the training, validation and test rows, and give them a version',
  description: [
    'Joins the features as they were known at the time of each row, gives every row an identity, splits by it, and writes three Parquet files with a manifest. The same inputs give the same bytes on every machine.',
  ],
  positionals: [{ name: 'model', description: 'Name; not needed where there is one.' }],
  options: {
    output: spec.inputs.output,
    'as-of': spec.inputs['as-of'],
    data: {
      description: 'Count a table alone where it lies, without a configuration: a file, postgres://… or sc://…. Nothing is built.',
      kind: 'path',
      placeholder: 'FILE',
    },
    label: { description: 'With --data: the column that is predicted.', placeholder: 'COLUMN' },
    task: { description: 'With --data: what is predicted.', values: ['binary', 'multiclass', 'regression'], default: 'binary' },
    split: { description: 'With --data: the column that says train, validation or test.', placeholder: 'COLUMN' },
    query: { description: 'With --data of a database: one SELECT instead of a table.', placeholder: 'SQL' },
  },
  examples: [
    { command: 'weighin dataset churn', does: 'writes .weighin/runs/churn/dataset/' },
    { command: 'weighin dataset churn --as-of 2025-01-31', does: 'as it was known on that day' },
    { command: 'weighin dataset --data postgres://db/shop?table=customers --label churned', does: 'rows and classes, counted there' },
  ],
  exits: { 0: 'the dataset is there' },
} as const satisfies CommandSpec;

type Args = Arguments<typeof command>;

export async function run({ model, ...args }: Args, io: CommandIo): Promise<ExitCode> {
  if (args.data !== undefined) return countTable(args, args.data, io);
  const alone = (['label', 'split', 'query'] as const).find((name) => args[name] !== undefined);
  if (alone)
    throw new UserError('FLAG_NEEDS_DATA', `--${alone} goes with --data.`, 'In a configuration it stands under data: of the model.');
  const { prepareDataset } = await import('../../shared/pipeline/prepare-dataset.ts');
  return withContext(args, io, async (context) => {
    const name = oneModel(context, model);
    const manifest = await prepareDataset(context, name);
    await io.writeJson(manifest);
    if (!manifest) {
      io.print(`${name} has no data.`);
      return 0;
    }
    const { train, validation, test } = manifest.splits;
    io.print(`${io.colors.bold(name)}: dataset ${manifest.version.slice(7, 19)}`);
    io.print(
      `  ${formatCount(train.rows)} training, ${formatCount(validation.rows)} validation and ${formatCount(test.rows)} test rows, ${manifest.features.length} features`,
    );
    for (const notice of manifest.notices) io.print(`  ${io.colors.dim(notice.code)} ${notice.message}`);
    return 0;
  });
}

/** Only counts come back, whatever the table's size. */
async function countTable({ label, task, split, query }: Omit<Args, 'model'>, data: string, io: CommandIo): Promise<ExitCode> {
  if (label === undefined)
    throw new UserError('FLAG_MISSING', '--label is missing.', 'Say which column is predicted: its classes are counted.');
  const [{ openTable }, { tableStatistics }, { isTableAddress, readTableAddress }] = await Promise.all([
    import('../../shared/adapters/open-table.ts'),
    import('../../shared/dataset/dataset-statistics.ts'),
    import('../../shared/source/table-address.ts'),
  ]);
  io.progress.step('counting', isTableAddress(data) ? readTableAddress(data, query).shown : data);
  const table = await openTable({ source: data, root: io.cwd, env: io.env, ...(query !== undefined && { query }) });
  try {
    const statistics = await tableStatistics(table.engine, table.source, { label, task, ...(split !== undefined && { split }) });
    await io.writeJson(statistics);
    const { train_rows, val_rows, test_rows, train_label_dist, num_features } = statistics;
    const rows =
      split === undefined
        ? `${formatCount(train_rows)} rows with a label`
        : `${formatCount(train_rows)} training, ${formatCount(val_rows)} validation and ${formatCount(test_rows)} test rows`;
    io.print(`${io.colors.bold(table.source.source)}: ${rows}, ${num_features} features`);
    for (const [value, share] of Object.entries(train_label_dist)) io.print(`  ${label} ${visibleText(value)}: ${formatPercent(share)}`);
    return 0;
  } finally {
    await table.close();
  }
}
