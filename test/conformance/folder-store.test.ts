import { mkdtemp, readdir, rm, utimes, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, expect, it } from 'vitest';
import { createFolderStore } from '../../shared/adapters/folder-store/create-folder-store.ts';
import { describeObjectStore, listed } from './object-store.ts';

const made: string[] = [];
afterAll(() => Promise.all(made.map((folder) => rm(folder, { recursive: true, force: true }))));

async function newFolder() {
  const folder = await mkdtemp(join(tmpdir(), 'weighin-store-'));
  made.push(folder);
  return join(folder, 'not', 'yet', 'there');
}

describeObjectStore('folder', async () => {
  const root = await newFolder();
  return {
    store: createFolderStore(root),
    again: () => createFolderStore(root),
    overwrite: (key, bytes) => writeFile(join(root, key), bytes),
  };
});

it('shows no draft of a process that was killed, and removes it after a day', async () => {
  const root = await newFolder();
  await createFolderStore(root).create('a', new Uint8Array([1]));
  const [fresh, old] = ['fresh', 'old'].map((name) => join(root, '.drafts', name)) as [string, string];
  await writeFile(fresh, 'half a mod');
  await writeFile(old, 'half a mod');
  await utimes(old, new Date(0), new Date(0));
  expect(await listed(createFolderStore(root), '')).toEqual(['a']);
  await createFolderStore(root).create('b', new Uint8Array([1]));
  expect(await readdir(join(root, '.drafts'))).toEqual(['fresh']);
});

it('leaves no draft of its own', async () => {
  const root = await newFolder();
  const store = createFolderStore(root);
  await Promise.all(Array.from({ length: 20 }, () => store.create('contested', new Uint8Array([1]))));
  expect(await readdir(join(root, '.drafts'))).toEqual([]);
});

it('does not call a folder that cannot be read empty', async () => {
  const root = await newFolder();
  await createFolderStore(root).create('a', new Uint8Array([1]));
  const inside = createFolderStore(join(root, 'a'));
  await expect(inside.read('b')).rejects.toMatchObject({ code: 'STORE_UNREACHABLE' });
  await expect(listed(inside, '')).rejects.toMatchObject({ code: 'STORE_UNREACHABLE' });
});
