import { InfrastructureError } from '../../../shared/errors.ts';
import type { RolloutTarget } from '../../../shared/rollout/engine/rollout-target.ts';
import { type DesiredTraffic, nameOfVersion, type ObservedTraffic } from '../../../shared/rollout/engine/traffic.ts';

/** Traffic without a network: what was wished for last, unless a test breaks it. */
export interface TrafficWorld {
  /** null: v11 alone, nothing was ever wished. */
  so: DesiredTraffic | null;
  /** Calls of `apply` that got through, oldest first. */
  readonly applied: DesiredTraffic[];
  /** Calls that are still answered; Infinity: all. */
  answers: number;
}

export const createTrafficWorld = (): TrafficWorld => ({ so: null, applied: [], answers: Number.POSITIVE_INFINITY });

/** The reference that the conformance suite holds to be right, and a target for whatever moves traffic. */
export function createMemoryTarget(world: TrafficWorld): RolloutTarget {
  const ask = () => {
    if (world.answers <= 0) throw new InfrastructureError('TARGET_UNREACHABLE', 'The target in memory did not answer.');
    world.answers--;
  };
  return {
    kind: 'memory',
    leases: true,
    mirrors: true,
    async apply(desired) {
      ask();
      if (world.so && desired.revision < world.so.revision)
        throw new InfrastructureError('TARGET_REFUSED', `Revision ${desired.revision} is older than ${world.so.revision}.`);
      world.so = desired;
      world.applied.push(desired);
    },
    async observe(): Promise<ObservedTraffic> {
      ask();
      const { so } = world;
      return {
        stable: so ? nameOfVersion(so.stable) : 'v11',
        candidate: so?.candidate ? nameOfVersion(so.candidate) : null,
        percent: so?.candidate ? so.percent : 0,
        mirror: so?.mirror ?? false,
      };
    },
    close: async () => undefined,
  };
}
