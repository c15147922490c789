import picomatch from 'picomatch';
import { type ConfigFiles, loadConfig } from '../../shared/config/load-config.ts';
import { UserError } from '../../shared/errors.ts';
import type { Forge } from '../../shared/promotion/forge.ts';
import { checkFreezes } from '../../shared/promotion/freeze-windows.ts';
import type { Policy } from '../bot-context.ts';

/** The configuration's path on the default branch. */
export const policyFile = 'weighin.yaml';
/** Any absolute folder: the files of a commit have no other. */
const root = '/repository';

/**
 * The policy as a commit of the default branch says it. `text` is weighin.yaml there, where the caller has read it already.
 * A configuration with a mistake is a policy with a `problem`, not an error: the bot says so where it is asked.
 */
export async function readPolicy(forge: Forge, commit: string, text: string | null): Promise<Policy> {
  const none = { commit, config: null, file: policyFile, folder: '', template: null };
  if (text === null) return { ...none, problem: `There is no ${policyFile} on the default branch.` };
  const from = filesOfCommit(forge, commit, text);
  try {
    const { config } = await loadConfig(policyFile, { root, from });
    checkFreezes(config);
    const path = config.conversation.template;
    const template = path === undefined ? null : await readTemplate(forge, commit, path);
    return { ...none, config, template, problem: null };
  } catch (error) {
    if (!(error instanceof UserError)) throw error;
    return { ...none, problem: error.message };
  }
}

/** Included files are listed only where the configuration asks for some: most have none, and a list is a request. */
function filesOfCommit(forge: Forge, commit: string, text: string): ConfigFiles {
  const relative = (file: string) => file.slice(root.length + 1);
  return {
    async read(file) {
      const path = relative(file);
      const found = path === policyFile ? text : await readText(forge, commit, path);
      if (found === null) throw Object.assign(new Error(`${path} is not there`), { code: 'ENOENT' });
      return new TextEncoder().encode(found);
    },
    async find(folder, glob) {
      const matches = picomatch(glob.replace(/^(?:\.\/)+/, ''), { dot: false });
      const files = await forge.git.list(commit, relative(folder));
      return files
        .filter(({ mode }) => mode === 'file')
        .map(({ path }) => path)
        .filter((path) => matches(path))
        .sort();
    },
  };
}

async function readTemplate(forge: Forge, commit: string, path: string): Promise<string> {
  const found = await readText(forge, commit, path);
  if (found !== null) return found;
  throw new UserError(
    'TEMPLATE_NOT_FOUND',
    `conversation.template names ${path}, which is not on the default branch.`,
    'Commit it, or leave the key out.',
  );
}

async function readText(forge: Forge, commit: string, path: string): Promise<string | null> {
  const [found] = await forge.git.read([{ ref: commit, paths: [path] }]);
  return found?.files.get(path) ?? null;
}
