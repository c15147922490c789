import { type ChildProcess, spawn } from 'node:child_process';
import { createWriteStream } from 'node:fs';
import { join } from 'node:path';

export interface RunningProcess {
  readonly name: string;
  /** Everything that it printed so far. */
  output(): string;
  readonly child: ChildProcess;
  readonly ended: Promise<number | null>;
}

export interface Processes {
  /** Its output is kept in a file of the demo's folder too. */
  start(
    name: string,
    words: readonly string[],
    options: { readonly cwd: string; readonly env?: Readonly<Record<string, string>>; readonly ipc?: boolean },
  ): RunningProcess;
  /** Runs to its end. */
  run(
    name: string,
    words: readonly string[],
    options: { readonly cwd: string; readonly env?: Readonly<Record<string, string>> },
  ): Promise<{ readonly status: number | null; readonly output: string; readonly stdout: string }>;
  /** Of each that runs or ran: for who wants to know why. */
  lastLines(count: number): readonly string[];
  /** SIGTERM, and SIGKILL for whoever does not hear it. */
  stopAll(): Promise<void>;
  /** At once, when this process ends. */
  killAll(): void;
}

/** Node processes of this demo; none of them outlives it. */
export function createProcesses(logs: string): Processes {
  const running = new Set<RunningProcess>();
  const all: RunningProcess[] = [];
  const { PATH = '', HOME = '' } = process.env;
  const processes: Processes = {
    start(name, words, { cwd, env = {}, ipc = false }) {
      const child = spawn(process.execPath, [...words], {
        cwd,
        env: { PATH, HOME, ...env },
        stdio: ['ignore', 'pipe', 'pipe', ...(ipc ? (['ipc'] as const) : [])],
      });
      const file = createWriteStream(join(logs, `${name}.log`), { flags: 'a' });
      let text = '';
      for (const stream of [child.stdout, child.stderr])
        stream?.on('data', (chunk: Buffer) => {
          text += chunk.toString();
          file.write(chunk);
        });
      const ended = new Promise<number | null>((resolve) => {
        child.once('error', () => resolve(null));
        child.once('close', (code) => resolve(code));
      });
      const one: RunningProcess = { name, child, output: () => text, ended };
      running.add(one);
      all.push(one);
      void ended.then(() => {
        running.delete(one);
        file.end();
      });
      return one;
    },
    async run(name, words, options) {
      const one = processes.start(name, words, options);
      let stdout = '';
      one.child.stdout?.on('data', (chunk: Buffer) => {
        stdout += chunk.toString();
      });
      return { status: await one.ended, output: one.output(), stdout };
    },
    lastLines: (count) =>
      all.flatMap(({ name, output }) =>
        output()
          .trim()
          .split('\n')
          .slice(-count)
          .map((line) => `${name} │ ${line.slice(0, 300)}`),
      ),
    async stopAll() {
      const left = [...running];
      for (const { child } of left) child.kill('SIGTERM');
      const late = setTimeout(() => processes.killAll(), 8_000);
      await Promise.all(left.map(({ ended }) => ended));
      clearTimeout(late);
    },
    killAll() {
      for (const { child } of running) child.kill('SIGKILL');
    },
  };
  return processes;
}
