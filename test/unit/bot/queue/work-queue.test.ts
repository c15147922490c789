import { describe, expect, it } from 'vitest';
import type { Hint, Log } from '../../../../bot/bot-context.ts';
import type { Schedule } from '../../../../bot/queue/schedule.ts';
import { createWorkQueue } from '../../../../bot/queue/work-queue.ts';
import { InfrastructureError } from '../../../../shared/errors.ts';

const silent: Log = { info() {}, warn() {}, error() {} };
const pull = (number: number): Hint => ({ kind: 'pull', number });
const comment = (id: number, body = '/why'): Hint => ({
  kind: 'comment',
  number: 1,
  onPull: true,
  comment: { id, author: { id: 1, login: 'ada', type: 'User' }, body, createdAt: '', updatedAt: '' },
});

/** Time that passes only when it is told to. */
function fakeTime() {
  let now = 0;
  const waiting = new Set<{ at: number; callback: () => void }>();
  const schedule: Schedule = (callback, milliseconds) => {
    const entry = { at: now + milliseconds, callback };
    waiting.add(entry);
    return () => waiting.delete(entry);
  };
  return {
    schedule,
    now: () => now,
    waits: () => [...waiting].map(({ at }) => at - now),
    async pass(milliseconds: number) {
      now += milliseconds;
      for (const entry of [...waiting].filter(({ at }) => at <= now)) {
        waiting.delete(entry);
        entry.callback();
      }
      await settle();
    },
  };
}
const settle = () => new Promise((resolve) => setImmediate(resolve));
const limited = (seconds: number) => Object.assign(new InfrastructureError('FORGE_LIMITED', 'slow down'), { retryAfterSeconds: seconds });

/** A handler whose work ends when the test says so. */
function gatedHandler() {
  const calls: { key: string; hints: readonly Hint[]; end: (error?: unknown) => void }[] = [];
  const handle = (key: string, hints: readonly Hint[]) =>
    new Promise<void>((resolve, reject) => {
      calls.push({ key, hints, end: (error) => (error === undefined ? resolve() : reject(error)) });
    });
  return { calls, handle };
}

