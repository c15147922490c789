import { describe, expect, it } from 'vitest';
import type { RolloutConfig } from '../../../../shared/config/rollout-schema.ts';
import { canary, errorRate, pending, quick, simulate, steady } from './simulated-rollout.ts';

const twoSteps = (more: Partial<RolloutConfig> = {}): RolloutConfig => ({
  ...canary,
  steps: [
    { weight: 50, hold: '10m' },
    { weight: 100, hold: '10m' },
  ],
  ...more,
});

describe('the end of a step', () => {
  it('waits up to three times its hold for enough requests, then goes on unproven', () => {
    // 0.2 requests a second, half of them the candidate's: 60 in ten minutes, 180 in thirty.
    const rollout = simulate(pending(twoSteps({ minSamples: 500 })), steady(0, { perSecond: 0.2 })).begin();
    rollout.until(() => rollout.live.step === 1, 2);
    expect(rollout.seconds).toBe(1800);
    expect(rollout.engine.steps[0]).toMatchObject({ step: 0, weight: 50, unproven: true, guardedSeconds: 1800 });
    expect(rollout.engine.steps[0]?.metrics['error_rate']?.candidate.total).toBe(180);
    expect(rollout.events.at(-1)).toMatchObject({ type: 'rollout.advanced', data: { step: 1, weight: 100, unproven: true } });
  });

  it('ends early in the extension, as soon as there are enough', () => {
    const rollout = simulate(pending(twoSteps({ minSamples: 100 })), steady(0, { perSecond: 0.2 })).begin();
    rollout.until(() => rollout.live.step === 1, 2);
    expect(rollout.seconds).toBe(1000);
    expect(rollout.engine.steps[0]?.unproven).toBe(false);
  });

  it('pauses for low traffic where the rollout asks for it, and a resume gives the step its time once more', () => {
    const rollout = simulate(pending(twoSteps({ minSamples: 500, lowTraffic: 'pause' })), steady(0, { perSecond: 0.2 })).begin();
    rollout.untilPhase('paused', 2);
    expect(rollout.seconds).toBe(1800);
    expect(rollout.engine.pause).toMatchObject({
      reason: 'low-traffic',
      detail: 'The step has 180 of the 500 requests that it needs, after three times its hold.',
    });
    rollout.reduce({ is: 'resume', by: { id: 7, login: 'alice', type: 'User' }, cause: 'comment:1:1' });
    expect(rollout.live).toMatchObject({ phase: 'analysing', guardedSeconds: 0, step: 0 });
    rollout.pass(600);
    expect(rollout.live.phase).toBe('analysing');
    rollout.untilPhase('paused', 2);
    expect(rollout.seconds).toBe(3600);
  });

  it('never goes on with no request at all', () => {
    const rollout = simulate(pending(twoSteps()), steady(0, { perSecond: 0 }))
      .begin()
      .untilPhase('paused', 2);
    expect(rollout.seconds).toBe(1800);
    expect(rollout.engine.pause?.reason).toBe('no-requests');
  });

  it('asks for proof before the last step where it is told to', () => {
    const assured = simulate(pending(twoSteps({ assure: true, minSamples: 50 })), steady(0.009, { perSecond: 1 })).begin();
    assured.untilPhase('paused', 2);
    expect(assured.engine.pause?.reason).toBe('not-assured');
    const clean = simulate(pending(twoSteps({ assure: true, minSamples: 50 })), steady(0, { perSecond: 1 })).begin();
    clean.until(() => clean.live.step === 1, 2);
    expect(clean.seconds).toBe(600);
  });

  it('judges a step by its point where it is told to, strictly', () => {
    const point: RolloutConfig = twoSteps({ metrics: [{ name: 'error_rate', max: 0.01, decide: 'point' }] });
    // 3,000 requests of the candidate in ten minutes.
    const at = (bad: number) => {
      let left = bad;
      const rollout = simulate(pending(point), ({ seconds, percent }) => {
        const total = Math.round(seconds * 10 * (percent / 100));
        const own = Math.min(left, total);
        left -= own;
        return { candidate: { bad: own, total }, stable: { bad: 0, total: Math.round(seconds * 10) - total } };
      }).begin();
      rollout.until(() => rollout.live.phase === 'rolling-back' || rollout.live.step === 1, 1);
      return rollout;
    };
    expect(at(30).live.step).toBe(1);
    const over = at(31);
    expect(over.seconds).toBe(600);
    expect(over.engine.stop).toMatchObject({
      reason: 'point',
      metric: 'error_rate',
      detail: 'error_rate of the candidate is 1.0 % (31 of 3,000) in this step, above 1.0 %.',
    });
  });
});

