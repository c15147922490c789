import { mkdir, writeFile } from 'node:fs/promises';
import { dirname, resolve } from 'node:path';
import { UserError } from '../shared/errors.ts';
import { visibleText } from '../shared/words/visible-text.ts';

/** Writes a file that a flag names; its folder is made where it is missing. @throws UserError OUTPUT_UNWRITABLE */
export async function writeTextFile(text: string, name: string, cwd: string, flag: string): Promise<void> {
  const file = resolve(cwd, name);
  try {
    await mkdir(dirname(file), { recursive: true });
    await writeFile(file, text);
  } catch (cause) {
    const code = cause instanceof Error && 'code' in cause ? String(cause.code) : 'unknown';
    throw new UserError(
      'OUTPUT_UNWRITABLE',
      `${visibleText(name)} can't be written (${code}).`,
      `Name a file that can be written with --${flag}.`,
    );
  }
}
