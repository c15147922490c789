import { spec } from '../../actions/validate-data/spec.ts';
import { formatCount } from '../../shared/words/format-number.ts';
import type { Arguments, CommandIo, CommandSpec, ExitCode } from '../command.ts';
import { oneModel, withContext } from '../run-options.ts';

export const command = {
  name: 'dataset',
  summary: 'Build the training, validation and test rows, and give them a version',
  description: [
    'Joins the features as they were known at the time of each row, gives every row an identity, splits by it, and writes three Parquet files with a manifest. The same inputs give the same bytes on every machine.',
  ],
  positionals: [{ name: 'model', description: 'Name; not needed where there is one.' }],
  options: { output: spec.inputs.output, 'as-of': spec.inputs['as-of'] },
  examples: [
    { command: 'weighin dataset churn', does: 'writes .weighin/runs/churn/dataset/' },
    { command: 'weighin dataset churn --as-of 2025-01-31', does: 'as it was known on that day' },
  ],
  exits: { 0: 'the dataset is there' },
} as const satisfies CommandSpec;

export async function run({ model, ...args }: Arguments<typeof command>, io: CommandIo): Promise<ExitCode> {
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
