import type { Arguments, CommandIo, CommandSpec, ExitCode } from '../command.ts';
import { printStageChange } from '../print-stage-change.ts';
import { withContext } from '../run-options.ts';

export const command = {
  name: 'adopt',
  summary: 'Take in the model that runs in production today',
  description: [
    'Registers a model file as it is, marked adopted and claimed, and writes the stage file that points at it: from then on every candidate is compared with it.',
  ],
  positionals: [{ name: 'model', description: 'Name of the model in weighin.yaml.', required: true }],
  options: {
    from: { description: 'The model file that production loads today.', kind: 'path', placeholder: 'FILE', required: true },
    stage: { description: 'The stage that it runs at.', required: true },
  },
  examples: [{ command: 'weighin adopt churn --from model.onnx --stage production', does: 'v1, and production points at it' }],
  exits: { 0: 'taken in, or there already' },
} as const satisfies CommandSpec;

export async function run({ model, from, stage }: Arguments<typeof command>, io: CommandIo): Promise<ExitCode> {
  const [{ adoptModel }, { describeModel }, { resolve }] = await Promise.all([
    import('../../shared/registry/adopt-model.ts'),
    import('../../shared/training/describe-model.ts'),
    import('node:path'),
  ]);
  return withContext({}, io, async (context) => {
    const { store } = await context.store();
    const file = resolve(io.cwd, from);
    const format = context.config.config.models[model]?.model.format ?? 'onnx';
    // What is no model of that format is refused before anything is stored; a missing file is the room's to name.
    const described = await describeModel(format, file, io.cwd).catch((cause: unknown) => {
      if (cause instanceof Error && 'code' in cause && cause.code === 'ENOENT') return null;
      throw cause;
    });
    const change = await adoptModel({
      root: context.root,
      store,
      config: context.config.config,
      model,
      stage,
      file,
      now: context.now(),
      ...(described && { subject: { format, opset: described.opset } }),
    });
    await io.writeJson(change);
    printStageChange(change, io);
    return 0;
  });
}
