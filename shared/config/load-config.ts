import { readFile } from 'node:fs/promises';
import { dirname, isAbsolute, relative, resolve } from 'node:path';
import { InfrastructureError, type SourceLocation, UserError } from '../errors.ts';
import { checkConfig } from './check-config.ts';
import { ConfigError } from './config-error.ts';
import { describeIssues, type FoundProblem } from './describe-issues.ts';
import { findIncluded } from './find-included.ts';
import { findWaiting, type Waiting } from './not-yet-supported.ts';
import { type ConfigPath, type ConfigProblem, parseYaml, type YamlFile } from './parse-yaml.ts';
import { policyDigest } from './policy-digest.ts';
import { type Config, configSchema } from './schema.ts';

/** `weighin.yaml` read whole: what it says, where each word of it stands, and what of it this version can't do yet. */
export interface LoadedConfig {
  readonly config: Config;
  /** The main file, then the included ones; as messages name them: relative to `root`, with `/`. */
  readonly files: readonly string[];
  readonly file: string;
  /** Absolute folder that `file` and every location is relative to: the repository, or where the command was typed. */
  readonly root: string;
  /** Absolute folder that a model's paths, commands and globs are relative to: that of the file which declares it. */
  rootOf(model: string): string;
  /** The file that declares a model, relative to `root`. */
  fileOf(model: string): string;
  /** Policy digest over all models; `policyDigest(config, model)` gives that of one. */
  readonly digest: string;
  /** Where a key's value stands, or its nearest ancestor that is written. */
  locate(path: ConfigPath): SourceLocation;
  /** Keys that a later version acts on; the run stands without them. */
  readonly notices: readonly ConfigNotice[];
  /** Keys that would change the result: `assertSupported` refuses to run the model (all of them where `model` is undefined). */
  readonly blocked: readonly ConfigNotice[];
}

export interface ConfigNotice {
  readonly code: 'NOT_YET_SUPPORTED';
  readonly model: string | undefined;
  readonly path: ConfigPath;
  readonly message: string;
  readonly location: SourceLocation;
}

/** Where configuration files are read from: a disk, or a commit on a forge. Paths are absolute. */
export interface ConfigFiles {
  /** @throws an error with `code: 'ENOENT'` where there is no such file */
  read(file: string): Promise<Uint8Array>;
  /** Files below a folder that match a glob, relative to it. */
  find(folder: string, glob: string): Promise<readonly string[]>;
}

const onDisk: ConfigFiles = { read: (file) => readFile(file), find: findIncluded };

/**
 * Reads the configuration at `path` (relative to `root`, which is an absolute folder) with its `include`d files.
 * @throws ConfigError with everything that is wrong, UserError CONFIG_NOT_FOUND
 */
export async function loadConfig(
  path: string,
  { root, from = onDisk }: { readonly root: string; readonly from?: ConfigFiles },
): Promise<LoadedConfig> {
  const main = resolve(root, path);
  const name = (file: string) => shownPath(root, file);
  const tree = parseYaml(await readConfig(from, main, name(main)), name(main));
  refuse(tree.problems);
  if (tree.value === undefined || tree.value === null)
    refuse([problem(tree, [], 'The file is empty; `weighin init --data FILE` writes one for your data.')]);

  const written = isRecord(tree.value) ? { ...tree.value } : tree.value;
  const owners: Record<string, { readonly tree: YamlFile; readonly file: string }> = Object.create(null);
  const files = [main];
  if (isRecord(written)) {
    for (const model of Object.keys(isRecord(written['models']) ? written['models'] : {})) owners[model] = { tree, file: main };
    const included = await readIncluded(from, tree, written['include'], main, name);
    const models: Record<string, unknown> = isRecord(written['models']) ? { ...written['models'] } : {};
    for (const part of included) {
      files.push(part.file);
      for (const [model, value] of Object.entries(part.models)) {
        const before = owners[model];
        if (before) refuse([clash(model, before.tree, part.tree)]);
        owners[model] = part;
        models[model] = value;
      }
    }
    if (included.length > 0) written['models'] = models;
  }

  const treeOf = (at: ConfigPath) => (at[0] === 'models' && owners[String(at[1])]?.tree) || tree;
  const locate = (at: ConfigPath) => treeOf(at).locate(at);
  const place = ({ mark, ...found }: FoundProblem): ConfigProblem => ({ ...found, location: treeOf(found.path).locate(found.path, mark) });

  const parsed = configSchema.safeParse(written);
  if (!parsed.success) refuse(describeIssues(parsed.error.issues, (at) => valueAt(written, at)).map(place));
  const config = parsed.data as Config;
  refuse(checkConfig(config).map((found) => place({ ...found, code: 'CONFIG_INVALID', mark: 'value' })));

  const waiting = findWaiting(written);
  const notice = ({ model, path: at, says }: Waiting): ConfigNotice => ({
    code: 'NOT_YET_SUPPORTED',
    model,
    path: at,
    message: `\`${showWritten(written, at)}\` ${says}.`,
    location: treeOf(at).locate(at, 'key'),
  });
  return {
    config,
    files: files.map(name),
    file: name(main),
    root: resolve(root),
    rootOf: (model) => dirname(owners[model]?.file ?? main),
    fileOf: (model) => name(owners[model]?.file ?? main),
    digest: policyDigest(config),
    locate,
    notices: waiting.filter(({ effect }) => effect === 'notice').map(notice),
    blocked: waiting.filter(({ effect }) => effect === 'block').map(notice),
  };
}

