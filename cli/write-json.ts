import { mkdir, stat, writeFile } from 'node:fs/promises';
import { dirname, resolve } from 'node:path';
import { UserError } from '../shared/errors.ts';
import { writeWhole } from '../shared/pipeline/run-folder.ts';

/** Writes a result where `--json` says: `-` is stdout; a file's folder is made where it is missing. */
export async function writeJson(value: unknown, to: string, cwd: string, stdout: { write(text: string): unknown }): Promise<void> {
  const text = `${JSON.stringify(value, undefined, 2)}\n`;
  if (to === '-') {
    stdout.write(text);
    return;
  }
  const file = resolve(cwd, to);
  try {
    await mkdir(dirname(file), { recursive: true });
    const there = await stat(file).catch(() => null);
    // A pipe or a device is written into; a file is there whole or not at all.
    await (there && !there.isFile() ? writeFile(file, text) : writeWhole(file, text));
  } catch (cause) {
    const code = cause instanceof Error && 'code' in cause ? String(cause.code) : 'unknown';
    throw new UserError(
      'OUTPUT_UNWRITABLE',
      `The result can't be written to ${to} (${code}).`,
      'Name a file that can be written: --json OUT, or --json - for stdout.',
    );
  }
}
