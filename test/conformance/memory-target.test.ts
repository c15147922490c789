import { createMemoryTarget, createTrafficWorld } from '../support/rollout/memory-target.ts';
import { describeRolloutTarget } from './rollout-target.ts';

describeRolloutTarget('memory', { tells: true, mirrors: true, leases: true, keepsRevision: true }, async () => {
  const world = createTrafficWorld();
  return {
    target: createMemoryTarget(world),
    again: () => createMemoryTarget(world),
    actual() {
      const { stable, candidate, percent, mirror, leaseSeconds } = world.so ?? { ...empty, stable: { number: 11 } };
      const share = candidate && !mirror ? percent : 0;
      return {
        shares: { [`v${stable.number}`]: 100 - share, ...(candidate && { [`v${candidate.number}`]: share }) },
        mirrored: candidate && mirror ? [`v${candidate.number}`] : [],
        present: [stable, ...(candidate ? [candidate] : [])].map(({ number }) => `v${number}`),
        leaseSeconds,
      };
    },
    breakOff: (after) => {
      world.answers = after;
    },
    mend: () => {
      world.answers = Number.POSITIVE_INFINITY;
    },
    forget: () => {
      world.so = null;
    },
  };
});

const empty = { candidate: null, percent: 0, mirror: false, leaseSeconds: null };
