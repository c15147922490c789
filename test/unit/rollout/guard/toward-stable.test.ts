import { expect, it } from 'vitest';
import { canonicalJson } from '../../../../shared/digest/canonical-json.ts';
import { InfrastructureError } from '../../../../shared/errors.ts';
import { guardEngine } from '../../../../shared/rollout/guard/guard-engine.ts';
import { anna, careful, createGuardWorld, handedOver, path } from '../../../support/rollout/guard-world.ts';

it('gives stable everything when it takes up what goes back, though nothing can be recorded', async () => {
  const world = createGuardWorld();
  const first = world.start();
  for (let looks = 0; looks < 3; looks++) {
    await first.guard.tick();
    world.pass(10);
  }
  expect(world.percent()).toBe(5);
  const live = world.live();
  const abort = { is: 'abort', by: anna, cause: 'comment:1:0', detail: 'abort' } as const;
  const aborted = guardEngine.reduce(live, abort, { now: new Date(world.clock.now), by: anna }).live;
  world.state.write({ [path]: canonicalJson({ ...aborted, revision: live.revision + 1 }) });
  const commit = world.state.git.commit;
  world.state.git.commit = async () => {
    throw new InfrastructureError('FORGE_REFUSED', 'GitHub takes no commit.');
  };
  await world.start().guard.tick();
  expect(world.percent()).toBe(0);
  expect(world.live().phase).toBe('rolling-back');
  world.state.git.commit = commit;
});

it('renews no lease where the target judges for itself: nobody else would notice that it stopped', async () => {
  const played = async (driver: 'server' | 'target') => {
    const world = createGuardWorld([handedOver({ ...careful, guard: { driver, maxSilence: '60s' } })]);
    const { guard } = world.start();
    for (let looks = 0; looks < 5; looks++) {
      await guard.tick();
      world.pass(10);
    }
    return world.traffic.applied.filter(({ candidate, percent }) => candidate !== null && percent === 5).length;
  };
  expect(await played('server')).toBeGreaterThan(1);
  expect(await played('target')).toBe(1);
});
