import { setTimeout as sleep } from 'node:timers/promises';
import { readDuration } from '../shared/config/quantities.ts';
import { InfrastructureError, UserError } from '../shared/errors.ts';
import { rolloutDispatch } from '../shared/promotion/evidence-document.ts';
import { createGuard } from '../shared/rollout/guard/create-guard.ts';
import { describeStanding, describeTransition } from '../shared/rollout/guard/describe-look.ts';
import type { GuardedLook, GuardLog, GuardTick } from '../shared/rollout/guard/guard-parts.ts';
import { keepWatch } from '../shared/rollout/guard/keep-watch.ts';
import { formatMany } from '../shared/words/format-number.ts';
import type { CommandIo, ExitCode } from './command.ts';
import { type GuardArguments, type OpenedGuard, openGuardParts } from './open-guard.ts';
import { createWatchScreen, type WatchScreen } from './watch-screen.ts';

export interface WatchArguments extends GuardArguments {
  readonly every?: string | undefined;
  readonly for?: string | undefined;
  readonly format?: string | undefined;
}

/** Until GitHub answers for the first time: a guard that was restarted while it is away waits for it. */
const firstPause = 10_000;

/** `weighin rollout watch`: guards until it is told to stop. */
export async function watchRollouts(args: WatchArguments, io: CommandIo): Promise<ExitCode> {
  const every = readLength(args.every, 'every', 1_000, 1_800_000) ?? 10_000;
  const lasts = readLength(args.for, 'for', 1_000, 30 * 86_400_000);
  const asJson = args.format === 'json';
  if (io.wantsJson)
    throw new UserError(
      'FLAG_INVALID',
      'A watch has no end to write as one JSON.',
      'Write --format json: one object a line, as things happen.',
    );
  const screen = openScreen(asJson, io);
  const log = asJson ? jsonLog() : screenLog(screen);
  const stopped = untilSignal();
  const opened = await openPatiently(args, every, log, stopped, io);
  if (opened === null) return 0;
  const { parts, forge } = opened;
  if (!asJson)
    screen.say(`${io.colors.green('✓')} ${parts.owner} guards the rollouts of ${parts.repository}, a look every ${every / 1000} s`);
  const guard = createGuard(parts);
  const end = await keepWatch({
    guard,
    every,
    lasts,
    endsWhenIdle: lasts !== null,
    stopped,
    clock: () => performance.now(),
    sleep: (milliseconds, wake) => {
      const timer = new AbortController();
      return Promise.race([sleep(milliseconds, undefined, { signal: timer.signal }).catch(() => undefined), wake]).finally(() =>
        timer.abort(),
      );
    },
    onTick(tick) {
      for (const look of tick.rollouts)
        for (const transition of look.transitions) tellTransition(tick, look, transition, { asJson, screen, io });
      if (!asJson) screen.standing(tick.rollouts.map((look) => describeStanding(look, parts.engine, new Date())));
    },
    onFault: (error) =>
      log.warn(`This look failed, the next comes: ${error instanceof Error ? error.message : String(error)}`, { code: 'UNEXPECTED' }),
  });
  screen.end();
  if (end === 'time') {
    // Whoever listens reads the rest from Git and believes nothing else.
    await forge.actions.dispatch(rolloutDispatch, { schema: 'weighin/watch@1', after: parts.owner });
    log.info('Its time is over: another watch was asked for.', { end });
  } else
    log.info(
      end === 'idle'
        ? 'No rollout is under way: the watch ends.'
        : 'Told to stop: what was seen is recorded, and the rollouts are free for another guard.',
      { end },
    );
  return 0;
}

/** `weighin rollout tick`: one look at each rollout, for cron. 2 where one wants more looks than that. */
export async function tickRollouts(args: WatchArguments, io: CommandIo): Promise<ExitCode> {
  if (args.every !== undefined || args.for !== undefined)
    throw new UserError('FLAG_INVALID', 'A single look takes neither --every nor --for.', '`weighin rollout watch` looks again and again.');
  const screen = openScreen(io.wantsJson, io);
  const { parts } = await openGuardParts(args, 0, screenLog(screen), io);
  const guard = createGuard(parts);
  let tick: GuardTick;
  try {
    tick = await guard.tick();
  } finally {
    await guard.stop();
  }
  await io.writeJson({
    at: tick.at,
    away: tick.away,
    rollouts: tick.rollouts.map((look) => ({ ...factsOf(look), transitions: look.transitions })),
  });
  const refused = tick.rollouts.filter(({ is }) => is === 'refused');
  for (const look of tick.rollouts) for (const transition of look.transitions) io.print(describeTransition(look, transition));
  for (const look of tick.rollouts) if (look.is !== 'refused') io.print(describeStanding(look, parts.engine, parts.now()));
  if (tick.rollouts.length === 0 && tick.away === null) io.print('No rollout is under way.');
  const [first] = refused;
  if (first?.says)
    throw new UserError(
      first.says.code,
      refused.length === 1 ? first.says.message : `${formatMany(refused.length, 'rollout')} are not guarded: ${first.says.message}`,
      'Run `weighin rollout watch` where it can stay, or in weighin-watch.yml.',
    );
  if (tick.away !== null) throw new InfrastructureError('FORGE_UNREACHABLE', tick.away);
  return 0;
}

