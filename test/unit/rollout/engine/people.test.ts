import { describe, expect, it } from 'vitest';
import { liftHold } from '../../../../shared/promotion/lift-hold.ts';
import type { LiveDocument } from '../../../../shared/promotion/live-document.ts';
import { placeHold } from '../../../../shared/promotion/place-hold.ts';
import { alice, digestOfVersion, pending, quick, say, setTo, simulate, version } from './simulated-rollout.ts';

const begun = (seconds = 60) => simulate(pending()).begin().pass(seconds);
const hold = (live: LiveDocument, digest: string | null, at = '2026-11-21T10:01:00.000Z') =>
  placeHold(live, { digest, reason: 'wait', by: alice, at, until: null, cause: 'comment:77:1' }).live;

describe('pause and resume', () => {
  it('keep the weight, stop the clock, and go on where it was', () => {
    const rollout = begun(1800);
    rollout.reduce(say('pause', 1));
    expect(rollout.live).toMatchObject({
      phase: 'paused',
      pausedBy: alice,
      engine: { pausedFrom: 'analysing', pause: { reason: 'person', detail: 'pause by alice' } },
    });
    rollout.pass(3600);
    expect(rollout.live).toMatchObject({ phase: 'paused', guardedSeconds: 1800, weight: { desired: 5, observed: 5 } });
    rollout.reduce(say('resume', 2));
    expect(rollout.live).toMatchObject({ phase: 'analysing', pausedBy: null, engine: { pausedFrom: null, pause: null } });
    rollout.until(() => rollout.live.step === 1, 2);
    expect(rollout.seconds).toBe(1800 + 3600 + 1800);
    expect(rollout.types()).toEqual(['rollout.began', 'rollout.paused', 'rollout.resumed', 'rollout.advanced']);
    expect(rollout.events[1]).toMatchObject({ actor: alice, cause: 'comment:1:1', data: { reason: 'person' } });
  });

  it('of what has not begun keeps it from beginning', () => {
    const rollout = simulate(pending());
    rollout.reduce(say('pause', 1));
    rollout.begin();
    expect(rollout.live.phase).toBe('paused');
    expect(rollout.writes).toEqual([]);
    rollout.reduce(say('resume', 2));
    expect(rollout.live.phase).toBe('pending');
    rollout.begin();
    expect(rollout.live.phase).toBe('analysing');
  });

  it('before the target took a weight give it when somebody resumes, not before', () => {
    const rollout = begun(3590);
    rollout.isStuck = true;
    rollout.tick();
    expect(rollout.live).toMatchObject({ phase: 'shifting', weight: { desired: 15, observed: 5 } });
    rollout.reduce(say('pause', 1));
    rollout.isStuck = false;
    rollout.pass(60);
    expect(rollout.observed.percent).toBe(5);
    rollout.reduce(say('resume', 2));
    rollout.tick();
    expect(rollout.observed.percent).toBe(15);
  });

  it('are refused where there is nothing to pause or to resume', () => {
    const rollout = begun();
    expect(rollout.reduce(say('resume', 1)).refusal).toMatchObject({ code: 'NOT_PAUSED' });
    rollout.reduce(say('pause', 2));
    expect(rollout.reduce(say('pause', 3)).refusal).toMatchObject({ code: 'ALREADY_PAUSED' });
  });
});