describe('createWorkQueue', () => {
  it('works on one repository once at a time, and on others meanwhile', async () => {
    const { calls, handle } = gatedHandler();
    const queue = createWorkQueue({ handle, log: silent });
    queue.add('a', [pull(1)]);
    await settle();
    queue.add('a', [pull(2)]);
    queue.add('b', [pull(3)]);
    await settle();
    expect(calls.map(({ key }) => key)).toEqual(['a', 'b']);
    calls[0]?.end();
    await settle();
    expect(calls.map(({ key, hints }) => [key, hints])).toEqual([
      ['a', [pull(1)]],
      ['b', [pull(3)]],
      ['a', [pull(2)]],
    ]);
  });

  it('looks once for equal hints, and takes the last of them', async () => {
    const { calls, handle } = gatedHandler();
    const queue = createWorkQueue({ handle, log: silent });
    queue.add('a', [pull(1)]);
    await settle();
    for (let time = 0; time < 1000; time++) queue.add('a', [pull(2), { kind: 'sweep' }]);
    queue.add('a', [comment(9, '/why'), comment(9, '/diff churn')]);
    calls[0]?.end();
    await settle();
    expect(calls[1]?.hints).toEqual([pull(2), { kind: 'sweep' }, comment(9, '/diff churn')]);
  });

  it('sweeps a repository for which too much waits, and only that one', async () => {
    const { calls, handle } = gatedHandler();
    const queue = createWorkQueue({ handle, log: silent, hintsPerRepository: 10 });
    queue.add('a', [pull(0)]);
    queue.add('b', [pull(0)]);
    await settle();
    for (let number = 1; number <= 11; number++) queue.add('a', [pull(number)]);
    for (let number = 1; number <= 10; number++) queue.add('b', [pull(number)]);
    expect(queue.status().hints).toBe(11);
    for (const { end } of calls) end();
    await settle();
    expect(calls[2]?.hints).toEqual([{ kind: 'sweep' }]);
    expect(calls[3]?.hints).toHaveLength(10);
  });

  it('keeps no more text of strangers than it was told to', async () => {
    const { calls, handle } = gatedHandler();
    const queue = createWorkQueue({ handle, log: silent, textLimit: 1000 });
    queue.add('a', [pull(0)]);
    await settle();
    queue.add('a', [comment(1, 'x'.repeat(600)), comment(2, 'x'.repeat(600))]);
    calls[0]?.end();
    await settle();
    expect(calls[1]?.hints).toEqual([{ kind: 'sweep' }]);
    calls[1]?.end();
    await settle();
    // What was given up no longer counts.
    queue.add('a', [comment(3, 'x'.repeat(900))]);
    await settle();
    expect(calls[2]?.hints).toEqual([comment(3, 'x'.repeat(900))]);
  });

  it('asks again after the time that GitHub asked for, with what came meanwhile', async () => {
    const time = fakeTime();
    const { calls, handle } = gatedHandler();
    const queue = createWorkQueue({ handle, log: silent, schedule: time.schedule, now: time.now, random: () => 0 });
    queue.add('a', [pull(1)]);
    await settle();
    calls[0]?.end(limited(47));
    await settle();
    queue.add('a', [pull(2)]);
    await time.pass(46_999);
    expect(calls).toHaveLength(1);
    await time.pass(1);
    expect(calls[1]?.hints).toEqual([pull(1), pull(2)]);
  });

  it('never lets a failed hint win over a newer one of the same name', async () => {
    const time = fakeTime();
    const { calls, handle } = gatedHandler();
    const queue = createWorkQueue({ handle, log: silent, schedule: time.schedule, now: time.now, random: () => 0 });
    queue.add('a', [comment(1, 'old')]);
    await settle();
    queue.add('a', [comment(1, 'new')]);
    calls[0]?.end(limited(1));
    await settle();
    await time.pass(1000);
    expect(calls[1]?.hints).toEqual([comment(1, 'new')]);
  });

  it('waits longer each time that GitHub can’t be reached, and leaves it to the sweep in the end', async () => {
    const time = fakeTime();
    const { calls, handle } = gatedHandler();
    const queue = createWorkQueue({ handle, log: silent, schedule: time.schedule, now: time.now, random: () => 1 });
    queue.add('a', [pull(1)]);
    await settle();
    const waits: number[] = [];
    for (let failure = 0; failure < 8; failure++) {
      calls.at(-1)?.end(new InfrastructureError('FORGE_UNREACHABLE', 'no answer'));
      await settle();
      const [wait] = time.waits();
      if (wait === undefined) break;
      waits.push(wait);
      await time.pass(wait);
    }
    expect(waits).toEqual([2000, 4000, 8000, 16_000, 32_000, 64_000, 128_000]);
    expect(queue.status()).toMatchObject({ hints: 0, repositories: 0, running: 0 });
    // The next delivery starts afresh.
    queue.add('a', [pull(2)]);
    await settle();
    calls.at(-1)?.end(new InfrastructureError('FORGE_UNREACHABLE', 'no answer'));
    await settle();
    expect(time.waits()).toEqual([2000]);
  });

  it('follows a mistake of its own with one sweep, and a failing sweep with nothing', async () => {
    const time = fakeTime();
    const { calls, handle } = gatedHandler();
    const failed: string[] = [];
    const queue = createWorkQueue({
      handle,
      log: silent,
      schedule: time.schedule,
      now: time.now,
      random: () => 0,
      observe: { worked() {}, failed: (code) => failed.push(code) },
    });
    queue.add('a', [pull(1), pull(2)]);
    await settle();
    calls[0]?.end(new TypeError('undefined is not a function'));
    await settle();
    await time.pass(1000);
    expect(calls[1]?.hints).toEqual([{ kind: 'sweep' }]);
    calls[1]?.end(new TypeError('undefined is not a function'));
    await settle();
    expect(queue.status().repositories).toBe(0);
    expect(failed).toEqual(['UNEXPECTED', 'UNEXPECTED']);
  });

  it('finishes what waits when it is drained, and takes nothing more', async () => {
    const { calls, handle } = gatedHandler();
    const queue = createWorkQueue({ handle, log: silent, concurrency: 1 });
    queue.add('a', [pull(1)]);
    queue.add('b', [pull(2)]);
    await settle();
    const drained = queue.drain(60_000);
    queue.add('c', [pull(3)]);
    calls[0]?.end();
    await settle();
    calls[1]?.end();
    expect(await drained).toBe(true);
    expect(calls.map(({ key }) => key)).toEqual(['a', 'b']);
  });

  it('stops waiting when the time is over, and starts no work after it', async () => {
    const time = fakeTime();
    const { calls, handle } = gatedHandler();
    const queue = createWorkQueue({ handle, log: silent, concurrency: 1, schedule: time.schedule, now: time.now });
    queue.add('a', [pull(1)]);
    queue.add('b', [pull(2)]);
    await settle();
    const drained = queue.drain(20_000);
    await time.pass(20_000);
    expect(await drained).toBe(false);
    calls[0]?.end();
    await settle();
    expect(calls).toHaveLength(1);
  });

  it('does not wait for a retry when it is drained', async () => {
    const time = fakeTime();
    const { calls, handle } = gatedHandler();
    const queue = createWorkQueue({ handle, log: silent, schedule: time.schedule, now: time.now, random: () => 0 });
    queue.add('a', [pull(1)]);
    queue.add('b', [pull(2)]);
    await settle();
    calls[0]?.end(limited(300));
    await settle();
    const drained = queue.drain(20_000);
    calls[1]?.end(limited(300));
    expect(await drained).toBe(true);
  });

  it('tells how long the oldest work has been running', async () => {
    const time = fakeTime();
    const { calls, handle } = gatedHandler();
    const queue = createWorkQueue({ handle, log: silent, schedule: time.schedule, now: time.now });
    queue.add('a', [pull(1)]);
    await settle();
    await time.pass(5000);
    queue.add('b', [pull(1)]);
    await settle();
    await time.pass(1000);
    expect(queue.status()).toEqual({ hints: 0, repositories: 2, running: 2, oldestMilliseconds: 6000 });
    for (const { end } of calls) end();
    await settle();
    expect(queue.status()).toEqual({ hints: 0, repositories: 0, running: 0, oldestMilliseconds: 0 });
  });
});

it('loses none of 10,000 hints that come at once: each is looked at, or its repository is swept', async () => {
  const looked = new Map<string, Set<number | 'sweep'>>();
  const queue = createWorkQueue({
    log: silent,
    async handle(key, hints) {
      const seen = looked.get(key) ?? new Set();
      looked.set(key, seen);
      for (const hint of hints) seen.add(hint.kind === 'pull' ? hint.number : 'sweep');
      await settle();
    },
  });
  for (let index = 0; index < 10_000; index++) queue.add(`repository-${index % 7}`, [pull(index)]);
  expect(queue.status().hints).toBeLessThanOrEqual(7 * 200);
  expect(await queue.drain(10_000)).toBe(true);
  expect(looked.size).toBe(7);
  for (let index = 0; index < 10_000; index++) {
    const seen = looked.get(`repository-${index % 7}`);
    expect(seen?.has(index) || seen?.has('sweep')).toBe(true);
  }
});
