import { spawn } from 'node:child_process';
import { join } from 'node:path';
import { onTestFinished } from 'vitest';

const dist = process.env['WEIGHIN_DIST'] ?? join(import.meta.dirname, '../../dist');

export interface ServingProcess {
  /** `http://127.0.0.1:40123`. */
  readonly address: string;
  post(path: string, body: unknown, headers?: Readonly<Record<string, string>>): Promise<ServedAnswer>;
  get(path: string, headers?: Readonly<Record<string, string>>): Promise<ServedAnswer>;
  send(method: string, path: string, body: unknown, headers?: Readonly<Record<string, string>>): Promise<ServedAnswer>;
  /** Sends SIGTERM and waits. */
  stop(): Promise<{ readonly status: number | null; readonly stderr: string }>;
  /** What it has written to stderr by now. */
  said(): string;
  signal(name: NodeJS.Signals): void;
  /** Its exit code, once it has ended. */
  readonly ended: Promise<number | null>;
}

export interface ServedAnswer {
  readonly status: number;
  readonly headers: Headers;
  readonly text: string;
  // biome-ignore lint/suspicious/noExplicitAny: a test says what it expects of it
  readonly json: any;
}

/** `weighin serve …words --port 0` as a process of its own, ready to answer; gone after the test. One thread a model; none said: as users run it. */
export async function startServing(
  words: readonly string[],
  cwd: string,
  env: Readonly<Record<string, string>> = {},
  workers: readonly string[] = ['--workers', '1'],
): Promise<ServingProcess> {
  const { PATH = '', HOME = '' } = process.env;
  const child = spawn(process.execPath, [join(dist, 'cli.js'), 'serve', ...words, '--port', '0', ...workers], {
    cwd,
    env: { PATH, HOME, ...env },
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  let stdout = '';
  let stderr = '';
  child.stderr.on('data', (chunk: Buffer) => {
    stderr += chunk.toString();
  });
  const ended = new Promise<number | null>((resolve) => child.once('close', resolve));
  onTestFinished(async () => {
    child.kill('SIGKILL');
    await ended;
  });
  const address = await new Promise<string>((resolve, reject) => {
    child.stdout.on('data', (chunk: Buffer) => {
      stdout += chunk.toString();
      const found = /answers on (http:\S+)/.exec(stdout)?.[1];
      if (found) resolve(found);
    });
    void ended.then((status) => reject(new Error(`serve ended with ${status}: ${stderr}`)));
  });
  const send = async (
    method: string,
    path: string,
    body: unknown,
    headers: Readonly<Record<string, string>> = {},
  ): Promise<ServedAnswer> => {
    const text = body === undefined ? null : typeof body === 'string' ? body : JSON.stringify(body);
    const response = await fetch(`${address}${path}`, { method, headers, body: text });
    const read = await response.text();
    return { status: response.status, headers: response.headers, text: read, json: read.startsWith('{') ? JSON.parse(read) : null };
  };
  return {
    address,
    send,
    post: (path, body, headers) => send('POST', path, body, headers),
    get: (path, headers) => send('GET', path, undefined, headers),
    async stop() {
      child.kill('SIGTERM');
      return { status: await ended, stderr };
    },
    said: () => stderr,
    signal: (name) => void child.kill(name),
    ended,
  };
}
