import { randomUUID } from 'node:crypto';
import { mkdir, rename, rm } from 'node:fs/promises';
import { basename, dirname, join } from 'node:path';
import { InfrastructureError } from '../errors.ts';

/**
 * Fills a folder so that others see the old content or the whole new one: it is written beside its place and renamed when complete.
 * What fails leaves the old content and no draft.
 */
export async function replaceFolder<Result>(folder: string, fill: (draft: string) => Promise<Result>): Promise<Result> {
  const beside = (what: string) => join(dirname(folder), `.${basename(folder)}.${randomUUID()}.${what}`);
  const draft = beside('draft');
  await orFail(mkdir(draft, { recursive: true }), folder);
  try {
    const result = await fill(draft);
    const old = beside('old');
    // rename() does not overwrite a folder that has content.
    const had = await rename(folder, old).then(
      () => true,
      (cause: unknown) => {
        if (codeOf(cause) === 'ENOENT') return false;
        throw unwritable(folder, cause);
      },
    );
    try {
      await orFail(rename(draft, folder), folder);
    } catch (cause) {
      if (had) await rename(old, folder).catch(() => undefined);
      throw cause;
    }
    await rm(old, { recursive: true, force: true });
    return result;
  } finally {
    await rm(draft, { recursive: true, force: true });
  }
}

const orFail = <T>(work: Promise<T>, folder: string) =>
  work.catch((cause: unknown) => {
    throw unwritable(folder, cause);
  });

const unwritable = (folder: string, cause: unknown) =>
  new InfrastructureError('OUTPUT_UNWRITABLE', `The folder ${folder} could not be written (${codeOf(cause)}).`, { cause });
const codeOf = (cause: unknown) => (cause instanceof Error && 'code' in cause ? String(cause.code) : 'unknown');
