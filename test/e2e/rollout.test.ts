import { spawn } from 'node:child_process';
import { createHmac } from 'node:crypto';
import { readFileSync, writeFileSync } from 'node:fs';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it, onTestFinished } from 'vitest';
import type { RolloutConfig } from '../../shared/config/rollout-schema.ts';
import { canonicalJson, digestOf } from '../../shared/digest/canonical-json.ts';
import { verifyChain } from '../../shared/promotion/event-chain.ts';
import { type LiveDocument, liveDocumentSchema, terminalPhases } from '../../shared/promotion/live-document.ts';
import { eventsPath, livePath } from '../../shared/promotion/state-paths.ts';
import { heartbeatSchema } from '../../shared/rollout/guard/heartbeat.ts';
import { weighin } from '../support/built-cli.ts';
import { type GitHub, openGitHub } from '../support/github/open-github.ts';
import { ownFolder } from '../support/own-folder.ts';
import { handedOver } from '../support/rollout/guard-world.ts';
import { type ServingProcess, startServing } from '../support/serving-process.ts';
import { small } from '../unit/onnx/small-models.ts';

/** Scores p + shift; above 1 it is no probability, and the model fails. */
const model = (shift: number) =>
  small({
    inputs: [{ name: 'p', element: 'float', shape: [null, 1] }],
    outputs: [{ name: 'y', element: 'float', shape: [null, 1] }],
    initializers: [{ name: 'shift', shape: [1], values: Float32Array.of(shift) }],
    nodes: [{ operator: 'Add', inputs: ['p', 'shift'], outputs: ['y'] }],
  });
const root = ownFolder('rollout');
writeFileSync(join(root, 'v11.onnx'), model(0));
writeFileSync(join(root, 'good.onnx'), model(0.1));
writeFileSync(join(root, 'failing.onnx'), model(0.75));

const dist = process.env['WEIGHIN_DIST'] ?? join(import.meta.dirname, '../../dist');
let github: GitHub;
beforeAll(async () => {
  github = await openGitHub({ now: new Date() });
  github.git.commit({ branch: 'main', files: { 'weighin.yaml': 'models: {}\n' } });
});
afterAll(() => github.close());

let generation = 42;
/** A rollout of seconds on this server, handed over as the bot does it. */
function handOver(server: ServingProcess, candidate: string): number {
  const definition: RolloutConfig = {
    strategy: 'canary',
    guard: { driver: 'server', maxSilence: '8s' },
    steps: [
      { weight: 30, hold: '2s' },
      { weight: 60, hold: '2s' },
      { weight: 100, hold: '1s' },
    ],
    // Of `weighin serve` itself: errors of all requests, latency with its edge at 100 ms.
    metrics: [{ name: 'error_rate', max: 0.05, hardMax: 0.5 }],
    minSamples: 10,
    target: { kind: 'serve', urls: [server.address], token: { env: 'WEIGHIN_ADMIN_TOKEN' } },
  };
  generation += 1;
  const live = handedOver(definition, 'production', generation);
  const version = (number: number, file: string) => ({ number, digest: digestOf(readFileSync(join(root, `${file}.onnx`))) });
  const started: LiveDocument = {
    ...live,
    stable: version(11, 'v11'),
    candidate: version(12, candidate),
    guard: { ...live.guard!, maxSilenceS: 8 },
  };
  github.git.commit({ branch: 'weighin/state', files: { [livePath('churn', 'production')]: canonicalJson(started) } });
  return generation;
}
const live = () => liveDocumentSchema.parse(JSON.parse(github.git.file('weighin/state', livePath('churn', 'production')) ?? ''));
const told = (of: number) =>
  verifyChain(github.git.file('weighin/state', eventsPath('churn', 'production', of)) ?? '').lines.map(({ type }) => type);