describe('a step whose clock begins again', () => {
  it('is judged by its point from there on', () => {
    const point: RolloutConfig = twoSteps({ metrics: [{ name: 'error_rate', max: 0.01, decide: 'point' }] });
    const rollout = simulate(pending(point), steady(0.05)).begin().pass(300);
    rollout.traffic = steady(0);
    rollout.reduce({ is: 'set', percent: 50, by: { id: 7, login: 'alice', type: 'User' }, cause: 'comment:1:1' });
    rollout.until(() => rollout.live.step === 1 || rollout.live.phase === 'rolled-back', 1);
    expect(rollout.live.step).toBe(1);
    expect(rollout.seconds).toBe(900);
  });
});

describe('both arms', () => {
  it('above the limit pause the rollout, and go on for this step once somebody has seen it', () => {
    const rollout = simulate(
      pending(twoSteps({ metrics: [{ name: 'error_rate', max: 0.01 }] })),
      steady(0.03, { badOfStable: 0.03 }),
    ).begin();
    rollout.untilPhase('paused', 1);
    expect(rollout.engine.pause?.reason).toBe('both-arms');
    expect(rollout.engine.pause?.detail).toMatch(
      /in both arms: [\d.]+ % \(\d+ of [\d,]+\) of the candidate, [\d.]+ % \(\d+ of [\d,]+\) of stable/,
    );
    rollout.reduce({ is: 'resume', by: { id: 7, login: 'alice', type: 'User' }, cause: 'comment:1:1' });
    rollout.pass(100);
    expect(rollout.live.phase).toBe('analysing');
    rollout.until(() => rollout.live.step === 1, 1);
    expect(rollout.engine.waived).toEqual([]);
  });

  it('do not keep a candidate that is also worse than stable', () => {
    const rollout = simulate(
      pending(twoSteps({ metrics: [{ name: 'error_rate', max: 0.01 }] })),
      steady(0.12, { badOfStable: 0.03 }),
    ).begin();
    rollout.untilPhase('rolling-back', 1);
    expect(rollout.engine.stop).toMatchObject({ ends: 'rolled-back', metric: 'error_rate' });
  });
});

