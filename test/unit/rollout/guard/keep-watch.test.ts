import { expect, it } from 'vitest';
import type { GuardTick } from '../../../../shared/rollout/guard/guard-parts.ts';
import { keepWatch } from '../../../../shared/rollout/guard/keep-watch.ts';

/** A guard that takes some time, on a clock of its own. */
function play(options: {
  readonly lasts?: number;
  readonly idle?: boolean;
  readonly nextWithin?: number;
  readonly takes?: number;
  readonly fails?: boolean;
  readonly stopAt?: number;
}) {
  let now = 0;
  const ticks: number[] = [];
  const faults: unknown[] = [];
  let stops = 0;
  let stop = (): void => undefined;
  const stopped = new Promise<void>((resolve) => {
    stop = resolve;
  });
  const empty = { at: '2026-11-21T09:00:00.000Z', away: null, nextWithin: options.nextWithin ?? null };
  const tick = { ...empty, rollouts: options.idle ? [] : [{}] } as unknown as GuardTick;
  const end = keepWatch({
    guard: {
      tick: async () => {
        ticks.push(now);
        now += options.takes ?? 0;
        if (ticks.length > 1000) throw new Error('it never ends');
        if (options.fails) throw new Error('a fault');
        return tick;
      },
      stop: async () => {
        stops += 1;
      },
    },
    every: 10_000,
    lasts: options.lasts ?? null,
    endsWhenIdle: options.lasts !== undefined,
    stopped,
    clock: () => now,
    sleep: async (milliseconds) => {
      now += milliseconds;
      if (options.stopAt !== undefined && now >= options.stopAt) stop();
    },
    onTick: () => undefined,
    onFault: (error) => faults.push(error),
  });
  return end.then((found) => ({ end: found, ticks, faults: faults.length, stops }));
}

it('ticks from beginning to beginning, and ends when its time is over', async () => {
  expect(await play({ lasts: 35_000, takes: 2_000 })).toEqual({
    end: 'time',
    ticks: [0, 10_000, 20_000, 30_000, 35_000],
    faults: 0,
    stops: 1,
  });
});

it('looks more often where a rollout wants it, and never without a pause', async () => {
  expect((await play({ lasts: 9_000, nextWithin: 3_000 })).ticks).toEqual([0, 3_000, 6_000, 9_000]);
  expect((await play({ lasts: 25_000, takes: 12_000 })).ticks).toEqual([0, 12_100, 24_200]);
});

it('ends early where nothing is under way, and only where it has an end', async () => {
  expect(await play({ lasts: 3_600_000, idle: true })).toMatchObject({ end: 'idle', ticks: { length: 6 } });
  expect(await play({ idle: true, stopAt: 200_000 })).toMatchObject({ end: 'told', ticks: { length: 21 } });
});

it('finishes the tick that it is in when it is told to stop, and survives a fault', async () => {
  expect(await play({ stopAt: 20_000 })).toEqual({ end: 'told', ticks: [0, 10_000, 20_000], faults: 0, stops: 1 });
  expect(await play({ stopAt: 20_000, fails: true })).toMatchObject({ end: 'told', faults: 3, stops: 1 });
});
