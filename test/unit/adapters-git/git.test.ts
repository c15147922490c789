import { chmod, mkdir, mkdtemp, rm, stat, symlink } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeEach, describe, expect, it } from 'vitest';
import { readChangedFiles } from '../../../shared/adapters/git/read-changed-files.ts';
import { readGit } from '../../../shared/adapters/git/read-git.ts';
import { repositoryName } from '../../../shared/adapters/git/repository-name.ts';
import { type GitRepository, newRepository } from '../../support/registry/git-repository.ts';

const made: string[] = [];
afterAll(() => Promise.all(made.map((folder) => rm(folder, { recursive: true, force: true }))));
let repository: GitRepository;
beforeEach(async () => {
  repository = await newRepository();
  made.push(repository.root);
});

describe('readGit', () => {
  it('is null outside Git', async () => {
    const outside = await mkdtemp(join(tmpdir(), 'weighin-outside-'));
    made.push(outside);
    expect(await readGit(outside)).toBeNull();
    expect(await readChangedFiles(outside, 'main')).toBeNull();
  });

  it('does not take a folder that is not there for one outside Git', async () => {
    await expect(readGit(join(repository.root, 'absent'))).rejects.toMatchObject({ code: 'GIT_MISSING' });
  });

  it('knows a repository before its first commit', async () => {
    expect(await readGit(repository.root)).toEqual({
      top: repository.root,
      commit: null,
      tree: null,
      branch: 'main',
      dirty: false,
      repository: null,
    });
  });

  it('reads commit, tree, branch and remote', async () => {
    await repository.write('a', '1');
    const commit = repository.commitAll('a');
    repository.git('remote', 'add', 'origin', 'https://user:ghp_secret@github.com/acme/churn.git');
    const state = await readGit(repository.root);
    expect(state).toEqual({
      top: repository.root,
      commit,
      tree: repository.git('rev-parse', 'HEAD^{tree}'),
      branch: 'main',
      dirty: false,
      repository: 'acme/churn',
    });
    repository.git('checkout', '--quiet', '--detach');
    expect(await readGit(repository.root)).toMatchObject({ branch: null, commit });
  });

  it('calls changed, staged and new files dirty; ignored ones and its own output not', async () => {
    await repository.write('a', '1');
    await repository.write('.gitignore', 'ignored\n');
    repository.commitAll('a');
    await repository.write('ignored', 'x');
    await repository.write('.weighin/report.json', 'x');
    await repository.write('models/churn/.weighin/report.json', 'x');
    expect(await readGit(repository.root)).toMatchObject({ dirty: false });
    await repository.write('models/new', 'x');
    expect(await readGit(repository.root)).toMatchObject({ dirty: true });
    await rm(join(repository.root, 'models'), { recursive: true });
    await repository.write('a', '2');
    expect(await readGit(repository.root)).toMatchObject({ dirty: true });
    repository.git('add', 'a');
    expect(await readGit(repository.root)).toMatchObject({ dirty: true });
  });

  it('starts no program that the repository names', async () => {
    await repository.write('a', '1');
    repository.commitAll('a');
    const trap = join(repository.root, '.git', 'trap.sh');
    const sprung = join(repository.root, '.git', 'sprung');
    await repository.write('.git/trap.sh', `#!/bin/sh\ntouch '${sprung}'\n`);
    await chmod(trap, 0o755);
    repository.git('config', 'core.fsmonitor', trap);
    repository.git('config', 'diff.external', trap);
    repository.git('config', 'core.pager', trap);
    await repository.write('a', '2');
    expect(await readGit(repository.root)).toMatchObject({ dirty: true });
    expect((await readChangedFiles(repository.root, 'main'))?.files).toEqual(['a']);
    await expect(stat(sprung)).rejects.toMatchObject({ code: 'ENOENT' });
  });
});

