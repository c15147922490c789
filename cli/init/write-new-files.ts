import { randomUUID } from 'node:crypto';
import { link, mkdir, rename, rm, rmdir, stat, writeFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { InfrastructureError, UserError } from '../../shared/errors.ts';

/**
 * Writes all files or none, and never over one that is there unless `force` says so: `init` run twice by mistake must not
 * cost a team its policy. Keys are paths relative to `root`. `place` gives a draft its name, and fails where the name is taken.
 * @throws UserError INIT_WOULD_OVERWRITE, InfrastructureError INIT_FAILED; everything is as it was then
 */
export async function writeNewFiles(root: string, files: Readonly<Record<string, string>>, force: boolean, place = link): Promise<void> {
  const mark = randomUUID();
  const targets = Object.entries(files).map(([path, text]) => {
    const file = join(root, path);
    return { path, text, file, draft: `${file}.${mark}.draft`, kept: `${file}.${mark}.before` };
  });
  await refuseTaken(targets, force);

  const undo: (() => Promise<unknown>)[] = [];
  try {
    for (const { text, file, draft } of targets) {
      undo.push(...(await makeFolder(dirname(file))), () => rm(draft, { force: true }));
      await writeFile(draft, text, { flag: 'wx' });
    }
    for (const { path, file, draft, kept } of targets) {
      if (force && (await kindOf(file)) === 'file') {
        await rename(file, kept);
        undo.push(() => rename(kept, file));
      }
      // link() fails where someone was quicker; rename() would overwrite.
      await place(draft, file).catch((cause: unknown) => {
        throw codeOf(cause) === 'EEXIST' ? wouldOverwrite([path]) : cause;
      });
      undo.push(() => rm(file, { force: true }));
    }
  } catch (error) {
    for (const step of undo.reverse()) await step().catch(() => undefined);
    if (error instanceof UserError) throw error;
    throw new InfrastructureError('INIT_FAILED', `The files can't be written (${codeOf(error)}); nothing was.`, { cause: error });
  }
  await Promise.all(targets.flatMap(({ draft, kept }) => [rm(draft, { force: true }), rm(kept, { force: true })]));
}

async function refuseTaken(targets: readonly { readonly path: string; readonly file: string }[], force: boolean): Promise<void> {
  const kinds = await Promise.all(targets.map(async ({ path, file }) => ({ path, kind: await kindOf(file) })));
  const taken = kinds.filter(({ kind }) => kind === 'file').map(({ path }) => path);
  if (taken.length > 0 && !force) throw wouldOverwrite(taken);
  const folder = kinds.find(({ kind }) => kind === 'folder');
  if (folder) throw new UserError('INIT_WOULD_OVERWRITE', `${folder.path} is a folder; nothing was written.`, 'Move it away first.');
}

/** Steps that take the new folders away again, where nothing else has moved in; run from the last to the first. */
async function makeFolder(folder: string): Promise<(() => Promise<unknown>)[]> {
  const outermost = await mkdir(folder, { recursive: true });
  const steps: (() => Promise<unknown>)[] = [];
  for (let at = folder; outermost !== undefined && at.length >= outermost.length; at = dirname(at)) steps.unshift(() => rmdir(at));
  return steps;
}

const wouldOverwrite = (paths: readonly string[]) =>
  new UserError(
    'INIT_WOULD_OVERWRITE',
    `${paths.join(', ').replace(/, ([^,]*)$/, ' and $1')} ${paths.length === 1 ? 'is' : 'are'} there already; nothing was written.`,
    'Move them away first, or write over them with --force.',
  );

const kindOf = (file: string) =>
  stat(file).then(
    (found) => (found.isDirectory() ? 'folder' : 'file'),
    () => 'nothing',
  );
const codeOf = (cause: unknown) => (cause instanceof Error && 'code' in cause ? String(cause.code) : 'unknown');
