import type { DesiredTraffic, ObservedTraffic } from './traffic.ts';

/**
 * Where traffic is moved: one port, every kind of target behind it (`shared/rollout/targets`, and adapters for what needs an SDK or a
 * socket). Methods throw InfrastructureError TARGET_UNREACHABLE where nobody answered, TARGET_REFUSED where it said no (and why), and
 * UserError where the configuration can't be right. A call gets 10 s, not more.
 */
export interface RolloutTarget {
  readonly kind: string;
  /** Whether a weight falls back to stable by itself (`leaseSeconds`). */
  readonly leases: boolean;
  /** Whether it can copy traffic to a candidate that never answers (`mirror`). */
  readonly mirrors: boolean;
  /** Makes it so, or throws. Idempotent; after a death in the middle, calling it again ends in the same state. */
  apply(desired: DesiredTraffic): Promise<void>;
  /** As it is now, seen for this pair of versions. */
  observe(desired: DesiredTraffic): Promise<ObservedTraffic>;
  close(): Promise<void>;
}
