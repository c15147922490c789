import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { inspect } from 'node:util';
import { expect, it, onTestFinished } from 'vitest';
import { openServeTarget } from '../../../../shared/adapters/rollout-targets/open-serve-target.ts';
import { isAsDesired } from '../../../../shared/rollout/engine/traffic.ts';
import { v12, v13, wish } from '../../../conformance/rollout-target.ts';
import { serveInProcess } from '../../../support/rollout/serving-in-process.ts';

const token = 'the-admin-token';

type Serving = Awaited<ReturnType<typeof serveInProcess>>;

async function servers<Settings extends readonly Parameters<typeof serveInProcess>[1][]>(...settings: Settings) {
  const all = await Promise.all(settings.map((one) => serveInProcess(token, one)));
  onTestFinished(async () => {
    for (const { stop } of all) await stop();
  });
  // `map` forgets how many there are.
  return all as { [Index in keyof Settings]: Serving };
}
const targetOf = (ports: readonly number[], env = token) =>
  openServeTarget(
    { kind: 'serve', urls: ports.map((port) => `http://127.0.0.1:${port}`), token: { env: 'TOKEN' } },
    { env: { TOKEN: env } },
  );
const weights = (server: Serving) => Object.fromEntries(server.engine.traffic.current());
const canary = (revision: number, percent: number) => wish(revision, { candidate: v12, percent });

it('gives nobody more of a candidate while a server is away, and takes it from all that are there', async () => {
  const [one, two, three] = await servers({}, {}, {});
  const target = targetOf([one, two, three].map(({ port }) => port));
  await target.apply(canary(1, 15));
  const away = two.port;
  await two.stop();
  await expect(target.apply(canary(2, 30))).rejects.toMatchObject({
    code: 'TARGET_UNREACHABLE',
    message: expect.stringMatching(
      new RegExp(`^127\\.0\\.0\\.1:${away} can't be reached \\(ECONNREFUSED\\)\\. 2 of 3 servers of churn@production answered\\.$`),
    ),
  });
  expect([weights(one), weights(three)]).toEqual([
    { v11: 85, v12: 15 },
    { v11: 85, v12: 15 },
  ]);
  await expect(target.observe(canary(1, 15))).rejects.toMatchObject({ code: 'TARGET_UNREACHABLE' });
  // The same again renews leases, less is toward stable.
  await expect(target.apply(wish(3, { candidate: v12, percent: 15, leaseSeconds: 60 }))).rejects.toMatchObject({
    code: 'TARGET_UNREACHABLE',
  });
  expect(one.engine.traffic.leaseLeft()).toBe(60_000);
  await expect(target.apply(canary(4, 5))).rejects.toMatchObject({ code: 'TARGET_UNREACHABLE' });
  expect([weights(one), weights(three)]).toEqual([
    { v11: 95, v12: 5 },
    { v11: 95, v12: 5 },
  ]);
  await expect(target.apply(wish(5))).rejects.toMatchObject({ code: 'TARGET_UNREACHABLE' });
  expect([weights(one), weights(three)]).toEqual([{ v11: 100 }, { v11: 100 }]);
  // It comes back and has forgotten everything: the next wish finds it.
  const [back] = await servers({ port: away });
  await target.apply(canary(6, 30));
  expect(weights(back)).toEqual({ v11: 70, v12: 30 });
});

it('gives nobody a candidate that one of them can’t load, and says which and why', async () => {
  const [one, two] = await servers({}, { missing: ['v12'] });
  const target = targetOf([one.port, two.port]);
  await expect(target.apply(canary(1, 5))).rejects.toMatchObject({
    code: 'TARGET_REFUSED',
    message: expect.stringContaining(`127.0.0.1:${two.port} refused POST /admin/load`),
  });
  expect([weights(one), weights(two)]).toEqual([{ v11: 100 }, { v11: 100 }]);
  await target.apply(wish(2));
  expect([one.engine.fleet.versions(), two.engine.fleet.versions()]).toEqual([['v11'], ['v11']]);
});

it('gives no traffic to another model under the candidate’s name, and takes away what such a one has', async () => {
  const [one, two] = await servers({}, { digests: { v12: `sha256:${'ab'.repeat(32)}` } });
  const target = targetOf([one.port, two.port]);
  await expect(target.apply(canary(1, 5))).rejects.toMatchObject({
    code: 'TARGET_REFUSED',
    message: expect.stringContaining(
      `127.0.0.1:${two.port} has another model under the name v12 than the one that was approved (sha256:abababababab… instead of sha256:000000000000…).`,
    ),
  });
  expect([weights(one), weights(two)]).toEqual([{ v11: 100 }, { v11: 100 }]);
  two.engine.traffic.set({ weights: { v11: 70, v12: 30 } });
  expect(isAsDesired(canary(1, 30), await targetOf([two.port]).observe(canary(1, 30)))).toBe(false);
  await target.apply(canary(2, 5)).catch(() => undefined);
  expect(weights(two)).toEqual({ v11: 95, v12: 5 });
  await target.apply(wish(3));
  expect(two.engine.fleet.versions()).toEqual(['v11']);
});

