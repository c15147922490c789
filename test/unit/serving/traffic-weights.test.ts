import { describe, expect, it } from 'vitest';
import { isSampled } from '../../../shared/serving/prediction-sink.ts';
import { createTrafficWeights } from '../../../shared/serving/traffic-weights.ts';

const open = (clock: { now: number }, weights: Record<string, number> = { v11: 100 }) =>
  createTrafficWeights(
    { stable: 'v11', weights: new Map(Object.entries(weights)) },
    { serves: (version) => ['v11', 'v12'].includes(version), now: () => clock.now },
  );

describe('weights', () => {
  it('fall back to stable when the lease is not renewed, and hold when it is', () => {
    const clock = { now: 0 };
    const traffic = open(clock);
    traffic.set({ weights: { v11: 50, v12: 50 }, leaseSeconds: 10 });
    clock.now = 9_999;
    expect(traffic.choose(0)).toBe('v12');
    traffic.set({ weights: { v11: 50, v12: 50 }, leaseSeconds: 10 });
    clock.now = 19_998;
    expect(traffic.choose(0)).toBe('v12');
    clock.now = 19_999;
    expect(traffic.choose(0)).toBe('v11');
    expect([...traffic.current()]).toEqual([['v11', 100]]);
    expect(traffic.leaseLeft()).toBe(0);
  });

  it('are refused where they are not right, and stay as they were', () => {
    const traffic = open({ now: 0 });
    const code = (weights: Record<string, number>, revision?: number) => {
      try {
        traffic.set({ weights, revision });
      } catch (error) {
        return (error as { code: string }).code;
      }
      return 'ok';
    };
    expect([code({ v11: 50 }), code({ v11: 150, v12: -50 }), code({ v11: Number.NaN, v12: 100 }), code({ eleven: 100 }), code({})]).toEqual(
      Array(5).fill('WEIGHTS_INVALID'),
    );
    expect(code({ v11: 50, v13: 50 })).toBe('VERSION_NOT_SERVED');
    expect([...traffic.current()]).toEqual([['v11', 100]]);
    expect([code({ v11: 0, v12: 100 }, 4), code({ v11: 100 }, 3), code({ v11: 100 }, 4)]).toEqual(['ok', 'REVISION_TOO_OLD', 'ok']);
  });
});

describe('sampling', () => {
  it('keeps the share, the same ids every time', () => {
    const ids = Array.from({ length: 20_000 }, (_, index) => `request-${index}`);
    const kept = ids.filter((id) => isSampled(id, 0.1));
    expect(kept.length / ids.length).toBeCloseTo(0.1, 2);
    expect(ids.filter((id) => isSampled(id, 0.1))).toEqual(kept);
    expect([isSampled('a', 1), ids.some((id) => isSampled(id, 0))]).toEqual([true, false]);
  });
});
