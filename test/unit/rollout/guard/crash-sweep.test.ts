import { describe, expect, it } from 'vitest';
import { verifyChain } from '../../../../shared/promotion/event-chain.ts';
import { terminalPhases } from '../../../../shared/promotion/live-document.ts';
import { eventsPath } from '../../../../shared/promotion/state-paths.ts';
import { careful, createGuardWorld, type GuardWorld, handedOver, type ProcessOptions } from '../../../support/rollout/guard-world.ts';

/** The same rollout, quick: a step is three looks. */
const quick = { ...careful, steps: careful.steps!.map(({ weight }) => ({ weight, hold: '20s' })) };
const isOver = (world: GuardWorld) => terminalPhases.includes(world.live().phase);

/** One process until it dies, or the rollout is over. */
async function run(world: GuardWorld, options: ProcessOptions, ticks = 60): Promise<{ readonly died: boolean; readonly calls: number }> {
  const process = world.start(options);
  for (let tick = 0; tick < ticks && !isOver(world); tick++) {
    await process.guard.tick();
    if (process.dead()) return { died: true, calls: process.calls() };
    world.pass(10);
  }
  return { died: false, calls: process.calls() };
}

const eventsOf = (world: GuardWorld) => {
  const chain = verifyChain(world.state.files().get(eventsPath('churn', 'production', 42)) ?? '');
  expect(chain.whole).toBe(true);
  return chain.lines.map(({ type, data }) => (type === 'rollout.advanced' ? `${type} ${(data as { step: number }).step}` : type));
};
const told = (world: GuardWorld) => eventsOf(world).filter((type) => type !== 'rollout.taken-over');

const stories = [
  { name: 'good', bad: 0.01, phase: 'succeeded', percent: 100 },
  { name: 'bad', bad: 0.3, phase: 'rolled-back', percent: 0 },
] as const;
const successors = [
  { name: 'started again', owner: 'pod-a', wait: 10 },
  { name: 'another', owner: 'pod-b', wait: 430 },
] as const;

describe.each(stories)('a $name rollout', ({ bad, phase, percent }) => {
  const play = () => {
    const world = createGuardWorld([handedOver(quick)]);
    world.candidateBad = bad;
    return world;
  };
  it.each(successors)('ends the same whenever its guard dies, taken up by the one $name', async ({ owner, wait }) => {
    const whole = play();
    const { calls } = await run(whole, {});
    expect(whole.live().phase).toBe(phase);
    const wanted = told(whole);
    for (let call = 1; call <= calls; call++)
      for (const when of ['before', 'after'] as const) {
        const world = play();
        const first = await run(world, { death: { call, when } });
        if (!isOver(world)) {
          expect(first.died).toBe(true);
          world.pass(wait);
          await run(world, { owner });
        }
        const where = `death ${when} call ${call}`;
        expect([where, world.live().phase, world.percent()]).toEqual([where, phase, percent]);
        expect([where, world.traffic.so?.candidate]).toEqual([where, null]);
        // How far a bad one came is a matter of its counts; that it was told once is not.
        const isTold = (type: string) => phase === 'succeeded' || !type.startsWith('rollout.advanced');
        expect([where, ...told(world).filter(isTold)]).toEqual([where, ...wanted.filter(isTold)]);
        const weights = world.moves.map((move) => move.percent);
        expect([where, world.moves.filter(({ ahead }) => ahead)]).toEqual([where, []]);
        // Never backwards in a good one; never up again once a bad one went back.
        const sorted = phase === 'succeeded' ? weights.toSorted((a, b) => a - b) : weights;
        expect([where, ...weights]).toEqual([where, ...sorted]);
        // Where the lease had ended already, nothing had to be moved back.
        const back = weights.indexOf(0);
        if (phase === 'rolled-back' && back !== -1)
          expect([where, ...weights.slice(back)]).toEqual([where, ...weights.slice(back).map(() => 0)]);
      }
  });
});

describe('with GitHub away from any moment on', () => {
  /** `away` in ticks; then it is back. */
  async function play(bad: number, from: number, away: number) {
    const world = createGuardWorld([handedOver(quick)]);
    const { guard } = world.start();
    const weights: number[] = [];
    for (let tick = 0; tick < 60 && !isOver(world); tick++) {
      world.github = tick < from || tick >= from + away;
      // It turns bad once nobody can write any more.
      world.candidateBad = world.github ? 0.01 : bad;
      const before = world.percent();
      await guard.tick();
      if (!world.github) weights.push(world.percent() - before);
      world.pass(10);
    }
    return { world, weights };
  }

  it('goes back to stable at once, and records it when GitHub is back', async () => {
    let stopped = 0;
    for (let from = 1; from <= 6; from++) {
      const { world, weights } = await play(0.3, from, 12);
      const where = `away from tick ${from}`;
      expect([where, world.live().phase, world.percent()]).toEqual([where, 'rolled-back', 0]);
      expect([where, Math.max(...weights)]).toEqual([where, 0]);
      expect([where, told(world).slice(-2)]).toEqual([where, ['rollout.rolled-back', 'hold.placed']]);
      // Within the outage, not after it.
      expect([where, weights.some((change) => change < 0)]).toEqual([where, true]);
      expect(world.moves.filter(({ ahead }) => ahead)).toEqual([]);
      stopped += 1;
    }
    expect(stopped).toBe(6);
  });

  it('keeps a good one where it is, its lease too, and goes on afterwards', async () => {
    for (let from = 1; from <= 6; from++) {
      const { world, weights } = await play(0.01, from, 30);
      const where = `away from tick ${from}`;
      expect([where, ...weights]).toEqual([where, ...weights.map(() => 0)]);
      expect([where, world.live().phase, world.percent()]).toEqual([where, 'succeeded', 100]);
      expect([where, ...told(world)]).toEqual([
        where,
        'rollout.began',
        'rollout.advanced 1',
        'rollout.advanced 2',
        'rollout.advanced 3',
        'rollout.succeeded',
      ]);
      expect(world.moves.filter(({ ahead }) => ahead)).toEqual([]);
    }
  });
});
