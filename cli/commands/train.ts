import { spec } from '../../actions/train-model/spec.ts';
import { formatCount } from '../../shared/words/format-number.ts';
import type { Arguments, CommandIo, CommandSpec, ExitCode } from '../command.ts';
import { oneModel, withContext } from '../run-options.ts';

export const command = {
  name: 'train',
  summary: 'Train the candidate on the dataset that is there',
  description: [
    'Runs training.setup and training.command, or the built-in trainer. The command finds its rows in $WEIGHIN_TRAIN and $WEIGHIN_VALIDATION, leaves the model in $WEIGHIN_OUTPUT, and never sees the test rows.',
  ],
  positionals: [{ name: 'model', description: 'Name; not needed where there is one.' }],
  options: { output: spec.inputs.output },
  examples: [{ command: 'weighin dataset churn && weighin train churn', does: 'the two steps before an evaluation' }],
  exits: { 0: 'the model is there' },
} as const satisfies CommandSpec;

export async function run({ model, ...args }: Arguments<typeof command>, io: CommandIo): Promise<ExitCode> {
  const { trainModel } = await import('../../shared/pipeline/train-model.ts');
  return withContext(args, io, async (context) => {
    const name = oneModel(context, model);
    const result = await trainModel(context, name);
    await io.writeJson(result);
    io.print(
      `${io.colors.bold(name)}: ${result.trainer ?? result.command ?? 'the model as given'} in ${result.seconds.toFixed(1)} s, ${formatCount(result.model.bytes)} bytes, ${result.model.digest.slice(7, 19)}`,
    );
    return 0;
  });
}
