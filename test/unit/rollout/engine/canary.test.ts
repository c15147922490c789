import { describe, expect, it } from 'vitest';
import { canary, digestOfVersion, errorRate, HOUR, pending, simulate, start, steady, version } from './simulated-rollout.ts';

describe('a canary on a simulated clock', () => {
  it('sets its weights at 0, 1, 2, 3, 4 and 5 hours, is done at 6, and leaves nothing of the rollout behind', () => {
    const rollout = simulate(pending()).begin().untilPhase('succeeded');
    const weights = rollout.writes.map(({ at, percent, candidate }) => [at / 3600, candidate === null ? 'stable' : percent]);
    expect(weights).toEqual([
      [0, 5],
      [1, 15],
      [2, 30],
      [3, 50],
      [4, 75],
      [5, 100],
      [6, 'stable'],
    ]);
    expect(rollout.writes.at(-1)).toMatchObject({ stable: 'v12', candidate: null, percent: 0 });
    expect((rollout.now - start) / HOUR).toBeCloseTo(6, 2);
    const { live } = rollout;
    expect(live).toMatchObject({
      phase: 'succeeded',
      stable: version(12),
      candidate: null,
      weight: null,
      effects: [],
      holds: [],
      rolledBack: [],
    });
    expect(live.verified.at(-1)).toMatchObject({ number: 12, generation: 42 });
  });

  it('rolls a candidate back that is worse, and holds it from the moment that it turns', () => {
    const rollout = simulate(pending(), steady(0.03)).begin().untilPhase('rolling-back');
    const { live, events } = rollout;
    expect(live.engine).toMatchObject({ stop: { ends: 'rolled-back', reason: 'stable', metric: 'error_rate' } });
    expect(live.holds).toMatchObject([{ digest: digestOfVersion(12), until: null }]);
    expect(events.slice(-2)).toMatchObject([
      { type: 'rollout.rolled-back', data: { from: version(12), to: version(11), reason: 'stable' } },
      { type: 'hold.placed' },
    ]);
    rollout.tick();
    expect(rollout.live).toMatchObject({ phase: 'rolled-back', stable: version(11), candidate: null, weight: null });
    expect(rollout.live.rolledBack).toMatchObject([{ digest: digestOfVersion(12) }]);
    expect(rollout.observed).toEqual({ stable: 'v11', candidate: null, percent: 0, mirror: false });
  });

  it('says with numbers and units why', () => {
    const rollout = simulate(pending(), steady(0.03)).begin().untilPhase('rolled-back');
    expect(rollout.engine.stop?.detail).toMatch(
      /^error_rate of the candidate is [\d.]+ % \([\d,]+ of [\d,]+\), shown to be worse than stable's [\d.]+ % \([\d,]+ of [\d,]+\) \(×[\d.]+\)\.$/,
    );
  });

  it('takes a total outage back within a minute, by five bad answers', () => {
    const outage = simulate(
      pending({
        ...canary,
        steps: [
          { weight: 50, hold: '1h' },
          { weight: 100, hold: '1h' },
        ],
      }),
      steady(1, { perSecond: 0.2 }),
    );
    outage.begin().untilPhase('rolling-back', 1);
    expect(outage.engine.stop).toMatchObject({ reason: 'hard-limit', metric: errorRate.name });
    expect((outage.now - start) / 1000).toBeLessThanOrEqual(60);
  });
});
