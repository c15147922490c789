import { mkdtemp, readdir, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, it } from 'vitest';
import { writeFiles } from '../../../shared/registry/write-files.ts';

let root: string;
beforeEach(async () => {
  root = await mkdtemp(join(tmpdir(), 'weighin-files-'));
  await writeFile(join(root, 'old'), 'before');
});
afterEach(() => rm(root, { recursive: true, force: true }));

const file = (path: string) => ({ path, bytes: new TextEncoder().encode('after') });

it('replaces what was there, makes what was not, and leaves no draft', async () => {
  await writeFiles(root, [file('old'), file('a/b/new')]);
  expect(await readFile(join(root, 'old'), 'utf8')).toBe('after');
  expect(await readFile(join(root, 'a/b/new'), 'utf8')).toBe('after');
  expect((await readdir(root, { recursive: true })).sort()).toEqual(['a', 'a/b', 'a/b/new', 'old']);
});

it('takes back what it had renamed when a later rename fails', async () => {
  // `x` cannot become a file, for `x/y` made it a folder by then.
  await expect(writeFiles(root, [file('old'), file('new'), file('x'), file('x/y')])).rejects.toMatchObject({ code: 'REGISTRY_UNWRITABLE' });
  expect(await readFile(join(root, 'old'), 'utf8')).toBe('before');
  expect((await readdir(root, { recursive: true })).sort()).toEqual(['old', 'x']);
});

it('touches nothing when a file cannot even be prepared', async () => {
  await expect(writeFiles(root, [file('old'), file('old/below')])).rejects.toMatchObject({ code: 'REGISTRY_UNWRITABLE' });
  expect(await readFile(join(root, 'old'), 'utf8')).toBe('before');
  expect(await readdir(root)).toEqual(['old']);
});
