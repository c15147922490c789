import { readFile } from 'node:fs/promises';
import { basename, resolve } from 'node:path';
import { UserError } from '../shared/errors.ts';
import type { RunContext } from '../shared/pipeline/run-context.ts';
import type { ServingConfig } from '../shared/serving/model-sources.ts';
import type { ModelSource, ServedTask } from '../shared/serving/served-model.ts';
import type { CommandIo } from './command.ts';

/** A model's name for a file that has none: `Churn v2.onnx` is churn-v2. */
export const nameOfFile = (file: string | undefined) => {
  if (file === undefined)
    throw new UserError('MODEL_NEEDED', 'Nothing to serve was named.', 'Name churn@production, or an ONNX file with --model.');
  return (
    basename(file)
      .replace(/\.onnx$/i, '')
      .toLowerCase()
      .replace(/[^a-z0-9-]+/g, '-')
      .replace(/^-+|-+$/g, '')
      .slice(0, 63) || 'model'
  );
};

/** What the configuration says of a model; nothing where there is none, or it does not know the name that a file was given. */
export async function servingConfig(
  args: { readonly name?: string | undefined; readonly task?: ServedTask | undefined },
  model: string,
  context: RunContext | null,
): Promise<ServingConfig> {
  const config = context?.config.config.models[model];
  if (context && !config && args.name !== undefined) {
    const known = Object.keys(context.config.config.models);
    throw new UserError('MODEL_UNKNOWN', `There is no model ${model} in ${context.config.file}.`, `The models there: ${known.join(', ')}.`);
  }
  if (!context || !config) return { task: args.task ?? null, score: undefined, positive: null, contract: null };
  const [{ readModelContract }, { modelRun }] = await Promise.all([
    import('../shared/pipeline/validate-data.ts'),
    import('../shared/pipeline/run-context.ts'),
  ]);
  return {
    task: args.task ?? (config.task === 'ranking' ? 'regression' : config.task),
    score: config.model.score,
    positive: config.data?.positive == null ? null : String(config.data.positive),
    contract: await readModelContract(context, modelRun(context, model)),
  };
}

/** Reads versions by name: from files where they were named, else from the store. */
export async function createSourceOf(
  model: string,
  files: ReadonlyMap<string, string> | null,
  config: ServingConfig,
  context: RunContext | null,
  io: CommandIo,
  warn: (line: string) => void,
): Promise<(version: string) => Promise<ModelSource>> {
  const { sourceOfFile, sourceOfVersion } = await import('../shared/serving/model-sources.ts');
  return async (version) => {
    const file = files?.get(version);
    if (file !== undefined) return sourceOfFile(version, await readModelFile(resolve(io.cwd, file), file), config);
    if (files !== null || !context)
      throw new UserError('VERSION_NOT_FOUND', `There is no file for ${version}.`, 'Name it: --model v11=old.onnx,v12=new.onnx.');
    const { store } = await context.store();
    return sourceOfVersion(store, model, Number(version.slice(1)), config, warn);
  };
}

async function readModelFile(path: string, shown: string): Promise<Uint8Array> {
  return readFile(path).catch((cause: unknown) => {
    const code = cause instanceof Error && 'code' in cause ? String(cause.code) : 'unknown';
    throw new UserError('MODEL_FILE_MISSING', `The model file ${shown} can't be read (${code}).`, 'Check the path of --model.');
  });
}

/** The version that a stage points at in this checkout. */
export async function stageVersion(context: RunContext | null, model: string, stage: string): Promise<number> {
  if (!context)
    throw new UserError('CONFIG_NOT_FOUND', 'There is no weighin.yaml here.', 'Run it in the project, or serve a file with --model.');
  const { readStage } = await import('../shared/registry/read-stage.ts');
  const found = await readStage(context.root, model, stage);
  if (found) return found.document.version.number;
  throw new UserError(
    'STAGE_EMPTY',
    `${model} ${stage} points at no version in this checkout.`,
    `Promote one, or name a version: \`weighin serve ${model}@v1\`.`,
  );
}
