import { readdir, readFile } from 'node:fs/promises';
import { dirname, join, relative, resolve } from 'node:path';
import { loadConfig } from '../../config/load-config.ts';
import type { CheckoutFacts, WorkflowFile } from '../../doctor/doctor-facts.ts';
import { UserError } from '../../errors.ts';
import { readWorkflow } from './read-workflow.ts';

/** In GitHub's order: the first that is there counts. */
const codeownersPlaces = ['.github/CODEOWNERS', 'CODEOWNERS', 'docs/CODEOWNERS'];

/** What lies in the work tree whose uppermost folder is `top`. @throws where a file is there and can't be read */
export async function readCheckout(top: string, configFile: string): Promise<CheckoutFacts> {
  const workflows = new Map<string, WorkflowFile | null>();
  const folder = '.github/workflows';
  for (const name of await readdir(join(top, folder)).catch(absent([] as string[])))
    if (/\.ya?ml$/.test(name)) workflows.set(`${folder}/${name}`, readWorkflow(await readFile(join(top, folder, name), 'utf8')));
  const codeowners = await firstFile(top, codeownersPlaces);
  const configPath = relative(top, configFile).replaceAll('\\', '/');
  try {
    const { config } = await loadConfig(resolve(configFile), { root: dirname(configFile) });
    return { config, configProblem: null, configPath, workflows, codeowners };
  } catch (error) {
    if (!(error instanceof UserError)) throw error;
    return { config: null, configProblem: error.message, configPath, workflows, codeowners };
  }
}

async function firstFile(top: string, places: readonly string[]) {
  for (const path of places) {
    const text = await readFile(join(top, path), 'utf8').catch(absent(null));
    if (text !== null) return { path, text };
  }
  return null;
}

/** Not there is an answer; not allowed to look is none. */
const absent =
  <Value>(instead: Value) =>
  (error: unknown): Value => {
    if (error instanceof Error && 'code' in error && (error.code === 'ENOENT' || error.code === 'ENOTDIR')) return instead;
    throw error;
  };
