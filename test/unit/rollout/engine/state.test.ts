import { describe, expect, it } from 'vitest';
import { canonicalJson } from '../../../../shared/digest/canonical-json.ts';
import { type LiveDocument, liveDocumentSchema } from '../../../../shared/promotion/live-document.ts';
import { desiredTraffic } from '../../../../shared/rollout/engine/desired-traffic.ts';
import { readEngine } from '../../../../shared/rollout/engine/read-engine.ts';
import { reduceRollout } from '../../../../shared/rollout/engine/reduce-rollout.ts';
import { alice, errorRate, guard, pending, quick, simulate, start, steady, unwritable } from './simulated-rollout.ts';

type Kept = Record<string, unknown>;
const broken = (live: LiveDocument, change: (engine: Kept) => Kept): LiveDocument => ({
  ...live,
  engine: change(structuredClone(live.engine) as Kept),
});

describe('what is kept', () => {
  it('is JSON, comes back from Git as it was, and is a live document', () => {
    const rollout = simulate(pending(quick(), { verifyAfter: [{ command: 'smoke' }] }), steady(0.02, { badOfStable: 0 })).begin();
    for (let ticks = 0; ticks < 80; ticks++) {
      rollout.tick();
      expect(unwritable(rollout.live)).toEqual([]);
    }
    const text = canonicalJson(rollout.live);
    const back = liveDocumentSchema.parse(JSON.parse(text));
    expect(canonicalJson(readEngine(back) as unknown as Record<string, never>)).toBe(
      canonicalJson(rollout.engine as unknown as Record<string, never>),
    );
  });

  it('goes on from Git exactly as from memory', () => {
    const [kept, stored] = [simulate(pending(quick())).begin(), simulate(pending(quick())).begin()];
    for (let ticks = 0; ticks < 95; ticks++) {
      kept.tick();
      stored.tick();
      stored.live = JSON.parse(JSON.stringify(stored.live)) as LiveDocument;
    }
    expect(stored.live).toEqual(kept.live);
    expect(stored.live.phase).toBe('succeeded');
  });

  it('stays small: nothing of it grows with time', () => {
    const rollout = simulate(pending()).begin().pass(3000);
    const before = JSON.stringify(rollout.live).length;
    rollout.pass(500);
    expect(JSON.stringify(rollout.live).length - before).toBeLessThan(500);
    expect(before).toBeLessThan(10_000);
  });

  it('holds the fields that everybody reads', () => {
    const rollout = simulate(pending()).begin([...Array(24).keys()].map((at) => ({ bad: 4 + (at % 3), total: 1000 })));
    rollout.pass(1260);
    expect(rollout.live).toMatchObject({
      phase: 'analysing',
      step: 0,
      guardedSeconds: 1260,
      stepStartedAt: '2026-11-21T10:00:00.000Z',
      weight: { desired: 5, observed: 5 },
      guard: { driver: 'server', owner: 'host-1', lastAt: '2026-11-21T10:21:00.000Z', maxSilenceS: 60 },
      fence: 0,
      effects: [{ key: 'churn.production.42/v11+v12@5/traffic', kind: 'traffic', state: 'done' }],
    });
    const [look] = rollout.live.looks as { metric: string; n: number; information: number; alphaSpent: number }[];
    expect(look).toMatchObject({ metric: 'error_rate' });
    expect(look?.n).toBeGreaterThan(10);
    expect(look?.information).toBeGreaterThan(0);
    expect(look?.alphaSpent).toBeLessThan(0.0025);
    expect(rollout.engine.metrics['error_rate']).toMatchObject({
      phi: 1,
      requestsPerHour: 12_000,
      look: { candidate: { total: expect.any(Number) as number }, limit: errorRate.max },
    });
  });

  it('is recorded at transitions and every five minutes, never more', () => {
    const rollout = simulate(pending()).begin();
    const begun = rollout.records;
    rollout.pass(3590);
    expect(rollout.records - begun).toBe(11);
    rollout.pass(10);
    expect(rollout.records - begun).toBe(12);
  });
});

describe('what is broken', () => {
  const live = simulate(pending()).begin().pass(60).live;
  const error_rate = (live.engine as { metrics: { error_rate: Kept } }).metrics.error_rate;
  it.each<[string, (engine: Kept) => Kept]>([
    ['a key that nobody knows', (engine) => ({ ...engine, more: 1 })],
    ['no schema', ({ schema: _, ...engine }) => engine],
    ['a weight beyond all', (engine) => ({ ...engine, override: 101 })],
    [
      'counts that are none',
      (engine) => ({
        ...engine,
        metrics: {
          error_rate: {
            ...error_rate,
            open: { candidate: { bad: -1, total: 0 }, stable: { bad: 0, total: 0 }, since: '2026-11-21T10:00:00.000Z' },
          },
        },
      }),
    ],
    ['a rule that was lost', (engine) => ({ ...engine, metrics: {} })],
    ['a definition of something else', (engine) => ({ ...engine, definition: { strategy: 'now' } })],
    ['text without end', (engine) => ({ ...engine, name: 'x'.repeat(5000) })],
  ])('by %s is never guarded by', (_, change) => {
    const tick = { is: 'tick', owner: 'host-1', reading: null, observed: null } as const;
    const bad = broken(live, change);
    expect(() => reduceRollout(bad, tick, { now: new Date(start), by: guard })).toThrow(
      expect.objectContaining({
        code: 'STATE_BROKEN',
        message: expect.stringMatching(/^The rollout of churn production on weighin\/state is broken/) as unknown,
      }),
    );
  });

  it('is also a step that the plan has not', () => {
    expect(() =>
      reduceRollout(
        { ...live, step: 6 },
        { is: 'pause', by: alice, cause: 'comment:1:1', detail: '' },
        { now: new Date(start), by: alice },
      ),
    ).toThrow(expect.objectContaining({ code: 'STATE_BROKEN' }));
  });

  it('says nothing of a rollout that another carries out', () => {
    const { engine: _, ...without } = live;
    expect(readEngine(without as LiveDocument)).toBeNull();
    expect(desiredTraffic(without as LiveDocument)).toBeNull();
  });
});

describe('whoever guards', () => {
  it('is told once when it changes, with a higher fence', () => {
    const rollout = simulate(pending()).begin().pass(60);
    rollout.reduce({ is: 'taken-over', owner: 'host-2' });
    expect(rollout.live).toMatchObject({ fence: 1, guard: { owner: 'host-2', lastAt: '2026-11-21T10:01:00.000Z' } });
    expect(rollout.events.at(-1)).toMatchObject({
      type: 'rollout.taken-over',
      cause: 'guard:churn.production.42:fence:1',
      data: { owner: 'host-2', fence: 1 },
    });
    const before = rollout.live;
    expect(rollout.reduce({ is: 'taken-over', owner: 'host-2' }).live).toBe(before);
  });

  it('and was overtaken changes nothing any more', () => {
    const rollout = simulate(pending()).begin().pass(60);
    rollout.reduce({ is: 'taken-over', owner: 'host-2' });
    const before = rollout.live;
    rollout.traffic = () => ({ candidate: { bad: 100, total: 100 }, stable: { bad: 0, total: 100 } });
    expect(rollout.tick().live).toBe(before);
  });
});
