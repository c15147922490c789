import { resolve } from 'node:path';
import picomatch from 'picomatch';
import { type ConfigFiles, loadConfig } from '../../config/load-config.ts';
import type { Config } from '../../config/schema.ts';
import { UserError } from '../../errors.ts';
import type { PromotionFiles } from './read-promotion-files.ts';

/** Any absolute folder: the files of a commit have no other. */
const root = resolve('/repository');

/** The configuration as a commit held it; null where it was not there, or is nothing that this version understands. */
export async function configOfCommit(files: PromotionFiles, commit: string, file: string): Promise<Config | null> {
  const relative = (path: string) => path.slice(root.length + 1).replaceAll('\\', '/');
  const from: ConfigFiles = {
    async read(path) {
      const text = await files.textAt(commit, relative(path));
      if (text === null) throw Object.assign(new Error(`${relative(path)} is not there`), { code: 'ENOENT' });
      return new TextEncoder().encode(text);
    },
    async find(folder, glob) {
      const matches = picomatch(glob.replace(/^(?:\.\/)+/, ''));
      const under = folder === root ? '' : `${relative(folder)}/`;
      const listed = (await files.listAt(commit)).filter((path) => path.startsWith(under)).map((path) => path.slice(under.length));
      return listed.filter((path) => matches(path)).sort();
    },
  };
  try {
    return (await loadConfig(file, { root, from })).config;
  } catch (error) {
    if (error instanceof UserError) return null;
    throw error;
  }
}
