import { createServingServer } from '../../../shared/adapters/serving/create-serving-server.ts';
import { UserError } from '../../../shared/errors.ts';
import { bytesOf, playEngine } from '../../unit/serving/play-engine.ts';

type Settings = Parameters<typeof playEngine>[1];

/**
 * `weighin serve` of some versions without its process, on a port: the real admin endpoints. A start on the same port forgets what the one
 * before it was told. @param missing versions that the store does not have.
 * @param digests of versions whose bytes are others than those of the wishes in the conformance suite.
 */
export async function serveInProcess(
  token: string,
  {
    port = 0,
    versions = ['v11'],
    missing = [],
    digests = {},
    ...played
  }: Settings & { port?: number; versions?: string[]; missing?: string[]; digests?: Readonly<Record<string, string>> } = {},
) {
  const { engine, clock } = await playEngine(versions, { source: { digest: digestOf(versions[0]!) }, ...played });
  const settings = {
    maxBytes: 10_000,
    maxBodyBytes: 10_000,
    stallMs: 5_000,
    concurrency: 10,
    requestMs: 5_000,
    keepAliveMs: 5_000,
    adminToken: token,
    version: '0.0.0',
    async load(version: string) {
      if (missing.includes(version)) throw new UserError('VERSION_NOT_FOUND', `churn has no ${version}.`, 'Register it.');
      await engine.fleet.load({
        version,
        bytes: bytesOf(version),
        digest: digests[version] ?? digestOf(version),
        task: 'binary',
        score: undefined,
        positive: null,
        features: null,
        contract: null,
      });
    },
  };
  const server = createServingServer(engine, settings);
  const bound = await server.listen(port, '127.0.0.1');
  return { engine, clock, port: bound.port, stop: () => server.stop(0) };
}

/** As the conformance suite numbers them. */
const digestOf = (version: string) => `sha256:${version.slice(1).padStart(64, '0')}`;