/** Refuses to run a model whose result would not be what its configuration asks for. */
export function assertSupported(loaded: LoadedConfig, model: string): void {
  const [first, ...others] = loaded.blocked.filter((block) => block.model === undefined || block.model === model);
  if (!first) return;
  throw new UserError(
    'NOT_YET_SUPPORTED',
    [first, ...others].map(({ message }) => message).join(' '),
    'This version would answer another question than the one that the configuration asks, so it does not run the model.',
    first.location,
  );
}

interface IncludedPart {
  readonly file: string;
  readonly tree: YamlFile;
  readonly models: Readonly<Record<string, unknown>>;
}

async function readIncluded(
  from: ConfigFiles,
  tree: YamlFile,
  include: unknown,
  main: string,
  name: (file: string) => string,
): Promise<readonly IncludedPart[]> {
  const globs = (Array.isArray(include) ? include : [include]).filter((glob) => typeof glob === 'string');
  const folder = dirname(main);
  const parts = new Map<string, IncludedPart>();
  for (const [index, glob] of globs.entries()) {
    const at = Array.isArray(include) ? ['include', index] : ['include'];
    if (isAbsolute(glob) || glob.split(/[\\/]/).includes('..'))
      refuse([problem(tree, at, 'include names files below this one: no absolute path, no `..`.')]);
    const found = (await from.find(folder, glob)).map((file) => resolve(folder, file)).filter((file) => file !== main);
    if (found.length === 0) refuse([problem(tree, at, `include "${glob}" matches no file.`)]);
    for (const file of found) if (!parts.has(file)) parts.set(file, await readPart(from, file, name(file)));
  }
  return [...parts.values()];
}

/** An included file brings models and nothing else: policy for all stands in one place. */
async function readPart(from: ConfigFiles, file: string, shown: string): Promise<IncludedPart> {
  const tree = parseYaml(await readConfig(from, file, shown), shown);
  refuse(tree.problems);
  if (!isRecord(tree.value)) return refuse([problem(tree, [], 'An included file holds `models:`; this one is empty or something else.')]);
  const problems = Object.keys(tree.value)
    .filter((key) => key !== 'models' && key !== 'version')
    .map((key) => problem(tree, [key], `\`${key}\` can't stand in an included file, only \`models\` and \`version\`.`));
  const { version, models } = tree.value;
  if (version !== undefined && version !== 1) problems.push(problem(tree, ['version'], 'version must be 1.'));
  if (!isRecord(models)) problems.push(problem(tree, ['models'], 'An included file holds `models:`, a mapping of names to models.'));
  refuse(problems);
  return { file, tree, models: isRecord(models) ? models : {} };
}

function clash(model: string, before: YamlFile, after: YamlFile): ConfigProblem {
  const { file, line } = before.locate(['models', model], 'key');
  return {
    ...problem(after, ['models', model], `\`${model}\` is a model of ${file}:${line} already; rename one.`),
    location: after.locate(['models', model], 'key'),
  };
}

async function readConfig(from: ConfigFiles, file: string, shown: string): Promise<string> {
  let bytes: Uint8Array;
  try {
    bytes = await from.read(file);
  } catch (cause) {
    const code = cause instanceof Error && 'code' in cause ? cause.code : undefined;
    if (code === 'ENOENT' || code === 'ENOTDIR')
      throw new UserError(
        'CONFIG_NOT_FOUND',
        `There is no ${shown} here.`,
        '`weighin init --data FILE` writes one for your data; --config names another place.',
        {
          file: shown,
        },
      );
    if (code === 'EISDIR')
      throw new UserError('CONFIG_NOT_FOUND', `${shown} is a folder.`, 'Name the file: --config path/weighin.yaml.', { file: shown });
    throw new InfrastructureError('CONFIG_UNREADABLE', `${shown} can't be read (${String(code)}).`, { cause });
  }
  try {
    return new TextDecoder('utf-8', { fatal: true }).decode(bytes);
  } catch {
    throw new UserError('CONFIG_INVALID', `${shown} is not UTF-8 text.`, 'Save it as UTF-8.', { file: shown });
  }
}

const problem = (tree: YamlFile, path: ConfigPath, message: string): ConfigProblem => ({
  code: 'CONFIG_INVALID',
  path,
  message,
  location: tree.locate(path),
});

function refuse(problems: readonly [ConfigProblem]): never;
function refuse(problems: readonly ConfigProblem[]): void;
function refuse(problems: readonly ConfigProblem[]): void {
  if (problems.length > 0) throw new ConfigError(problems);
}

const shownPath = (root: string, file: string) => {
  const path = relative(root, file).replaceAll('\\', '/');
  return path.startsWith('../../..') ? file : path;
};

/** `models.churn.data.split.by: group`, without the value where it is a mapping or a list. */
const showWritten = (written: unknown, path: ConfigPath) => {
  const value = valueAt(written, path);
  const shown = path.map((step, index) => (typeof step === 'number' ? `[${step}]` : `${index > 0 ? '.' : ''}${step}`)).join('');
  return typeof value === 'string' && value.length <= 40 && !/[:/@\p{Cc}]/u.test(value) ? `${shown}: ${value}` : shown;
};

const isRecord = (value: unknown): value is Record<string, unknown> => typeof value === 'object' && value !== null && !Array.isArray(value);

const valueAt = (value: unknown, path: ConfigPath): unknown =>
  path.reduce<unknown>(
    (at, step) =>
      typeof at === 'object' && at !== null && Object.hasOwn(at, step) ? (at as Record<string | number, unknown>)[step] : undefined,
    value,
  );