/** `weighin rollout watch` as a process of its own; gone after the test. */
function startGuard(
  words: readonly string[] = [],
  owner = 'pod-a',
  credentials: Readonly<Record<string, string>> = { GITHUB_TOKEN: github.token.workflow({ contents: 'write' }) },
) {
  const { PATH = '', HOME = '' } = process.env;
  const all = ['rollout', 'watch', '--repository', 'acme/churn', '--api', github.apiUrl, '--owner', owner, '--every', '1s', ...words];
  const child = spawn(process.execPath, [join(dist, 'cli.js'), ...all], {
    cwd: root,
    env: { PATH, HOME, ...credentials, WEIGHIN_ADMIN_TOKEN: 'secret' },
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  let text = '';
  for (const stream of [child.stdout, child.stderr])
    stream.on('data', (chunk: Buffer) => {
      text += chunk.toString();
    });
  const ended = new Promise<number | null>((resolve) => child.once('close', resolve));
  onTestFinished(async () => {
    child.kill('SIGKILL');
    await ended;
  });
  return { child, ended, text: () => text };
}

/** A board that hears everything. */
async function listen() {
  const beats: { readonly signature: unknown; readonly body: string }[] = [];
  const server = createServer(async (request, response) => {
    let body = '';
    for await (const chunk of request) body += String(chunk);
    if (request.url === '/guard') beats.push({ signature: request.headers['x-weighin-signature-256'], body });
    response.writeHead(204).end();
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  onTestFinished(() => {
    server.closeAllConnections();
    server.close();
  });
  return { beats, address: `http://127.0.0.1:${(server.address() as AddressInfo).port}` };
}

/** Requests until the test ends; statuses by version. */
function drive(server: ServingProcess) {
  const answers = new Map<string, number>();
  let going = true;
  const client = async () => {
    while (going) {
      const { status, json } = await server.post('/predict', { p: 0.5 });
      const key = `${status} ${json?.model_version ?? ''}`.trim();
      answers.set(key, (answers.get(key) ?? 0) + 1);
      await new Promise((resolve) => setTimeout(resolve, 5));
    }
  };
  const clients = [client(), client(), client(), client()];
  const stop = async () => {
    going = false;
    await Promise.all(clients);
  };
  onTestFinished(stop);
  return { answers, stop };
}
const over = { timeout: 30_000, interval: 100 };
const serving = (candidate: string) =>
  startServing(
    ['churn', '--model', `v11=v11.onnx,v12=${candidate}.onnx`, '--task', 'binary', '--versions', 'v11=100,v12=0', '--breaker', '1000000'],
    root,
    { WEIGHIN_ADMIN_TOKEN: 'secret' },
  );
const admin = async (server: ServingProcess) => (await server.get('/admin/weights', { authorization: 'Bearer secret' })).json;

describe('weighin rollout watch, with weighin serve', () => {
  it('takes a good version to all of the traffic, though it is killed and started again in the middle', async () => {
    const server = await serving('good');
    const of = handOver(server, 'good');
    const { answers, stop } = drive(server);
    const first = startGuard();
    await expect.poll(() => live().step, over).toBe(1);
    first.child.kill('SIGKILL');
    await first.ended;
    const second = startGuard(['--format', 'json']);
    await expect.poll(() => live().phase, over).toBe('succeeded');
    await stop();
    expect(told(of)).toEqual([
      ...['rollout.began', 'rollout.advanced', 'rollout.taken-over', 'rollout.advanced', 'rollout.advanced', 'rollout.succeeded'],
    ]);
    expect(await admin(server)).toMatchObject({ stable: 'v12', weights: { v12: 100 }, leaseSeconds: null });
    expect(Object.keys((await admin(server)).weights)).toEqual(['v12']);
    expect([...answers.keys()].sort()).toEqual(['200 v11', '200 v12']);
    expect(live()).toMatchObject({ stable: { number: 12 }, candidate: null, weight: null, fence: 1 });

    second.child.kill('SIGTERM');
    expect(await second.ended).toBe(0);
    const lines = second
      .text()
      .trim()
      .split('\n')
      .map((line) => JSON.parse(line) as { message: string; to?: object });
    expect(lines.flatMap(({ to }) => to ?? []).at(-1)).toMatchObject({ phase: 'succeeded', candidate: 12 });
    expect(first.text()).toMatch(/pod-a guards the rollouts of acme\/churn, a look every 1 s\n/);
    expect(first.text()).toMatch(/Z churn production: v12 shifting → analysing at 30 %\n/);
    expect(first.text() + second.text()).not.toContain('secret');
  });

  it('takes a failing one back by itself within seconds', async () => {
    const server = await serving('failing');
    const of = handOver(server, 'failing');
    const { answers, stop } = drive(server);
    const guard = startGuard();
    await expect.poll(() => live().phase, over).toBe('rolled-back');
    await stop();
    expect(told(of)).toEqual(['rollout.began', 'rollout.rolled-back', 'hold.placed']);
    expect(await admin(server)).toMatchObject({ stable: 'v11', weights: { v11: 100 }, leaseSeconds: null });
    expect(answers.get('500')).toBeGreaterThan(0);
    expect(live()).toMatchObject({ stable: { number: 11 }, candidate: null, holds: [{ reason: expect.stringContaining('error_rate') }] });
    guard.child.kill('SIGTERM');
    expect(await guard.ended).toBe(0);
    expect(guard.text()).toMatch(/Z ✖ churn production: v12 analysing at 30 % → rolling-back: error_rate /);
    expect(guard.text()).toMatch(/Z ✖ churn production: v12 rolling-back → rolled-back: v11 has all traffic\n/);
    expect(guard.text()).toContain('Told to stop');
  });

  it('leaves its rollout to the next when its time is over, and asks for that one', async () => {
    const server = await serving('good');
    handOver(server, 'good');
    drive(server);
    const guard = startGuard(['--for', '3s'], 'run:1');
    expect(await guard.ended).toBe(0);
    expect(terminalPhases).not.toContain(live().phase);
    expect(live().guard?.owner).toBeNull();
    expect(github.dispatches.at(-1)).toMatchObject({ eventType: 'weighin-rollout' });
    const board = await listen();
    const app = {
      WEIGHIN_APP_ID: String(github.app.id),
      WEIGHIN_PRIVATE_KEY: github.app.privateKey.replaceAll('\n', '\\n'),
      WEIGHIN_GUARD_SECRET: 'of the board',
    };
    startGuard(['--board', board.address], 'run:2', app);
    await expect.poll(() => live().phase, over).toBe('succeeded');
    const [first] = board.beats;
    expect(first?.signature).toBe(
      `sha256=${createHmac('sha256', 'of the board')
        .update(first?.body ?? '')
        .digest('hex')}`,
    );
    expect(heartbeatSchema.parse(JSON.parse(first?.body ?? ''))).toMatchObject({
      repository: 'acme/churn',
      owner: 'run:2',
      rollouts: [{ model: 'churn', stage: 'production', metrics: [{ name: 'error_rate' }] }],
    });
  });
});

describe('weighin rollout watch and tick, without what they need', () => {
  const run = async (words: readonly string[], env: Readonly<Record<string, string>> = {}) => {
    const { status, stderr } = await weighin(['rollout', ...words], { cwd: root, env });
    return [status, /\[([A-Z_]+)\]/.exec(stderr)?.[1]];
  };
  it('say what is missing, each by its own code', async () => {
    const token = { GITHUB_TOKEN: github.token.workflow({ contents: 'write' }) };
    const there = ['--repository', 'acme/churn', '--api', github.apiUrl];
    expect(await run(['watch'], token)).toEqual([2, 'REPOSITORY_MISSING']);
    expect(await run(['watch', '--repository', 'churn'], token)).toEqual([2, 'FLAG_INVALID']);
    expect(await run(['watch', ...there])).toEqual([2, 'NO_TOKEN']);
    expect(await run(['watch', ...there], { WEIGHIN_APP_ID: '7' })).toEqual([2, 'HALF_AN_APP']);
    expect(await run(['watch', ...there], { WEIGHIN_APP_ID: '7', WEIGHIN_PRIVATE_KEY: 'no key' })).toEqual([2, 'APP_KEY_INVALID']);
    expect(await run(['watch', '--repository', 'acme/churn', '--api', 'ftp://x'], token)).toEqual([2, 'FLAG_INVALID']);
    expect(await run(['watch', ...there, '--every', 'often'], token)).toEqual([2, 'FLAG_INVALID']);
    expect(await run(['watch', ...there, '--for', '-1s'], token)).toEqual([2, 'FLAG_INVALID']);
    expect(await run(['watch', ...there, '--json'], token)).toEqual([2, 'FLAG_INVALID']);
    expect(await run(['watch', ...there, '--owner', 'a b'], token)).toEqual([2, 'FLAG_INVALID']);
    expect(await run(['watch', ...there, '--board', 'https://b.test'], token)).toEqual([2, 'GUARD_SECRET_MISSING']);
    expect(await run(['tick', ...there, '--for', '1h'], token)).toEqual([2, 'FLAG_INVALID']);
    expect(await run(['guard'], token)).toEqual([2, 'ACTION_UNKNOWN']);
  });

  it('a single look refuses what wants more of them', async () => {
    handOver(await serving('good'), 'good');
    const { status, stderr } = await weighin(['rollout', 'tick', '--repository', 'acme/churn', '--api', github.apiUrl], {
      cwd: root,
      env: { GITHUB_TOKEN: github.token.workflow({ contents: 'write' }), WEIGHIN_ADMIN_TOKEN: 'secret' },
    });
    expect([status, stderr]).toEqual([2, expect.stringContaining('[GUARD_TOO_SLOW]')]);
    expect(stderr).toContain('churn production wants a look every 8 s');
    expect(live().phase).toBe('pending');
  });
});
