import { mkdir, writeFile } from 'node:fs/promises';
import { dirname, resolve } from 'node:path';
import { setTimeout as pause } from 'node:timers/promises';
import { playBadVersion } from './bad-version.ts';
import type { DemoParts } from './demo-parts.ts';
import { playDrift } from './drift.ts';
import { playFirstVersion } from './first-version.ts';
import { playGoodVersion } from './good-version.ts';
import { secrets, setUp } from './set-up.ts';
import { createTeller, type Teller } from './tell.ts';
import { NeverCame } from './wait-for.ts';
import type { BadKind } from './weighin-yaml.ts';

export interface DemoOptions {
  readonly bad: BadKind;
  /** Leaves everything running at the end, until a signal. */
  readonly keep: boolean;
  /** File that gets what was claimed. */
  readonly json?: string | undefined;
  /** Folder of this demo's own bundles. */
  readonly scripts: string;
  readonly dist: string;
  readonly root: string;
}

/** Plays the whole loop; the exit code: 0 if every claim held. */
export async function playDemo(options: DemoOptions): Promise<number> {
  const teller = createTeller(process.stdout, process.stdout.isTTY === true && !process.env['NO_COLOR']);
  const closers: (() => unknown)[] = [];
  const interrupted = untilSignal();
  let isInterrupted = false;
  const story = play(options, teller, closers);
  try {
    isInterrupted = (await Promise.race([story.then(() => false), interrupted.then(() => true)])) === true;
    if (!isInterrupted && options.keep) {
      teller.more('it goes on until Ctrl-C');
      await interrupted;
    }
  } finally {
    if (isInterrupted) {
      teller.say('stopping everything …');
      teller.end();
    }
    const [removeFolder, ...others] = closers;
    for (const close of others.reverse()) await Promise.resolve(close()).catch(() => undefined);
    // A job that was under way fails at GitHub, which is gone, and its folder goes after it.
    await Promise.race([story.catch(() => undefined), pause(10_000, undefined, { ref: false })]);
    await removeFolder?.();
  }
  if (isInterrupted) return 130;
  return teller.claims.every(({ holds }) => holds) ? 0 : 1;
}

async function play(options: DemoOptions, teller: Teller, closers: (() => unknown)[]): Promise<void> {
  let parts: DemoParts | null = null;
  try {
    parts = await setUp(options, teller, closers);
    const began = Date.now();
    const running = await playFirstVersion(parts);
    await playGoodVersion(parts, running);
    await playBadVersion(parts, running, options.bad);
    await playDrift(parts, running, began);
    teller.claim('GitHub was asked for nothing that it does not have', parts.github.unknown.length === 0, parts.github.unknown.join(', '));
  } catch (error) {
    if (teller.isOver()) return;
    teller.claim(
      error instanceof NeverCame ? error.message : `the demo itself failed: ${error instanceof Error ? error.message : String(error)}`,
      false,
    );
    if (parts) for (const line of parts.processes.lastLines(5)) teller.more(line);
  }
  await sum(options, teller, parts);
}

async function sum({ json, keep, bad }: DemoOptions, teller: Teller, parts: DemoParts | null): Promise<void> {
  const { claims } = teller;
  const failed = claims.filter(({ holds }) => !holds);
  const seconds = Math.round(teller.seconds());
  teller.act(
    failed.length === 0 ? `All ${claims.length} claims held, in ${seconds} s` : `${failed.length} of ${claims.length} claims did not hold`,
  );
  for (const { act, text, detail } of failed) teller.more(`✕ ${act}: ${text}${detail === null ? '' : ` (it is: ${detail})`}`);
  const acts = [...new Map(claims.map(({ act, at }) => [act, at]))];
  for (const [at, [act, end]] of acts.entries()) teller.more(`${(end - (acts[at - 1]?.[1] ?? 0)).toFixed(0).padStart(4)} s  ${act}`);
  if (parts && keep) {
    teller.more(`board      ${parts.bot.url}/board (its token: ${secrets.board})`);
    teller.more(`server     http://127.0.0.1:${parts.serverPort}/metrics`);
    teller.more(`GitHub     ${parts.github.apiUrl}, its repository ${parts.github.git.path}`);
    teller.more(`output     ${parts.folder('output')}`);
  }
  if (json === undefined) return;
  const file = resolve(process.cwd(), json);
  await mkdir(dirname(file), { recursive: true });
  const summary = { schema: 'weighin/demo@1', verdict: failed.length === 0 ? 'pass' : 'fail', bad, seconds, claims };
  await writeFile(file, `${JSON.stringify(summary, null, 2)}\n`);
}

/** The first SIGINT or SIGTERM asks to stop; the second does not wait. */
function untilSignal(): Promise<void> {
  return new Promise((stop) => {
    let asked = false;
    const hear = () => {
      if (asked) process.exit(130);
      asked = true;
      stop();
    };
    for (const signal of ['SIGINT', 'SIGTERM'] as const) process.on(signal, hear);
  });
}
