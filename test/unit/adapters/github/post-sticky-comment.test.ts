import { getOctokit } from '@actions/github';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { postStickyComment } from '../../../../shared/adapters/github/post-sticky-comment.ts';
import { actionsBot, type GitHubDouble, openGitHubDouble } from '../../../support/act-github-double.ts';

const marker = '<!-- weighin:comment weighin.yaml -->';
const stranger = { id: 7, login: 'mallory', type: 'User' } as const;

let github: GitHubDouble;
let waits: number[];
beforeEach(async () => {
  github = await openGitHubDouble();
  github.allow('own');
  waits = [];
});
afterEach(() => github.close());

const post = (body: string, token = 'own') =>
  postStickyComment(
    {
      // Octokit logs a warning of its own for each refusal.
      octokit: getOctokit(token, { baseUrl: github.url, log: { debug() {}, info() {}, warn() {}, error() {} } }),
      owner: 'acme',
      repo: 'models',
      number: 7,
      body,
      marker,
    },
    { sleep: async (milliseconds) => void waits.push(milliseconds / 1000) },
  );
const bodies = () => github.comments.map(({ body, user }) => `${user.login}: ${body.replace(marker, 'M').replaceAll('\n', ' ')}`);

describe('the one comment', () => {
  it('is written once and edited in place afterwards', async () => {
    expect(await post('first')).toMatchObject({ posted: 'created', id: 1000 });
    expect(await post('second')).toMatchObject({ posted: 'edited', id: 1000 });
    expect(bodies()).toEqual(['github-actions[bot]: M second']);
    expect(github.unknown).toEqual([]);
  });

  it('is left alone when nothing changed', async () => {
    await post('same');
    github.requests.length = 0;
    expect(await post('same')).toMatchObject({ posted: 'unchanged' });
    expect(github.requests.filter((route) => !route.startsWith('GET') && !route.endsWith('/graphql'))).toEqual([]);
  });

  it("is never a stranger's, who pasted the marker", async () => {
    github.add(`${marker}\nmine now`, stranger);
    expect(await post('result')).toMatchObject({ posted: 'created' });
    expect(await post('result 2')).toMatchObject({ posted: 'edited' });
    expect(bodies()).toEqual(['mallory: M mine now', 'github-actions[bot]: M result 2']);
  });

  it("is never another of the author's own", async () => {
    github.add('<!-- weighin:comment other.yaml -->\nother', actionsBot);
    await post('result');
    expect(github.comments).toHaveLength(2);
  });

  it('is found on a later page', async () => {
    for (let index = 0; index < 150; index++) github.add(`talk ${index}`, stranger);
    await post('first');
    expect(await post('second')).toMatchObject({ posted: 'edited' });
    expect(github.comments).toHaveLength(151);
  });

  it('is one even when two jobs write at once: the oldest stays', async () => {
    let raced = false;
    github.hooks.beforeAnswer = (route) => {
      if (raced || !route.startsWith('GET')) return;
      raced = true;
      // The other job's comment arrives after this one has looked.
      queueMicrotask(() => github.add(`${marker}\nother job`, actionsBot));
    };
    expect(await post('this job')).toMatchObject({ posted: 'edited', id: 1000 });
    expect(bodies()).toEqual(['github-actions[bot]: M this job']);
  });

  it('is written by an app under its own name, and by a server without GraphQL', async () => {
    github.allow('app', { id: 99, login: 'weighin[bot]', type: 'Bot' });
    await post('of the job');
    await post('of the app', 'app');
    await post('of the app 2', 'app');
    github.allow('plain', actionsBot, { graphql: false });
    await post('of the job 2', 'plain');
    expect(bodies()).toEqual(['github-actions[bot]: M of the job 2', 'weighin[bot]: M of the app 2']);
  });

  it('is cut where GitHub would refuse it, with what was open closed again', async () => {
    const long = `# Head\n<details><summary>all</summary>\n\n${'| 0.1234 | 0.5678 |\n'.repeat(6_000)}</details>\n`;
    expect(await post(long)).toMatchObject({ posted: 'created' });
    const [{ body } = { body: '' }] = github.comments;
    expect(body.length).toBeLessThanOrEqual(65_536);
    expect(body).toMatch(/\| 0.5678 \|\n<\/details>\n\n_This comment was cut/);
  });
});

describe('a token that may not write', () => {
  it('is an answer, not an error', async () => {
    github.allow('fork', actionsBot, { write: false });
    expect(await post('x', 'fork')).toEqual({ posted: 'refused', reason: expect.stringContaining('GitHub answered 403') });
    expect(await post('x', 'nobody')).toEqual({ posted: 'refused', reason: expect.stringContaining('401') });
    expect(waits).toEqual([]);
    expect(github.comments).toEqual([]);
  });
});

describe('a server that stumbles', () => {
  it('is asked again after a 502, and what arrived all the same is not written twice', async () => {
    github.faults.push({ match: /^POST .*comments/, status: 502, arrives: true });
    expect(await post('once')).toMatchObject({ posted: 'unchanged' });
    expect(github.comments).toHaveLength(1);
    expect(waits).toEqual([1]);
  });

  it('is given the time that it asks for', async () => {
    github.faults.push({
      match: /^POST .*comments/,
      status: 403,
      headers: { 'retry-after': '17' },
      message: 'You have exceeded a secondary rate limit.',
    });
    expect(await post('patient')).toMatchObject({ posted: 'created' });
    expect(waits).toEqual([17]);
  });

  it('is not waited for without end', async () => {
    github.faults.push({ match: /comments/, status: 403, headers: { 'retry-after': '3600' }, message: 'secondary rate limit' });
    expect(await post('late')).toMatchObject({ posted: 'refused' });
    expect(waits).toEqual([]);
  });

  it('is given up after four attempts', async () => {
    for (let index = 0; index < 9; index++) github.faults.push({ match: /^GET .*comments/, status: 503 });
    await expect(post('x')).rejects.toMatchObject({ status: 503 });
    expect(waits).toEqual([1, 2, 4]);
  });

  it('is asked who one is before it is written to as somebody else', async () => {
    github.faults.push({ match: /graphql/, status: 502 });
    github.allow('app', { id: 99, login: 'weighin[bot]', type: 'Bot' });
    await post('a', 'app');
    github.faults.push({ match: /graphql/, status: 502 });
    expect(await post('b', 'app')).toMatchObject({ posted: 'edited' });
    expect(github.comments).toHaveLength(1);
  });
});
