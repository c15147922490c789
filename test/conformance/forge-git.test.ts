import { execFileSync } from 'node:child_process';
import { afterAll, beforeAll, expect, it } from 'vitest';
import type { Forge } from '../../shared/promotion/forge.ts';
import { type GitHub, openGitHub } from '../support/github/open-github.ts';
import { forgeOf } from './forge.ts';

let github: GitHub;
let forge: Forge;
let first: string;

beforeAll(async () => {
  github = await openGitHub({ owner: 'acme', repo: 'churn' });
  github.users.add({ login: 'alice', role: 'write' });
  first = github.git.commit({
    branch: 'main',
    by: 'alice',
    message: 'Begin',
    files: {
      'weighin.yaml': 'version: 1\n',
      'registry/churn/stages/production.json': '{"generation":1}\n',
      'registry/churn/versions/v1.json': '{}\n',
      'a/b/c/d/e/f/g.txt': 'deep\n',
      'model.bin': new Uint8Array([0, 1, 2, 255, 0]),
    },
  });
  ({ forge } = await forgeOf(github));
});
afterAll(async () => {
  expect(github.unknown).toEqual([]);
  await github.close();
});

it('knows who it is and where, by one request', async () => {
  const before = github.requests.length;
  const { forge: another } = await forgeOf(github);
  expect(github.requests.length - before).toBe(1);
  expect(another.identity).toEqual({ id: github.app.botId, login: 'weighin[bot]', appId: github.app.id });
  expect(another.repository).toMatchObject({ owner: 'acme', name: 'churn', defaultBranch: 'main', private: true });
  expect(await another.now()).toEqual(github.clock.now());
});

it('reads files of several refs as snapshots, by one request', async () => {
  github.git.commit({ branch: 'other', base: 'main', by: 'alice', files: { 'weighin.yaml': 'version: 2\n' } });
  const other = github.git.head('other');
  const before = github.requests.length;
  const read = await forge.git.read([
    { ref: 'main', paths: ['weighin.yaml', 'not/there.json', 'model.bin', 'registry'] },
    { ref: 'other', paths: ['weighin.yaml'] },
    { ref: 'weighin/state', paths: ['weighin.yaml'] },
    { ref: '0123456789'.repeat(4), paths: ['weighin.yaml'] },
  ]);
  expect(github.requests.length - before).toBe(1);
  expect(read.map(({ ref, commit, files }) => [ref, commit, Object.fromEntries(files)])).toEqual([
    ['main', first, { 'weighin.yaml': 'version: 1\n', 'not/there.json': null, 'model.bin': null, registry: null }],
    ['other', other, { 'weighin.yaml': 'version: 2\n' }],
    ['weighin/state', null, { 'weighin.yaml': null }],
    ['0123456789'.repeat(4), null, { 'weighin.yaml': null }],
  ]);
});

it('asks for a commit once', async () => {
  await forge.git.read([{ ref: first, paths: ['weighin.yaml', 'registry/churn/versions/v1.json'] }]);
  const before = github.requests.length;
  const [again] = await forge.git.read([{ ref: first, paths: ['weighin.yaml'] }]);
  expect(again?.files.get('weighin.yaml')).toBe('version: 1\n');
  expect(github.requests.length).toBe(before);
});

it('does not take a tag for the branch whose name it bears', async () => {
  const other = github.git.head('other') ?? '';
  await forge.git.createTag('main', other, 'A trap');
  const [read] = await forge.git.read([{ ref: 'main', paths: ['weighin.yaml'] }]);
  expect(read).toMatchObject({ commit: first });
  expect(await forge.git.head('main')).toBe(first);
  const [byTag] = await forge.git.read([{ ref: 'refs/tags/main', paths: [] }]);
  expect(byTag?.commit).toBe(other);
});

it('lists a folder at any depth, and the whole', async () => {
  expect((await forge.git.list('main', 'registry')).map(({ path }) => path)).toEqual([
    'registry/churn/stages/production.json',
    'registry/churn/versions/v1.json',
  ]);
  expect(await forge.git.list(first, 'a')).toMatchObject([{ path: 'a/b/c/d/e/f/g.txt', bytes: 5, mode: 'file' }]);
  expect((await forge.git.list(first, '')).map(({ path }) => path).toSorted()).toEqual(github.git.files('main').toSorted());
  expect(await forge.git.list('main', 'not-there')).toEqual([]);
  expect(await forge.git.list('no-branch', '')).toEqual([]);
});

it('reads bytes up to a limit', async () => {
  expect(await forge.git.readBytes('main', 'model.bin', 5)).toEqual(new Uint8Array([0, 1, 2, 255, 0]));
  expect(await forge.git.readBytes('main', 'not-there', 5)).toBeNull();
  await expect(forge.git.readBytes('main', 'model.bin', 4)).rejects.toMatchObject({ name: 'UserError', code: 'FILE_TOO_LARGE' });
});

