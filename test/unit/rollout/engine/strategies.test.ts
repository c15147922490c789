import { describe, expect, it } from 'vitest';
import type { RolloutConfig } from '../../../../shared/config/rollout-schema.ts';
import { firstEngine } from '../../../../shared/rollout/engine/first-engine.ts';
import { everyBySchedule, rolloutPlan } from '../../../../shared/rollout/engine/rollout-plan.ts';
import { canary, errorRate, pending, quick, say, simulate, steady, version } from './simulated-rollout.ts';

const guard = canary.guard!;
const check = { http: 'http://preview:8080/ready' };

describe('blue-green', () => {
  const blueGreen: RolloutConfig = { strategy: 'blue-green', guard, metrics: [errorRate], verify: [check] };

  it('asks the preview first, switches once, watches an hour, and moves traffic exactly twice', () => {
    const rollout = simulate(pending(blueGreen));
    rollout.answerCheck = null;
    rollout.begin().pass(60);
    expect(rollout.live.phase).toBe('verifying');
    expect(rollout.writes).toEqual([]);
    rollout.answerCheck = () => ({ ok: true, detail: 'HTTP 200' });
    rollout.untilPhase('succeeded');
    expect(rollout.writes).toEqual([
      { at: 70, stable: 'v11', candidate: 'v12', percent: 100, mirror: false },
      { at: 3670, stable: 'v12', candidate: null, percent: 0, mirror: false },
    ]);
    expect(rollout.phases).toEqual(['verifying', 'shifting', 'analysing', 'promoting', 'succeeded']);
  });

  it('moves traffic exactly twice in a bad case too', () => {
    const rollout = simulate(pending({ ...blueGreen, duration: '2h' }), steady(0.04))
      .begin()
      .untilPhase('rolled-back');
    expect(rollout.writes.map(({ candidate, percent }) => [candidate, percent])).toEqual([
      ['v12', 100],
      [null, 0],
    ]);
  });

  it('moves nothing while the preview says no, asks anew when resumed, and steps over it when told to', () => {
    const rollout = simulate(pending(blueGreen));
    rollout.answerCheck = () => ({ ok: false, detail: 'HTTP 503' });
    rollout.begin().pass(60);
    expect(rollout.live).toMatchObject({ phase: 'paused', engine: { pausedFrom: 'verifying', pause: { reason: 'check-failed' } } });
    expect(rollout.engine.pause?.detail).toBe('The check http://preview:8080/ready said no: HTTP 503');
    rollout.reduce(say('resume', 1));
    expect(rollout.live.phase).toBe('paused');
    expect(rollout.types().filter((type) => type === 'rollout.paused')).toHaveLength(2);
    expect(rollout.writes).toEqual([]);
    rollout.reduce(say('promote', 2));
    expect(rollout.live.phase).toBe('shifting');
    expect(rollout.writes).toHaveLength(1);
  });
});

describe('shadow', () => {
  const shadow: RolloutConfig = { strategy: 'shadow', guard, metrics: [errorRate], duration: '1h' };

  it('mirrors and never answers, then waits for a decision', () => {
    const rollout = simulate(pending(shadow)).begin().untilPhase('paused');
    expect(rollout.writes).toEqual([{ at: 0, stable: 'v11', candidate: 'v12', percent: 0, mirror: true }]);
    expect(rollout.seconds).toBe(3600);
    expect(rollout.engine).toMatchObject({ pause: { reason: 'decision' }, outcome: { recommends: 'promote' } });
    expect(rollout.engine.outcome?.why).toMatch(
      /^No rule stopped the shadow in 18000 requests: error_rate 90 of 18000 \(stable 90 of 18000\)\./,
    );
    expect(rollout.reduce(say('resume', 1)).refusal).toMatchObject({ code: 'DECISION_WAITS' });
    rollout.reduce(say('promote', 2));
    rollout.tick();
    expect(rollout.live).toMatchObject({ phase: 'succeeded', stable: version(12) });
  });

  it('goes on by itself where it is told to follow', () => {
    const rollout = simulate(pending({ ...shadow, then: 'follow' }))
      .begin()
      .untilPhase('succeeded');
    expect(rollout.phases).toEqual(['shifting', 'analysing', 'promoting', 'succeeded']);
  });

  it('keeps stable where too little was answered to show anything', () => {
    const rollout = simulate(pending({ ...shadow, then: 'follow' }), steady(0, { perSecond: 0.01 }))
      .begin()
      .untilPhase('rolled-back');
    expect(rollout.engine).toMatchObject({ outcome: { recommends: 'keep' }, stop: { reason: 'recommended', metric: null } });
    expect(rollout.live.holds).toHaveLength(1);
  });

  it('plans its comparison by what both arms answer', () => {
    const history = Array.from({ length: 24 }, () => ({ bad: 5, total: 1000 }));
    const { metrics } = simulate(pending(shadow)).begin(history).engine;
    // Each of 12,000 requests an hour twice: 24,000 · ½ · ½ · p(1 − p).
    const p = 120.5 / 24_001;
    expect(metrics['error_rate']?.requestsPerHour).toBe(24_000);
    expect(metrics['error_rate']?.plannedInformation).toBeCloseTo(6_000 * p * (1 - p), 6);
  });

  it('is stopped by its rules although nobody got its answers', () => {
    const rollout = simulate(pending(shadow), steady(0.04)).begin().untilPhase('rolled-back');
    expect(rollout.engine.stop).toMatchObject({ ends: 'rolled-back', metric: 'error_rate' });
    expect(rollout.writes.at(-1)).toMatchObject({ candidate: null, mirror: false });
  });
});

