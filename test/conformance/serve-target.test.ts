import { onTestFinished } from 'vitest';
import { openServeTarget } from '../../shared/adapters/rollout-targets/open-serve-target.ts';
import { createServingServer } from '../../shared/adapters/serving/create-serving-server.ts';
import { breakableFetch } from '../support/rollout/breakable-fetch.ts';
import { bytesOf, playEngine } from '../unit/serving/play-engine.ts';
import { describeRolloutTarget } from './rollout-target.ts';

const secret = 'the-admin-token';

/** A server of v11 on its own port; a start on the same port forgets what the one before it was told. */
async function serve(port = 0) {
  const { engine } = await playEngine(['v11']);
  const server = createServingServer(engine, {
    maxBytes: 10_000,
    concurrency: 10,
    requestMs: 5_000,
    keepAliveMs: 5_000,
    adminToken: secret,
    version: '0.0.0',
    load: (version) =>
      engine.fleet.load({
        version,
        bytes: bytesOf(version),
        digest: `sha256:${version}`,
        task: 'binary',
        score: undefined,
        positive: null,
        features: null,
        contract: null,
      }),
  });
  const bound = await server.listen(port, '127.0.0.1');
  return { engine, server, port: bound.port };
}

describeRolloutTarget(
  'weighin serve, two servers',
  { tells: true, mirrors: true, leases: true, keepsRevision: true, secrets: [secret] },
  async () => {
    const servers = [await serve(), await serve()];
    onTestFinished(async () => {
      for (const { server } of servers) await server.stop(0);
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
        await first.server.stop(0);
        servers[0] = await serve(first.port);
      },
    };
  },
);

const lease = (milliseconds: number | null) => (milliseconds === null ? null : milliseconds / 1000);
