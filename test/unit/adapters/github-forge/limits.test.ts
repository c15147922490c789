import { afterEach, beforeEach, expect, it, vi } from 'vitest';
import { retryAfterOf } from '../../../../shared/adapters/github-forge/forge-error.ts';
import { createForgeMemory } from '../../../../shared/adapters/github-forge/forge-memory.ts';
import type { Forge } from '../../../../shared/promotion/forge.ts';
import { forgeOf } from '../../../conformance/forge.ts';
import { type GitHub, openGitHub } from '../../../support/github/open-github.ts';

let github: GitHub;
let forge: Forge;
let waits: number[];
let token: string;

beforeEach(async () => {
  github = await openGitHub({ owner: 'acme', repo: 'churn' });
  github.users.add({ login: 'alice', role: 'write' });
  github.git.commit({ branch: 'main', by: 'alice', files: { 'weighin.yaml': 'version: 1\n' } });
  token = github.token.installation();
  ({ forge, waits } = await forgeOf(github, { token }));
});
afterEach(async () => {
  expect(github.unknown).toEqual([]);
  await github.close();
});

it('waits as long as a secondary limit says, then writes once', async () => {
  const issue = github.openIssue({ title: 'I', by: 'alice' });
  github.faults.secondaryLimit(/^POST .*comments$/, 7);
  await forge.comments.create(issue.number, 'Reply');
  expect(waits).toEqual([7]);
  expect(github.comments()).toHaveLength(1);
});

it('gives up where the limit lasts longer than a caller can wait, and says how long', async () => {
  github.faults.secondaryLimit(/permission$/, 600);
  const failure: unknown = await forge.people.roleOf('alice').catch((error: unknown) => error);
  expect(failure).toMatchObject({ name: 'InfrastructureError', code: 'FORGE_LIMITED', retryAfterSeconds: 600 });
  expect(retryAfterOf(failure)).toBe(600);
  expect(waits).toEqual([]);
});

it('counts all waits of a request together', async () => {
  github.faults.secondaryLimit(/permission$/, 50, 5);
  await expect(forge.people.roleOf('alice')).rejects.toMatchObject({ code: 'FORGE_LIMITED', retryAfterSeconds: 50 });
  expect(waits).toEqual([50, 50]);
});

it("reckons the reset by GitHub's clock, not by this machine's", async () => {
  const reset = Math.floor(github.clock.now().getTime() / 1000) + 30;
  const headers = { 'x-ratelimit-remaining': '0', 'x-ratelimit-reset': String(reset) };
  github.faults.add({ match: /permission$/, status: 403, message: 'API rate limit exceeded', headers });
  expect(await forge.people.roleOf('alice')).toBe('write');
  expect(waits).toEqual([31]);
});

it("waits for GraphQL's limit, which is answered by 200", async () => {
  github.faults.graphqlError(/pullRequest/, { type: 'RATE_LIMITED', message: 'API rate limit exceeded' });
  expect(await forge.pulls.read(1)).toBeNull();
  expect(waits).toEqual([60]);
});

it('reads again after a gateway failed, twice', async () => {
  github.faults.add({ match: /permission$/, status: 502, times: 2 });
  expect(await forge.people.roleOf('alice')).toBe('write');
  expect(waits).toEqual([1, 2]);
  github.faults.add({ match: /permission$/, status: 503, times: 3 });
  await expect(forge.people.roleOf('alice')).rejects.toMatchObject({ code: 'FORGE_UNREACHABLE' });
  github.faults.graphqlError(/pullRequest/, { type: '', message: 'Something went wrong while executing your query.' }, 3);
  await expect(forge.pulls.read(1)).rejects.toMatchObject({ code: 'FORGE_UNREACHABLE' });
});

it('does not wait for an answer for ever', async () => {
  const { forge: hasty } = await forgeOf(github, { token, timeout: 50 });
  github.faults.add({ match: /permission$/, delay: 2000, times: 3 });
  await expect(hasty.people.roleOf('alice')).rejects.toMatchObject({ code: 'FORGE_UNREACHABLE' });
});

it('names the permission that is missing', async () => {
  const { forge: weak } = await forgeOf(github, {
    token: github.token.installation({ metadata: 'read', contents: 'read', issues: 'read' }),
  });
  const issue = github.openIssue({ title: 'I', by: 'alice' });
  const refused = weak.comments.create(issue.number, 'Reply');
  await expect(refused).rejects.toMatchObject({ name: 'InfrastructureError', code: 'FORGE_REFUSED' });
  await expect(refused).rejects.toThrow(/takes the permission issues.*: write\.$/);
  await expect(weak.pulls.read(1)).rejects.toMatchObject({
    code: 'FORGE_REFUSED',
    message: expect.stringContaining('pull_requests: read'),
  });
});

it('says no token, whatever fails', async () => {
  github.token.revoke(token);
  const failure = await forge.people.roleOf('alice').catch((error: unknown) => error);
  expect(failure).toMatchObject({ code: 'FORGE_REFUSED' });
  github.faults.add({ match: /permission$/, status: 403, message: `no use for ${token} of //user:secret@proxy` });
  const leaky = await forge.people.roleOf('alice').catch((error: unknown) => error);
  for (const error of [failure, leaky]) {
    const told = `${String(error)} ${JSON.stringify(error)} ${error instanceof Error ? (error.stack ?? '') + String(error.cause) : ''}`;
    expect(told).not.toContain(token);
    expect(told).not.toContain('secret@');
  }
});

it('asks again for free: what did not change is not counted', async () => {
  const issue = github.openIssue({ title: 'I', by: 'alice' });
  github.comment(issue.number, 'One', 'alice');
  await forge.comments.list(issue.number);
  const used = github.rate.core.used;
  expect(await forge.comments.list(issue.number)).toHaveLength(1);
  expect(github.rate.core.used).toBe(used);
  github.comment(issue.number, 'Two', 'alice');
  expect((await forge.comments.list(issue.number)).map(({ body }) => body)).toEqual(['One', 'Two']);
});

it('shares what it remembers, and asks anew about authority', async () => {
  const memory = createForgeMemory();
  const { forge: one } = await forgeOf(github, { token, memory });
  const before = github.requests.length;
  const { forge: two } = await forgeOf(github, { token, memory });
  expect(github.requests.length).toBe(before);
  expect(await one.people.roleOf('alice')).toBe('write');
  github.users.setRole('alice', 'read');
  expect(await two.people.roleOf('alice')).toBe('read');
});

it("tells GitHub's time: of the last answer, or asked anew when that is long ago", async () => {
  const before = github.requests.length;
  expect(await forge.now()).toEqual(github.clock.now());
  expect(github.requests.length).toBe(before);
  github.clock.advance({ hours: 3 });
  const later = performance.now() + 31_000;
  const clock = vi.spyOn(performance, 'now').mockImplementation(() => later);
  try {
    expect(await forge.now()).toEqual(github.clock.now());
  } finally {
    clock.mockRestore();
  }
});
