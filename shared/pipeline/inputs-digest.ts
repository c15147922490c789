import { createHash } from 'node:crypto';
import { createReadStream } from 'node:fs';
import { readdir, stat } from 'node:fs/promises';
import { join, relative, resolve, sep } from 'node:path';
import { pipeline } from 'node:stream/promises';
import picomatch from 'picomatch';
import { digestOfDocument } from '../digest/canonical-json.ts';
import { digestFiles } from '../source/digest-files.ts';
import { findFiles } from '../source/find-files.ts';
import { modelFileName } from '../training/find-model.ts';
import type { ModelRun, RunContext } from './run-context.ts';

/** Folders that hold no code of a model: what tools put there, what runs leave, and the registry, which only promotions touch. */
const notCode = /^(?:\.|node_modules$|registry$|__pycache__$)/;

/**
 * One digest over all that decides what a run finds: the model's entry of the config with its policy, its code, contract and data.
 * The same digest twice means that nothing changed, so the earlier result still holds.
 */
export async function inputsDigest(context: RunContext, run: ModelRun): Promise<string> {
  const { data, code = ['**'], training, tests, model } = run.config;
  // What the run itself writes beside the code: a model that training leaves there, the tests' JUnit.
  const made = [...(training?.command ? [modelFileName(model)] : []), ...tests.map(({ junit }) => junit)];
  const sources = data ? [data.source, ...data.features.map((feature) => feature.source)].filter((source) => !source.includes('://')) : [];
  const files = (await listCode(run.root, code, context.output)).filter((name) => !made.includes(name));
  const contract = data?.contract ? [data.contract] : [];
  return digestOfDocument({
    weighin: context.version,
    model: run.name,
    config: run.config,
    mode: context.config.config.mode,
    asOf: context.asOf?.toISOString() ?? null,
    code: await digestCode(run.root, [...new Set([...files, ...contract])].sort()),
    data: await Promise.all(sources.map(async (source) => digestFiles((await findFiles(source, run.root)).files))),
  });
}

/** Paths relative to `root`, with `/`, sorted. */
async function listCode(root: string, globs: readonly string[], output: string): Promise<readonly string[]> {
  const isCode = picomatch([...globs]);
  const found: string[] = [];
  const visit = async (folder: string): Promise<void> => {
    for (const entry of await readdir(folder, { withFileTypes: true })) {
      const path = join(folder, entry.name);
      const name = relative(root, path).split(sep).join('/');
      if (entry.isDirectory()) {
        if (!notCode.test(entry.name) && resolve(path) !== resolve(output)) await visit(path);
      } else if (entry.isFile() && isCode(name)) {
        found.push(name);
      }
    }
  };
  await visit(root);
  return found.sort();
}

async function digestCode(root: string, names: readonly string[]): Promise<Readonly<Record<string, string>>> {
  const digests: Record<string, string> = {};
  for (const name of names) {
    const path = resolve(root, name);
    if (!(await stat(path).catch(() => undefined))?.isFile()) continue;
    const hash = createHash('sha256');
    await pipeline(createReadStream(path), hash);
    digests[name] = hash.digest('hex');
  }
  return digests;
}
