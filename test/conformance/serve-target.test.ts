import { onTestFinished } from 'vitest';
import { openServeTarget } from '../../shared/adapters/rollout-targets/open-serve-target.ts';
import { breakableFetch } from '../support/rollout/breakable-fetch.ts';
import { serveInProcess } from '../support/rollout/serving-in-process.ts';
import { describeRolloutTarget } from './rollout-target.ts';

const secret = 'the-admin-token';

describeRolloutTarget(
  'weighin serve, two servers',
  { tells: true, mirrors: true, leases: true, keepsRevision: true, secrets: [secret] },
  async () => {
    const servers = [await serveInProcess(secret), await serveInProcess(secret)];
    onTestFinished(async () => {
      for (const { stop } of servers) await stop();
    });
    const network = breakableFetch(secret);
    const open = () =>
      openServeTarget(
        { kind: 'serve', urls: servers.map(({ port }) => `http://127.0.0.1:${port}`), token: { env: 'TOKEN' } },
        { env: { TOKEN: secret }, fetch: network.fetch },
      );
    return {
      target: open(),
      again: open,
      actual() {
        const [one, other] = servers.map(({ engine: { traffic, shadows, fleet } }) => ({
          shares: Object.fromEntries([...traffic.current()].sort()),
          mirrored: [...shadows],
          present: [...fleet.versions()].sort(),
          leaseSeconds: lease(traffic.leaseLeft()),
        }));
        if (!one || JSON.stringify(one) !== JSON.stringify(other))
          throw new Error(`${JSON.stringify(one)} is not ${JSON.stringify(other)}`);
        return one;
      },
      breakOff: network.breakOff,
      mend: network.mend,
      async forget() {
        const first = servers[0]!;
        await first.stop();
        servers[0] = await serveInProcess(secret, { port: first.port });
      },
    };
  },
);

const lease = (milliseconds: number | null) => (milliseconds === null ? null : milliseconds / 1000);
