import { readFile, stat } from 'node:fs/promises';
import { resolve } from 'node:path';
import { UserError } from '../shared/errors.ts';
import { visibleText } from '../shared/words/visible-text.ts';

const LARGEST = 256 * 1024 * 1024;

/** The text of a file that is named by `--rollout`, or by an argument (`FILE`). @throws UserError FILE_NOT_FOUND, FILE_UNREADABLE, FILE_TOO_LARGE */
export async function readTextFile(name: string, cwd: string, by: string): Promise<string> {
  const path = resolve(cwd, name);
  const shown = visibleText(name);
  try {
    const found = await stat(path);
    if (found.size > LARGEST) throw new UserError('FILE_TOO_LARGE', `${shown} is larger than 256 MiB.`, `Give ${by} a smaller file.`);
    return await readFile(path, 'utf8');
  } catch (cause) {
    if (cause instanceof UserError) throw cause;
    const code = cause instanceof Error && 'code' in cause ? String(cause.code) : 'unknown';
    if (code === 'ENOENT') throw new UserError('FILE_NOT_FOUND', `There is no file ${shown}.`, `Name a file that is there with ${by}.`);
    throw new UserError('FILE_UNREADABLE', `${shown} can't be read (${code}).`, `Name a file that can be read with ${by}.`);
  }
}
