import fc from 'fast-check';
import { expect, it } from 'vitest';
import { canonicalJson } from '../../../../shared/digest/canonical-json.ts';
import { verifyChain } from '../../../../shared/promotion/event-chain.ts';
import { terminalPhases } from '../../../../shared/promotion/live-document.ts';
import { eventsPath } from '../../../../shared/promotion/state-paths.ts';
import { guardEngine } from '../../../../shared/rollout/guard/guard-engine.ts';
import { anna, careful, createGuardWorld, type GuardProcess, handedOver, path } from '../../../support/rollout/guard-world.ts';

const quick = { ...careful, steps: careful.steps!.map(({ weight }) => ({ weight, hold: '20s' })) };
const names = ['pod-a', 'pod-b'] as const;

/** What can happen between two looks. */
const weather = fc.oneof(
  { weight: 8, arbitrary: fc.constant({ is: 'calm' } as const) },
  fc.record({ is: fc.constant('github' as const), there: fc.boolean() }),
  fc.record({ is: fc.constant('target' as const), there: fc.boolean() }),
  fc.record({ is: fc.constant('health' as const), bad: fc.constantFrom(0.01, 0.01, 0.3) }),
  fc.record({ is: fc.constant('death' as const), who: fc.constantFrom(0, 1) }),
  fc.record({ is: fc.constant('time' as const), seconds: fc.constantFrom(1, 60, 500, -120) }),
  fc.record({
    is: fc.constant('person' as const),
    says: fc.constantFrom('pause' as const, 'resume' as const, 'abort' as const, 'promote' as const),
  }),
);

it('whatever happens: nothing away from stable before it is recorded, nothing up after a stop, and an end once it is calm', async () => {
  let [succeeded, back] = [0, 0];
  await fc.assert(
    fc.asyncProperty(fc.array(weather, { minLength: 10, maxLength: 40 }), async (story) => {
      const world = createGuardWorld([handedOver(quick)]);
      const guards: (GuardProcess | null)[] = [world.start({ owner: names[0] }), world.start({ owner: names[1] })];
      let comments = 0;
      const look = async () => {
        for (const [who, guard] of guards.entries()) {
          guards[who] = guard ?? world.start({ owner: names[who]! });
          await guards[who].guard.tick();
        }
        world.pass(10);
      };
      const say = (says: 'pause' | 'resume' | 'abort' | 'promote') => {
        const live = world.live();
        const event = { is: says, by: anna, cause: `comment:${++comments}:0`, detail: says };
        const reduced = guardEngine.reduce(live, event, { now: new Date(world.clock.now), by: anna });
        if (reduced.live !== live) world.state.write({ [path]: canonicalJson({ ...reduced.live, revision: live.revision + 1 }) });
      };
      for (const event of story) {
        if (event.is === 'github') world.github = event.there;
        if (event.is === 'target') world.target = event.there;
        if (event.is === 'health') world.candidateBad = event.bad;
        if (event.is === 'death') guards[event.who] = null;
        if (event.is === 'time') world.pass(event.seconds);
        // What is written while GitHub is away for the guard, it can't know.
        if (event.is === 'person' && world.github) say(event.says);
        await look();
      }
      // Calm again: somebody resumes what waits, and it comes to an end.
      world.github = true;
      world.target = true;
      for (let tick = 0; tick < 400 && !terminalPhases.includes(world.live().phase); tick++) {
        if (tick % 20 === 19 && world.live().phase === 'paused') say('resume');
        await look();
      }
      const live = world.live();
      expect(live.phase).toMatch(/^(succeeded|rolled-back)$/);
      expect(world.moves.filter(({ ahead }) => ahead)).toEqual([]);
      expect([world.percent(), world.traffic.so?.candidate ?? null]).toEqual([live.phase === 'succeeded' ? 100 : 0, null]);
      // Seen from Git: once it was decided to go back, no later commit wants more.
      const wanted = world.state.commits.map(({ files }) => JSON.parse(files.get(path)!) as typeof live);
      const stopped = wanted.findIndex((one) => one.phase === 'rolling-back' || one.phase === 'rolled-back');
      if (stopped !== -1)
        expect(wanted.slice(stopped).map(({ weight }) => weight?.desired ?? 0)).toEqual(wanted.slice(stopped).map(() => 0));
      const revisions = wanted.map(({ revision }) => revision);
      expect(revisions).toEqual([...new Set(revisions)].toSorted((a, b) => a - b));
      expect(wanted.map(({ fence }) => fence)).toEqual(wanted.map(({ fence }) => fence).toSorted((a, b) => a - b));
      const chain = verifyChain(world.state.files().get(eventsPath('churn', 'production', 42)) ?? '');
      expect(chain.whole).toBe(true);
      if (live.phase === 'succeeded') succeeded += 1;
      else back += 1;
    }),
    { numRuns: 60, endOnFailure: true },
  );
  expect(Math.min(succeeded, back)).toBeGreaterThan(5);
});
