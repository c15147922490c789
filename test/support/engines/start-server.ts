import { type ChildProcess, spawn } from 'node:child_process';
import { createWriteStream } from 'node:fs';
import { readFile } from 'node:fs/promises';
import { connect } from 'node:net';
import { setTimeout as wait } from 'node:timers/promises';

export interface RunningServer {
  readonly process: ChildProcess;
  /** Ends it and all processes that it started. */
  stop(): Promise<void>;
}

export interface ServerRequest {
  /** Shown where it does not start. */
  readonly name: string;
  readonly command: string;
  readonly args: readonly string[];
  readonly env?: Readonly<Record<string, string>>;
  readonly cwd: string;
  readonly port: number;
  readonly log: string;
  readonly seconds?: number;
  /** Whom it runs as, where not as whoever runs the test. */
  readonly owner?: { readonly uid: number; readonly gid: number };
}

/** Starts a server in a process group of its own and waits until its port is open. A server that is not there is a failure. */
export async function startServer(request: ServerRequest): Promise<RunningServer> {
  const { name, command, args, env = {}, cwd, port, log, seconds = 90, owner } = request;
  const child = spawn(command, [...args], {
    cwd,
    detached: true,
    env: { PATH: process.env['PATH'], HOME: cwd, LANG: 'C.UTF-8', ...env },
    stdio: ['ignore', 'pipe', 'pipe'],
    ...(owner && { uid: owner.uid, gid: owner.gid }),
  });
  const output = createWriteStream(log);
  child.stdout?.pipe(output, { end: false });
  child.stderr?.pipe(output, { end: false });
  let ended: string | undefined;
  child.once('error', (cause) => {
    ended = cause.message;
  });
  child.once('exit', (code, signal) => {
    ended ??= `it ended with ${code ?? signal}`;
  });
  const stop = async () => {
    const gone = new Promise((resolve) => child.once('exit', resolve));
    try {
      if (child.pid !== undefined) process.kill(-child.pid, 'SIGKILL');
    } catch {
      // It is gone already.
      return;
    }
    if (child.exitCode === null && child.signalCode === null) await gone;
  };
  for (const until = Date.now() + seconds * 1_000; !(await isOpen(port)); await wait(100)) {
    if (ended !== undefined || Date.now() > until) {
      await stop();
      const text = await readFile(log, 'utf8').catch(() => '');
      throw new Error(`${name} did not start: ${ended ?? 'no port after so long'}.\n${text.slice(-2_000)}`);
    }
  }
  return { process: child, stop };
}

const isOpen = (port: number): Promise<boolean> =>
  new Promise((resolve) => {
    const socket = connect({ port, host: '127.0.0.1' });
    socket.once('connect', () => {
      socket.destroy();
      resolve(true);
    });
    socket.once('error', () => resolve(false));
  });
