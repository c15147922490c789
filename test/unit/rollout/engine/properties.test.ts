import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { type LiveDocument, liveDocumentSchema, terminalPhases } from '../../../../shared/promotion/live-document.ts';
import { missingReasons } from '../../../../shared/rollout/engine/metric-source.ts';
import {
  digestOfVersion,
  pending,
  quick,
  type Simulation,
  say,
  setTo,
  simulate,
  steady,
  unwritable,
  version,
} from './simulated-rollout.ts';

/** What can happen, in any order. */
type Happening =
  | { readonly is: 'ticks'; readonly count: number }
  | { readonly is: 'silence'; readonly seconds: number }
  | { readonly is: 'clock'; readonly seconds: number }
  | { readonly is: 'person'; readonly action: 'pause' | 'resume' | 'promote' | 'abort' | 'supersede' }
  | { readonly is: 'set'; readonly percent: number }
  | { readonly is: 'missing'; readonly why: number; readonly ticks: number }
  | { readonly is: 'stuck'; readonly ticks: number }
  | { readonly is: 'lost' }
  | { readonly is: 'bad'; readonly rate: number }
  | { readonly is: 'taken-over' }
  | { readonly is: 'away'; readonly ticks: number };

const happening: fc.Arbitrary<Happening> = fc.oneof(
  { weight: 5, arbitrary: fc.record({ is: fc.constant('ticks' as const), count: fc.integer({ min: 1, max: 40 }) }) },
  { weight: 1, arbitrary: fc.record({ is: fc.constant('silence' as const), seconds: fc.integer({ min: 61, max: 7200 }) }) },
  { weight: 1, arbitrary: fc.record({ is: fc.constant('clock' as const), seconds: fc.integer({ min: -7200, max: -1 }) }) },
  {
    weight: 3,
    arbitrary: fc.record({
      is: fc.constant('person' as const),
      action: fc.constantFrom('pause' as const, 'resume' as const, 'promote' as const),
    }),
  },
  {
    weight: 1,
    arbitrary: fc.record({ is: fc.constant('person' as const), action: fc.constantFrom('abort' as const, 'supersede' as const) }),
  },
  { weight: 2, arbitrary: fc.record({ is: fc.constant('set' as const), percent: fc.constantFrom(0, 3, 10, 50, 75, 100, 103, -1) }) },
  {
    weight: 1,
    arbitrary: fc.record({
      is: fc.constant('missing' as const),
      why: fc.integer({ min: 0, max: missingReasons.length - 1 }),
      ticks: fc.integer({ min: 1, max: 40 }),
    }),
  },
  { weight: 1, arbitrary: fc.record({ is: fc.constant('stuck' as const), ticks: fc.integer({ min: 1, max: 40 }) }) },
  { weight: 1, arbitrary: fc.constant({ is: 'lost' as const }) },
  { weight: 1, arbitrary: fc.record({ is: fc.constant('bad' as const), rate: fc.constantFrom(0, 0.005, 0.02, 0.2, 1) }) },
  { weight: 1, arbitrary: fc.constant({ is: 'taken-over' as const }) },
  { weight: 1, arbitrary: fc.record({ is: fc.constant('away' as const), ticks: fc.integer({ min: 1, max: 20 }) }) },
);

const stories = fc.array(happening, { minLength: 1, maxLength: 25 });
const settings = { seed: 20261121, numRuns: 40 } as const;
const isOver = ({ live }: Simulation) => terminalPhases.includes(live.phase);
const given = ({ live }: Simulation) => (live.candidate === null ? 0 : (live.weight?.desired ?? 0));

/** Plays a story; `seen` is asked after every event, which comes so many `times`. */
function play(
  story: readonly Happening[],
  seen: (rollout: Simulation, before: LiveDocument) => void = () => undefined,
  times = 1,
): Simulation {
  const rollout = simulate(pending(quick({ minSamples: 20 })));
  const reduce = rollout.reduce;
  rollout.reduce = (event, by) => {
    const before = rollout.live;
    let result = reduce(event, by);
    for (let again = 1; again < times; again++) result = reduce(event, by);
    seen(rollout, before);
    return result;
  };
  rollout.begin();
  let comment = 0;
  let owners = 1;
  for (const one of story) {
    if (isOver(rollout)) break;
    comment++;
    switch (one.is) {
      case 'ticks':
        rollout.pass(one.count * 10);
        break;
      case 'silence':
      case 'clock':
        rollout.tick(one.seconds);
        break;
      case 'person':
        rollout.reduce(say(one.action, comment));
        break;
      case 'set':
        rollout.reduce(setTo(one.percent, comment));
        break;
      case 'missing':
        rollout.read = () => ({ metrics: { error_rate: { is: 'missing', why: missingReasons[one.why]!, detail: '' } } });
        rollout.pass(one.ticks * 10);
        rollout.read = () => ({});
        break;
      case 'stuck':
        rollout.isStuck = true;
        rollout.pass(one.ticks * 10);
        rollout.isStuck = false;
        break;
      case 'lost':
        rollout.observed = { stable: 'v11', candidate: null, percent: 0, mirror: false };
        break;
      case 'bad':
        rollout.traffic = steady(one.rate);
        break;
      case 'taken-over':
        rollout.owner = `host-${++owners}`;
        rollout.reduce({ is: 'taken-over', owner: rollout.owner });
        break;
      case 'away':
        for (let ticks = 0; ticks < one.ticks; ticks++) rollout.tick(10, { mayAdvance: false });
        break;
    }
  }
  return rollout;
}