it('mends a server that started again with what the stage file says by now', async () => {
  const [one, two] = await servers({}, { versions: ['v12'] });
  const target = targetOf([one.port, two.port]);
  expect(isAsDesired(canary(1, 5), await target.observe(canary(1, 5)))).toBe(false);
  await target.apply(canary(1, 5));
  expect([weights(two), two.engine.traffic.stable]).toEqual([{ v11: 95, v12: 5 }, 'v11']);
  expect(isAsDesired(canary(1, 5), await target.observe(canary(1, 5)))).toBe(true);
});

it('is as wished only where every server is', async () => {
  const [one, two] = await servers({}, {});
  const target = targetOf([one.port, two.port]);
  await target.apply(canary(1, 5));
  two.engine.traffic.set({ weights: { v11: 80, v12: 20 } });
  expect(await target.observe(canary(1, 5))).toMatchObject({ percent: 20 });
  expect(await target.observe(canary(1, 20))).toMatchObject({ percent: 5 });
});

it('sees that a lease ran out, and that a candidate is not loaded', async () => {
  const [one] = await servers({});
  const target = targetOf([one.port]);
  const leased = wish(1, { candidate: v12, percent: 5, leaseSeconds: 60 });
  await target.apply(leased);
  one.clock.now = 60_000;
  expect(await target.observe(leased)).toEqual({ stable: 'v11', candidate: 'v12', percent: 0, mirror: false });
  await target.apply(leased);
  expect(await target.observe(leased)).toMatchObject({ percent: 5 });
  const other = wish(2, { candidate: v13 });
  expect(isAsDesired(other, await target.observe(other))).toBe(false);
  await target.apply(wish(3));
  expect(await target.observe(other)).toMatchObject({ candidate: 'none' });
});

it('leaves the version alone that answers when another fails', async () => {
  const [one] = await servers({ versions: ['v11', 'v10'], fallback: { version: 'v10' } });
  const target = targetOf([one.port]);
  for (const desired of [canary(1, 5), wish(2)]) {
    await target.apply(desired);
    expect(one.engine.fleet.get('v10')).toBeDefined();
    expect(isAsDesired(desired, await target.observe(desired))).toBe(true);
  }
});

it('tells a wrong token, a server of another model, and what is no server, each by its own words', async () => {
  const [one, other] = await servers({}, { model: 'fraud' });
  const answers: [number, Record<string, string>, string][] = [
    [200, {}, '{"model": "churn"}'],
    [200, {}, `<html>${'x'.repeat(500_000)}`],
    [302, { location: `http://127.0.0.1:${one.port}/admin/weights` }, ''],
    [503, {}, `{"error":"stopping\u202e ${token}"}`],
  ];
  let asked = 0;
  const stranger = createServer((request, response) => {
    const [status, headers, text] = answers[asked++]!;
    request.resume();
    response.writeHead(status, headers).end(text);
  });
  await new Promise<void>((resolve) => stranger.listen(0, '127.0.0.1', resolve));
  onTestFinished(() => void stranger.close());
  const { port } = stranger.address() as AddressInfo;
  const of = (target: ReturnType<typeof targetOf>) => target.apply(canary(1, 5)).catch((error: unknown) => error);
  const found = [await of(targetOf([one.port], 'wrong')), await of(targetOf([other.port]))];
  for (const _ of answers) found.push(await of(targetOf([port])));
  expect(found.map((error) => (error as { code: string }).code)).toEqual([
    'TARGET_REFUSED',
    'TARGET_REFUSED',
    'TARGET_REFUSED',
    'TARGET_REFUSED',
    'TARGET_REFUSED',
    'TARGET_UNREACHABLE',
  ]);
  const messages = found.map((error) => (error as Error).message);
  expect(messages[0]).toContain('started with the same token that TOKEN holds here?');
  expect(messages[1]).toContain('serves another model than churn: fraud.');
  expect(messages[2]).toContain('something that weighin serve does not say');
  expect(messages[4]).toContain('(302)');
  expect(messages[5]).toContain('stopping⟨U+202E⟩ ***');
  for (const error of found) expect(inspect(error, { depth: 9 })).not.toContain(token);
  expect(weights(one)).toEqual({ v11: 100 });
});

it('names the variable of a token that is missing, and an address that holds a password', () => {
  expect(() => targetOf([1], '')).toThrow(
    expect.objectContaining({ code: 'TARGET_TOKEN_MISSING', message: expect.stringContaining('TOKEN') }),
  );
  expect(() => targetOf([1], 'a\nb')).toThrow(expect.objectContaining({ code: 'TARGET_TOKEN_MISSING' }));
  const withPassword = () =>
    openServeTarget({ kind: 'serve', urls: ['http://me:hunter2@churn:8080'], token: { env: 'TOKEN' } }, { env: { TOKEN: token } });
  expect(withPassword).toThrow(expect.objectContaining({ code: 'TARGET_URL_INVALID', message: expect.not.stringContaining('hunter2') }));
});
