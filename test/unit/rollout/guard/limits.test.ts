import { describe, expect, it } from 'vitest';
import { InfrastructureError } from '../../../../shared/errors.ts';
import { isAwayFrom } from '../../../../shared/rollout/guard/away-from-stable.ts';
import { createCommitBudget } from '../../../../shared/rollout/guard/commit-budget.ts';
import { mayTakeUp } from '../../../../shared/rollout/guard/may-take-up.ts';
import { v11, v12, v13, wish } from '../../../conformance/rollout-target.ts';
import { createGuardWorld, handedOver } from '../../../support/rollout/guard-world.ts';

const minute = 60_000;

describe('commits of a guard', () => {
  it('are sixty an hour, of which starts leave some to looks; a stop never waits', () => {
    const budget = createCommitBudget();
    let [starts, looks] = [0, 0];
    for (let second = 0; second < 3600; second++) {
      if (budget.has('start', second * 1000)) {
        budget.spend('start', second * 1000);
        starts += 1;
      } else if (budget.has('look', second * 1000)) {
        budget.spend('look', second * 1000);
        looks += 1;
      }
    }
    expect([starts, looks]).toEqual([44, 16]);
    expect(budget.has('stop', 3_500_000)).toBe(true);
    expect(budget.has('start', 3_644_000)).toBe(true);
  });

  it('of planned looks come a minute apart, and a clock that went back locks nothing', () => {
    const budget = createCommitBudget();
    budget.spend('look', 100 * minute);
    expect(budget.has('look', 100 * minute + 59_000)).toBe(false);
    expect(budget.has('look', 101 * minute)).toBe(true);
    for (let count = 0; count < 60; count++) budget.spend('start', 100 * minute);
    expect(budget.has('start', 101 * minute)).toBe(false);
    expect(budget.has('start', 10 * minute)).toBe(true);
  });
});

it('a wish is away from stable where the candidate gets anything that it had not', () => {
  const at = (percent: number, change = {}) => wish(1, { candidate: v12, percent, ...change });
  expect(isAwayFrom(at(30), at(5))).toBe(true);
  expect(isAwayFrom(at(5), at(30))).toBe(false);
  expect(isAwayFrom(at(5), at(5))).toBe(false);
  expect(isAwayFrom(at(5), null)).toBe(true);
  expect(isAwayFrom(at(0), wish(1))).toBe(true);
  expect(isAwayFrom(wish(1), at(30))).toBe(false);
  expect(isAwayFrom(null, at(30))).toBe(false);
  // Another candidate, or the candidate as the target's own stable.
  expect(isAwayFrom(at(5, { candidate: v13 }), at(30))).toBe(true);
  expect(isAwayFrom(wish(1, { stable: v12 }), at(100))).toBe(true);
  expect(isAwayFrom(wish(1, { stable: v11 }), wish(1, { stable: v12 }))).toBe(true);
  // A copy, and the end of copying with traffic of its own.
  expect(isAwayFrom(at(0, { mirror: true }), at(0))).toBe(true);
  expect(isAwayFrom(at(5), at(5, { mirror: true }))).toBe(true);
});

it('a rollout is taken up by its own, where nobody has it, and after more silence than any guard keeps', () => {
  const now = new Date('2026-11-21T10:00:00Z');
  const live = (owner: string | null, secondsAgo: number | null) => ({
    ...handedOver(),
    guard: {
      driver: 'server',
      owner,
      lastAt: secondsAgo === null ? null : new Date(now.getTime() - secondsAgo * 1000).toISOString(),
      maxSilenceS: 60,
    },
  });
  const may = (document: ReturnType<typeof live>, overtaken = false) => mayTakeUp(document, { owner: 'pod-a', now, overtaken });
  expect(may(live(null, 0))).toBe(true);
  expect(may(live('pod-a', 0))).toBe(true);
  expect(may(live('pod-a', 0), true)).toBe(false);
  // Five minutes to its planned look, one that it may wait for others, one of silence.
  expect(may(live('pod-b', 420))).toBe(false);
  expect(may(live('pod-b', 421))).toBe(true);
  expect(may(live('pod-a', 421), true)).toBe(true);
  expect(may(live('pod-b', null))).toBe(true);
});

it('GitHub is left alone for as long as it asks', async () => {
  const world = createGuardWorld();
  const { guard } = world.start();
  await guard.tick();
  const { git } = world.state;
  const head = git.head;
  let asked = 0;
  git.head = async () => {
    asked += 1;
    throw Object.assign(new InfrastructureError('FORGE_LIMITED', 'Too many requests.'), { retryAfterSeconds: 90 });
  };
  for (let tick = 0; tick < 9; tick++) {
    world.pass(10);
    expect((await guard.tick()).away).toBe('Too many requests.');
  }
  expect(asked).toBe(1);
  expect(world.percent()).toBe(5);
  git.head = head;
  world.pass(10);
  await guard.tick();
  world.pass(10);
  expect((await guard.tick()).away).toBeNull();
});
