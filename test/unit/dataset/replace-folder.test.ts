import { mkdir, mkdtemp, readdir, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, it } from 'vitest';
import { replaceFolder } from '../../../shared/dataset/replace-folder.ts';

let root: string;
beforeEach(async () => {
  root = await mkdtemp(join(tmpdir(), 'weighin-replace-'));
});
afterEach(() => rm(root, { recursive: true, force: true }));

const fill = (text: string) => async (draft: string) => {
  await writeFile(join(draft, 'content'), text);
  return text.length;
};
const content = () => readFile(join(root, 'deep', 'folder', 'content'), 'utf8');

it('makes a folder, and then another in its place', async () => {
  const folder = join(root, 'deep', 'folder');
  expect(await replaceFolder(folder, fill('old'))).toBe(3);
  expect(await content()).toBe('old');
  await replaceFolder(folder, fill('newer'));
  expect(await content()).toBe('newer');
  expect(await readdir(join(root, 'deep'))).toEqual(['folder']);
});

it('leaves the old content and no draft when filling fails', async () => {
  const folder = join(root, 'deep', 'folder');
  await replaceFolder(folder, fill('old'));
  const failing = replaceFolder(folder, async (draft) => {
    await writeFile(join(draft, 'content'), 'half');
    throw new Error('the disk is full');
  });
  await expect(failing).rejects.toThrow('the disk is full');
  expect(await content()).toBe('old');
  expect(await readdir(join(root, 'deep'))).toEqual(['folder']);
});

it('names the folder that could not be written', async () => {
  await writeFile(join(root, 'file'), '');
  await expect(replaceFolder(join(root, 'file', 'folder'), fill('x'))).rejects.toMatchObject({
    name: 'InfrastructureError',
    code: 'OUTPUT_UNWRITABLE',
    message: expect.stringContaining('ENOTDIR'),
  });
});

it('replaces a link to a folder and not what it points at', async () => {
  await mkdir(join(root, 'elsewhere'));
  await writeFile(join(root, 'elsewhere', 'kept'), '');
  const { symlink } = await import('node:fs/promises');
  await mkdir(join(root, 'deep'));
  await symlink(join(root, 'elsewhere'), join(root, 'deep', 'folder'));
  await replaceFolder(join(root, 'deep', 'folder'), fill('new'));
  expect(await content()).toBe('new');
  expect(await readdir(join(root, 'elsewhere'))).toEqual(['kept']);
});
