import { isAbsolute, relative, resolve } from 'node:path';
import picomatch from 'picomatch';
import type { LoadedConfig } from './load-config.ts';
import type { ModelConfig } from './schema.ts';

/** Whether a change reaches a model, and by what. */
export interface PlannedModel {
  readonly model: string;
  readonly affected: boolean;
  /** Sentences for people: `code: train.py changed`. Empty where nothing reaches it. */
  readonly reasons: readonly string[];
}

/**
 * Which models a change reaches: by their `code:` globs (the config's folder by default), their data, contract, or the configuration.
 * `changedFiles` are relative to `loaded.root`; null when it isn't known what changed, which reaches every model.
 */
export function planModels(loaded: LoadedConfig, changedFiles: readonly string[] | null): readonly PlannedModel[] {
  return Object.entries(loaded.config.models).map(([model, config]) => {
    const reasons = changedFiles === null ? ['no base to compare with'] : reasonsFor(loaded, model, config, changedFiles);
    return { model, affected: reasons.length > 0, reasons };
  });
}

function reasonsFor(loaded: LoadedConfig, model: string, config: ModelConfig, changedFiles: readonly string[]): readonly string[] {
  const home = loaded.rootOf(model);
  const changed = changedFiles.map((file) => {
    const path = resolve(loaded.root, file);
    return { file, path, local: relative(home, path).replaceAll('\\', '/') };
  });
  const configFiles = new Set([loaded.file, loaded.fileOf(model)].map((file) => resolve(loaded.root, file)));
  const reasons: string[] = [];
  const add = (what: string, match: (local: string, path: string) => boolean) => {
    const hits = changed.filter(({ local, path }) => match(local, path));
    const [first] = hits;
    if (first) reasons.push(`${what}: ${first.file}${hits.length > 1 ? ` and ${hits.length - 1} more` : ''} changed`);
    return new Set(hits.map(({ path }) => path));
  };

  add('config', (_, path) => configFiles.has(path));
  const contract = config.data?.contract;
  if (contract) add('contract', matcher([contract]));
  const sources = [config.data?.source, config.data?.heldout, ...(config.data?.features ?? []).map(({ source }) => source)].filter(
    (source) => source !== undefined,
  );
  const outside = (source: string) => source.includes('://') || isAbsolute(source);
  const elsewhere = sources.filter(outside);
  const local = sources.filter((source) => !outside(source));
  const known = local.length > 0 ? add('data', matcher(local.flatMap((source) => [source, `${source}.dvc`]))) : new Set<string>();
  // Git can't see them: the run compares digests, and ends at once where they are the same.
  if (elsewhere.length > 0) reasons.push('data: lies outside Git, so only the run can tell whether it changed');

  const code = config.code ? matcher(config.code) : matcher(['**'], byDefaultNotCode);
  add(
    'code',
    (path, absolute) => code(path) && !configFiles.has(absolute) && !known.has(absolute) && !(contract && matcher([contract])(path)),
  );
  return reasons;
}

/** What changes when a model is promoted or documented, not when it is made. */
const byDefaultNotCode = ['registry/**', '.github/**', '.weighin/**', '**/*.md', 'LICENSE', '.gitignore', '**/.gitignore'];

/** Matches paths relative to the model's folder; what lies above or beside it (`../x`) only where a glob says so. */
function matcher(globs: readonly string[], ignore: readonly string[] = []) {
  const clean = globs.map((glob) => glob.replace(/^(?:\.\/)+/, ''));
  const matches = picomatch(clean, { dot: true, ignore: [...ignore] });
  return (path: string) => matches(path);
}
