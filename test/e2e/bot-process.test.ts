import { spawn } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { type GitHub, openGitHub } from '../support/github/open-github.ts';

const dist = process.env['WEIGHIN_DIST'] ?? join(import.meta.dirname, '../../dist');
let github: GitHub;
let folder: string;
beforeAll(async () => {
  folder = mkdtempSync(join(tmpdir(), 'weighin-bot-'));
  github = await openGitHub({ now: new Date() });
  github.git.commit({ branch: 'main', files: { 'README.md': 'nothing yet\n' } });
  github.users.add({ login: 'alice', role: 'write' });
  github.git.commit({ branch: 'new', base: 'main', files: { 'train.py': 'print()' }, by: 'alice' });
  github.git.commit({ branch: 'other', base: 'main', files: { 'train.py': 'print(1)' }, by: 'alice' });
});
afterAll(async () => {
  await github.close();
  rmSync(folder, { recursive: true });
});

function start(bundle: string, env: Readonly<Record<string, string>>) {
  const child = spawn(process.execPath, [join(dist, bundle)], { cwd: folder, env: { PATH: process.env['PATH'] ?? '', ...env } });
  let text = '';
  for (const stream of [child.stdout, child.stderr]) stream.on('data', (chunk: Buffer) => (text += String(chunk)));
  const ended = new Promise<number | null>((resolve) => child.on('close', resolve));
  return { child, ended, text: () => text };
}
const settings = () => ({
  NODE_ENV: 'production',
  LOG_LEVEL: 'trace',
  APP_ID: String(github.app.id),
  PRIVATE_KEY: github.app.privateKey,
  WEBHOOK_SECRET: github.app.webhookSecret,
  GHE_HOST: new URL(github.url).host,
  GHE_PROTOCOL: 'http',
  HOST: '127.0.0.1',
  PORT: '0',
});
const until = async (condition: () => boolean | Promise<boolean>) => {
  while (!(await condition())) await new Promise((resolve) => setTimeout(resolve, 20));
};

it.each(['APP_ID', 'PRIVATE_KEY', 'WEBHOOK_SECRET'])('ends with 2 and names %s where it is missing', async (name) => {
  const server = start('bot.js', { ...settings(), [name]: '' });
  expect(await server.ended).toBe(2);
  expect(server.text()).toMatch(new RegExp(`^error: ${name} is not set\\.\n`));
});

it('starts, hears a command, answers it, and ends when it is asked to', async () => {
  const server = start('bot.js', settings());
  const port = () => /"port":(\d+)/.exec(server.text())?.[1];
  await until(() => port() !== undefined);
  const url = `http://127.0.0.1:${port()}`;
  await until(async () => (await fetch(`${url}/ready`)).ok);
  github.deliveries.sendTo(`${url}/api/github/webhooks`);
  const pull = github.openPull({ branch: 'new', title: 'New features', by: 'alice' });
  github.comment(pull.number, '/weighin help', 'alice');
  await until(() => github.count(/POST .*\/reactions/) > 1);
  server.child.kill('SIGTERM');
  expect(await server.ended).toBe(0);
  const lines = server.text().trim().split('\n');
  for (const line of lines) expect(() => JSON.parse(line)).not.toThrow();
  expect(server.text()).not.toContain(github.app.webhookSecret);
  expect(server.text()).not.toMatch(/ghs_|PRIVATE KEY|eyJ[\w-]+\.[\w-]+\./);
  expect(github.unknown).toEqual([]);
});

it('answers without a server, in a job with its own token, and says that it is advisory', async () => {
  github.deliveries.sendTo(null);
  const pull = github.openPull({ branch: 'other', title: 'Other features', by: 'alice' });
  const comment = github.comment(pull.number, '/weighin help', 'alice');
  const [delivery] = github.deliveries.find('issue_comment', 'created').slice(-1);
  const files = { event: join(folder, 'event.json'), output: join(folder, 'output'), summary: join(folder, 'summary') };
  writeFileSync(files.event, JSON.stringify(delivery?.payload));
  for (const file of [files.output, files.summary]) writeFileSync(file, '');
  const job = start('bot-once.js', {
    GITHUB_REPOSITORY: 'acme/churn',
    GITHUB_API_URL: github.apiUrl,
    GITHUB_EVENT_NAME: 'issue_comment',
    GITHUB_EVENT_PATH: files.event,
    GITHUB_OUTPUT: files.output,
    GITHUB_STEP_SUMMARY: files.summary,
    'INPUT_GITHUB-TOKEN': github.token.workflow({
      contents: 'write',
      pull_requests: 'write',
      issues: 'write',
      checks: 'write',
      actions: 'read',
      deployments: 'write',
      attestations: 'read',
    }),
  });
  expect(await job.ended, job.text()).toBe(0);
  expect(comment.id).toBeGreaterThan(0);
  expect(github.count(new RegExp(`POST .*/comments/${comment.id}/reactions`))).toBe(2);
  expect(readFileSync(files.output, 'utf8')).toMatch(/advisory<<[\s\S]*true/);
  expect(readFileSync(files.summary, 'utf8')).toContain('Promotion is advisory');
});
