import { type ChildProcess, spawn } from 'node:child_process';
import { InfrastructureError } from '../../errors.ts';
import type { ProcessOutcome, RunProcess } from '../../training/run-process.ts';
import { splitLines } from './split-lines.ts';

/** What is left after a polite end, and how long pipes may stay open that a background process holds. */
const graceMs = 3_000;
const drainMs = 500;

/** Runs a command in a shell and a process group of its own, so that all of it can be ended together. */
export const runProcess: RunProcess = (request) =>
  new Promise<ProcessOutcome>((resolve, reject) => {
    const start = performance.now();
    const options = {
      shell: true,
      cwd: request.cwd,
      env: request.env,
      // A group of its own; Windows has none, there the tree is ended by taskkill.
      detached: process.platform !== 'win32',
      windowsHide: true,
    };
    // A pipe only for who is given something: tools that find one where a terminal would be read it instead of what they were told to.
    const child =
      request.input === undefined
        ? spawn(request.command, { ...options, stdio: ['ignore', 'pipe', 'pipe'] })
        : spawn(request.command, { ...options, stdio: ['pipe', 'pipe', 'pipe'] });
    // A command that does not read what it is given ends the pipe early; that is its own affair.
    child.stdin?.on('error', () => undefined);
    child.stdin?.end(request.input);
    const streams = [splitLines(child.stdout, request.onLine), splitLines(child.stderr, request.onLine)];
    const forget = endWithUs(child);
    let timedOut = false;
    let grace: NodeJS.Timeout | undefined;
    const timer = setTimeout(
      () => {
        timedOut = true;
        endGroup(child, 'SIGTERM');
        grace = setTimeout(() => endGroup(child, 'SIGKILL'), graceMs);
        // A longer time overflows the timer, which would then fire at once.
      },
      Math.min(request.timeoutMs, 2 ** 31 - 1),
    );

    child.on('error', (cause) => {
      settle();
      reject(new InfrastructureError('SHELL_UNAVAILABLE', `No shell could be started in ${request.cwd} (${cause.message}).`, { cause }));
    });
    child.on('exit', (exitCode, signal) => {
      settle();
      const finish = () => {
        clearTimeout(drain);
        for (const flush of streams) flush();
        // What the command left running behind it must not outlive the step.
        endGroup(child, 'SIGKILL');
        child.stdout.destroy();
        child.stderr.destroy();
        resolve({ exitCode, signal, timedOut, seconds: (performance.now() - start) / 1000 });
      };
      const drain = setTimeout(finish, drainMs);
      child.on('close', finish);
    });

    function settle() {
      clearTimeout(timer);
      clearTimeout(grace);
      forget();
    }
  });

function endGroup(child: ChildProcess, signal: NodeJS.Signals): void {
  if (child.pid === undefined) return;
  try {
    if (process.platform === 'win32') spawn('taskkill', ['/pid', String(child.pid), '/t', '/f'], { stdio: 'ignore' });
    else process.kill(-child.pid, signal);
  } catch {
    // Gone already.
  }
}

/** The group does not get the terminal's Ctrl-C: it is passed on, then this process ends as it would have. */
function endWithUs(child: ChildProcess): () => void {
  const signals = ['SIGINT', 'SIGTERM', 'SIGHUP'] as const;
  const onExit = () => endGroup(child, 'SIGKILL');
  const onSignal = (signal: NodeJS.Signals) => {
    endGroup(child, 'SIGKILL');
    forget();
    process.kill(process.pid, signal);
  };
  const forget = () => {
    process.off('exit', onExit);
    for (const signal of signals) process.off(signal, onSignal);
  };
  process.on('exit', onExit);
  for (const signal of signals) process.on(signal, onSignal);
  return forget;
}
