import { readdir, stat } from 'node:fs/promises';
import { basename, dirname, isAbsolute, join, relative, resolve, sep } from 'node:path';
import { distance } from 'fastest-levenshtein';
import picomatch from 'picomatch';
import { UserError } from '../errors.ts';
import type { SourceFile } from './table-source.ts';

const dataFile = /\.(?:csv|tsv|txt|parquet|json|jsonl|ndjson)(?:\.gz)?$/i;
const byteOrder = (a: string, b: string) => Buffer.compare(Buffer.from(a), Buffer.from(b));

/**
 * The files that a source names: one file, a folder (all data files in it, as Spark writes them), or a glob. Sorted by path in byte
 * order, so that row numbers mean the same everywhere. A name that exists is taken literally, whatever characters it has.
 *
 * @throws UserError `DATA_NOT_FOUND` with the nearest name that does exist.
 */
export async function findFiles(source: string, root: string): Promise<{ readonly files: readonly SourceFile[]; readonly base: string }> {
  const path = resolve(root, source);
  const found = await stat(path).catch(() => undefined);
  if (found?.isFile()) return { files: [{ path: shown(path, root), file: path, bytes: found.size }], base: dirname(path) };

  const scanned = picomatch.scan(source.replaceAll('\\', '/'));
  const isGlob = scanned.isGlob && !found;
  const base = found ? path : resolve(root, scanned.base);
  if (!found && !isGlob) throw await notFound(source, root, path);

  const matches = isGlob ? picomatch(scanned.glob) : (name: string) => dataFile.test(name);
  const names = (await walk(base)).filter((name) => !/(?:^|\/)[._]/.test(name) && matches(name)).sort(byteOrder);
  if (names.length === 0) throw await notFound(source, root, isGlob ? base : join(path, '*'));
  const files = await Promise.all(
    names.map(async (name) => {
      const file = join(base, name);
      return { path: shown(file, root), file, bytes: (await stat(file)).size };
    }),
  );
  return { files, base };
}

async function walk(folder: string): Promise<readonly string[]> {
  const entries = await readdir(folder, { recursive: true, withFileTypes: true }).catch(() => []);
  return entries
    .filter((entry) => entry.isFile() || entry.isSymbolicLink())
    .map((entry) => relative(folder, join(entry.parentPath, entry.name)).split(sep).join('/'));
}

/** Relative to the root with `/` on every system; absolute where the file lies outside. */
function shown(file: string, root: string): string {
  const name = relative(resolve(root), file);
  return (name.startsWith('..') || isAbsolute(name) ? file : name).split(sep).join('/');
}

async function notFound(source: string, root: string, path: string): Promise<UserError> {
  let folder = dirname(path);
  while (!(await stat(folder).catch(() => undefined)) && dirname(folder) !== folder) folder = dirname(folder);
  const names = (await readdir(folder).catch(() => [])).filter((name) => dataFile.test(name));
  const wanted = basename(path);
  const nearest = names
    .map((name) => ({ name, edits: distance(name, wanted) }))
    .sort((a, b) => a.edits - b.edits || byteOrder(a.name, b.name))[0];
  const hint =
    nearest && nearest.edits <= Math.max(3, wanted.length / 2)
      ? `Did you mean ${shown(join(folder, nearest.name), root)}?`
      : `Correct the path; it is read relative to ${resolve(root)}.`;
  return new UserError('DATA_NOT_FOUND', `No data at ${source}: there is no such file in ${folder}.`, hint);
}
