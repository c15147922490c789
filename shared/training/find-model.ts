import { copyFile, mkdir, rm, stat } from 'node:fs/promises';
import { basename, dirname, isAbsolute, join, relative, resolve } from 'node:path';
import type { ModelFileConfig } from '../config/schema.ts';
import { UserError } from '../errors.ts';
import type { TrainingRequest } from './run-training.ts';

const defaultNames = { onnx: 'model.onnx', command: 'model.pkl', predictions: 'predictions.csv', metrics: 'metrics.json' } as const;

/** The file that holds the model, as the config names it, or the usual name of its format. */
export const modelFileName = ({ file, format }: Pick<ModelFileConfig, 'file' | 'format'>) => file ?? defaultNames[format];

type Places = Pick<TrainingRequest, 'model' | 'modelFile' | 'outputFolder' | 'root'>;

/** When the file of that name in the config's folder was last written, null where there is none: to be asked before the command runs. */
export const rootModelTime = ({ root, modelFile }: Places) => fileTime(resolve(root, modelFileName(modelFile)));

/**
 * Where the training command left the model: in `WEIGHIN_OUTPUT`, or under its name in the config's folder, from where it is copied.
 * A file there that is as old as `before` was not written by the command, and so is not its model. Throws `MODEL_MISSING`.
 */
export async function findTrainedModel(places: Places, before: number | null): Promise<string> {
  const name = modelFileName(places.modelFile);
  const path = resolve(places.outputFolder, name);
  if ((await fileTime(path)) !== null && !isAbsolute(name)) return path;
  const inRoot = resolve(places.root, name);
  const written = await fileTime(inRoot);
  const todo = `Write the model to $WEIGHIN_OUTPUT/${basename(name)}`;
  if (written === null) throw missing(places, `training left no ${name}, neither in $WEIGHIN_OUTPUT nor in the config's folder`, todo);
  if (written === before) throw missing(places, `${name} in the config's folder is older than this training, which left no other`, todo);
  return copyInto(places, inRoot);
}

/** With neither command nor trainer: the file in the config's folder, copied into the output folder. Throws `MODEL_MISSING`. */
export async function copyGivenModel(places: Places): Promise<string> {
  const name = modelFileName(places.modelFile);
  const path = resolve(places.root, name);
  if ((await fileTime(path)) === null) {
    throw missing(
      places,
      `there is no file ${name} in the config's folder, and nothing that would train one`,
      'Add training.command or training.trainer',
    );
  }
  await rm(places.outputFolder, { recursive: true, force: true });
  return copyInto(places, path);
}

async function copyInto({ outputFolder, root }: Places, path: string): Promise<string> {
  const inside = relative(root, path);
  const name = inside.startsWith('..') || isAbsolute(inside) ? basename(path) : inside;
  const target = join(outputFolder, name);
  await mkdir(dirname(target), { recursive: true });
  await copyFile(path, target);
  return target;
}

/** When a file was last written, or null where there is none. A folder is none. */
async function fileTime(path: string): Promise<number | null> {
  const found = await stat(path).catch(() => null);
  return found?.isFile() ? found.mtimeMs : null;
}

const missing = ({ model }: Places, what: string, todo: string) =>
  new UserError(
    'MODEL_MISSING',
    `The model file of ${model} is missing: ${what}.`,
    `${todo}, or name the file that it does write: model.file.`,
  );
