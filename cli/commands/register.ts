import { spec } from '../../actions/register-model/spec.ts';
import type { Arguments, CommandIo, CommandSpec, ExitCode } from '../command.ts';
import { oneModel, withContext } from '../run-options.ts';

export const command = {
  name: 'register',
  summary: 'Give the candidate of the last run a version in the store',
  description: [
    'Stores the model and the report that judged it by their digests, and claims the next version number with a conditional write. A verdict that stops is not registered. The same model with the same report keeps the version that it has.',
  ],
  positionals: [{ name: 'model', description: 'Name; not needed where there is one.' }],
  options: {
    output: spec.inputs.output,
    builder: { description: 'Whose word it is, where another scheduler hands in.', placeholder: 'NAME' },
  },
  examples: [{ command: 'weighin run churn && weighin register churn', does: 'what the default branch does after a merge' }],
  exits: { 0: 'registered, registered before, or not the place to (a pull request registers nothing)', 1: 'the verdict stops it' },
} as const satisfies CommandSpec;

export async function run({ model, builder, ...args }: Arguments<typeof command>, io: CommandIo): Promise<ExitCode> {
  const [{ registerModel }, { readEvent }, { whyNotRegister }] = await Promise.all([
    import('../../shared/pipeline/register-model.ts'),
    import('../../shared/adapters/github/read-event.ts'),
    import('../../shared/adapters/github/why-not-register.ts'),
  ]);
  return withContext(args, io, async (context) => {
    const name = oneModel(context, model);
    // A laptop may; a job may where its action would.
    const refusal = io.env['GITHUB_ACTIONS'] === 'true' ? whyNotRegister(await readEvent(io.env)) : null;
    if (refusal !== null) {
      await io.writeJson({ registered: false, version: null, digest: null, reason: refusal });
      io.print(`${io.colors.dim('○')} ${refusal}`);
      return 0;
    }
    const result = await registerModel(context, name, builder === undefined ? {} : { builder });
    await io.writeJson(result);
    io.print(`${result.version === null ? io.colors.red('✕') : io.colors.green('✓')} ${result.reason}`);
    return result.version === null ? 1 : 0;
  });
}
