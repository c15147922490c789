import { describe, expect, it } from 'vitest';
import { createHeartbeats } from '../../../../bot/board/heartbeats.ts';
import { shareReadings } from '../../../../bot/board/share-readings.ts';
import { ago, boardNow, heard } from '../../../support/board/board-facts.ts';

const beat = (seconds: number, ids = ['churn.production.42'], owner = 'one') => ({
  schema: 'weighin/guard@1' as const,
  repository: 'acme/churn',
  owner,
  at: ago(seconds),
  rollouts: ids.map((id) => heard(id).rollout),
});
function kept() {
  let now = boardNow.getTime();
  return { heartbeats: createHeartbeats(() => now), pass: (seconds: number) => (now += seconds * 1000) };
}

describe('heartbeats', () => {
  it('keep the newest of each rollout, whatever the order in which they come', () => {
    const { heartbeats } = kept();
    expect(heartbeats.take(beat(10))).toBe('taken');
    expect(heartbeats.take(beat(20, undefined, 'late'))).toBe('known');
    expect(heartbeats.take(beat(10, undefined, 'replayed'))).toBe('known');
    expect(heartbeats.of('acme/churn', 'churn.production.42')).toMatchObject({ at: ago(10), owner: 'one' });
    expect(heartbeats.take(beat(5, undefined, 'next'))).toBe('taken');
    expect(heartbeats.of('Acme/Churn', 'churn.production.42')?.owner).toBe('next');
  });

  it('know nothing of another repository or rollout', () => {
    const { heartbeats } = kept();
    heartbeats.take(beat(1));
    expect(heartbeats.of('acme/eta', 'churn.production.42')).toBe(null);
    expect(heartbeats.of('acme/churn', 'churn.production.41')).toBe(null);
  });

  it('drop what is older than an hour, when it comes and when it lies there', () => {
    const { heartbeats, pass } = kept();
    expect(heartbeats.take(beat(3601))).toBe('known');
    expect(heartbeats.take(beat(3600))).toBe('taken');
    expect(heartbeats.of('acme/churn', 'churn.production.42')).not.toBe(null);
    pass(1);
    expect(heartbeats.of('acme/churn', 'churn.production.42')).toBe(null);
  });

  it('refuse a clock that is ahead, which would silence every guard whose clock is right', () => {
    const { heartbeats } = kept();
    expect(heartbeats.take(beat(-61))).toBe('from-the-future');
    expect(heartbeats.take(beat(-60))).toBe('taken');
  });

  it('take a bounded memory: the rollouts heard longest ago go first', () => {
    const { heartbeats } = kept();
    for (let round = 0; round < 5; round++)
      heartbeats.take(
        beat(
          100 - round,
          Array.from({ length: 200 }, (_, index) => `r${round}-${index}`),
        ),
      );
    expect(heartbeats.of('acme/churn', 'r2-199')).toBe(null);
    expect(heartbeats.of('acme/churn', 'r3-0')).not.toBe(null);
    expect(heartbeats.of('acme/churn', 'r4-199')).not.toBe(null);
  });
});

describe('a shared reading', () => {
  function readings(read: (key: string) => Promise<number>) {
    let now = 0;
    const shared = shareReadings<string, number>({
      name: (key) => key,
      read,
      explain: (error) => String(error instanceof Error ? error.message : error),
      patience: 5,
      now: () => now,
    });
    return { shared, pass: (milliseconds: number) => (now += milliseconds) };
  }

  it('is one for ten seconds, however many ask at once', async () => {
    let reads = 0;
    const { shared, pass } = readings(async () => ++reads);
    expect(await Promise.all([shared('a'), shared('a'), shared('a')])).toEqual(Array(3).fill({ value: 1, at: 0, problem: null }));
    pass(9_000);
    expect(await shared('a')).toEqual({ value: 1, at: 0, problem: null });
    pass(1_000);
    expect(await shared('a')).toEqual({ value: 2, at: 10_000, problem: null });
    await shared('b');
    expect(reads).toBe(3);
  });

  it('leaves the last one standing where a new one fails, says why, and does not ask harder', async () => {
    let fails = false;
    let reads = 0;
    const { shared, pass } = readings(async () => {
      reads++;
      if (fails) throw new Error('no answer');
      return reads;
    });
    await shared('a');
    fails = true;
    pass(10_000);
    expect(await shared('a')).toEqual({ value: 1, at: 0, problem: 'no answer' });
    pass(1_000);
    await shared('a');
    expect(reads).toBe(2);
    fails = false;
    pass(10_000);
    expect(await shared('a')).toEqual({ value: 3, at: 21_000, problem: null });
  });

  it('shows the older one where a new one takes long, and the new one once it is there', async () => {
    let finish = (_value: number) => {};
    let reads = 0;
    const { shared, pass } = readings(() => (++reads === 1 ? Promise.resolve(1) : new Promise((resolve) => (finish = resolve))));
    await shared('a');
    pass(10_000);
    expect(await shared('a')).toEqual({ value: 1, at: 0, problem: null });
    // However long it takes, nobody asks a second time meanwhile.
    pass(10_000);
    expect(await shared('a')).toEqual({ value: 1, at: 0, problem: null });
    finish(2);
    expect(await shared('a')).toEqual({ value: 2, at: 10_000, problem: null });
    expect(reads).toBe(2);
  });

  it('says why there is nothing at all', async () => {
    const { shared } = readings(() => Promise.reject(new Error('refused')));
    expect(await shared('a')).toEqual({ problem: 'refused' });
  });
});
