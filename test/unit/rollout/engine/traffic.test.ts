import { describe, expect, it } from 'vitest';
import { type DesiredTraffic, isAsDesired, type ObservedTraffic } from '../../../../shared/rollout/engine/traffic.ts';
import { version } from './simulated-rollout.ts';

const wish = (more: Partial<DesiredTraffic> = {}): DesiredTraffic => ({
  model: 'churn',
  stage: 'production',
  rolloutId: 'churn.production.42',
  revision: 3,
  stable: version(11),
  candidate: version(12),
  percent: 10,
  mirror: false,
  leaseSeconds: 60,
  ...more,
});
const so = (more: Partial<ObservedTraffic> = {}): ObservedTraffic => ({
  stable: 'v11',
  candidate: 'v12',
  percent: 10,
  mirror: false,
  ...more,
});
const alone = wish({ candidate: null, percent: 0, leaseSeconds: null });

describe('a target', () => {
  it('does what is wished where all that it tells says so', () => {
    expect(isAsDesired(wish(), so())).toBe(true);
    expect(isAsDesired(wish(), { stable: null, candidate: null, percent: null, mirror: null })).toBe(true);
    expect(isAsDesired(alone, so({ candidate: null, percent: 0 }))).toBe(true);
  });

  it.each<[string, DesiredTraffic, Partial<ObservedTraffic>]>([
    ['another stable', wish(), { stable: 'v10' }],
    ['another candidate with the same share', wish(), { candidate: 'v13' }],
    ['a candidate that is left without traffic', alone, { candidate: 'v12', percent: 0 }],
    ['traffic for a candidate that nobody wants', alone, { candidate: null, percent: 10 }],
    ['another share', wish(), { percent: 10.6 }],
    ['a mirror that nobody asked for', wish(), { mirror: true }],
  ])('does not with %s', (_, desired, observed) => {
    expect(isAsDesired(desired, so(observed))).toBe(false);
  });
});
