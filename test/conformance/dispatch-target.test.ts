import { expect, it } from 'vitest';
import { openDispatchTarget } from '../../shared/adapters/rollout-targets/open-dispatch-target.ts';
import { InfrastructureError, UserError } from '../../shared/errors.ts';
import { type TrafficDocument, trafficDocumentSchema } from '../../shared/rollout/targets/traffic-document.ts';
import { describeRolloutTarget, v12, wish } from './rollout-target.ts';

/** A workflow that does as it was told last, as docs/rollouts.md shows one. */
function playWorkflow() {
  const world = { told: [] as TrafficDocument[], left: Number.POSITIVE_INFINITY };
  const open = () =>
    openDispatchTarget(
      { kind: 'dispatch', event: 'weighin-traffic' },
      {
        async dispatch(eventType, payload) {
          if (world.left <= 0) throw new InfrastructureError('FORGE_UNREACHABLE', 'GitHub did not answer.');
          world.left--;
          expect(eventType).toBe('weighin-traffic');
          expect(Object.keys(payload).length).toBeLessThanOrEqual(10);
          world.told.push(trafficDocumentSchema.parse(payload));
        },
      },
    );
  return { world, open };
}

describeRolloutTarget('dispatch', { tells: false, mirrors: false, leases: false, keepsRevision: false }, async () => {
  const { world, open } = playWorkflow();
  return {
    target: open(),
    again: open,
    actual() {
      const last = world.told.at(-1);
      const share = last?.candidate ? last.percent : 0;
      const versions = [last?.stable.version ?? 'v11', ...(last?.candidate ? [last.candidate.version] : [])];
      return {
        shares: Object.fromEntries(versions.map((name, index) => [name, index === 0 ? 100 - share : share])),
        mirrored: [],
        present: versions,
        leaseSeconds: last?.leaseSeconds ?? null,
      };
    },
    breakOff: (after) => {
      world.left = after;
    },
    mend: () => {
      world.left = Number.POSITIVE_INFINITY;
    },
  };
});

it('starts a workflow once for a wish, once more where that failed, and for each stage', async () => {
  const { world, open } = playWorkflow();
  const target = open();
  const canary = wish(3, { candidate: v12, percent: 5, leaseSeconds: 60 });
  for (let tick = 0; tick < 5; tick++) await target.apply(canary);
  expect(world.told).toHaveLength(1);
  world.left = 0;
  await expect(target.apply(wish(4))).rejects.toMatchObject({
    code: 'TARGET_UNREACHABLE',
    message: 'The workflow that moves traffic was not started: GitHub did not answer.',
  });
  world.left = 9;
  await target.apply(wish(4));
  await target.apply({ ...wish(4), stage: 'staging' });
  await target.apply(wish(4));
  expect(world.told.map(({ stage, revision, percent }) => [stage, revision, percent])).toEqual([
    ['production', 3, 5],
    ['production', 4, 0],
    ['staging', 4, 0],
  ]);
});

it('says what is wrong with an event, and passes on what the user must mend', async () => {
  expect(() => openDispatchTarget({ kind: 'dispatch', event: 'a b' }, { dispatch: async () => undefined })).toThrow(
    expect.objectContaining({ code: 'DISPATCH_EVENT_INVALID' }),
  );
  const forbidden = new UserError('FORGE_FORBIDDEN', 'The token may not write contents.', 'Give it contents: write.');
  const target = openDispatchTarget({ kind: 'dispatch', event: 'x' }, { dispatch: () => Promise.reject(forbidden) });
  await expect(target.apply(wish(1))).rejects.toBe(forbidden);
});
