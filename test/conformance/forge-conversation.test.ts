import { afterAll, beforeAll, expect, it } from 'vitest';
import type { Forge } from '../../shared/promotion/forge.ts';
import { type GitHub, openGitHub } from '../support/github/open-github.ts';
import { forgeOf } from './forge.ts';

let github: GitHub;
let forge: Forge;
let head: string;
let number: number;

beforeAll(async () => {
  github = await openGitHub({ owner: 'acme', repo: 'churn' });
  github.users.add({ login: 'alice', role: 'write', teams: ['ml'] });
  github.users.add({ login: 'bob', role: 'maintain', teams: ['ml'] });
  github.users.add({ login: 'carol', role: { name: 'ml-engineer', base: 'write' } });
  github.users.add({ login: 'dave', role: 'triage' });
  github.users.add({ login: 'mallory' });
  github.git.commit({ branch: 'main', by: 'alice', files: { 'weighin.yaml': 'version: 1\n' } });
  head = github.git.commit({ branch: 'new', base: 'main', by: 'alice', files: { 'train.py': 'x\n' } });
  ({ number } = github.openPull({ branch: 'new', title: 'New', by: 'alice' }));
  ({ forge } = await forgeOf(github));
});
afterAll(async () => {
  expect(github.unknown).toEqual([]);
  await github.close();
});

it('writes, edits, lists and removes comments', async () => {
  const asked = github.comment(number, '/why', 'alice');
  const own = await forge.comments.create(number, 'Because.\n\n| a | b |');
  expect(own).toMatchObject({
    body: 'Because.\n\n| a | b |',
    author: { login: 'weighin[bot]', id: github.app.botId, type: 'Bot' },
    appId: github.app.id,
  });
  await forge.comments.edit(own.id, 'Since.');
  expect((await forge.comments.list(number)).map(({ id, body, author, appId }) => [id, body, author.login, appId])).toEqual([
    [asked.id, '/why', 'alice', null],
    [own.id, 'Since.', 'weighin[bot]', github.app.id],
  ]);
  await forge.comments.remove(own.id);
  await forge.comments.remove(own.id);
  expect(github.comments(number).map(({ id }) => id)).toEqual([asked.id]);
});

it('reads all pages of comments, and those since an instant with their places', async () => {
  const issue = github.openIssue({ title: 'Talk', by: 'bob' });
  github.clock.advance({ minutes: 5 });
  const from = github.clock.now();
  for (let index = 0; index < 105; index++) github.comment(issue.number, `comment ${index}`, 'bob');
  const onPull = github.comment(number, '/status', 'bob');
  expect((await forge.comments.list(issue.number)).map(({ body }) => body)).toEqual(
    Array.from({ length: 105 }, (_, index) => `comment ${index}`),
  );
  const since = await forge.comments.since(from);
  expect(since).toHaveLength(106);
  expect(since.find(({ id }) => id === onPull.id)).toMatchObject({ number, onPull: true, body: '/status' });
  expect(since[0]).toMatchObject({ number: issue.number, onPull: false });
});

it('claims a comment once', async () => {
  const { id } = github.comment(number, '/promote churn to production', 'alice');
  expect(await forge.comments.react(id, 'eyes')).toBe('mine');
  expect(await forge.comments.react(id, 'eyes')).toBe('taken');
  expect(await forge.comments.react(id, '-1')).toBe('mine');
  expect(await forge.comments.react(999_999, 'eyes')).toBe('taken');
});

it('writes checks in its own name, and sees no others', async () => {
  github.postCheck({ sha: head, name: 'weighin/promotion', app: 'github-actions' });
  const check = { sha: head, name: 'weighin/promotion', externalId: 'sha256:1', title: 'Waits', summary: 'For **bob**' };
  const id = await forge.checks.write({ ...check, status: 'in_progress' });
  expect(await forge.checks.list(head)).toEqual([
    { id, name: 'weighin/promotion', appId: github.app.id, status: 'in_progress', conclusion: null, externalId: 'sha256:1' },
  ]);
  expect(await forge.checks.write({ ...check, id, status: 'completed', conclusion: 'failure', externalId: 'sha256:2', text: 'More' })).toBe(
    id,
  );
  expect(await forge.checks.list(head)).toMatchObject([{ id, status: 'completed', conclusion: 'failure', externalId: 'sha256:2' }]);
});

