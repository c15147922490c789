import { execFileSync } from 'node:child_process';
import { afterAll, beforeAll, expect, it } from 'vitest';
import type { Forge } from '../../shared/promotion/forge.ts';
import { type GitHub, openGitHub } from '../support/github/open-github.ts';
import { forgeOf } from './forge.ts';

let github: GitHub;
let forge: Forge;

beforeAll(async () => {
  github = await openGitHub({ owner: 'acme', repo: 'churn' });
  github.users.add({ login: 'alice', role: 'write' });
  github.users.add({ login: 'bob', role: 'maintain' });
  github.users.add({ login: 'mallory' });
  github.git.commit({ branch: 'main', by: 'alice', files: { 'weighin.yaml': 'version: 1\n', 'registry/churn/production.json': '{}\n' } });
  ({ forge } = await forgeOf(github));
});
afterAll(async () => {
  expect(github.unknown).toEqual([]);
  await github.close();
});

/** A branch of that name with one new file, and its pull request. */
function openPull(branch: string, by = 'alice'): { readonly number: number; readonly head: string } {
  const head = github.git.commit({ branch, base: 'main', by, files: { [`${branch}.py`]: 'x\n' }, message: `Add ${branch}` });
  return { number: github.openPull({ branch, title: `Title of ${branch}`, body: 'Body', by }).number, head };
}

it('reads a pull request with everything that decides about it, by one request', async () => {
  const { number, head } = openPull('features');
  const approval = github.review(number, 'bob', 'APPROVED');
  github.review(number, 'mallory', 'CHANGES_REQUESTED');
  const before = github.requests.length;
  const pull = await forge.pulls.read(number);
  expect(github.requests.length - before).toBe(1);
  const person = (login: string) => ({ id: github.users.get(login).id, login, type: 'User' });
  expect(pull).toEqual({
    number,
    state: 'open',
    draft: false,
    base: 'main',
    head: { sha: head, branch: 'features', owner: 'acme', fork: false },
    author: person('alice'),
    updatedAt: expect.stringMatching(/Z$/),
    createdAt: '2026-11-21T09:00:00Z',
    title: 'Title of features',
    body: 'Body',
    mergedAs: null,
    mergeable: 'yes',
    queue: { required: false, queued: false },
    files: ['features.py'],
    moreFiles: false,
    commits: [expect.objectContaining({ oid: head, message: 'Add features', authors: [person('alice')], verified: false })],
    moreCommits: false,
    reviews: [
      { id: approval.id, person: person('bob'), state: 'approved', commit: head, at: '2026-11-21T09:00:00Z', canPush: true },
      expect.objectContaining({ person: person('mallory'), state: 'changes-requested', canPush: false }),
    ],
  });
  expect(await forge.pulls.read(9999)).toBeNull();
});

it('sees both ends of a moved file', async () => {
  const content = Array.from({ length: 40 }, (_, line) => `line ${line}\n`).join('');
  github.git.commit({ branch: 'main', by: 'alice', files: { 'registry/moved.json': content } });
  github.git.commit({ branch: 'move', base: 'main', by: 'alice', files: { 'registry/moved.json': null, 'docs/moved.json': content } });
  const { number } = github.openPull({ branch: 'move', title: 'Move', by: 'alice' });
  expect((await forge.pulls.read(number))?.files.toSorted()).toEqual(['docs/moved.json', 'registry/moved.json']);
});

it('says when there are more files and commits than it read', async () => {
  const files = Object.fromEntries(Array.from({ length: 320 }, (_, index) => [`many/${String(index).padStart(3, '0')}.txt`, `${index}\n`]));
  github.git.commit({ branch: 'many', base: 'main', by: 'alice', files });
  // By one process instead of a hundred.
  const commits = Array.from(
    { length: 104 },
    (_, index) => `commit refs/heads/many\ncommitter a <a@example.com> ${index} +0000\ndata 1\n.\n`,
  );
  const input = commits.join('').replace('.\n', `.\nfrom ${github.git.head('many')}\n`);
  execFileSync('git', ['-C', github.git.path, 'fast-import', '--quiet'], { input });
  github.git.pushed('alice');
  const { number } = github.openPull({ branch: 'many', title: 'Many', by: 'alice' });
  const pull = await forge.pulls.read(number);
  expect([pull?.files.length, pull?.moreFiles, pull?.commits.length, pull?.moreCommits]).toEqual([300, true, 100, true]);
});

it('reads all reviews of many pages', async () => {
  const { number } = openPull('talked-about');
  for (let index = 0; index < 103; index++) github.review(number, 'mallory', 'COMMENTED', { body: `${index}` });
  const last = github.review(number, 'bob', 'APPROVED');
  const reviews = (await forge.pulls.read(number))?.reviews ?? [];
  expect([reviews.length, reviews.at(-1)?.id]).toEqual([104, last.id]);
});

