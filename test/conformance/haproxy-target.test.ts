import { expect, onTestFinished } from 'vitest';
import { openHaproxyTarget } from '../../shared/adapters/rollout-targets/open-haproxy-target.ts';
import { openHaproxyDouble } from '../support/rollout/haproxy-double.ts';
import { describeRolloutTarget } from './rollout-target.ts';

describeRolloutTarget(
  'HAProxy, by a double of its socket',
  { tells: true, mirrors: false, leases: false, keepsRevision: false },
  async () => {
    const double = await openHaproxyDouble({ v11: 100, v12: 0, v13: 0, spare: 1 }, { backup: 'spare' });
    onTestFinished(double.close);
    const open = () => openHaproxyTarget({ kind: 'haproxy', socket: `127.0.0.1:${double.port}`, backend: 'model', server: '{version}' });
    return {
      target: open(),
      again: open,
      actual() {
        const versions = double.servers.filter(({ backup }) => !backup);
        const total = versions.reduce((sum, { weight }) => sum + weight, 0);
        expect(double.servers.find(({ backup }) => backup)?.weight).toBe(1);
        return {
          shares: Object.fromEntries(versions.map(({ name, weight }) => [name, (100 * weight) / total])),
          mirrored: [],
          present: null,
          leaseSeconds: null,
        };
      },
      breakOff: (after) => {
        double.left = after;
      },
      mend: () => {
        double.left = Number.POSITIVE_INFINITY;
      },
      forget: double.restart,
    };
  },
);
