import { describe, expect, it } from 'vitest';
import type { MetricReading, MissingReason } from '../../../../shared/rollout/engine/metric-source.ts';
import { missingReasons } from '../../../../shared/rollout/engine/metric-source.ts';
import { pending, quick, say, simulate, start, steady } from './simulated-rollout.ts';

const long = quick({
  steps: [
    { weight: 10, hold: '1h' },
    { weight: 100, hold: '1h' },
  ],
});
const missing = (why: MissingReason): Record<string, MetricReading> => ({
  error_rate: { is: 'missing', why, detail: 'at prometheus:9090' },
});

describe('no counts', () => {
  it.each(missingReasons)('by the name of %s are told at once, and pause after the grace', (why) => {
    const rollout = simulate(pending(long)).begin().pass(600);
    rollout.read = () => ({ metrics: missing(why) });
    rollout.tick();
    expect(rollout.engine.missing['error_rate']).toMatchObject({ why, detail: 'at prometheus:9090' });
    expect(rollout.live.phase).toBe('analysing');
    rollout.untilPhase('paused', 1);
    expect(rollout.seconds).toBe(600 + 310);
    expect(rollout.engine.pause?.reason).toBe('no-data');
    expect(rollout.engine.pause?.detail).toMatch(
      new RegExp(`^No counts for 5 min\\S*( 10 s)?\\. error_rate: .+ \\(${why}: at prometheus:9090\\)\\.$`),
    );
    expect(rollout.writes).toHaveLength(1);
  });

  it('are told by sentences that differ', () => {
    const told = missingReasons.map((why) => {
      const rollout = simulate(pending(long)).begin().pass(10);
      rollout.read = () => ({ metrics: missing(why) });
      return rollout.untilPhase('paused', 1).engine.pause?.detail;
    });
    expect(new Set(told).size).toBe(missingReasons.length);
  });

  it('that come back within the grace are forgotten, and so is what was missing', () => {
    const rollout = simulate(pending(long)).begin().pass(60);
    rollout.read = () => ({ metrics: missing('late') });
    rollout.pass(280);
    rollout.read = () => ({});
    rollout.tick();
    expect(rollout.engine.missing).toEqual({});
    rollout.pass(200);
    expect(rollout.live.phase).toBe('analysing');
  });

  it('keep a step from ending while they are missing', () => {
    const rollout = simulate(pending(long)).begin().pass(3590);
    rollout.read = () => ({ metrics: missing('unreachable') });
    rollout.pass(100);
    expect(rollout.live).toMatchObject({ phase: 'analysing', step: 0 });
    rollout.read = () => ({});
    rollout.tick();
    expect(rollout.live.step).toBe(1);
  });

  it('from a source that nobody asked, or that has nothing new, are a silence too', () => {
    for (const read of [() => null, () => ({ metrics: { error_rate: { is: 'nothing-new' as const } } })]) {
      const rollout = simulate(pending(long)).begin().pass(60);
      rollout.read = read;
      rollout.untilPhase('paused', 1);
      expect(rollout.engine.pause).toMatchObject({ reason: 'no-data', detail: expect.stringContaining('nothing new') as unknown });
    }
  });

  it('that can be no counts are missing, not believed', () => {
    const rollout = simulate(pending(long)).begin().pass(60);
    const before = rollout.engine.metrics['error_rate']?.state;
    for (const bad of [Number.NaN, -1, 0.5, 7]) {
      rollout.read = () => ({
        metrics: { error_rate: { is: 'counts', candidate: { bad, total: 6 }, stable: { bad: 0, total: 6 }, lastMinute: null } },
      });
      rollout.tick();
      expect(rollout.engine.missing['error_rate']?.why).toBe('invalid');
    }
    rollout.read = () => ({ metrics: {} });
    rollout.tick();
    expect(rollout.engine.missing['error_rate']?.why).toBe('invalid');
    expect(rollout.engine.metrics['error_rate']?.state).toEqual(before);
  });

  it('are no zero requests: those are an answer', () => {
    const rollout = simulate(pending(long), steady(0, { perSecond: 0 }))
      .begin()
      .pass(1800);
    expect(rollout.live.phase).toBe('analysing');
    expect(rollout.engine.missing).toEqual({});
  });
});

