import { createServer } from 'node:http';
import { connect } from 'node:net';
import { getOctokit } from '@actions/github';
import { Octokit } from 'octokit';
import { ProbotOctokit } from 'probot';
import { afterEach, beforeEach, expect, it } from 'vitest';
import { connectForge } from '../../shared/adapters/github-forge/connect-forge.ts';
import { createGitHubForge } from '../../shared/adapters/github-forge/create-github-forge.ts';
import { createForgeMemory } from '../../shared/adapters/github-forge/forge-memory.ts';
import type { Octokit as AnyOctokit } from '../../shared/adapters/github-forge/octokit-shape.ts';
import { type GitHub, openGitHub } from '../support/github/open-github.ts';

let github: GitHub;

beforeEach(async () => {
  github = await openGitHub({ owner: 'acme', repo: 'churn' });
  github.users.add({ login: 'alice', role: 'write' });
  github.git.commit({ branch: 'main', by: 'alice', files: { 'weighin.yaml': 'version: 1\n' } });
});
afterEach(async () => {
  expect(github.unknown).toEqual([]);
  await github.close();
});

const silent = { trace: () => {}, debug: () => {}, info: () => {}, warn: () => {}, error: () => {}, fatal: () => {} };
const octokits: Record<string, (token: string) => AnyOctokit> = {
  'the octokit package': (token) => new Octokit({ auth: token, baseUrl: github.apiUrl, log: silent, throttle: { enabled: false } }),
  Probot: (token) =>
    new ProbotOctokit({
      auth: { token },
      baseUrl: github.apiUrl,
      log: { ...silent, child: () => silent },
      throttle: { enabled: false },
    } as never),
  '@actions/github': (token) => getOctokit(token, { baseUrl: github.apiUrl, log: silent }),
};

it.each(Object.entries(octokits))('speaks through the Octokit of %s, whose plugins repeat no write', async (_name, open) => {
  const octokit = open(github.token.installation());
  const forge = await createGitHubForge({ octokit, owner: 'acme', repo: 'churn', appId: github.app.id, sleep: async () => {} });
  const [read] = await forge.git.read([{ ref: 'main', paths: ['weighin.yaml'] }]);
  expect(read?.files.get('weighin.yaml')).toBe('version: 1\n');
  const issue = github.openIssue({ title: 'I', by: 'alice' });
  github.faults.add({ match: /^POST .*comments$/, status: 502, arrives: true });
  await forge.comments.create(issue.number, 'Once');
  expect(github.comments(issue.number).map(({ body }) => body)).toEqual(['Once']);
  expect(github.count(/^POST .*comments$/)).toBe(1);
});

const place = { owner: 'acme', repo: 'churn', environment: {}, sleep: async () => {} };
const app = () => ({ id: github.app.id, privateKey: github.app.privateKey });

it('connects with a token', async () => {
  const forge = await connectForge({
    ...place,
    credentials: { token: github.token.workflow({ contents: 'read' }) },
    baseUrl: github.apiUrl,
  });
  expect(forge.identity).toMatchObject({ login: 'github-actions[bot]', appId: null });
});

it("connects with an App's key, by a token for this repository alone and with no more than it needs", async () => {
  github.addRepository('other');
  const forge = await connectForge({ ...place, credentials: { app: app() }, baseUrl: `${github.apiUrl}/` });
  expect(forge.identity).toEqual({ id: github.app.botId, login: 'weighin[bot]', appId: github.app.id });
  expect(await forge.people.roleOf('alice')).toBe('write');
  const minted = github.requests.filter(({ path }) => path.endsWith('/access_tokens'));
  expect(minted).toHaveLength(1);
  expect(JSON.parse(minted[0]?.body ?? '')).toEqual({
    repositories: ['churn'],
    permissions: expect.objectContaining({ contents: 'write', checks: 'write', actions: 'read', metadata: 'read' }),
  });
  expect(minted[0]?.body).not.toMatch(/administration|secrets|workflows|"actions":"write"/);
});

it('never takes a missing installation for an answer', async () => {
  const elsewhere = connectForge({ ...place, repo: 'not-installed', credentials: { app: app() }, baseUrl: github.apiUrl });
  await expect(elsewhere).rejects.toMatchObject({ name: 'InfrastructureError', code: 'FORGE_REFUSED' });
  const memory = createForgeMemory();
  const credentials = { app: { ...app(), installationId: github.app.installationId } };
  await connectForge({ ...place, credentials, baseUrl: github.apiUrl, memory });
  const forge = await connectForge({ ...place, credentials, baseUrl: github.apiUrl, memory });
  github.faults.add({ match: /access_tokens$/, status: 404, message: 'Not Found', times: 2 });
  await expect(forge.people.roleOf('alice')).rejects.toMatchObject({ code: 'FORGE_REFUSED' });
  await expect(forge.git.head('main')).rejects.toMatchObject({ code: 'FORGE_REFUSED' });
  expect(await forge.people.roleOf('alice')).toBe('write');
});

it('goes through the proxy that the environment names', async () => {
  const seen: string[] = [];
  const open: { destroy(): void }[] = [];
  const proxy = createServer().on('connect', (request, socket) => {
    seen.push(String(request.url));
    const [host = '', port = ''] = String(request.url).split(':');
    open.push(socket);
    const onward = connect(Number(port), host, () => {
      socket.write('HTTP/1.1 200 OK\r\n\r\n');
      onward.pipe(socket).pipe(onward);
    });
    onward.on('error', () => socket.destroy());
    socket.on('error', () => onward.destroy());
  });
  await new Promise<void>((resolve) => proxy.listen(0, '127.0.0.1', resolve));
  const address = proxy.address();
  const port = typeof address === 'object' ? address?.port : 0;
  const credentials = { token: github.token.installation() };
  await connectForge({ ...place, credentials, baseUrl: github.apiUrl, environment: { HTTP_PROXY: `http://127.0.0.1:${port}` } });
  expect(seen).toEqual([new URL(github.url).host]);
  for (const socket of open) socket.destroy();
  await new Promise((resolve) => proxy.close(resolve));
});
