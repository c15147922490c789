import { link, mkdir, mkdtemp, readdir, readFile, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { beforeEach, expect, it } from 'vitest';
import { writeNewFiles } from '../../../cli/init/write-new-files.ts';

let root = '';
beforeEach(async () => {
  root = await mkdtemp(join(tmpdir(), 'weighin-init-'));
});
const all = async () => (await readdir(root, { recursive: true })).sort();
const read = (name: string) => readFile(join(root, name), 'utf8');
const files = { 'weighin.yaml': 'new', 'contracts/a.yaml': 'new', '.github/workflows/w.yml': 'new' };

it('writes all of them, in folders that it makes, and leaves nothing else', async () => {
  await writeNewFiles(root, files, false);
  expect(await all()).toEqual(['.github', '.github/workflows', '.github/workflows/w.yml', 'contracts', 'contracts/a.yaml', 'weighin.yaml']);
  expect(await read('contracts/a.yaml')).toBe('new');
});

it('writes none where one is there', async () => {
  await writeFile(join(root, 'weighin.yaml'), 'old');
  await expect(writeNewFiles(root, files, false)).rejects.toMatchObject({
    code: 'INIT_WOULD_OVERWRITE',
    message: 'weighin.yaml is there already; nothing was written.',
  });
  expect(await all()).toEqual(['weighin.yaml']);
  expect(await read('weighin.yaml')).toBe('old');
});

it('writes over them when told to', async () => {
  await writeFile(join(root, 'weighin.yaml'), 'old');
  await writeNewFiles(root, files, true);
  expect(await read('weighin.yaml')).toBe('new');
  expect(await all()).toHaveLength(6);
});

it.each([false, true])('leaves everything as it was when the last one fails (force: %s)', async (force) => {
  if (force) await writeFile(join(root, 'weighin.yaml'), 'old');
  // A file stands where a folder is needed.
  await mkdir(join(root, '.github'));
  await writeFile(join(root, '.github/workflows'), 'a file');
  await expect(writeNewFiles(root, files, force)).rejects.toMatchObject({ code: 'INIT_FAILED' });
  expect(await all()).toEqual(['.github', '.github/workflows', ...(force ? ['weighin.yaml'] : [])]);
  if (force) expect(await read('weighin.yaml')).toBe('old');
});

it.each(['EEXIST', 'ENOSPC'])('puts back what it had moved when the last name fails by %s', async (code) => {
  await writeFile(join(root, 'weighin.yaml'), 'old');
  let placed = 0;
  const failing: typeof link = async (from, to) => {
    placed += 1;
    if (placed === 3) throw Object.assign(new Error('no'), { code });
    await link(from, to);
  };
  await expect(writeNewFiles(root, files, true, failing)).rejects.toMatchObject({
    code: code === 'EEXIST' ? 'INIT_WOULD_OVERWRITE' : 'INIT_FAILED',
  });
  expect(await all()).toEqual(['weighin.yaml']);
  expect(await read('weighin.yaml')).toBe('old');
});

it('does not take a folder for a file, whatever it is told', async () => {
  await mkdir(join(root, 'weighin.yaml'));
  await expect(writeNewFiles(root, files, true)).rejects.toMatchObject({
    code: 'INIT_WOULD_OVERWRITE',
    message: 'weighin.yaml is a folder; nothing was written.',
  });
  expect(await all()).toEqual(['weighin.yaml']);
});
