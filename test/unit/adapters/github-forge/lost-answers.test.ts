import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import type { Forge } from '../../../../shared/promotion/forge.ts';
import { forgeOf } from '../../../conformance/forge.ts';
import { type GitHub, openGitHub } from '../../../support/github/open-github.ts';

/** A write whose answer was lost: a gateway's 502, or a connection that was cut. It may have arrived or not; it happens once all the same. */
let github: GitHub;
let forge: Forge;
let waits: number[];
/** Names of this test alone, in the one repository of all. */
let own: string;
let head: string;
let number: number;
let tests = 0;

beforeAll(async () => {
  github = await openGitHub({ owner: 'acme', repo: 'churn' });
  github.users.add({ login: 'alice', role: 'write' });
  github.git.commit({ branch: 'main', by: 'alice', files: { 'weighin.yaml': 'version: 1\n' } });
  ({ forge, waits } = await forgeOf(github));
});
afterAll(async () => {
  expect(github.unknown).toEqual([]);
  await github.close();
});
beforeEach(() => {
  own = `own-${++tests}`;
  head = github.git.head('main') ?? '';
  number = github.openIssue({ title: own, by: 'alice' }).number;
  waits.length = 0;
});
afterEach(() => {
  expect(github.faults.left).toEqual([]);
});

const writes = [
  {
    name: 'a commit',
    match: /^POST \/graphql/,
    body: /createCommitOnBranch/,
    write: () => forge.git.commit({ branch: 'main', expectedHead: head, message: `${own}\n\nTwo`, write: [{ path: own, text: 'b\n' }] }),
    expects: () => ({ committed: true, oid: github.git.head('main') }),
    count: () => github.git.log('main').length,
  },
  {
    name: 'a branch',
    match: /^POST .*\/git\/refs$/,
    write: () => forge.git.createBranch(own, head),
    expects: () => 'created',
    count: () => (github.git.head(own) === head ? 1 : 0),
  },
  {
    name: 'a tag',
    match: /^POST .*\/git\/refs$/,
    write: () => forge.git.createTag(own, head, 'One'),
    expects: () => ({ created: true, at: head }),
    count: () => (github.git.file(`refs/tags/${own}`, 'weighin.yaml') === null ? 0 : 1),
  },
  {
    name: 'a comment',
    match: /^POST .*\/issues\/\d+\/comments$/,
    write: () => forge.comments.create(number, own),
    expects: () => expect.objectContaining({ id: github.comments(number)[0]?.id, body: own }),
    count: () => github.comments().length,
  },
  {
    name: 'a pull request',
    match: /^POST .*\/pulls$/,
    write: () => {
      github.git.commit({ branch: own, base: 'main', by: 'alice', files: { [own]: 'c' } });
      return forge.pulls.create({ head: own, title: 'New', body: '' });
    },
    expects: () => expect.any(Number),
    count: () => github.repository.pulls.size,
  },
  {
    name: 'a merge',
    match: /^PUT .*\/merge$/,
    write: () => {
      const sha = github.git.commit({ branch: own, base: 'main', by: 'alice', files: { [own]: 'c' } });
      const pull = github.openPull({ branch: own, title: 'New', by: 'alice' });
      return forge.pulls.merge(pull.number, { head: sha, title: 'T', message: 'M' });
    },
    expects: () => ({ merged: true, sha: github.git.head('main') }),
    count: () => github.git.log('main').length,
  },
  {
    name: 'an issue',
    match: /^POST .*\/issues$/,
    write: () => forge.issues.create({ title: own, body: 'Marker' }),
    expects: () => expect.any(Number),
    count: () => github.repository.issues.size,
  },
  {
    name: 'a check',
    match: /^POST .*\/check-runs$/,
    write: () =>
      forge.checks.write({ sha: head, name: own, status: 'completed', conclusion: 'success', externalId: 'x', title: 't', summary: 's' }),
    expects: () => github.repository.checkRuns.at(-1)?.id,
    count: () => github.repository.checkRuns.length,
  },
  {
    name: 'a deployment',
    match: /^POST .*\/deployments$/,
    write: () => forge.deployments.create({ ref: head, environment: own, description: 'd', payload: { rolloutId: 'r', n: { deep: [1] } } }),
    expects: () => github.deployments(own)[0]?.id,
    count: () => github.deployments().length,
  },
  {
    name: "a deployment's state",
    match: /^POST .*\/statuses$/,
    write: async () => {
      const id = github.deployments().at(-1)?.id ?? 0;
      await forge.deployments.setState(id, 'queued', own);
    },
    expects: () => undefined,
    count: () => github.deployments().at(-1)?.statuses.length ?? 0,
  },
] as const;