describe('readChangedFiles', () => {
  beforeEach(async () => {
    for (const file of ['kept', 'edited', 'staged', 'removed', 'moved', 'churn/train.py']) await repository.write(file, `${file}\n`);
    repository.commitAll('base');
  });

  it('counts what was committed since the fork, what was not committed, and new files', async () => {
    const fork = repository.git('rev-parse', 'HEAD');
    repository.git('checkout', '--quiet', '-b', 'change');
    await repository.write('committed', 'x');
    repository.git('mv', 'moved', 'moved-away');
    repository.git('rm', '--quiet', 'removed');
    repository.commitAll('change');
    await repository.write('edited', 'x');
    await repository.write('staged', 'x');
    repository.git('add', 'staged');
    await repository.write('new/file', 'x');
    await repository.write('.weighin/out', 'x');
    // What the base did after the fork is not this branch's change.
    repository.git('stash', '--quiet', '--include-untracked');
    repository.git('checkout', '--quiet', 'main');
    await repository.write('kept', 'changed on main');
    repository.commitAll('on main');
    repository.git('checkout', '--quiet', 'change');
    repository.git('stash', 'pop', '--quiet', '--index');
    expect(await readChangedFiles(repository.root, 'main')).toEqual({
      base: fork,
      files: ['committed', 'edited', 'moved', 'moved-away', 'new/file', 'removed', 'staged'],
    });
  });

  it('is empty where nothing changed', async () => {
    expect((await readChangedFiles(repository.root, 'main'))?.files).toEqual([]);
  });

  it('gives names as they are, whatever they hold', async () => {
    const hostile = ['--help', ':(top)x', '"quoted"', 'line\nbreak', 'tab\there', 'ü ☃', '$(touch x)', '-z', '*'];
    for (const name of hostile) await repository.write(name, 'x');
    const untracked = await readChangedFiles(repository.root, 'main');
    repository.git('checkout', '--quiet', '-b', 'change');
    repository.commitAll('hostile');
    const committed = await readChangedFiles(repository.root, 'main');
    expect([...committed!.files].sort()).toEqual([...hostile].sort());
    expect(untracked?.files).toEqual(committed?.files);
  });

  it('gives paths relative to a root inside the repository, through a link too', async () => {
    await repository.write('churn/train.py', 'x');
    await repository.write('shared/features.py', 'x');
    const link = join(await mkdtemp(join(tmpdir(), 'weighin-link-')), 'link');
    made.push(join(link, '..'));
    await symlink(join(repository.root, 'churn'), link);
    const expected = ['../shared/features.py', 'train.py'];
    expect((await readChangedFiles(join(repository.root, 'churn'), 'main'))?.files).toEqual(expected);
    expect((await readChangedFiles(link, 'main'))?.files).toEqual(expected);
  });

  it.each(['no-such-branch', '--help', '-n1', '--output=owned', '', 'main:kept'])('refuses a base that is no commit: %j', async (base) => {
    await expect(readChangedFiles(repository.root, base)).rejects.toMatchObject({ code: 'BASE_NOT_FOUND' });
  });

  it('says so where a clone is too shallow to know the fork', async () => {
    repository.git('checkout', '--quiet', '--orphan', 'unrelated');
    repository.commitAll('unrelated');
    await expect(readChangedFiles(repository.root, 'main')).rejects.toMatchObject({
      code: 'BASE_NOT_FOUND',
      hint: expect.stringContaining('fetch-depth: 0'),
    });
  });

  it('reads a branch that is named like a file', async () => {
    await mkdir(join(repository.root, 'main'));
    expect((await readChangedFiles(repository.root, 'main'))?.files).toEqual([]);
  });
});

describe('repositoryName', () => {
  it.each([
    ['https://github.com/acme/churn.git', 'acme/churn'],
    ['https://x-access-token:ghs_secret@github.com/acme/churn', 'acme/churn'],
    ['git@github.com:acme/churn.git', 'acme/churn'],
    ['ssh://git@github.example.org:2222/acme/churn.git/', 'acme/churn'],
    ['https://gitlab.com/group/sub/churn.git', 'group/sub/churn'],
    ['/srv/git/churn.git', null],
    ['../churn.git', null],
    ['file:///srv/git/churn.git', null],
    ['C:\\git\\churn', null],
    ['https://user:secret@example.org', null],
    ['https://example.org/a/../b', null],
  ])('%s', (remote, name) => expect(repositoryName(remote)).toBe(name));
});
