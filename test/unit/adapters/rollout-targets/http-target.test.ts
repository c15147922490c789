import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { inspect } from 'node:util';
import { expect, it, onTestFinished } from 'vitest';
import { openHttpTarget } from '../../../../shared/adapters/rollout-targets/open-http-target.ts';
import { isAsDesired } from '../../../../shared/rollout/engine/traffic.ts';
import { v12, wish } from '../../../conformance/rollout-target.ts';

const token = 'the-endpoint-token';
const canary = wish(7, { candidate: v12, percent: 5, leaseSeconds: 60 });

interface Answer {
  readonly status: number;
  readonly text?: string;
  readonly headers?: Readonly<Record<string, string>>;
}

async function endpoint(answer: (method: string, body: string) => Answer | 'cut' | 'silent' | 'endless', seconds = 10) {
  const seen: { method: string; url: string; headers: NodeJS.Dict<string | string[]>; body: string }[] = [];
  const server = createServer(async (request, response) => {
    const chunks: Buffer[] = [];
    for await (const chunk of request) chunks.push(chunk as Buffer);
    const body = Buffer.concat(chunks).toString();
    const { method = '', url = '', headers } = request;
    seen.push({ method, url, headers, body });
    const said = answer(method, body);
    if (said === 'cut') return void request.socket.destroy();
    if (said === 'endless') return void response.writeHead(200).write('['.repeat(100_000));
    if (said !== 'silent') response.writeHead(said.status, said.headers).end(said.text ?? '');
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  onTestFinished(() => {
    server.closeAllConnections();
    server.close();
  });
  const { port } = server.address() as AddressInfo;
  const target = openHttpTarget(
    { kind: 'http', url: `http://127.0.0.1:${port}/hooks/traffic?team=ml`, token: { env: 'TOKEN' } },
    { env: { TOKEN: token }, seconds },
  );
  return { target, seen, port };
}
const failure = (call: Promise<unknown>) =>
  call.then(
    () => null,
    (error: unknown) => error as Error & { code: string },
  );

it('puts the wish as its schema says, with the token, and reads what is so', async () => {
  const { target, seen } = await endpoint((method) =>
    method === 'PUT'
      ? { status: 204 }
      : {
          status: 200,
          text: '{"schema":"weighin/traffic-state@1","model":"churn","stage":"production","stable":"v11","candidate":"v12","percent":5,"mirror":false}',
        },
  );
  await target.apply(canary);
  expect(seen[0]).toMatchObject({
    method: 'PUT',
    url: '/hooks/traffic?team=ml',
    headers: { authorization: `Bearer ${token}`, 'content-type': 'application/json' },
  });
  expect(JSON.parse(seen[0]!.body)).toEqual({
    schema: 'weighin/traffic@1',
    model: 'churn',
    stage: 'production',
    rolloutId: 'churn.production.42',
    revision: 7,
    stable: { version: 'v11', number: 11, digest: `sha256:${'11'.padStart(64, '0')}` },
    candidate: { version: 'v12', number: 12, digest: `sha256:${'12'.padStart(64, '0')}` },
    percent: 5,
    mirror: false,
    leaseSeconds: 60,
  });
  expect(await target.observe(canary)).toEqual({ stable: 'v11', candidate: 'v12', percent: 5, mirror: false });
});

it.each([
  [
    'tells part of it',
    { status: 200, text: '{"schema":"weighin/traffic-state@1","model":"churn","stage":"production","percent":5}' },
    true,
  ],
  [
    'tells another part',
    { status: 200, text: '{"schema":"weighin/traffic-state@1","model":"churn","stage":"production","percent":15}' },
    false,
  ],
  [
    'knows of no candidate',
    { status: 200, text: '{"schema":"weighin/traffic-state@1","model":"churn","stage":"production","candidate":null}' },
    false,
  ],
  ['can’t tell (405)', { status: 405 }, true],
  ['can’t tell (501)', { status: 501 }, true],
  ['has nothing yet (404)', { status: 404 }, false],
])('believes an endpoint that %s as far as it tells', async (_, answer: Answer, so) => {
  const { target } = await endpoint(() => answer);
  expect(isAsDesired(canary, await target.observe(canary))).toBe(so);
});

const state = (change: object) => ({
  status: 200,
  text: JSON.stringify({ schema: 'weighin/traffic-state@1', model: 'churn', stage: 'production', ...change }),
});
it.each([
  ['no JSON', { status: 200, text: `<html>${token}` }, 'TARGET_REFUSED', 'it is not JSON'],
  ['another schema', state({ schema: 'x' }), 'TARGET_REFUSED', 'schema is not right'],
  ['a key too many', state({ weight: 5 }), 'TARGET_REFUSED', 'weighin/traffic-state@1'],
  ['a share that is none', state({ percent: 1000 }), 'TARGET_REFUSED', 'percent is not right'],
  ['a version that is none', state({ stable: '<script>' }), 'TARGET_REFUSED', 'stable is not right'],
  ['another model', state({ model: 'fraud' }), 'TARGET_REFUSED', 'it is about fraud@production, not churn@production'],
  ['an endless answer', { status: 200, text: `[${'1,'.repeat(200_000)}1]` }, 'TARGET_REFUSED', 'it is not JSON'],
  ['a redirect', { status: 307, headers: { location: 'http://elsewhere.example/' } }, 'TARGET_REFUSED', 'A redirect is not followed'],
  [
    'no right',
    { status: 401, text: `bad token ${token}\u001b[2J` },
    'TARGET_REFUSED',
    'bad token ***⟨U+001B⟩[2J. Is the token in TOKEN the right one?',
  ],
  ['a late wish', { status: 409, text: 'revision 9 is newer.' }, 'TARGET_REFUSED', '(409): revision 9 is newer.'],
  ['that it is busy', { status: 429 }, 'TARGET_UNREACHABLE', 'answered 429'],
  ['that it is broken', { status: 500, text: 'x'.repeat(100_000) }, 'TARGET_UNREACHABLE', 'answered 500'],
  ['nothing', 'cut' as const, 'TARGET_UNREACHABLE', "can't be reached (UND_ERR_SOCKET)"],
])('has one clear error for %s, without the token', async (_, answer: Answer | 'cut', code, text) => {
  const { target, port } = await endpoint(() => answer);
  const found = await failure(target.observe(canary));
  expect(found).toMatchObject({ name: 'InfrastructureError', code, message: expect.stringContaining(text) });
  expect(found!.message).toContain(`127.0.0.1:${port}`);
  expect(found!.message.length).toBeLessThan(450);
  expect(inspect(found, { depth: 9 })).not.toContain(token);
  // A PUT's answer is not read, its status is.
  if (answer === 'cut' || answer.status !== 200) expect(await failure(target.apply(canary))).toMatchObject({ code });
});

it('says that nobody answered in time', async () => {
  const { target } = await endpoint(() => 'silent', 0.05);
  expect(await failure(target.apply(canary))).toMatchObject({
    code: 'TARGET_UNREACHABLE',
    message: expect.stringContaining('did not answer within 0.05 s.'),
  });
});

it('reads no more of an answer than an answer may have', async () => {
  const { target } = await endpoint(() => 'endless', 2);
  expect(await failure(target.observe(canary))).toMatchObject({
    code: 'TARGET_REFUSED',
    message: expect.stringContaining('it is not JSON'),
  });
});

it('sends once more what a kept connection lost', async () => {
  let asked = 0;
  const { target, seen } = await endpoint(() => (++asked === 1 ? 'cut' : { status: 200 }));
  await target.apply(canary);
  expect(seen.map(({ method }) => method)).toEqual(['PUT', 'PUT']);
});
