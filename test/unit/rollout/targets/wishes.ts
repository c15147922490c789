import { UserError } from '../../../../shared/errors.ts';
import type { DesiredTraffic, ServedVersion } from '../../../../shared/rollout/engine/traffic.ts';

export const version = (number: number): ServedVersion => ({ number, digest: `sha256:${number.toString(16).padStart(64, '0')}` });
export const [v10, v11, v12, v13] = [version(10), version(11), version(12), version(13)] as const;

/** v11 alone, unless it is said otherwise. */
export const wish = (change: Partial<DesiredTraffic> = {}): DesiredTraffic => ({
  model: 'churn',
  stage: 'production',
  rolloutId: 'churn.production.42',
  revision: 1,
  stable: v11,
  candidate: null,
  percent: 0,
  mirror: false,
  leaseSeconds: null,
  ...change,
});

/** What was refused by its writer's mistake. */
export function refusal(work: () => unknown): UserError {
  try {
    work();
  } catch (error) {
    if (error instanceof UserError) return error;
    throw error;
  }
  throw new Error('nothing was refused');
}