describe('promote', () => {
  it('ends the step that it is in', () => {
    const rollout = begun();
    const { record, events } = rollout.reduce(say('promote', 1));
    expect(record).toBe(true);
    expect(events).toMatchObject([
      { type: 'rollout.advanced', actor: alice, cause: 'comment:1:1', data: { step: 1, weight: 15, unproven: false } },
    ]);
    expect(rollout.observed.percent).toBe(15);
    expect(rollout.live).toMatchObject({ phase: 'shifting', step: 1, guardedSeconds: 0 });
  });

  it('ends the rollout in its last step', () => {
    const rollout = begun();
    rollout.reduce(setTo(100, 1));
    rollout.pass(20);
    rollout.reduce(say('promote', 2));
    rollout.tick();
    expect(rollout.live).toMatchObject({ phase: 'succeeded', stable: version(12) });
  });

  it('is not stronger than what the last bucket shows', () => {
    const rollout = simulate(pending(quick({ metrics: [{ name: 'error_rate', max: 0.01 }] })), ({ seconds }) =>
      seconds > 0
        ? { candidate: { bad: 12, total: 19 }, stable: { bad: 0, total: 19 } }
        : { candidate: { bad: 0, total: 0 }, stable: { bad: 0, total: 0 } },
    ).begin();
    rollout.tick();
    expect(rollout.live.phase).toBe('analysing');
    rollout.reduce(say('promote', 1));
    expect(rollout.live.phase).toBe('rolling-back');
    expect(rollout.observed.candidate).toBeNull();
  });

  it('waits for a rollout to begin, and is refused once everything moved', () => {
    expect(simulate(pending()).reduce(say('promote')).refusal).toMatchObject({ code: 'NOT_BEGUN' });
    const rollout = simulate(pending(quick(), { verifyAfter: [{ command: 'smoke' }] }));
    rollout.answerCheck = null;
    rollout.begin().untilPhase('verifying', 1);
    expect(rollout.reduce(say('promote', 1)).refusal).toMatchObject({ code: 'ALREADY_PROMOTED' });
    expect(rollout.reduce(setTo(5, 2)).refusal).toMatchObject({ code: 'ALREADY_PROMOTED' });
  });
});

describe('abort', () => {
  it('goes back at once, holds the bytes, and says who', () => {
    const rollout = begun();
    const { effects } = rollout.reduce(say('abort', 4));
    expect(effects).toMatchObject([
      { is: 'traffic', toward: 'stable', key: 'churn.production.42/v11/traffic', desired: { candidate: null, leaseSeconds: null } },
    ]);
    expect(rollout.live.holds).toMatchObject([
      { digest: digestOfVersion(12), by: alice, reason: 'its rollout was rolled back: abort by alice' },
    ]);
    expect(rollout.engine.stop).toMatchObject({ ends: 'rolled-back', reason: 'aborted', metric: null, by: alice, cause: 'comment:4:1' });
    rollout.tick();
    expect(rollout.live).toMatchObject({
      phase: 'rolled-back',
      candidate: null,
      weight: null,
      engine: { steps: [{ to: expect.any(String) as string }] },
    });
    expect(rollout.types()).toEqual(['rollout.began', 'rollout.rolled-back', 'hold.placed']);
  });

  it('is toward stable also where nobody knows what the target does', () => {
    const rollout = simulate(pending());
    rollout.isStuck = true;
    rollout.reduce({ is: 'begin', owner: 'host-1', history: {}, historyBucketSeconds: 300 });
    expect(rollout.live.weight?.observed).toBeNull();
    expect(rollout.reduce(say('abort')).effects).toMatchObject([{ toward: 'stable' }]);
  });

  it('of what has not begun ends it without touching traffic', () => {
    const rollout = simulate(pending());
    rollout.reduce(say('abort'));
    expect(rollout.live).toMatchObject({ phase: 'rolled-back', candidate: null, stable: version(11) });
    expect(rollout.live.holds).toHaveLength(1);
    expect(rollout.writes).toEqual([]);
  });

  it('of everything that is going back already is refused', () => {
    const rollout = begun();
    rollout.isStuck = true;
    rollout.reduce(say('abort', 1));
    for (const event of [say('abort', 2), say('pause', 3), say('resume', 4), say('promote', 5), setTo(50, 6)])
      expect(rollout.reduce(event).refusal).toMatchObject({ code: 'ROLLBACK_IN_PROGRESS' });
    // Asked for until it is so.
    for (let ticks = 0; ticks < 100; ticks++)
      expect(rollout.tick().effects).toMatchObject([{ toward: 'stable', desired: { candidate: null } }]);
    expect(rollout.live.phase).toBe('rolling-back');
  });
});