describe('hardMax', () => {
  const outage = (phase: string) => {
    let isOut = false;
    const rollout = simulate(pending(quick(), { verifyAfter: [{ command: 'smoke' }] }), ({ seconds, percent }) => {
      const total = Math.round(seconds * percent * 0.1);
      return { candidate: { bad: isOut ? total : 0, total }, stable: { bad: 0, total: Math.round(seconds * 10) - total } };
    });
    rollout.answerCheck = null;
    rollout.begin();
    if (phase === 'shifting') {
      rollout.pass(290);
      rollout.isStuck = true;
      rollout.tick();
    }
    if (phase === 'paused')
      rollout.pass(60).reduce({ is: 'pause', by: { id: 7, login: 'alice', type: 'User' }, cause: 'comment:1:1', detail: 'wait' });
    if (phase === 'analysing') rollout.pass(60);
    if (phase === 'promoting') {
      rollout.until(() => rollout.live.step === 2 && rollout.live.guardedSeconds >= 290, 1);
      rollout.isStuck = true;
      rollout.tick();
    }
    if (phase === 'verifying') rollout.untilPhase('verifying', 1);
    expect(rollout.live.phase).toBe(phase);
    isOut = true;
    rollout.tick();
    return rollout;
  };
  it.each(['shifting', 'analysing', 'paused', 'promoting', 'verifying'])('rolls back in phase %s at the next tick', (phase) => {
    const rollout = outage(phase);
    expect(rollout.engine.stop).toMatchObject({ reason: 'hard-limit', metric: errorRate.name });
    expect(rollout.engine.stop?.detail).toMatch(
      /^error_rate of the candidate was [\d.]+ % \(\d+ of \d+\) in its last minute, beyond its hard limit of 5\.0 %\.$/,
    );
    expect(['rolling-back', 'rolled-back']).toContain(rollout.live.phase);
  });

  it('looks at what the source calls the last minute, where it tells', () => {
    const rollout = simulate(pending(quick())).begin().pass(60);
    const quiet = { is: 'counts' as const, candidate: { bad: 0, total: 0 }, stable: { bad: 0, total: 0 } };
    rollout.read = () => ({ metrics: { error_rate: { ...quiet, lastMinute: { bad: 4, total: 4 } } } });
    rollout.tick();
    expect(rollout.live.phase).toBe('analysing');
    rollout.read = () => ({ metrics: { error_rate: { ...quiet, lastMinute: { bad: 5, total: 5 } } } });
    rollout.tick();
    expect(rollout.engine.stop?.reason).toBe('hard-limit');
  });

  it('adds up the readings of a minute where it does not', () => {
    const rollout = simulate(pending(quick()), ({ now }) => ({
      candidate: { bad: now % 60_000 === 0 ? 0 : 1, total: now % 60_000 === 0 ? 0 : 1 },
      stable: { bad: 0, total: 5 },
    })).begin();
    rollout.pass(50);
    expect(rollout.live.phase).not.toBe('analysing');
    expect(rollout.engine.stop?.detail).toContain('100.0 % (5 of 5)');
  });
});

describe('predictions that are distributed otherwise', () => {
  const scores: RolloutConfig = quick({
    metrics: [errorRate, { name: 'scores', test: 'distribution', histogram: 'prediction', max: 0.1 }],
  });
  const play = (candidate: readonly number[], stable: readonly number[]) => {
    const rollout = simulate(pending(scores));
    rollout.read = () => ({ distributions: { scores: { candidate, stable } } });
    return rollout.begin();
  };

  it('pause at the end of the step, with how far they are apart', () => {
    const rollout = play([10, 30, 60], [40, 40, 20]).untilPhase('paused', 1);
    expect(rollout.seconds).toBe(300);
    expect(rollout.engine.pause?.reason).toBe('distribution');
    expect(rollout.engine.pause?.detail).toMatch(
      /^scores: predictions of the arms differ by \d+\.\d % of the rows, more than the 10\.0 % allowed \(p < \.0001\)\.$/,
    );
    rollout.reduce({ is: 'resume', by: { id: 7, login: 'alice', type: 'User' }, cause: 'comment:1:1' });
    rollout.tick();
    expect(rollout.live.step).toBe(1);
  });

  it('pass where they are alike', () => {
    const rollout = play([40, 40, 20], [41, 39, 20]);
    rollout.until(() => rollout.live.step === 1, 1);
    expect(rollout.seconds).toBe(300);
    expect(rollout.engine.metrics['scores']?.distribution?.candidate).toEqual([31 * 40, 31 * 40, 31 * 20]);
  });

  it('are missing like any metric', () => {
    const rollout = simulate(pending(scores)).begin().pass(60);
    rollout.read = () => ({ distributions: { scores: 'empty' } });
    rollout.untilPhase('paused', 1);
    expect(rollout.engine.pause).toMatchObject({
      reason: 'no-data',
      detail: expect.stringContaining('scores: there is no such series (empty') as unknown,
    });
  });
});