it('adds annotations fifty at a time, and never twice', async () => {
  const annotations = Array.from({ length: 120 }, (_, index) => ({
    path: 'weighin.yaml',
    line: index + 1,
    level: 'failure' as const,
    title: 'Gate',
    message: `m ${index}`,
  }));
  const check = {
    sha: head,
    name: 'weighin/churn',
    externalId: 'a',
    title: 'Gates',
    summary: 's',
    status: 'completed',
    conclusion: 'failure',
  } as const;
  const first = await forge.checks.write({ ...check, annotations });
  const lines = (id: number) => github.repository.checkRuns.find((run) => run.id === id)?.annotations.map((one) => one['start_line']);
  expect(lines(first)).toEqual(annotations.map(({ line }) => line));
  const second = await forge.checks.write({ ...check, id: first, annotations: annotations.slice(0, 2) });
  expect(second).not.toBe(first);
  expect(lines(second)).toEqual([1, 2]);
  expect((await forge.checks.list(head)).filter(({ name }) => name === 'weighin/churn')).toMatchObject([{ id: second }]);
});

it('says roles as GitHub has them', async () => {
  const asked = await Promise.all(
    ['octocat', 'bob', 'alice', 'carol', 'dave', 'mallory', 'nobody-at-all'].map((login) => forge.people.roleOf(login)),
  );
  expect(asked).toEqual(['admin', 'maintain', 'write', 'write', 'triage', 'none', 'none']);
  github.users.setRole('alice', 'read');
  expect(await forge.people.roleOf('alice')).toBe('read');
  github.users.setRole('alice', 'write');
});

it('lists who may write', async () => {
  const writers = await forge.people.writers();
  expect(writers.map(({ login, role }) => [login, role]).toSorted()).toEqual([
    ['alice', 'write'],
    ['bob', 'maintain'],
    ['carol', 'write'],
    ['octocat', 'admin'],
  ]);
});

it('reads a team, and never takes one that it can not read for an empty one', async () => {
  const ids = ['alice', 'bob'].map((login) => github.users.get(login).id);
  expect(await forge.people.teamMembers('ml')).toEqual(ids);
  expect(await forge.people.teamMembers('@acme/ml')).toEqual(ids);
  const cannot = { name: 'UserError', code: 'CANNOT_READ_TEAM' };
  await expect(forge.people.teamMembers('acme/none')).rejects.toMatchObject(cannot);
  await expect(forge.people.teamMembers('elsewhere/ml')).rejects.toMatchObject(cannot);
  const { forge: workflow } = await forgeOf(github, { token: github.token.workflow({ contents: 'read' }), appId: null });
  await expect(workflow.people.teamMembers('ml')).rejects.toMatchObject(cannot);
});

it('finds an account', async () => {
  expect(await forge.people.find('Alice')).toEqual({ id: github.users.get('alice').id, login: 'alice', type: 'User' });
  expect(await forge.people.find('weighin[bot]')).toEqual({ id: github.app.botId, login: 'weighin[bot]', type: 'Bot' });
  expect(await forge.people.find('nobody-at-all')).toBeNull();
});

it('finds its own open issue by a marker', async () => {
  const marker = '<!-- weighin:drift churn -->';
  const { number: trap } = github.openIssue({ title: 'A trap', body: marker, by: 'mallory' });
  expect(await forge.issues.findOpen(marker)).toBeNull();
  // Even where GitHub would not narrow the list as asked.
  const user = { id: github.users.get('mallory').id, login: 'mallory', type: 'User' };
  github.faults.add({ match: /^GET .*\/issues\?/, status: 200, answer: [{ number: trap, title: 'A trap', body: marker, user }] });
  expect(await forge.issues.findOpen(marker)).toBeNull();
  const own = await forge.issues.create({ title: 'Drift', body: `${marker}\nDrifted.`, labels: ['drift'] });
  expect(await forge.issues.findOpen(marker)).toEqual({ number: own, body: `${marker}\nDrifted.`, twins: [] });
  await forge.issues.edit(own, { body: `${marker}\nStill.` });
  expect(await forge.issues.findOpen(marker)).toMatchObject({ body: `${marker}\nStill.` });
  const twin = await forge.issues.create({ title: 'Drift', body: `${marker}\nAgain.` });
  expect(await forge.issues.findOpen(marker)).toMatchObject({ number: own, twins: [twin] });
  await forge.issues.edit(own, { state: 'closed' });
  await forge.issues.edit(twin, { state: 'closed' });
  expect(await forge.issues.findOpen(marker)).toBeNull();
});

it("knows a workflow's own token", async () => {
  const token = github.token.workflow({ contents: 'read', checks: 'write' });
  const { forge: workflow } = await forgeOf(github, { token, appId: null });
  expect(workflow.identity).toMatchObject({ login: 'github-actions[bot]', appId: null });
  const id = await workflow.checks.write({ sha: head, name: 'by-token', externalId: 'x', title: 't', summary: 's', status: 'in_progress' });
  expect((await workflow.checks.list(head)).find(({ name }) => name === 'by-token')?.id).toBe(id);
});
