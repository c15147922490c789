import { readdir } from 'node:fs/promises';
import { join } from 'node:path';
import picomatch from 'picomatch';

/** Folders that never hold a team's own configuration. */
const skipped = new Set(['node_modules', '.git', '.weighin', '.venv', 'venv', '__pycache__', 'dist']);
const maxDepth = 12;

/** Files below `folder` that match a glob, as POSIX paths relative to it, sorted. Links are not followed. */
export async function findIncluded(folder: string, glob: string): Promise<readonly string[]> {
  const clean = glob.replace(/^(?:\.\/)+/, '');
  const matches = picomatch(clean, { dot: false });
  const { base } = picomatch.scan(clean);
  const found: string[] = [];
  await visit(base === clean ? '' : base, 0);
  return found.sort();

  async function visit(path: string, depth: number): Promise<void> {
    if (depth > maxDepth) return;
    const entries = await readdir(join(folder, path), { withFileTypes: true }).catch(() => []);
    for (const entry of entries) {
      const child = path ? `${path}/${entry.name}` : entry.name;
      if (entry.isDirectory() && !skipped.has(entry.name)) await visit(child, depth + 1);
      else if (entry.isFile() && matches(child)) found.push(child);
    }
  }
}