it('says who committed what, an App by its own account', async () => {
  const head = github.git.commit({
    branch: 'past',
    base: 'main',
    by: 'alice',
    files: { 'weighin.yaml': 'version: 3\n' },
    message: 'Third',
  });
  await forge.git.commit({
    branch: 'past',
    expectedHead: head,
    message: 'By the bot',
    write: [{ path: 'weighin.yaml', text: 'version: 4\n' }],
  });
  const past = await forge.git.history('past', 'weighin.yaml');
  expect(past.map(({ message, authors }) => [message, authors.map((author) => author?.login)])).toEqual([
    ['By the bot', ['weighin[bot]']],
    ['Third', ['alice']],
    ['Begin', ['alice']],
  ]);
  expect(past[0]).toMatchObject({ verified: true, authors: [{ id: github.app.botId, type: 'Bot' }], committer: { login: 'web-flow' } });
  expect(past[1]?.authors[0]?.id).toBe(github.users.get('alice').id);
  expect(await forge.git.history('past', 'not-there')).toEqual([]);
});

it('does not believe an address that anybody can write into a commit', async () => {
  const email = `${github.app.botId}+weighin[bot]@users.noreply.github.com`;
  github.git.commit({ branch: 'forged', base: 'main', by: 'alice', files: { forged: 'x' }, author: { name: 'weighin[bot]', email } });
  const [forged] = await forge.git.history('forged', 'forged');
  expect(forged).toMatchObject({ authors: [null] });
});

it('writes a branch, a commit by compare-and-swap, and takes the branch away', async () => {
  expect(await forge.git.head('weighin/promote')).toBeNull();
  expect(await forge.git.createBranch('weighin/promote', first)).toBe('created');
  expect(await forge.git.createBranch('weighin/promote', first)).toBe('taken');
  const change = {
    branch: 'weighin/promote',
    expectedHead: first,
    message: 'Promote churn\n\nWith a body.',
    write: [{ path: 'registry/new.json', text: '{"ü":1}\n' }],
    remove: ['weighin.yaml'],
  };
  const done = await forge.git.commit(change);
  expect(done).toEqual({ committed: true, oid: github.git.head('weighin/promote') });
  expect(github.git.file('weighin/promote', 'registry/new.json')).toBe('{"ü":1}\n');
  expect(github.git.file('weighin/promote', 'weighin.yaml')).toBeNull();
  expect(await forge.git.commit({ ...change, remove: [] })).toEqual({ committed: false });
  expect(await forge.git.commit({ ...change, branch: 'no-branch' })).toEqual({ committed: false });
  expect(await forge.git.deleteBranch('weighin/promote', first)).toBe(false);
  expect(await forge.git.deleteBranch('weighin/promote', done.committed ? done.oid : '')).toBe(true);
  expect(await forge.git.deleteBranch('weighin/promote', first)).toBe(false);
  expect(await forge.git.head('weighin/promote')).toBeNull();
});

it('begins a branch without history, once', async () => {
  const files = [{ path: 'README.md', text: 'State.\n' }];
  expect(await forge.git.createOrphanBranch('weighin/state', 'Begin', files)).toBe('created');
  expect(await forge.git.createOrphanBranch('weighin/state', 'Begin', files)).toBe('taken');
  expect(github.git.files('weighin/state')).toEqual(['README.md']);
  expect(github.git.log('weighin/state')).toHaveLength(1);
});

it('tags a commit once, and says what a taken name points at', async () => {
  expect(await forge.git.createTag('churn-v1', first, 'Version 1')).toEqual({ created: true, at: first });
  const other = github.git.head('other') ?? '';
  expect(await forge.git.createTag('churn-v1', other, 'Version 1 again')).toEqual({ created: false, at: first });
});

it('reads a text that GraphQL cuts, whole', async () => {
  const text = `${'ü long line\n'.repeat(60_000)}end\n`;
  github.git.commit({ branch: 'long', base: 'main', by: 'alice', files: { 'long.txt': text } });
  const [read] = await forge.git.read([{ ref: 'long', paths: ['long.txt'] }]);
  expect(read?.files.get('long.txt') === text).toBe(true);
});

it('follows no link', async () => {
  const git = (args: readonly string[], input = '') =>
    execFileSync('git', ['-C', github.git.path, ...args], { input })
      .toString()
      .trim();
  const target = git(['hash-object', '-w', '--stdin'], '/etc/passwd');
  const tree = git(['mktree'], `120000 blob ${target}\tlink.json\n100755 blob ${target}\trun.sh\n`);
  const commit = git(['-c', 'user.name=m', '-c', 'user.email=m@example.com', 'commit-tree', tree, '-m', 'Link']);
  git(['update-ref', 'refs/heads/link', commit]);
  const [read] = await forge.git.read([{ ref: 'link', paths: ['link.json', 'run.sh'] }]);
  expect(Object.fromEntries(read?.files ?? [])).toEqual({ 'link.json': null, 'run.sh': '/etc/passwd' });
  expect(await forge.git.readBytes('link', 'link.json', 100)).toBeNull();
  expect((await forge.git.list('link', '')).map(({ path, mode }) => [path, mode])).toEqual([
    ['link.json', 'link'],
    ['run.sh', 'executable'],
  ]);
});
