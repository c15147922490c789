import { type ChildProcess, execFileSync, spawn } from 'node:child_process';
import { existsSync, mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, it } from 'vitest';

const root = join(import.meta.dirname, '../..');
const dist = process.env['WEIGHIN_DIST'] ?? join(root, 'dist');

let top: string;
beforeEach(() => {
  top = mkdtempSync(join(tmpdir(), 'weighin-demo-test-'));
  mkdirSync(join(top, 'tmp'));
});
afterEach(() => rmSync(top, { recursive: true, force: true }));

/** `npm run demo` as a process, with a temporary folder of its own, so that what it leaves behind is seen. */
function demo(
  words: readonly string[],
  more: Readonly<Record<string, string>> = {},
): { readonly child: ChildProcess; readonly output: () => string; readonly ended: Promise<number | null> } {
  const { PATH = '', HOME = '' } = process.env;
  const child = spawn(process.execPath, [join(root, 'build/demo.mjs'), ...words], {
    cwd: top,
    env: { PATH, HOME, TMPDIR: join(top, 'tmp'), WEIGHIN_DIST: dist, ...more },
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  let text = '';
  for (const stream of [child.stdout, child.stderr]) stream.on('data', (chunk: Buffer) => (text += chunk.toString()));
  return { child, output: () => text, ended: new Promise((resolve) => child.once('close', resolve)) };
}

const summary = (name: string) =>
  JSON.parse(readFileSync(join(top, name), 'utf8')) as {
    readonly verdict: string;
    readonly bad: string;
    readonly seconds: number;
    readonly claims: readonly { readonly act: string; readonly text: string; readonly holds: boolean }[];
  };

const childrenOf = (pid: number) =>
  execFileSync('ps', ['-axo', 'pid=,ppid='], { encoding: 'utf8' })
    .split('\n')
    .map((line) => line.trim().split(/\s+/).map(Number))
    .filter(([, parent]) => parent === pid)
    .map(([child]) => child!);

function isAlive(pid: number): boolean {
  try {
    process.kill(pid, 0);
    return true;
  } catch {
    return false;
  }
}

// The other two take two and a half minutes each: `npm run demo -- --bad slow`, and skewed.
it.each(['failing'])('plays the whole loop with a %s version: every claim holds, nothing is left', { timeout: 900_000 }, async (bad) => {
  const played = demo(['--bad', bad, '--json', 'demo.json']);
  const status = await played.ended;
  const { verdict, claims, ...rest } = summary('demo.json');
  expect(
    claims.filter(({ holds }) => !holds),
    played.output(),
  ).toEqual([]);
  expect([status, verdict, rest.bad]).toEqual([0, 'pass', bad]);
  expect([...new Set(claims.map(({ act }) => act))]).toEqual([
    'A first model, and people who ask it',
    'A good version goes to 100 %',
    `A bad version takes itself back (${bad})`,
    'Production drifts',
  ]);
  const said = claims.map(({ text }) => text).join('\n');
  for (const part of [
    'v2 has production',
    'it took itself back',
    'its bytes are held',
    'its GitHub Deployment says failure',
    'evidence and a runbook',
    'main says v2 again',
    'tells drift',
    'comes back as pull request',
  ])
    expect(said).toContain(part);
  expect(played.output()).toContain('one hour is 6 seconds here');
  expect(played.output()).not.toMatch(/Warning|undefined|\bNaN\b/);
  expect(readdirSync(join(top, 'tmp'))).toEqual([]);
});

it('ends every process and removes every folder when it is interrupted', { timeout: 300_000 }, async () => {
  const played = demo([]);
  // While jobs run, GitHub and the bot are there.
  while (!played.output().includes('is merged: The first model')) {
    expect(played.child.exitCode, played.output()).toBeNull();
    await new Promise((resolve) => setTimeout(resolve, 100));
  }
  const bundle = join(root, 'node_modules/.weighin-demo', String(played.child.pid));
  expect(existsSync(bundle)).toBe(true);
  const children = childrenOf(played.child.pid ?? 0);
  expect(children.length).toBeGreaterThan(0);
  played.child.kill('SIGINT');
  expect(await played.ended).toBe(130);
  expect(readdirSync(join(top, 'tmp'))).toEqual([]);
  expect(existsSync(bundle)).toBe(false);
  expect(children.filter(isAlive)).toEqual([]);
});

it('ends with 1 and says what failed where the story breaks off: no Git', { timeout: 60_000 }, async () => {
  const played = demo(['--json', 'demo.json'], { PATH: join(top, 'empty') });
  expect(await played.ended).toBe(1);
  expect(summary('demo.json')).toMatchObject({ verdict: 'fail', claims: [{ holds: false, text: expect.stringContaining('git') }] });
  expect(played.output()).toContain('1 of 1 claims did not hold');
  expect(readdirSync(join(top, 'tmp'))).toEqual([]);
});

it('says what it takes, and refuses the rest', async () => {
  const help = demo(['--help']);
  expect(await help.ended).toBe(0);
  expect(help.output()).toContain('--bad KIND');
  for (const [words, says] of [
    [['--bad', 'ugly'], '--bad ugly: give one of failing, slow, skewed'],
    [['--fast'], "Unknown option '--fast'"],
  ] as const) {
    const refused = demo(words);
    expect(await refused.ended).toBe(2);
    expect(refused.output()).toContain(says);
  }
});
