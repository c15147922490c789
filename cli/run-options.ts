import { spec } from '../actions/weighin/spec.ts';
import { UserError } from '../shared/errors.ts';
import type { RunContext } from '../shared/pipeline/run-context.ts';
import type { CommandIo, ExitCode } from './command.ts';

/** What the steps of the pipeline take here is what the actions take. */
export const runOptions = {
  output: spec.inputs.output,
  'as-of': spec.inputs['as-of'],
} as const;

/** Opens the context of a command, and closes it whatever happens. */
export async function withContext(
  args: { readonly output?: string; readonly 'as-of'?: string | undefined },
  io: CommandIo,
  use: (context: RunContext) => Promise<ExitCode>,
): Promise<ExitCode> {
  // Said before anything heavy is loaded: a command that shows nothing seems to hang.
  io.progress.step('reading', io.configFile);
  const { openRunContext } = await import('../shared/adapters/open-run-context.ts');
  const context = await openRunContext({
    config: io.configFile,
    root: io.cwd,
    output: args.output ?? spec.inputs.output.default,
    asOf: args['as-of'],
    progress: io.progress,
    env: io.env,
    version: io.version,
  });
  try {
    return await use(context);
  } finally {
    await context.close();
  }
}

/** The model that was named, or the only one there is. */
export function oneModel(context: RunContext, named: string | undefined): string {
  const models = Object.keys(context.config.config.models);
  if (named !== undefined) return named;
  const [only, ...others] = models;
  if (only !== undefined && others.length === 0) return only;
  throw new UserError('MODEL_NEEDED', `${context.config.file} has ${models.length} models: say which.`, `One of: ${models.join(', ')}.`);
}

/** `churn@v12` in its parts. */
export function versionName(text: string): { readonly model: string; readonly version: number } {
  const [, model, digits] = /^([a-z0-9][a-z0-9-]{0,62})@v?([1-9]\d{0,8})$/.exec(text) ?? [];
  if (model && digits) return { model, version: Number(digits) };
  throw new UserError('VERSION_INVALID', `${text} names no version.`, 'Write it as churn@v12.');
}