describe('ab', () => {
  const experiment: RolloutConfig['experiment'] = {
    share: 0.5,
    baseline: 0.03,
    effect: 0.01,
    metric: { name: 'conversion', better: 'higher', converted: 'c', units: 'u' },
    guardrails: [],
  };
  const ab: RolloutConfig = {
    strategy: 'ab',
    guard: { driver: 'server', maxSilence: '1h' },
    metrics: [errorRate],
    duration: '7d',
    experiment,
  };
  /** Every half an hour, 500 units an arm a day. */
  const play = (definition: RolloutConfig, converted: { readonly candidate: number; readonly stable: number }) => {
    const rollout = simulate(pending(definition));
    const owed = { candidate: 0, stable: 0, c: 0, s: 0 };
    rollout.read = (counts) => {
      for (const arm of ['candidate', 'stable'] as const) owed[arm] += counts.stable.total > 0 ? 1000 / 48 : 0;
      owed.c += converted.candidate * (counts.stable.total > 0 ? 1000 / 48 : 0);
      owed.s += converted.stable * (counts.stable.total > 0 ? 1000 / 48 : 0);
      const take = (name: keyof typeof owed) => {
        const whole = Math.floor(owed[name]);
        owed[name] -= whole;
        return whole;
      };
      const candidate = { bad: take('c'), total: take('candidate') };
      const stable = { bad: take('s'), total: take('stable') };
      return {
        metrics: {
          error_rate: { is: 'counts', ...counts, lastMinute: null },
          conversion: { is: 'counts', candidate, stable, lastMinute: null },
        },
      };
    };
    rollout.begin();
    for (
      let ticks = 0;
      ticks < 8 * 48 && rollout.live.phase !== 'paused' && rollout.live.phase !== 'rolled-back' && rollout.live.phase !== 'succeeded';
      ticks++
    )
      rollout.tick(1800);
    return rollout;
  };

  it('gives its share for whole days, then says promote with the numbers and waits', () => {
    const rollout = play(ab, { candidate: 0.06, stable: 0.03 });
    expect(rollout.writes).toEqual([{ at: 0, stable: 'v11', candidate: 'v12', percent: 50, mirror: false }]);
    expect(rollout.engine).toMatchObject({ pause: { reason: 'decision' }, outcome: { recommends: 'promote' } });
    expect(rollout.seconds / 86_400).toBeCloseTo(7, 1);
    expect(rollout.engine.outcome?.why).toMatch(/conversion|treatment/);
    expect(rollout.engine.experiment).toMatchObject({
      days: [{ day: 1 }, { day: 2 }, { day: 3 }, { day: 4 }, { day: 5 }, { day: 6 }, { day: 7 }],
    });
  });

  it('keeps stable where nothing is shown, and follows that where it is told to', () => {
    const rollout = play({ ...ab, then: 'follow' }, { candidate: 0.03, stable: 0.03 });
    expect(rollout.engine).toMatchObject({ outcome: { recommends: 'keep' }, stop: { reason: 'recommended' } });
  });

  it('takes conversions that come after their units', () => {
    const rollout = simulate(pending(ab)).begin();
    const counts = (bad: number, total: number) => ({
      is: 'counts' as const,
      candidate: { bad, total },
      stable: { bad, total },
      lastMinute: null,
    });
    for (const [bad, total] of [
      [0, 9],
      [3, 0],
    ] as const) {
      rollout.read = () => ({ metrics: { error_rate: counts(0, 9), conversion: counts(bad, total) } });
      rollout.tick();
    }
    expect(rollout.engine.missing).toEqual({});
    expect(rollout.engine.experiment).toMatchObject({ total: { treatment: { units: 9, metrics: { conversion: 3 } } } });
  });

  it('ends before its time where people are harmed', () => {
    const rollout = play(ab, { candidate: 0.01, stable: 0.08 });
    expect(rollout.seconds / 86_400).toBeLessThan(6);
    expect(rollout.engine.outcome?.recommends).toBe('keep');
  });

  it('is refused without whole days or without an experiment', () => {
    expect(() => rolloutPlan('test', { ...ab, duration: '36h' })).toThrow(expect.objectContaining({ code: 'ROLLOUT_INVALID' }));
    const { experiment: _, ...without } = ab;
    expect(() => rolloutPlan('test', without)).toThrow(expect.objectContaining({ code: 'ROLLOUT_INVALID' }));
  });
});

