import { randomUUID } from 'node:crypto';
import { mkdir, readFile, rename, rm, writeFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { InfrastructureError } from '../errors.ts';

export interface FileToWrite {
  /** Relative to the root, with slashes. */
  readonly path: string;
  readonly bytes: Uint8Array;
}

/**
 * Writes all files or none: each is written beside its place first and renamed when all are there; if a rename fails, those
 * before it get back what they held. The last one should be the file that points at the others: a process that is killed
 * between two renames then leaves files that nothing points at yet.
 */
export async function writeFiles(root: string, files: readonly FileToWrite[]): Promise<void> {
  const drafts: { readonly path: string; readonly draft: string; readonly before: Uint8Array | undefined }[] = [];
  const renamed: typeof drafts = [];
  try {
    for (const file of files) {
      const path = join(root, file.path);
      await mkdir(dirname(path), { recursive: true });
      const draft = join(dirname(path), `.${randomUUID()}.draft`);
      drafts.push({ path, draft, before: await readIfThere(path) });
      await writeFile(draft, file.bytes, { flush: true, flag: 'wx' });
    }
    for (const file of drafts) {
      await rename(file.draft, file.path);
      renamed.push(file);
    }
  } catch (cause) {
    for (const { path, before } of renamed.reverse()) await (before ? writeFile(path, before) : rm(path, { force: true }));
    const code = cause instanceof Error && 'code' in cause ? String(cause.code) : 'unknown';
    throw new InfrastructureError('REGISTRY_UNWRITABLE', `The registry in ${root} could not be written (${code}); nothing was changed.`, {
      cause,
    });
  } finally {
    for (const { draft } of drafts) await rm(draft, { force: true }).catch(() => undefined);
  }
}

async function readIfThere(path: string): Promise<Uint8Array | undefined> {
  try {
    return await readFile(path);
  } catch (cause) {
    if (cause instanceof Error && 'code' in cause && cause.code === 'ENOENT') return undefined;
    throw cause;
  }
}
