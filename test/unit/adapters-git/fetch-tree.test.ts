import { execFileSync } from 'node:child_process';
import { lstatSync, mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { fetchTree } from '../../../shared/adapters/git/fetch-tree.ts';

let top: string;
let commit: string;
const git = (...words: string[]) =>
  execFileSync('git', ['-c', 'user.name=Ada', '-c', 'user.email=ada@example.com', ...words], {
    cwd: join(top, 'team'),
    encoding: 'utf8',
  }).trim();
beforeAll(() => {
  top = mkdtempSync(join(tmpdir(), 'weighin-fetch-tree-'));
  mkdirSync(join(top, 'team/data'), { recursive: true });
  git('init', '--quiet');
  writeFileSync(join(top, 'team/data/c.csv'), 'a,b\n1,2\n');
  writeFileSync(join(top, 'team/secret'), 'one\n');
  symlinkSync('/etc/passwd', join(top, 'team/link'));
  symlinkSync('/etc', join(top, 'team/folder'));
  writeFileSync(join(top, 'team/.gitattributes'), '*.csv filter=evil\n');
  git('add', '.');
  git('commit', '--quiet', '-m', 'one');
  commit = git('rev-parse', 'HEAD');
  git('rm', '--quiet', 'secret');
  git('commit', '--quiet', '-m', 'two');
});
afterAll(() => rmSync(top, { recursive: true, force: true }));
const request = (name: string) => ({ url: `file://${join(top, 'team')}`, token: 'a-token', commit, folder: join(top, name) });

it('lays out the files of exactly that commit, and says its tree', async () => {
  expect(await fetchTree(request('one'))).toBe(git('rev-parse', `${commit}^{tree}`));
  expect(readdirSync(join(top, 'one'), { recursive: true }).sort()).toEqual([
    '.gitattributes',
    'data',
    'data/c.csv',
    'folder',
    'link',
    'secret',
  ]);
  expect(readFileSync(join(top, 'one/data/c.csv'), 'utf8')).toBe('a,b\n1,2\n');
});

it('attack: a link is a file that holds its target, and leads nowhere', async () => {
  await fetchTree(request('two'));
  for (const [name, target] of [
    ['link', '/etc/passwd'],
    ['folder', '/etc'],
  ] as const) {
    expect(lstatSync(join(top, 'two', name)).isFile()).toBe(true);
    expect(readFileSync(join(top, 'two', name), 'utf8')).toBe(target);
  }
});

it('refuses a commit that is too large before it lays it out, and one that is not there', async () => {
  await expect(fetchTree({ ...request('three'), limits: { files: 2, bytes: 1_000 } })).rejects.toMatchObject({ code: 'COMMIT_TOO_LARGE' });
  await expect(fetchTree({ ...request('three'), limits: { files: 100, bytes: 10 } })).rejects.toMatchObject({ code: 'COMMIT_TOO_LARGE' });
  await expect(fetchTree({ ...request('three'), commit: 'f'.repeat(40) })).rejects.toMatchObject({ code: 'COMMIT_UNREADABLE' });
  await expect(fetchTree({ ...request('three'), commit: '--upload-pack=touch x' })).rejects.toThrow(RangeError);
  expect(readdirSync(top)).not.toContain('three');
});
