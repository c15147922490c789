import type { Arguments, CommandIo, CommandSpec, ExitCode } from '../command.ts';
import { printStageChange } from '../print-stage-change.ts';
import { versionName, withContext } from '../run-options.ts';

export const command = {
  name: 'promote',
  summary: 'Write the files of a pull request that points a stage at a version',
  description: [
    'Writes the stage file, its plan and a copy of the version record under registry/. Commit them on a branch and open an ordinary pull request: its merge is the promotion. Model and report are read and verified first; a verdict that stops is refused.',
  ],
  positionals: [
    { name: 'version', description: 'As churn@v12.', required: true },
    { name: 'stage', description: 'A stage of the model, such as production.', required: true },
  ],
  options: {},
  examples: [{ command: 'weighin promote churn@v12 production', does: 'writes registry/churn/…' }],
  exits: { 0: 'written, or there already' },
} as const satisfies CommandSpec;

export async function run({ version, stage }: Arguments<typeof command>, io: CommandIo): Promise<ExitCode> {
  const named = versionName(version);
  const { writePromotion } = await import('../../shared/registry/write-promotion.ts');
  return withContext({}, io, async (context) => {
    const { store } = await context.store();
    const change = await writePromotion({
      root: context.root,
      store,
      config: context.config.config,
      model: named.model,
      version: named.version,
      stage,
    });
    await io.writeJson(change);
    printStageChange(change, io);
    return 0;
  });
}
