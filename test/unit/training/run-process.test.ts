import { existsSync, readFileSync } from 'node:fs';
import { setTimeout as wait } from 'node:timers/promises';
import { describe, expect, it } from 'vitest';
import { runProcess } from '../../../shared/adapters/process/run-process.ts';
import { plainLine } from '../../../shared/adapters/process/split-lines.ts';

const node = (script: string) => `"$NODE" -e "${script.replaceAll('"', '\\"').replaceAll('$', '\\$')}"`;

async function run(command: string, timeoutMs = 20_000) {
  const lines: string[] = [];
  const env = { NODE: process.execPath, PATH: process.env['PATH'] ?? '', ONLY: 'this' };
  const outcome = await runProcess({ command, cwd: process.cwd(), env, timeoutMs, onLine: (line) => lines.push(line) });
  return { outcome, lines };
}

const isAlive = (pid: number) => {
  try {
    process.kill(pid, 0);
    // Dead and not yet buried by its parent: where nobody reaps, it stays so.
    return !/^State:\s*Z/m.test(existsSync(`/proc/${pid}/status`) ? readFileSync(`/proc/${pid}/status`, 'utf8') : '');
  } catch {
    return false;
  }
};

async function endsSoon(pid: number) {
  for (let tries = 0; tries < 100 && isAlive(pid); tries++) await wait(50);
  return !isAlive(pid);
}

describe('a command', () => {
  it('gives its lines of both streams, the last one too, and its exit code', async () => {
    const { outcome, lines } = await run(
      node("console.log('one'); console.error('two'); process.stdout.write('thrée'); process.exitCode = 3"),
    );
    expect(lines.toSorted()).toEqual(['one', 'thrée', 'two']);
    expect(outcome).toMatchObject({ exitCode: 3, signal: null, timedOut: false });
  });

  it('is a line for the shell, with nothing in its environment but what it is given', async () => {
    const { lines } = await run('echo "$ONLY" && echo "[$HOME]" | cat');
    expect(lines).toEqual(['this', '[]']);
  });

  it('is ended with everything that it started when its time is over, also where it does not listen', async () => {
    const script =
      "process.on('SIGTERM', () => {}); const c = require('child_process').spawn(process.execPath, ['-e', 'process.on(\\'SIGTERM\\', () => {}); setInterval(() => {}, 1000)']); console.log(c.pid); setInterval(() => {}, 1000)";
    const { outcome, lines } = await run(`exec ${node(script)}`, 700);
    expect(outcome).toMatchObject({ exitCode: null, timedOut: true });
    expect(Number(lines[0])).toBeGreaterThan(0);
    expect(await endsSoon(Number(lines[0]))).toBe(true);
  });

  it('leaves nothing running behind it, and is not waited for because of that', async () => {
    const { outcome, lines } = await run('sleep 60 & echo $!');
    expect(outcome.exitCode).toBe(0);
    expect(await endsSoon(Number(lines[0]))).toBe(true);
  });

  it('may name a program that is not there', async () => {
    const { outcome, lines } = await run('no-such-program-here');
    expect(outcome.exitCode).toBe(127);
    expect(lines.join()).toContain('no-such-program-here');
  });
});

describe('a line of a log', () => {
  it.each([
    ['\u001b[31mred\u001b[0m and \u001b]0;title\u0007plain', 'red and plain'],
    ['10 %\r50 %\r100 %', '100 %'],
    ['windows\r', 'windows'],
    ['bell\u0007 back\b null\0', 'bell back null'],
    ['turned \u202eround', 'turned round'],
    ['##[error]not mine', '# #[error]not mine'],
    ['a\tb', 'a\tb'],
  ])('%j shows as %j', (line, expected) => expect(plainLine(line)).toBe(expected));

  it('is cut where nobody would read on', () => expect(plainLine('x'.repeat(5_000))).toHaveLength(2_000));
});