describe('set', () => {
  it.each([103, -1, Number.NaN, Number.POSITIVE_INFINITY, 100.001])('to %s is refused', (percent) => {
    const rollout = begun();
    const before = rollout.live;
    expect(rollout.reduce(setTo(percent)).refusal).toMatchObject({
      code: 'WEIGHT_OUT_OF_RANGE',
      next: expect.stringContaining('/canary churn production set') as unknown,
    });
    expect(rollout.live).toBe(before);
  });

  it('to a weight of the plan goes to that step', () => {
    const rollout = begun();
    rollout.reduce(setTo(50));
    expect(rollout.live).toMatchObject({ step: 3, guardedSeconds: 0, weight: { desired: 50 }, engine: { override: null } });
    expect(rollout.events.at(-1)).toMatchObject({ type: 'rollout.set', data: { weight: 50 } });
    rollout.until(() => rollout.live.step === 4, 2);
    expect(rollout.seconds).toBe(60 + 3600);
  });

  it('to 100 goes to the last step, with its hold', () => {
    const rollout = begun();
    rollout.reduce(setTo(100));
    expect(rollout.live).toMatchObject({ step: 5, phase: 'shifting' });
    rollout.untilPhase('succeeded', 2);
    expect(rollout.seconds).toBeGreaterThanOrEqual(60 + 3600);
  });

  it('to another stands in for the weight of this step, whose clock begins again', () => {
    const rollout = begun(1800);
    rollout.reduce(setTo(7));
    expect(rollout.live).toMatchObject({ step: 0, guardedSeconds: 0, weight: { desired: 7 }, engine: { override: 7 } });
    expect(rollout.engine.steps).toMatchObject([
      { step: 0, weight: 5 },
      { step: 0, weight: 7, to: null },
    ]);
    rollout.until(() => rollout.live.step === 1, 2);
    expect(rollout.seconds).toBe(1800 + 3600);
    expect(rollout.live.weight?.desired).toBe(15);
    expect(rollout.engine.override).toBeNull();
  });

  it('in a pause takes away and gives nothing', () => {
    const rollout = begun();
    rollout.reduce(setTo(50, 1));
    rollout.pass(20).reduce(say('pause', 2));
    expect(rollout.reduce(setTo(75, 3)).refusal).toMatchObject({ code: 'PAUSED' });
    rollout.reduce(setTo(20, 4));
    rollout.tick();
    expect(rollout.observed.percent).toBe(20);
    expect(rollout.live.phase).toBe('paused');
    rollout.reduce(say('resume', 5));
    rollout.tick();
    expect(rollout.observed.percent).toBe(20);
  });

  it('belongs to a canary that has begun', () => {
    expect(simulate(pending()).reduce(setTo(50)).refusal).toMatchObject({ code: 'NOT_BEGUN' });
    const shadow = simulate(pending({ ...quick(), strategy: 'shadow', duration: '1h', steps: undefined as never })).begin();
    expect(shadow.reduce(setTo(50)).refusal).toMatchObject({ code: 'NO_STEPS' });
  });
});

describe('a hold', () => {
  it.each([null, digestOfVersion(12)])('of %s pauses at the next look, and nothing gets more until it is lifted and resumed', (digest) => {
    const rollout = begun(3500);
    rollout.live = hold(rollout.live, digest);
    rollout.pass(7200);
    expect(rollout.live).toMatchObject({ phase: 'paused', step: 0, engine: { pause: { reason: 'held' } } });
    for (const event of [say('resume', 1), say('promote', 2), setTo(50, 3)])
      expect(rollout.reduce(event).refusal).toMatchObject({ code: 'HELD' });
    expect(rollout.reduce(setTo(1, 4)).refusal).toBeNull();
    expect(rollout.observed.percent).toBe(1);
    const lifted = liftHold(rollout.live, { digest: null, by: alice, now: new Date(rollout.now), cause: 'comment:9:1' });
    if (!lifted.allowed) throw new Error('not lifted');
    rollout.live = lifted.live;
    rollout.pass(100);
    expect(rollout.live.phase).toBe('paused');
    rollout.reduce(say('resume', 5));
    rollout.tick();
    expect(rollout.live.phase).toBe('analysing');
  });

  it('of another version keeps nothing from going on', () => {
    const rollout = begun();
    rollout.live = hold(rollout.live, digestOfVersion(10));
    rollout.until(() => rollout.live.step === 1, 2);
    expect(rollout.seconds).toBe(3600);
  });

  it('keeps a rollout from beginning', () => {
    const rollout = simulate(hold(pending(), null));
    rollout.begin();
    expect(rollout.live.phase).toBe('pending');
  });

  it('never keeps the rules from going back', () => {
    const rollout = begun(100);
    rollout.live = hold(rollout.live, null);
    rollout.tick();
    rollout.traffic = ({ seconds }) => ({ candidate: { bad: seconds, total: seconds }, stable: { bad: 0, total: seconds } });
    rollout.tick();
    expect(rollout.engine.stop?.reason).toBe('hard-limit');
  });
});

