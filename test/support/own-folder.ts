import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

/** A folder for as long as this process lives: what is played in it is read by whoever played it. */
export function ownFolder(name: string): string {
  const folder = mkdtempSync(join(tmpdir(), `weighin-${name}-`));
  process.once('exit', () => rmSync(folder, { recursive: true, force: true }));
  return folder;
}