describe.each(writes)('$name', ({ match, write, expects, count, ...more }) => {
  const body = 'body' in more ? { body: more.body } : {};

  it.each([
    ['answered by 502 before it was done', { status: 502 }],
    ['answered by 502 after it was done', { status: 502, arrives: true }],
    ['cut off after it was done', { hangUp: true, arrives: true }],
  ])('happens once when it is %s', async (_how, fault) => {
    const before = count();
    github.faults.add({ match, ...body, ...fault });
    const answer = await write();
    expect(answer).toEqual(expects());
    expect(count() - before).toBe(1);
    expect(waits).toEqual([1]);
  });

  it('is given up after three times, and nothing was done', async () => {
    const before = count();
    github.faults.add({ match, ...body, status: 502, times: 3 });
    await expect(write()).rejects.toMatchObject({ name: 'InfrastructureError', code: 'FORGE_UNREACHABLE' });
    expect(count() - before).toBe(0);
    expect(waits).toEqual([1, 2, 4]);
  });
});

it.each([
  ['holds something else', () => [{ message: 'Ours', text: 'theirs\n' }]],
  ['says something else', () => [{ message: 'Theirs', text: 'ours\n' }]],
  [
    'stands on another',
    () => [
      { message: 'Theirs', text: 'theirs\n' },
      { message: 'Ours', text: 'ours\n' },
    ],
  ],
])('tells its own commit from one that %s', async (_how, pushed) => {
  const change = { branch: 'main', expectedHead: head, message: 'Ours', write: [{ path: own, text: 'ours\n' }] };
  let theirs = '';
  github.faults.add({
    match: /^POST \/graphql/,
    body: /createCommitOnBranch/,
    status: 502,
    before: () => {
      for (const { message, text } of pushed())
        theirs = github.git.commit({ branch: 'main', by: 'alice', message, files: { [own]: text } });
    },
  });
  expect(await forge.git.commit(change)).toEqual({ committed: false });
  expect(github.git.head('main')).toBe(theirs);
});

it('finds its commit below one that came after it', async () => {
  const change = { branch: 'main', expectedHead: head, message: 'Ours', write: [{ path: 'a', text: 'ours\n' }] };
  github.faults.add({ match: /^POST \/graphql/, body: /createCommitOnBranch/, status: 502, arrives: true });
  // Somebody pushes while the answer is missing.
  github.faults.add({
    match: /^POST \/graphql/,
    body: /history\(first:10\)/,
    before: () => void github.git.commit({ branch: 'main', by: 'alice', files: { b: 'c' } }),
  });
  const answer = await forge.git.commit(change);
  expect(answer).toEqual({ committed: true, oid: github.git.log('main')[1]?.oid });
});

it('takes a branch away once', async () => {
  github.git.commit({ branch: 'old', base: 'main', by: 'alice', files: { b: 'c' } });
  github.faults.add({ match: /^POST \/graphql/, body: /updateRefs/, status: 502, arrives: true });
  expect(await forge.git.deleteBranch('old', github.git.head('old') ?? '')).toBe(true);
  expect(github.git.head('old')).toBeNull();
});

it('leaves the claim to whoever looks next when its answer was lost', async () => {
  const { id } = github.comment(number, '/why', 'alice');
  github.faults.add({ match: /reactions/, status: 502, arrives: true });
  expect(await forge.comments.react(id, 'eyes')).toBe('taken');
});

it('does not take an older comment of the same words for its own', async () => {
  const older = await forge.comments.create(number, 'Not allowed.');
  github.faults.add({ match: /^POST .*comments$/, status: 502 });
  const newer = await forge.comments.create(number, 'Not allowed.');
  expect(newer.id).not.toBe(older.id);
  expect(github.comments(number)).toHaveLength(2);
});