describe('a newer promotion', () => {
  it('takes the place of one under way, which goes back and is not held', () => {
    const rollout = begun();
    rollout.reduce(say('supersede'));
    rollout.tick();
    expect(rollout.live).toMatchObject({ phase: 'superseded', holds: [], rolledBack: [], candidate: null, stable: version(11) });
    expect(rollout.observed).toEqual({ stable: 'v11', candidate: null, percent: 0, mirror: false });
    expect(rollout.types()).toEqual(['rollout.began', 'rollout.superseded']);
  });

  it('of one that has not begun ends it at once, and of one that goes back changes nothing', () => {
    const waiting = simulate(pending());
    waiting.reduce(say('supersede'));
    expect(waiting.live.phase).toBe('superseded');
    const rollout = begun();
    rollout.isStuck = true;
    rollout.reduce(say('abort', 1));
    const before = rollout.live;
    expect(rollout.reduce(say('supersede', 2))).toMatchObject({ live: before, events: [], refusal: null });
  });

  it('begins where the one before left nothing', () => {
    const first = simulate(pending(quick())).begin().untilPhase('succeeded', 1);
    const second = simulate(pending(quick(), { candidate: 13, before: first.live }));
    second.now = first.now;
    second.begin();
    expect(second.live).toMatchObject({ stable: version(12), candidate: version(13), weight: { desired: 10, observed: 10 }, step: 0 });
    second.untilPhase('succeeded', 1);
    expect(second.live).toMatchObject({ stable: version(13), candidate: null, weight: null });
    expect(second.live.verified.map(({ number }) => number)).toEqual([11, 12, 13]);
  });
});

describe('/rollback of the bot', () => {
  it.each(['under way', 'done'])('of one %s is carried out, and told by the bot alone', (when) => {
    const rollout = simulate(pending(quick())).begin().pass(60);
    if (when === 'done') rollout.untilPhase('succeeded', 1);
    const told = rollout.events.length;
    rollout.live = { ...rollout.live, phase: 'rolling-back', stable: version(10), candidate: null, revision: rollout.live.revision + 1 };
    rollout.pass(20);
    expect(rollout.live.phase).toBe('rolled-back');
    expect(rollout.observed).toEqual({ stable: 'v10', candidate: null, percent: 0, mirror: false });
    expect(rollout.events).toHaveLength(told);
  });
});

describe('the same line twice', () => {
  it.each([say('pause'), say('promote'), say('abort'), setTo(50), setTo(7), say('supersede')])('is done once: %j', (event) => {
    const rollout = begun();
    rollout.reduce(event);
    const after = rollout.live;
    const again = rollout.reduce(event);
    expect(again).toEqual({ live: after, events: [], record: false, effects: [], refusal: null });
    expect(again.live).toBe(after);
  });

  it('of a rollout that is over, or of none', () => {
    const rollout = begun();
    rollout.reduce(say('abort', 1));
    rollout.tick();
    expect(rollout.reduce(say('abort', 1)).refusal).toBeNull();
    expect(rollout.reduce(say('pause', 2)).refusal).toMatchObject({
      code: 'NO_ROLLOUT',
      next: '`/promote churn@… production` begins one.',
    });
    const { engine: _, ...without } = pending();
    expect(simulate(without as LiveDocument).reduce(say('pause')).refusal).toMatchObject({ code: 'NO_ROLLOUT' });
  });
});
