import { createHash } from 'node:crypto';
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, it } from 'vitest';
import { openServeTarget } from '../../shared/adapters/rollout-targets/open-serve-target.ts';
import { type DesiredTraffic, isAsDesired, type ServedVersion } from '../../shared/rollout/engine/traffic.ts';
import { wish } from '../conformance/rollout-target.ts';
import { ownFolder } from '../support/own-folder.ts';
import { type ServingProcess, startServing } from '../support/serving-process.ts';
import { small } from '../unit/onnx/small-models.ts';

const root = ownFolder('serve-target');
const token = 'the-admin-token';

/** `{"p": 0.1}` scores 0.1 + shift. */
function model(number: number, shift: number): ServedVersion {
  const bytes = small({
    inputs: [{ name: 'p', element: 'float', shape: [null, 1] }],
    outputs: [{ name: 'y', element: 'float', shape: [null, 1] }],
    initializers: [{ name: 'shift', shape: [1], values: Float32Array.of(shift) }],
    nodes: [{ operator: 'Add', inputs: ['p', 'shift'], outputs: ['y'] }],
  });
  writeFileSync(join(root, `v${number}.onnx`), bytes);
  return { number, digest: `sha256:${createHash('sha256').update(bytes).digest('hex')}` };
}
const [v11, v12, v13] = [model(11, 0), model(12, 0.25), model(13, 0.5)];
const files = ['--model', [11, 12, 13].map((number) => `v${number}=v${number}.onnx`).join()];
const serve = () =>
  startServing(['churn', ...files, '--task', 'binary', '--versions', 'v11=100', '--sticky', 'user_id'], root, {
    WEIGHIN_ADMIN_TOKEN: token,
  });
const targetOf = (servers: readonly ServingProcess[]) =>
  openServeTarget({ kind: 'serve', urls: servers.map(({ address }) => address), token: { env: 'TOKEN' } }, { env: { TOKEN: token } });
const users = Array.from({ length: 200 }, (_, index) => `user_${index}`);

/** Users that a version answers, as the server says it. */
async function metBy(server: ServingProcess, version: string): Promise<readonly string[]> {
  const rows = users.map((user_id) => ({ p: 0.125, user_id }));
  const { json } = await server.post('/predict', { rows });
  return users.filter((_, index) => json.rows[index].model_version === version);
}

it('takes two servers through a rollout and the next one under load, and no request is lost', async () => {
  const servers = [await serve(), await serve()];
  const target = targetOf(servers);
  let going = true;
  const statuses = new Map<number, number>();
  const client = async (server: ServingProcess) => {
    for (let index = 0; going; index++) {
      const { status } = await server.post('/predict', { p: 0.125, user_id: users[index % users.length] });
      statuses.set(status, (statuses.get(status) ?? 0) + 1);
    }
  };
  const clients = servers.flatMap((server) => [client(server), client(server)]);
  const follow = async (desired: DesiredTraffic) => {
    await target.apply(desired);
    expect(isAsDesired(desired, await target.observe(desired))).toBe(true);
  };

  const first = { stable: v11, candidate: v12, leaseSeconds: 60 };
  const met: (readonly string[])[] = [];
  for (const [revision, percent] of [0, 5, 50, 100].entries()) {
    await follow(wish(revision + 1, { ...first, percent }));
    const [one, other] = [await metBy(servers[0]!, 'v12'), await metBy(servers[1]!, 'v12')];
    // A user meets the same version on every server, and keeps it while the share grows.
    expect(one).toEqual(other);
    expect(one).toEqual(expect.arrayContaining([...(met.at(-1) ?? [])]));
    met.push(one);
  }
  expect(met.map(({ length }) => length)).toEqual([0, expect.any(Number), expect.any(Number), users.length]);
  expect(met[1]!.length).toBeGreaterThan(1);
  expect(met[2]!.length).toBeGreaterThan(70);
  expect(met[2]!.length).toBeLessThan(130);

  await follow(wish(5, { stable: v12 }));
  await follow(wish(6, { rolloutId: 'churn.production.43', stable: v12, candidate: v13, percent: 30, leaseSeconds: 60 }));
  // One is started again, and knows nothing but its command line.
  const again = [servers[0]!, await serve()];
  const taken = targetOf(again);
  const second = wish(7, { rolloutId: 'churn.production.43', stable: v12, candidate: v13, percent: 30, leaseSeconds: 60 });
  expect(isAsDesired(second, await taken.observe(second))).toBe(false);
  await taken.apply(second);
  expect(isAsDesired(second, await taken.observe(second))).toBe(true);
  expect(await metBy(again[1]!, 'v13')).toEqual(await metBy(again[0]!, 'v13'));
  const back = wish(8, { rolloutId: 'churn.production.43', stable: v12 });
  await taken.apply(back);
  for (const server of again) expect(await metBy(server, 'v12')).toEqual(users);

  going = false;
  await Promise.all(clients);
  expect([...statuses.keys()]).toEqual([200]);
  await expect(taken.apply(second)).rejects.toMatchObject({ code: 'TARGET_REFUSED' });
});
