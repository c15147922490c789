import { randomUUID } from 'node:crypto';
import { access, link, mkdir, open, readdir, readFile, rm, stat, writeFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { InfrastructureError } from '../../errors.ts';
import { assertObjectKey, assertObjectPrefix } from '../../registry/object-key.ts';
import type { ObjectStore } from '../../registry/object-store.ts';
import { readOnly, unreachable } from '../../registry/store-error.ts';

/** Where objects are written before they are shown. No key can name it: keys begin with a letter or digit. */
const draftFolder = '.drafts';
const abandonedAfterMs = 24 * 3_600_000;

/** A store in a folder of this machine, or of a disk that several machines share. */
export function createFolderStore(root: string): ObjectStore {
  let swept: Promise<void> | undefined;

  return {
    location: root,

    async read(key) {
      assertObjectKey(key);
      try {
        return await readFile(join(root, key));
      } catch (cause) {
        if (isMissing(cause)) return undefined;
        throw unreachable(root, `reading ${key}`, cause, errorCode(cause));
      }
    },

    async create(key, bytes) {
      assertObjectKey(key);
      const path = join(root, key);
      const draft = join(root, draftFolder, randomUUID());
      try {
        if (await exists(path)) return false;
        await makeFolder(join(root, draftFolder));
        swept ??= removeAbandonedDrafts(join(root, draftFolder));
        await swept;
        const made = await makeFolder(dirname(path));
        await writeFile(draft, bytes, { flush: true, flag: 'wx' });
        // link() fails where the name is taken, and shows the whole file or nothing: rename() would overwrite.
        await link(draft, path);
        await keepNames(dirname(path), made);
        return true;
      } catch (cause) {
        const code = errorCode(cause);
        if (code === 'EEXIST') return false;
        if (code === 'EACCES' || code === 'EROFS') throw readOnly(root, code);
        if (code === 'EPERM' || code === 'ENOTSUP' || code === 'ENOSYS')
          throw new InfrastructureError(
            'STORE_UNREACHABLE',
            `The file system of ${root} has no hard links (${code}), by which a store claims a key. Put \`store:\` on another disk, or on S3.`,
            { cause },
          );
        throw unreachable(root, `writing ${key}`, cause, code);
      } finally {
        await rm(draft, { force: true }).catch(() => undefined);
      }
    },

    async *list(prefix) {
      assertObjectPrefix(prefix);
      const folder = prefix.slice(0, prefix.lastIndexOf('/') + 1);
      const keys: string[] = [];
      try {
        await collect(folder);
      } catch (cause) {
        throw unreachable(root, `listing ${prefix}`, cause, errorCode(cause));
      }
      // Keys are ASCII, so the order of code units is the order of bytes.
      yield* keys.sort();

      async function collect(under: string): Promise<void> {
        for (const entry of await readFolder(join(root, under))) {
          const key = under + entry.name;
          if (entry.isDirectory() && !entry.name.startsWith('.')) {
            if (prefix.startsWith(`${key}/`) || key.startsWith(prefix)) await collect(`${key}/`);
          } else if (entry.isFile() && !entry.name.startsWith('.') && key.startsWith(prefix)) keys.push(key);
        }
      }
    },
  };
}

/** A process that was killed while it wrote leaves a draft that nobody will ever show: after a day it is only waste. */
async function removeAbandonedDrafts(folder: string): Promise<void> {
  for (const entry of await readFolder(folder)) {
    const draft = join(folder, entry.name);
    const written = await stat(draft).catch(() => undefined);
    if (written && Date.now() - written.mtimeMs > abandonedAfterMs) await rm(draft, { force: true }).catch(() => undefined);
  }
}

/** The uppermost folder that had to be made, if any. */
const makeFolder = async (path: string) => (await mkdir(path, { recursive: true })) ?? undefined;

/** Flushes the folders whose entries changed: without it, a power cut can take back a name although the file is on the disk. */
async function keepNames(folder: string, uppermostMade: string | undefined): Promise<void> {
  const last = uppermostMade ? dirname(uppermostMade) : folder;
  for (let path = folder; ; path = dirname(path)) {
    await flushFolder(path);
    if (path === last || path === dirname(path)) return;
  }
}

async function flushFolder(path: string): Promise<void> {
  // Windows and some network disks cannot open a folder, and need not.
  const handle = await open(path, 'r').catch(() => undefined);
  await handle?.sync().catch(() => undefined);
  await handle?.close();
}

async function readFolder(path: string) {
  try {
    return await readdir(path, { withFileTypes: true });
  } catch (cause) {
    if (isMissing(cause)) return [];
    throw cause;
  }
}

async function exists(path: string): Promise<boolean> {
  try {
    await access(path);
    return true;
  } catch (cause) {
    if (isMissing(cause)) return false;
    throw cause;
  }
}

const errorCode = (cause: unknown) => (cause instanceof Error && 'code' in cause ? String(cause.code) : 'unknown');
const isMissing = (cause: unknown) => errorCode(cause) === 'ENOENT';