describe('a silence of the guard', () => {
  it('gives nothing back that a lease took away, while neither target nor source say what happened', () => {
    const rollout = simulate(pending(long)).begin().pass(600);
    rollout.observed = { stable: 'v11', candidate: null, percent: 0, mirror: false };
    const before = rollout.writes.length;
    for (let looks = 0; looks < 5; looks++) {
      rollout.tick(looks === 0 ? 1800 : 10, { observed: null, reading: null });
      expect(rollout.observed.percent).toBe(0);
    }
    expect(rollout.writes).toHaveLength(before);
  });

  it('is judged first and never moves anything on in that tick', () => {
    const rollout = simulate(pending(long)).begin().pass(3550);
    rollout.tick(1800);
    expect(rollout.live).toMatchObject({ phase: 'analysing', step: 0, guardedSeconds: 3610 });
    expect(rollout.engine.gap?.judgedAt).toBe(new Date(rollout.now).toISOString());
    rollout.tick(0);
    expect(rollout.live.step).toBe(0);
    rollout.tick();
    expect(rollout.engine.gap).toBeNull();
    expect(rollout.live.step).toBe(1);
    rollout.tick();
    expect(rollout.live).toMatchObject({ step: 1, guardedSeconds: 10 });
  });

  it('counts one longest silence of time at most', () => {
    const rollout = simulate(pending(long)).begin().pass(60);
    rollout.tick(86_400);
    expect(rollout.live.guardedSeconds).toBe(120);
    expect(rollout.live.step).toBe(0);
  });

  it('that was bad rolls back at once', () => {
    const rollout = simulate(pending(long), ({ seconds, percent }) => {
      const total = Math.round((seconds * percent) / 10);
      return {
        candidate: { bad: seconds > 100 ? Math.round(total * 0.04) : 0, total },
        stable: { bad: 0, total: Math.round(seconds * 9) },
      };
    })
      .begin()
      .pass(600);
    rollout.tick(1800);
    expect(['rolling-back', 'rolled-back']).toContain(rollout.live.phase);
  });

  it('without counts pauses: nobody knows what happened', () => {
    const rollout = simulate(pending(long)).begin().pass(600);
    rollout.read = () => ({ metrics: missing('unreachable') });
    rollout.tick(600);
    expect(rollout.engine.pause?.reason).toBe('gap-unjudged');
    expect(rollout.engine.pause?.detail).toBe(
      "Nobody looked for 10 min, and what happened then can't be judged: error_rate: nobody answered (unreachable: at prometheus:9090).",
    );
  });

  it.each([null, start + 900_000])('whose beginning no counts reach back to (from %s) pauses too', (from) => {
    const rollout = simulate(pending(long)).begin().pass(600);
    rollout.readAt = from;
    rollout.tick(600);
    expect(rollout.engine.pause).toMatchObject({
      reason: 'gap-unjudged',
      detail: expect.stringContaining('no counts that begin before it') as unknown,
    });
  });

  it('in which a lease ended: nothing is given again before it is judged, and what it had afterwards', () => {
    const rollout = simulate(pending(long)).begin().pass(600);
    rollout.observed = { ...rollout.observed, percent: 0 };
    rollout.isStuck = true;
    rollout.read = () => null;
    const { effects } = rollout.tick(600);
    expect(effects).toEqual([]);
    expect(rollout.live.weight).toMatchObject({ desired: 0, observed: 0 });
    rollout.read = () => ({});
    const judged = rollout.tick();
    expect(judged.effects).toMatchObject([{ is: 'traffic', toward: 'candidate', desired: { percent: 10 } }]);
    rollout.isStuck = false;
    rollout.pass(20);
    expect(rollout.observed.percent).toBe(10);
    expect(rollout.live.phase).toBe('analysing');
  });

  it('in which a lease ended and that stays unjudged keeps the candidate at nothing until somebody resumes', () => {
    const rollout = simulate(pending(long)).begin().pass(600);
    rollout.observed = { ...rollout.observed, percent: 0 };
    rollout.read = () => ({ metrics: missing('stale') });
    rollout.tick(600);
    rollout.read = () => ({});
    rollout.pass(600);
    expect(rollout.live).toMatchObject({ phase: 'paused', weight: { desired: 0, observed: 0 } });
    rollout.reduce(say('resume'));
    rollout.tick();
    expect(rollout.observed.percent).toBe(10);
  });

  it('over in a pause leaves it paused, with what the target has', () => {
    const rollout = simulate(pending(long)).begin().pass(600);
    rollout.reduce(say('pause'));
    rollout.observed = { ...rollout.observed, percent: 0 };
    rollout.tick(600);
    rollout.pass(60);
    expect(rollout.live).toMatchObject({ phase: 'paused', weight: { desired: 0 } });
    expect(rollout.observed.percent).toBe(0);
  });
});