describe('a plan', () => {
  it('fills in the usual steps', () => {
    expect(rolloutPlan('careful', canary).steps).toEqual([5, 15, 30, 50, 75, 100].map((weight) => ({ weight, hold: 3_600_000 })));
  });

  it.each([
    [{ strategy: 'bandit', metrics: [errorRate] }, 'STRATEGY_NOT_THERE'],
    [{ strategy: 'canary' }, 'ROLLOUT_INVALID'],
    [{ strategy: 'canary', metrics: [errorRate], steps: [] }, 'ROLLOUT_INVALID'],
    [{ strategy: 'shadow', metrics: [errorRate], steps: [{ weight: 5, hold: '1h' }] }, 'ROLLOUT_INVALID'],
    [{ strategy: 'canary', metrics: [{ name: 'scores', test: 'distribution', histogram: 'p' }, errorRate] }, 'ROLLOUT_INVALID'],
    [{ strategy: 'canary', metrics: [errorRate], guard: { driver: 'server', maxSilence: '0s' } }, 'GUARD_TOO_SLOW'],
  ] as [RolloutConfig, string][])('of %j is refused', (definition, code) => {
    const error = (() => {
      try {
        firstEngine('careful', definition);
      } catch (caught) {
        return caught;
      }
      return null;
    })();
    expect(error).toMatchObject({ name: 'UserError', code, hint: expect.stringMatching(/./) as unknown });
    expect(String((error as Error).message)).toMatch(/^careful: /);
  });

  it('needs a guard that looks often enough; a schedule alone only keeps an hour', () => {
    const refused = expect.objectContaining({ code: 'GUARD_TOO_SLOW' }) as unknown;
    expect(() => rolloutPlan('careful', canary, { every: 10_000 })).not.toThrow();
    expect(() => rolloutPlan('careful', canary, { every: 31_000 })).toThrow(refused as Error);
    expect(() => rolloutPlan('careful', canary, { every: everyBySchedule })).toThrow(refused as Error);
    expect(() => rolloutPlan('slow', quick({ guard: { driver: 'watcher', maxSilence: '1h' } }), { every: everyBySchedule })).not.toThrow();
  });

  it('says what to use in place of a bandit', () => {
    expect(() => rolloutPlan('best', { strategy: 'bandit' })).toThrow(
      expect.objectContaining({ code: 'STRATEGY_NOT_THERE', hint: expect.stringContaining('strategy: ab') as unknown }),
    );
  });
});

describe('a first version', () => {
  it('has nothing to be compared with: it gets everything after its checks', () => {
    const rollout = simulate(pending(quick({ verify: [check] }), { stable: 0, verifyAfter: [{ command: 'smoke' }] })).begin();
    rollout.untilPhase('succeeded', 1);
    expect(rollout.phases).toEqual(['verifying', 'promoting', 'verifying', 'succeeded']);
    expect(rollout.writes).toEqual([{ at: 0, stable: 'v12', candidate: null, percent: 0, mirror: false }]);
    expect(rollout.live.stable).toEqual(version(12));
  });

  it('fails where it is bad, is held, and leaves the target alone', () => {
    const rollout = simulate(pending(quick(), { stable: 0, verifyAfter: [{ command: 'smoke' }] }));
    rollout.answerCheck = () => ({ ok: false, detail: 'exit code 1' });
    rollout.begin().pass(30);
    expect(rollout.live).toMatchObject({ phase: 'failed', stable: null, candidate: null, weight: null });
    expect(rollout.live.holds).toHaveLength(1);
    expect(rollout.types()).toEqual(['rollout.began', 'rollout.failed', 'hold.placed']);
    expect(rollout.writes).toHaveLength(1);
  });
});

describe('checks of the stage', () => {
  it('are asked once everything moved, and take it back where one says no', () => {
    const rollout = simulate(pending(quick(), { verifyAfter: [{ command: 'smoke' }, check] }));
    const asked: string[] = [];
    rollout.answerCheck = (key) => {
      asked.push(key);
      return key.endsWith('/2') ? { ok: false, detail: 'HTTP 500' } : { ok: true, detail: 'exit code 0' };
    };
    rollout.begin().untilPhase('rolled-back', 2);
    expect(asked).toEqual(['churn.production.42/after/1', 'churn.production.42/after/2']);
    expect(rollout.writes.slice(-2)).toEqual([
      expect.objectContaining({ stable: 'v12', candidate: null }),
      expect.objectContaining({ stable: 'v11', candidate: null }),
    ]);
    expect(rollout.engine.stop).toMatchObject({ reason: 'check-failed', detail: 'The check http://preview:8080/ready said no: HTTP 500' });
    expect(rollout.live).toMatchObject({ phase: 'rolled-back', stable: version(11) });
  });
});