describe('whatever happens, in whatever order', () => {
  it('the guard always wins, a pause gives nothing, each fact is told once, and one wait is one step', () => {
    let stopped = 0;
    fc.assert(
      fc.property(stories, (story) => {
        let hasTurned = false;
        const rollout = play(story, (now, before) => {
          const had = before.candidate === null ? 0 : (before.weight?.desired ?? 0);
          if (now.live.phase === 'paused') expect(given(now)).toBeLessThanOrEqual(had);
          // Once it goes back, nothing gives the candidate anything.
          if (hasTurned) expect(given(now)).toBe(0);
          if (before.phase === 'rolling-back') expect(['rolling-back', 'rolled-back', 'superseded']).toContain(now.live.phase);
          hasTurned ||= now.live.phase === 'rolling-back' || (isOver(now) && now.live.phase !== 'succeeded');
          expect(unwritable(now.live)).toEqual([]);
        });
        expect(liveDocumentSchema.safeParse(rollout.live).error).toBeUndefined();
        const facts = rollout.events.map(({ type, cause }) => `${type} ${cause}`);
        expect(new Set(facts).size).toBe(facts.length);
        // No step without its guarded hold, unless a person said so.
        const byGuard = rollout.events.filter(({ type, actor }) => type === 'rollout.advanced' && actor.type === 'Bot').length;
        expect(byGuard).toBeLessThanOrEqual(rollout.engine.steps.filter(({ guardedSeconds }) => guardedSeconds >= 300).length);
        if (!hasTurned) return;
        stopped++;
        rollout.isStuck = false;
        rollout.pass(20);
        expect(rollout.observed).toEqual({ stable: 'v11', candidate: null, percent: 0, mirror: false });
        expect(rollout.live.stable).toEqual(version(11));
        const isHeld = rollout.live.holds.some(({ digest }) => digest === digestOfVersion(12));
        expect(isHeld).toBe(rollout.live.phase === 'rolled-back');
      }),
      { ...settings, numRuns: 80 },
    );
    expect(stopped).toBeGreaterThan(10);
  });

  it('is the same when every event comes twice', () => {
    fc.assert(
      fc.property(stories, (story) => {
        const plain = ({ live, engine }: Simulation) => ({ ...live, revision: 0, engine: { ...engine, recordedAt: null } });
        expect(plain(play(story, undefined, 2))).toEqual(plain(play(story)));
      }),
      settings,
    );
  });

  it('ends in finite time once counts come and somebody resumes', () => {
    const ends = new Set<string>();
    fc.assert(
      fc.property(stories, (story) => {
        const rollout = play(story);
        rollout.isStuck = false;
        rollout.read = () => ({});
        if (rollout.traffic({ seconds: 60, percent: 50, now: 0 }).candidate.bad === 0)
          rollout.traffic = steady(0.001, { badOfStable: 0.005 });
        let comment = 1000;
        for (let ticks = 0; ticks < 2000 && !isOver(rollout); ticks++) {
          rollout.tick();
          if (rollout.live.phase === 'paused' && ticks % 10 === 0)
            rollout.reduce(say(rollout.engine.pause?.reason === 'no-requests' ? 'promote' : 'resume', comment++));
        }
        ends.add(rollout.live.phase);
        expect(isOver(rollout)).toBe(true);
      }),
      settings,
    );
    expect([...ends].sort()).toEqual(['rolled-back', 'succeeded', 'superseded']);
  });
});

describe('one canary after another', () => {
  it('leaves no weight behind, however each of them ended', () => {
    fc.assert(
      fc.property(
        fc.array(fc.constantFrom('good' as const, 'bad' as const, 'aborted' as const), { minLength: 1, maxLength: 4 }),
        (ends) => {
          let before: LiveDocument | undefined;
          let [stable, now] = [11, 0];
          for (const [at, end] of ends.entries()) {
            const candidate = 12 + at;
            const rollout = simulate(pending(quick(), { candidate, ...(before && { before }) }), steady(end === 'bad' ? 0.3 : 0.005));
            if (now > 0) rollout.now = now;
            rollout.begin().pass(30);
            if (end === 'aborted') rollout.reduce(say('abort', 100 + at));
            rollout.until(() => isOver(rollout), 1);
            if (end === 'good') stable = candidate;
            expect(rollout.live).toMatchObject({
              phase: end === 'good' ? 'succeeded' : 'rolled-back',
              stable: version(stable),
              candidate: null,
              weight: null,
            });
            expect(rollout.live.effects).toEqual([]);
            expect(rollout.observed).toEqual({ stable: `v${stable}`, candidate: null, percent: 0, mirror: false });
            before = rollout.live;
            now = rollout.now;
          }
        },
      ),
      { ...settings, numRuns: 12 },
    );
  });
});
