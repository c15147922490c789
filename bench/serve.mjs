/**
 * Requests a second and latency: `weighin serve`, FastAPI with onnxruntime, and a Node server that parses the JSON and does nothing, by turns
 * with the same client. Then the latency at half of weighin's peak.
 * usage: node bench/serve.mjs MODEL.onnx --peer "PYTHON serve_fastapi.py" [--connections 16] [--seconds 5] [--runs 3] [--workers N] [--only weighin,fastapi,empty] [--json]
 * MODEL: one float tensor [N, k] with k columns (--width, 7).
 */
import { spawn } from 'node:child_process';
import { createServer } from 'node:http';
import { connect } from 'node:net';
import { join, resolve } from 'node:path';
import { fileURLToPath } from 'node:url';
import { load } from './serve-load.mjs';

const [model, ...options] = process.argv.slice(2);
if (model === '--empty') await serveEmpty(Number(options[0]));
else await main();

async function main() {
  if (!model) throw new Error('usage: node bench/serve.mjs MODEL.onnx --peer "PYTHON serve_fastapi.py"');
  const option = (name, fallback) => (options.includes(name) ? options[options.indexOf(name) + 1] : fallback);
  const peer = option('--peer');
  const dist = option('--dist', process.env.WEIGHIN_DIST ?? join(fileURLToPath(new URL('.', import.meta.url)), '..', 'dist'));
  const body = JSON.stringify({ features: Array.from({ length: Number(option('--width', '7')) }, (_, index) => index * 10.5) });
  const workers = option('--workers');
  const log = option('--log');
  const servers = {
    weighin: [
      process.execPath,
      [
        join(dist, 'cli.js'),
        'serve',
        '--model',
        resolve(model),
        '--port',
        '8291',
        ...(workers ? ['--workers', workers] : []),
        ...(log ? ['--log', log] : []),
      ],
      8291,
    ],
    empty: [process.execPath, [fileURLToPath(import.meta.url), '--empty', '8293'], 8293],
    ...(peer && { fastapi: [peer.split(' ')[0], [...peer.split(' ').slice(1), resolve(model), '8292'], 8292] }),
  };
  const only = option('--only')?.split(',') ?? Object.keys(servers);
  const settings = {
    path: '/predict',
    body,
    connections: Number(option('--connections', '16')),
    seconds: Number(option('--seconds', '5')),
  };
  const found = Object.fromEntries(only.map((name) => [name, []]));
  for (let run = 0; run < Number(option('--runs', '3')); run++)
    for (const name of only) found[name].push(await withServer(servers[name], (port) => load({ ...settings, port })));
  const middle = (runs) => runs.toSorted((a, b) => a.perSecond - b.perSecond)[Math.floor(runs.length / 2)];
  const peak = Object.fromEntries(Object.entries(found).map(([name, runs]) => [name, middle(runs)]));
  // Two seconds to warm up: a server that has just started compiles first, and a queue would form that has nothing to do with its pace.
  const half =
    peak.weighin &&
    (await withServer(servers.weighin, (port) => load({ ...settings, port, rate: peak.weighin.perSecond / 2, warmSeconds: 2 })));
  if (options.includes('--json')) return console.log(JSON.stringify({ found, half }));
  for (const [name, { perSecond, p50, p99, errors }] of Object.entries(peak))
    console.log(
      `${name.padEnd(8)} ${String(Math.round(perSecond)).padStart(7)} requests/s   p50 ${p50.toFixed(2)} ms   p99 ${p99.toFixed(2)} ms   not 200: ${errors}`,
    );
  if (half)
    console.log(
      `at half  ${String(Math.round(half.perSecond)).padStart(7)} requests/s   p50 ${half.p50.toFixed(2)} ms   p99 ${half.p99.toFixed(2)} ms (goal: below 10; the client's own ${half.lateP99.toFixed(2)} ms among it)`,
    );
  for (const [other, goal] of [
    ['fastapi', 3],
    ['empty', 0.5],
  ])
    if (peak[other] && peak.weighin) console.log(`${ratios(found.weighin, found[other])} × ${other} (goal: ${goal})`);
}

/** Of each turn by itself, since a shared machine changes from one to the next; their median first. */
function ratios(ours, theirs) {
  const each = ours.map(({ perSecond }, turn) => perSecond / theirs[turn].perSecond);
  const middle = each.toSorted((a, b) => a - b)[Math.floor(each.length / 2)];
  return `${middle.toFixed(2)} (${each.map((ratio) => ratio.toFixed(2)).join(', ')})`;
}

async function withServer([command, words, port], use) {
  const child = spawn(command, words, { stdio: ['ignore', 'ignore', 'inherit'] });
  try {
    for (let tries = 0; !(await isOpen(port)); tries++) {
      if (tries > 300 || child.exitCode !== null) throw new Error(`${command} does not listen on ${port}`);
      await new Promise((resolve) => setTimeout(resolve, 100));
    }
    return await use(port);
  } finally {
    const ended = new Promise((resolve) => child.once('exit', resolve));
    child.kill();
    await ended;
  }
}

function isOpen(port) {
  return new Promise((resolve) => {
    const socket = connect({ port, host: '127.0.0.1' });
    socket.on('connect', () => socket.end(() => resolve(true)));
    socket.on('error', () => resolve(false));
  });
}

/** Reads the body, parses it, answers a line of the same length. */
async function serveEmpty(port) {
  createServer((request, response) => {
    const parts = [];
    request.on('data', (part) => parts.push(part));
    request.on('end', () => {
      const { features } = JSON.parse(Buffer.concat(parts).toString());
      const text = JSON.stringify({ score: features[0], prediction: 1, model_version: 'v1', latency_ms: 0.123 });
      response.writeHead(200, { 'content-type': 'application/json', 'content-length': Buffer.byteLength(text) });
      response.end(text);
    });
  }).listen(port, '127.0.0.1');
}