describe('a clock', () => {
  it('that goes back adds no time, breaks nothing, and goes on from there', () => {
    const rollout = simulate(pending(long)).begin().pass(600);
    const guarded = rollout.live.guardedSeconds;
    rollout.tick(-3600);
    expect(rollout.live).toMatchObject({ phase: 'analysing', guardedSeconds: guarded });
    rollout.tick(10);
    expect(rollout.live.guardedSeconds).toBe(guarded + 10);
    rollout.until(() => rollout.live.step === 1, 2);
    expect(rollout.live.step).toBe(1);
  });

  it('that goes back or stands ends no step', () => {
    const rollout = simulate(pending(long)).begin().pass(3590);
    rollout.read = () => ({ metrics: missing('late') });
    rollout.tick();
    rollout.read = () => ({});
    expect(rollout.tick(-10).live.step).toBe(0);
    expect(rollout.tick(0).live.step).toBe(0);
    expect(rollout.tick(10).live.step).toBe(1);
  });

  it('that was a year ahead leaves no date that keeps anything silent', () => {
    const rollout = simulate(pending(long)).begin().pass(60);
    rollout.tick(365 * 86_400);
    rollout.read = () => ({ metrics: missing('empty') });
    rollout.tick(-365 * 86_400);
    const back = rollout.seconds;
    rollout.untilPhase('paused', 1);
    expect(rollout.engine.pause?.reason).toBe('no-data');
    expect(rollout.seconds - back).toBe(310);
    const before = rollout.records;
    rollout.pass(600);
    expect(rollout.records - before).toBeGreaterThanOrEqual(1);
  });
});

describe('a target', () => {
  it('that does not do it keeps the step from beginning, and pauses in the end', () => {
    const rollout = simulate(pending(long));
    rollout.isStuck = true;
    rollout.begin().pass(280);
    expect(rollout.live).toMatchObject({ phase: 'shifting', guardedSeconds: 0 });
    rollout.untilPhase('paused', 1);
    expect(rollout.seconds).toBe(310);
    expect(rollout.engine.pause).toMatchObject({
      reason: 'target',
      detail: 'The target was asked for 10 % for 5 min 10 s, and it gives the candidate 0 %.',
    });
    // Nothing had come about, so nothing comes about while it is paused.
    rollout.isStuck = false;
    rollout.pass(100);
    expect(rollout.writes).toEqual([]);
    rollout.reduce(say('resume'));
    rollout.pass(20);
    expect(rollout.live.phase).toBe('analysing');
  });

  it('that does not answer adds no guarded time', () => {
    const rollout = simulate(pending(long)).begin().pass(60);
    const guarded = rollout.live.guardedSeconds;
    for (let ticks = 0; ticks < 20; ticks++) rollout.tick(10, { observed: null });
    expect(rollout.live.guardedSeconds).toBe(guarded);
    for (let ticks = 0; ticks < 20; ticks++) rollout.tick(10, { observed: null });
    expect(rollout.engine.pause).toMatchObject({ reason: 'target', detail: expect.stringContaining('it does not answer') as unknown });
  });

  it('that lost its weight is asked again, and that time does not count', () => {
    const rollout = simulate(pending(long)).begin().pass(60);
    rollout.observed = { ...rollout.observed, percent: 0 };
    const { effects } = rollout.tick();
    expect(effects).toMatchObject([{ is: 'traffic', desired: { percent: 10 }, toward: 'candidate', renews: false }]);
    expect(rollout.live).toMatchObject({ phase: 'analysing', guardedSeconds: 60 });
    rollout.tick();
    expect(rollout.live.guardedSeconds).toBe(70);
  });

  it('that tells nothing is believed once it took the wish, never before', () => {
    const rollout = simulate(pending(quick()));
    rollout.isSilent = true;
    rollout.isStuck = true;
    rollout.begin().pass(60);
    expect(rollout.live.phase).toBe('shifting');
    rollout.isStuck = false;
    rollout.untilPhase('succeeded', 1);
    expect(rollout.writes.map(({ percent }) => percent)).toEqual([10, 50, 100, 0]);
    expect(rollout.observed).toEqual({ stable: 'v12', candidate: null, percent: 0, mirror: false });
  });

  it('is told again before a third of its lease is over, and not where there is none', () => {
    const rollout = simulate(pending(quick())).begin();
    rollout.reduce({ is: 'checked', key: 'churn.production.42/v11+v12@10/traffic', ok: true, detail: 'taken' });
    expect(rollout.tick(10).effects).toEqual([]);
    const { effects } = rollout.tick(10);
    expect(effects).toMatchObject([
      { renews: true, toward: 'stable', key: 'churn.production.42/v11+v12@10/traffic', desired: { leaseSeconds: 60 } },
    ]);
    rollout.untilPhase('promoting', 1);
    expect(rollout.tick(0).live.phase).toBe('succeeded');
  });
});

describe('GitHub that is away', () => {
  it('lets it judge and go back, and begins no step', () => {
    const away = { mayAdvance: false };
    const rollout = simulate(pending(quick())).begin();
    for (let ticks = 0; ticks < 60; ticks++) rollout.tick(10, away);
    expect(rollout.live).toMatchObject({ phase: 'analysing', step: 0 });
    rollout.tick();
    expect(rollout.live.step).toBe(1);
    const bad = simulate(pending(quick()), steady(0.2)).begin();
    for (let ticks = 0; ticks < 60; ticks++) bad.tick(10, away);
    expect(bad.live.phase).toBe('rolled-back');
    expect(bad.observed.candidate).toBeNull();
  });
});
