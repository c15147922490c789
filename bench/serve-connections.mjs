/**
 * Thousands of keep-alive connections at once, each of which sends a request now and then: whether a server keeps them all, answers them all,
 * and what it costs in memory.
 * usage: node bench/serve-connections.mjs MODEL.onnx [--connections 10000] [--per-second 2000] [--seconds 20] [--workers N] [--width 7] [--dist DIST]
 * The limit of open files must be above the connections, here and in the server: `ulimit -n 20000`.
 */
import { spawn } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { connect } from 'node:net';
import { join, resolve } from 'node:path';
import { fileURLToPath } from 'node:url';

const [model, ...options] = process.argv.slice(2);
if (!model) throw new Error('usage: node bench/serve-connections.mjs MODEL.onnx [--connections 10000]');
const option = (name, fallback) => (options.includes(name) ? options[options.indexOf(name) + 1] : fallback);
const wanted = Number(option('--connections', '10000'));
const perSecond = Number(option('--per-second', '2000'));
const seconds = Number(option('--seconds', '20'));
const workers = option('--workers');
const dist = option('--dist', process.env.WEIGHIN_DIST ?? join(fileURLToPath(new URL('.', import.meta.url)), '..', 'dist'));
const port = 8294;

const body = JSON.stringify({ features: Array.from({ length: Number(option('--width', '7')) }, (_, index) => index * 10.5) });
const request = Buffer.from(`POST /predict HTTP/1.1\r\nHost: localhost\r\nContent-Length: ${Buffer.byteLength(body)}\r\n\r\n${body}`);
const words = ['serve', '--model', resolve(model), '--port', String(port), ...(workers ? ['--workers', workers] : [])];
const server = spawn(process.execPath, [join(dist, 'cli.js'), ...words], { stdio: ['ignore', 'ignore', 'inherit'] });
const pause = (ms) => new Promise((done) => setTimeout(done, ms));
const megabytes = () => Number(/VmRSS:\s+(\d+)/.exec(readFileSync(`/proc/${server.pid}/status`, 'utf8'))[1]) / 1024;

const sockets = [];
const count = { sent: 0, answered: 0, notOk: 0, refused: 0, closed: 0, unanswered: 0 };
const latencies = [];
try {
  for (let tries = 0, probe = null; !probe; tries++) {
    if (tries > 300) throw new Error('the server does not listen');
    await pause(100);
    probe = await open(() => undefined);
    probe?.removeAllListeners('close').destroy();
  }
  const before = megabytes();
  const begun = performance.now();
  // 200 at a time: all of them at once would measure the queue of the system's own handshakes.
  while (sockets.length + count.refused < wanted) {
    const some = await Promise.all(Array.from({ length: Math.min(200, wanted - sockets.length - count.refused) }, () => open(onData)));
    for (const socket of some) socket ? sockets.push(socket) : count.refused++;
  }
  const opened = performance.now() - begun;
  const ends = performance.now() + seconds * 1000;
  for (let due = performance.now(), next = 0; performance.now() < ends; due += 1000 / perSecond) {
    const wait = due - performance.now();
    if (wait > 1) await pause(wait);
    const socket = sockets[next++ % sockets.length];
    // One that still waits is let wait.
    if (socket.begun !== null || socket.destroyed) continue;
    socket.begun = performance.now();
    count.sent++;
    socket.write(request);
  }
  await pause(2_000);
  count.unanswered = count.sent - count.answered;
  const after = megabytes();
  latencies.sort((a, b) => a - b);
  const at = (share) => latencies[Math.floor(share * (latencies.length - 1))]?.toFixed(2);
  console.log(
    `${sockets.length} connections open in ${(opened / 1000).toFixed(1)} s, ${count.refused} refused, ${count.closed} closed by the server`,
  );
  console.log(`${count.sent} requests, ${count.unanswered} unanswered, ${count.notOk} not 200; p50 ${at(0.5)} ms, p99 ${at(0.99)} ms`);
  console.log(
    `memory of the server ${before.toFixed(0)} → ${after.toFixed(0)} MiB, ${(((after - before) * 1024) / sockets.length).toFixed(1)} KiB a connection`,
  );
  process.exitCode = count.refused + count.closed + count.unanswered + count.notOk > 0 ? 1 : 0;
} finally {
  for (const socket of sockets) socket.removeAllListeners('close').destroy();
  server.kill();
}

function onData(socket, chunk) {
  if (socket.begun === null) return;
  latencies.push(performance.now() - socket.begun);
  socket.begun = null;
  count.answered++;
  if (!chunk.toString('latin1', 0, 12).endsWith('200')) count.notOk++;
}

/** The socket, or null where nobody took it. An answer of this size comes in one piece. */
function open(handle) {
  return new Promise((done) => {
    const socket = connect({ port, host: '127.0.0.1', noDelay: true });
    socket.begun = null;
    socket.once('connect', () => {
      socket.on('data', (chunk) => handle(socket, chunk));
      socket.on('close', () => count.closed++);
      done(socket);
    });
    socket.on('error', () => done(null));
  });
}
