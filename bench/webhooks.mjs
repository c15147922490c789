/**
 * How fast the bot answers deliveries, beside a Probot app that does nothing, on the same machine by turns: at a steady rate, and in a
 * burst. GitHub is a stub that knows the App and refuses the rest, so that the bot's work fails and is tried again meanwhile.
 * usage: node bench/webhooks.mjs [--bot dist/bot.js] [--rate 200] [--seconds 15] [--burst 10000] [--turns 3]
 */
import { spawn } from 'node:child_process';
import { createHmac, generateKeyPairSync } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { Agent, createServer, request } from 'node:http';
import { createRequire } from 'node:module';
import { availableParallelism, cpus } from 'node:os';
import { join, resolve } from 'node:path';
import { fileURLToPath } from 'node:url';
import { median } from './measure.mjs';

const root = fileURLToPath(new URL('..', import.meta.url));
const option = (name, fallback) => (process.argv.includes(name) ? process.argv[process.argv.indexOf(name) + 1] : fallback);
const botFile = resolve(option('--bot', join(root, 'dist/bot.js')));
const [rate, seconds, burstSize, turns] = [
  ['--rate', '200'],
  ['--seconds', '15'],
  ['--burst', '10000'],
  ['--turns', '3'],
].map(([name, fallback]) => Number(option(name, fallback)));
const repositories = 50;
const secret = 'the secret of a benchmark';

const examples = createRequire(import.meta.url)('@octokit/webhooks-examples');
const example = examples.find(({ name }) => name === 'pull_request').examples.find(({ action }) => action === 'synchronize');
const { privateKey } = generateKeyPairSync('rsa', {
  modulusLength: 2048,
  privateKeyEncoding: { type: 'pkcs1', format: 'pem' },
  publicKeyEncoding: { type: 'spki', format: 'pem' },
});

const api = await startStub();
const servers = [];
try {
  const bot = await start('weighin', botFile, 41_901);
  const empty = await start('empty Probot', join(root, 'bench/empty-probot.mjs'), 41_902);
  servers.push(bot, empty);
  for (const server of servers) await steady(server, rate, 3);

  const found = new Map(servers.map((server) => [server, { p50: [], p99: [], max: [] }]));
  for (let turn = 0; turn < turns; turn++)
    for (const server of servers) {
      const { latencies, statuses } = await steady(server, rate, seconds);
      const kept = found.get(server);
      kept.p50.push(quantile(latencies, 0.5));
      kept.p99.push(quantile(latencies, 0.99));
      kept.max.push(Math.max(...latencies));
      console.log(`${server.name.padEnd(13)} ${rate}/s  ${line(latencies)}  ${JSON.stringify(statuses)}`);
    }
  const bursts = new Map();
  for (const server of servers) {
    const before = await taken(server);
    const begun = performance.now();
    const { latencies, statuses } = await burst(server, burstSize);
    const took = (performance.now() - begun) / 1000;
    const after = await taken(server);
    const answered = Object.entries(statuses).reduce((sum, [status, count]) => sum + (/^20[02]$/.test(status) ? count : 0), 0);
    const top = residentOf(server);
    await new Promise((resolve) => setTimeout(resolve, 15_000));
    bursts.set(server, { took, answered, taken: after === null ? null : after - before, memory: residentOf(server) });
    console.log(
      `${server.name.padEnd(13)} burst  ${line(latencies)}  ${JSON.stringify(statuses)} in ${took.toFixed(1)} s, ${top.toFixed(0)} MiB at its end, ${residentOf(server).toFixed(0)} MiB 15 s later`,
    );
  }

  const [mine, theirs] = servers.map((server) => found.get(server));
  const [ours, others] = servers.map((server) => bursts.get(server));
  const rows = [
    [
      `acknowledged at p99, ${rate} deliveries a second`,
      `${median(mine.p99).toFixed(1)} ms`,
      `${median(theirs.p99).toFixed(1)} ms`,
      '< 50 ms',
      median(mine.p99) < 50,
    ],
    ['… at the median', `${median(mine.p50).toFixed(1)} ms`, `${median(theirs.p50).toFixed(1)} ms`, '', true],
    [
      `${burstSize} in a burst: answered, taken`,
      `${ours.answered}, ${ours.taken} in ${ours.took.toFixed(1)} s`,
      `${others.answered} in ${others.took.toFixed(1)} s`,
      'all',
      ours.answered === burstSize && ours.taken === burstSize,
    ],
    ['memory 15 s after it', `${ours.memory.toFixed(0)} MiB`, `${others.memory.toFixed(0)} MiB`, '< 200 MB', ours.memory < 200e6 / 2 ** 20],
  ];
  console.log(`\n${availableParallelism()} × ${cpus()[0]?.model}, Node ${process.version}, medians of ${turns} turns\n`);
  console.log('| job | weighin | empty Probot app | wanted | |\n|---|---|---|---|---|');
  for (const [job, own, their, wanted, good] of rows) console.log(`| ${job} | ${own} | ${their} | ${wanted} | ${good ? '✓' : '✗'} |`);
} finally {
  for (const { child } of servers) child.kill('SIGTERM');
  api.close();
}