function openScreen(silent: boolean, io: CommandIo): WatchScreen {
  return createWatchScreen({
    line: io.print,
    write: (text) => process.stderr.write(text),
    live: process.stderr.isTTY === true && !io.env['CI'] && io.env['TERM'] !== 'dumb',
    quiet: silent,
    colors: io.colors,
    columns: () => process.stderr.columns ?? 80,
    now: () => performance.now(),
  });
}

const screenLog = (screen: WatchScreen): GuardLog => ({ info: (line) => screen.say(line), warn: (line) => screen.warn(line) });

/** One object a line, for whoever collects logs. */
function jsonLog(): GuardLog {
  const write =
    (level: string) =>
    (line: string, fields: Readonly<Record<string, unknown>> = {}) =>
      jsonLine({ level, message: line, ...fields });
  return { info: write('info'), warn: write('warn') };
}
const jsonLine = (value: Readonly<Record<string, unknown>>) =>
  process.stdout.write(`${JSON.stringify({ at: new Date().toISOString(), ...value })}\n`);

function tellTransition(
  tick: GuardTick,
  look: GuardedLook,
  transition: GuardedLook['transitions'][number],
  { asJson, screen, io }: { readonly asJson: boolean; readonly screen: WatchScreen; readonly io: CommandIo },
): void {
  if (asJson) jsonLine({ level: 'info', message: describeTransition(look, transition), ...factsOf(look), ...transition });
  else screen.say(`${io.colors.dim(`${tick.at.slice(0, 19)}Z`)} ${markOf(transition, io)}${describeTransition(look, transition)}`);
}

function markOf({ to }: GuardedLook['transitions'][number], { colors }: CommandIo): string {
  if (to.phase === 'succeeded') return `${colors.green('✓')} `;
  if (to.phase === 'rolling-back' || to.phase === 'rolled-back' || to.phase === 'failed') return `${colors.red('✖')} `;
  return to.phase === 'paused' ? `${colors.yellow('⚠')} ` : '';
}

const factsOf = ({ key, is, live, says, recorded }: GuardedLook) => ({
  ...key,
  rollout: live.rolloutId,
  is,
  phase: live.phase,
  step: live.step,
  weight: live.weight,
  guardedSeconds: live.guardedSeconds,
  guard: live.guard,
  recorded,
  says,
});

/** @returns null where it was told to stop before GitHub answered */
async function openPatiently(
  args: GuardArguments,
  every: number,
  log: GuardLog,
  stopped: Promise<unknown>,
  io: CommandIo,
): Promise<OpenedGuard | null> {
  let told = false;
  void stopped.then(() => {
    told = true;
  });
  for (;;) {
    try {
      return await openGuardParts(args, every, log, io);
    } catch (error) {
      if (!(error instanceof InfrastructureError) || !['FORGE_UNREACHABLE', 'FORGE_LIMITED'].includes(error.code)) throw error;
      log.warn(`${error.message} Trying again in ${firstPause / 1000} s.`, { code: error.code });
      await Promise.race([sleep(firstPause), stopped]);
      if (told) return null;
    }
  }
}

function readLength(text: string | undefined, flag: string, least: number, most: number): number | null {
  if (text === undefined) return null;
  // `5h30m` is written by everybody who means five and a half hours.
  const parts = /^(?:\d+(?:\.\d+)?(?:ms|s|m|h|d|w))+$/.test(text) ? (text.match(/[\d.]+[a-z]+/g) ?? []) : [];
  const found = parts.length > 0 ? parts.reduce((sum, part) => sum + (readDuration(part) ?? Number.NaN), 0) : null;
  if (found !== null && found >= least && found <= most) return found;
  throw new UserError(
    'FLAG_INVALID',
    `--${flag} is no duration of ${least / 1000} s to ${most > 86_400_000 ? `${most / 86_400_000} days` : `${most / 60_000} min`}.`,
    `Write it as 10s, 5m or 5h30m.`,
  );
}

function untilSignal(): Promise<NodeJS.Signals> {
  return new Promise((resolve) => {
    for (const signal of ['SIGTERM', 'SIGINT'] as const) process.once(signal, () => resolve(signal));
  });
}