it('knows a fork', async () => {
  github.git.commit({ branch: 'theirs', base: 'main', by: 'mallory', files: { 'evil.py': 'x\n' }, fork: true });
  const { number } = github.openPull({ branch: 'theirs', title: 'Mine', by: 'mallory', fork: true });
  const read = await forge.pulls.read(number);
  expect(read?.head).toMatchObject({ branch: 'theirs', owner: 'mallory', fork: true });
  const [listed] = await forge.pulls.open();
  expect(listed).toMatchObject({ number, head: { owner: 'mallory', fork: true }, author: { login: 'mallory' } });
  expect((await forge.pulls.ofHead('mallory:theirs')).map((pull) => pull.number)).toEqual([number]);
  expect(await forge.pulls.ofHead('acme:theirs')).toEqual([]);
  expect(await forge.pulls.ofHead('theirs')).toEqual([]);
});

it('opens one pull request a branch, changes and closes it', async () => {
  const at = github.git.head('main') ?? '';
  await forge.git.createBranch('weighin/promote-1', at);
  await forge.git.commit({
    branch: 'weighin/promote-1',
    expectedHead: at,
    message: 'Promote',
    write: [{ path: 'registry/p.json', text: '1' }],
  });
  const asked = { head: 'weighin/promote-1', title: 'Promote churn', body: 'Plan' };
  const number = await forge.pulls.create(asked);
  expect(await forge.pulls.create(asked)).toBe(number);
  await forge.pulls.edit(number, { body: 'Another plan' });
  const pull = await forge.pulls.read(number);
  expect(pull).toMatchObject({
    title: 'Promote churn',
    body: 'Another plan',
    author: { login: 'weighin[bot]', id: github.app.botId, type: 'Bot' },
  });
  expect(pull?.commits[0]).toMatchObject({ authors: [{ id: github.app.botId, login: 'weighin[bot]' }], verified: true });
  await forge.pulls.edit(number, { state: 'closed' });
  expect((await forge.pulls.ofHead('acme:weighin/promote-1')).map(({ state }) => state)).toEqual(['closed']);
});

it('merges only the head that was judged', async () => {
  const { number, head } = openPull('merged');
  const request = { title: 'Merge it', message: 'Why' };
  expect(await forge.pulls.merge(number, { ...request, head: github.git.head('main') ?? '' })).toMatchObject({
    merged: false,
    reason: 'HEAD_MOVED',
  });
  const answer = await forge.pulls.merge(number, { ...request, head });
  expect(answer).toEqual({ merged: true, sha: github.git.head('main') });
  expect(await forge.pulls.read(number)).toMatchObject({
    state: 'merged',
    mergedAs: { sha: github.git.head('main'), by: { login: 'weighin[bot]' } },
  });
  expect(await forge.pulls.merge(number, { ...request, head })).toMatchObject({ merged: false, reason: 'NOT_MERGEABLE' });
});

it('says that what can not be merged can not', async () => {
  github.git.commit({ branch: 'clash', base: 'main', by: 'alice', files: { 'weighin.yaml': 'version: 2\n' } });
  const { number } = github.openPull({ branch: 'clash', title: 'Clash', by: 'alice' });
  github.git.commit({ branch: 'main', by: 'bob', files: { 'weighin.yaml': 'version: 3\n' } });
  expect((await forge.pulls.read(number))?.mergeable).toBe('conflict');
  const head = github.git.head('clash') ?? '';
  expect(await forge.pulls.merge(number, { head, title: 'x', message: 'y' })).toMatchObject({ merged: false, reason: 'NOT_MERGEABLE' });
});

it('merges by a way that the repository allows now', async () => {
  github.repository.mergeMethods.delete('squash');
  const { number, head } = openPull('by-commit');
  expect(await forge.pulls.merge(number, { head, title: 'Merge', message: 'Why' })).toMatchObject({ merged: true });
  expect(github.git.log('main')[0]?.parents).toHaveLength(2);
  github.repository.mergeMethods.add('squash');
});

it('goes through a merge queue where the base has one', async () => {
  github.protect({ refs: ['~DEFAULT_BRANCH'], rules: [{ type: 'merge_queue', parameters: {} }] });
  const { number, head } = openPull('queued');
  expect(await forge.pulls.merge(number, { head, title: 'x', message: 'y' })).toMatchObject({ merged: false, reason: 'QUEUE_REQUIRED' });
  expect(await forge.pulls.enqueue(number, github.git.head('main') ?? '')).toMatchObject({ merged: false, reason: 'HEAD_MOVED' });
  expect((await forge.pulls.read(number))?.queue).toEqual({ required: true, queued: false });
  expect(await forge.pulls.enqueue(number, head)).toEqual({ merged: true, sha: null });
  expect(await forge.pulls.enqueue(number, head)).toEqual({ merged: true, sha: null });
  expect((await forge.pulls.read(number))?.queue).toEqual({ required: true, queued: true });
  await forge.pulls.dequeue(number);
  await forge.pulls.dequeue(number);
  expect((await forge.pulls.read(number))?.queue.queued).toBe(false);
});