/** Starts one every 1/rate second whatever happens to those before: a server that is late is measured late. */
async function steady(server, perSecond, forSeconds) {
  const results = [];
  const begun = performance.now();
  for (let index = 0; index < perSecond * forSeconds; index++) {
    const due = begun + (index * 1000) / perSecond;
    const wait = due - performance.now();
    if (wait > 1) await new Promise((resolve) => setTimeout(resolve, wait));
    results.push(deliver(server, index, due));
  }
  return gather(await Promise.all(results));
}

/** Two hundred at a time, as fast as they go. */
async function burst(server, count) {
  const results = [];
  let next = 0;
  await Promise.all(
    Array.from({ length: 200 }, async () => {
      while (next < count) {
        const index = next++;
        results.push(await deliver(server, index, performance.now()));
      }
    }),
  );
  return gather(results);
}

function gather(results) {
  const statuses = {};
  for (const { status } of results) statuses[status] = (statuses[status] ?? 0) + 1;
  return { statuses, latencies: results.map(({ latency }) => latency) };
}

function deliver({ port, agent }, index, from) {
  const name = `repository-${index % repositories}`;
  const number = 1 + Math.floor(index / repositories);
  const payload = {
    ...example,
    number,
    installation: { id: 77 },
    repository: { ...example.repository, name, owner: { ...example.repository.owner, login: 'acme' } },
  };
  const body = Buffer.from(JSON.stringify(payload));
  const headers = {
    'content-type': 'application/json',
    'content-length': body.length,
    'x-github-event': 'pull_request',
    'x-github-delivery': `${port}-${index}-${from}`,
    'x-hub-signature-256': `sha256=${createHmac('sha256', secret).update(body).digest('hex')}`,
  };
  return new Promise((resolve) => {
    const sent = request({ port, host: '127.0.0.1', path: '/api/github/webhooks', method: 'POST', headers, agent }, (response) => {
      response.resume();
      response.on('end', () => resolve({ status: response.statusCode, latency: performance.now() - from }));
    });
    sent.on('error', (error) => resolve({ status: error.code ?? 'failed', latency: performance.now() - from }));
    sent.end(body);
  });
}

async function start(name, file, port) {
  const env = {
    PATH: process.env.PATH,
    NODE_ENV: 'production',
    APP_ID: '123',
    PRIVATE_KEY: privateKey,
    WEBHOOK_SECRET: secret,
    GHE_HOST: `127.0.0.1:${api.address().port}`,
    GHE_PROTOCOL: 'http',
    HOST: '127.0.0.1',
    PORT: String(port),
    LOG_LEVEL: 'fatal',
  };
  const child = spawn(process.execPath, [file], { env, cwd: root, stdio: ['ignore', 'inherit', 'inherit'] });
  const server = { name, port, child, agent: new Agent({ keepAlive: true, maxSockets: 200 }) };
  for (let attempt = 0; attempt < 100; attempt++) {
    await new Promise((resolve) => setTimeout(resolve, 100));
    if (await fetch(`http://127.0.0.1:${port}/ping`).catch(() => null)) return server;
  }
  throw new Error(`${name} did not start`);
}

/** Deliveries that the bot says it put into its queue; an empty Probot app counts none. */
async function taken({ port }) {
  const answer = await fetch(`http://127.0.0.1:${port}/metrics`);
  if (!answer.ok) return null;
  const counts = [...(await answer.text()).matchAll(/^weighin_deliveries_total\{[^}]*outcome="taken"[^}]*\} (\d+)/gm)];
  return counts.reduce((sum, [, count]) => sum + Number(count), 0);
}

function residentOf({ child }) {
  return Number(/VmRSS:\s+(\d+) kB/.exec(readFileSync(`/proc/${child.pid}/status`, 'utf8'))?.[1]) / 1024;
}

function startStub() {
  const inAnHour = new Date(Date.now() + 3_600_000).toISOString();
  const permissions = { metadata: 'read', contents: 'write', pull_requests: 'write', checks: 'write' };
  const answers = {
    'GET /app': { id: 123, slug: 'weighin' },
    'GET /app/installations': [],
    'GET /app/installations/77': { id: 77, permissions },
    'GET /app/hook/deliveries': [],
    'POST /app/installations/77/access_tokens': { token: 'ghs_benchmark', expires_at: inAnHour },
  };
  const server = createServer((asked, response) => {
    const found = answers[`${asked.method} ${asked.url.split('?')[0].replace('/api/v3', '')}`];
    asked.resume();
    response.writeHead(found ? 200 : 404, { 'content-type': 'application/json' }).end(JSON.stringify(found ?? { message: 'Not Found' }));
  });
  return new Promise((resolve) => server.listen(0, '127.0.0.1', () => resolve(server)));
}

function quantile(values, share) {
  const sorted = values.toSorted((a, b) => a - b);
  return sorted[Math.min(sorted.length - 1, Math.floor(sorted.length * share))];
}

function line(latencies) {
  return [0.5, 0.99, 1].map((share) => `${share === 1 ? 'max' : `p${share * 100}`} ${quantile(latencies, share).toFixed(1)} ms`).join(', ');
}
