import { type ChildProcess, spawn } from 'node:child_process';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { Agent, createServer, get, type Server } from 'node:http';
import { connect } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as wait } from 'node:timers/promises';

/** Of Debian's package haproxy, which is not on every path. Missing is a failure, not a skip. */
const binary = process.env['WEIGHIN_HAPROXY'] || '/usr/sbin/haproxy';

/** HAProxy before servers v11, v12 and v13, each of which answers its own name. Everything goes through sockets in a folder: no ports. */
export async function startHaproxy({ balance = 'roundrobin', level = 'admin' } = {}) {
  const folder = mkdtempSync(join(tmpdir(), 'weighin-haproxy-'));
  const at = (name: string) => join(folder, `${name}.sock`);
  const versions = ['v11', 'v12', 'v13'];
  const arrived: string[] = [];
  const servers = await Promise.all(versions.map((name) => answering(name, at(name), arrived)));
  writeFileSync(
    join(folder, 'haproxy.cfg'),
    `global
  stats socket ${at('admin')} mode 600 level ${level}
defaults
  mode http
  timeout connect 2s
  timeout client 20s
  timeout server 20s
frontend in
  bind unix@${at('front')}
  default_backend model
backend model
  balance ${balance}
${versions.map((name, index) => `  server ${name} unix@${at(name)} weight ${index === 0 ? 100 : 0}\n`).join('')}`,
  );
  let running: ChildProcess;
  let said = '';

  async function start(): Promise<void> {
    running = spawn(binary, ['-db', '-f', join(folder, 'haproxy.cfg')], { stdio: ['ignore', 'ignore', 'pipe'] });
    running.stderr?.on('data', (chunk: Buffer) => {
      said += chunk.toString();
    });
    const failed = new Promise<never>((_, reject) => {
      running.once('error', (cause) => reject(new Error(`${binary} can't be started; .ci/run installs it`, { cause })));
      running.once('exit', (code) => reject(new Error(`haproxy ended with ${code}: ${said}`)));
    });
    failed.catch(() => undefined);
    for (let tries = 0; ; tries++) {
      const up = await Promise.race([command(at('admin'), 'show info').catch(() => null), failed]);
      if (up !== null) return;
      if (tries > 200) throw new Error(`haproxy does not answer: ${said}`);
      await wait(25);
    }
  }
  async function stop(): Promise<void> {
    if (running.exitCode !== null || running.signalCode !== null) return;
    const ended = new Promise((resolve) => running.once('exit', resolve));
    running.kill('SIGKILL');
    await ended;
  }
  await start();

  return {
    socket: at('admin'),
    /** Names of the servers that requests arrived at, in order. */
    arrived,
    command: (line: string) => command(at('admin'), line),
    /** Its weights are those of its configuration again. */
    async restart() {
      await stop();
      await start();
    },
    /** Requests, 20 at once over kept connections: answers by server, failures under their code. */
    async load(requests: number): Promise<Readonly<Record<string, number>>> {
      const agent = new Agent({ keepAlive: true, maxSockets: 20 });
      const counts: Record<string, number> = {};
      let left = requests;
      const client = async () => {
        while (left-- > 0) {
          const name = await ask(at('front'), agent);
          counts[name] = (counts[name] ?? 0) + 1;
        }
      };
      await Promise.all(Array.from({ length: 20 }, client));
      agent.destroy();
      return counts;
    },
    async close() {
      await stop();
      for (const server of servers) {
        server.closeAllConnections();
        server.close();
      }
      rmSync(folder, { recursive: true, force: true });
    },
  };
}

function answering(name: string, path: string, arrived: string[]): Promise<Server> {
  const server = createServer((_, response) => {
    arrived.push(name);
    response.end(name);
  });
  return new Promise((resolve) => server.listen(path, () => resolve(server)));
}

function ask(socketPath: string, agent: Agent): Promise<string> {
  return new Promise((resolve) => {
    get({ socketPath, agent, path: '/' }, (response) => {
      let text = '';
      response.on('data', (chunk: Buffer) => {
        text += chunk.toString();
      });
      response.on('end', () => resolve(response.statusCode === 200 ? text : `status ${response.statusCode}`));
    }).on('error', (error) => resolve(`error ${'code' in error ? error.code : error.message}`));
  });
}

/** As a person's socat would. */
function command(path: string, line: string): Promise<string> {
  return new Promise((resolve, reject) => {
    let text = '';
    const connection = connect(path, () => connection.write(`${line}\n`));
    connection
      .on('data', (chunk: Buffer) => {
        text += chunk.toString();
      })
      .on('end', () => resolve(text))
      .on('error', reject);
  });
}
