import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import { connect, type LookupFunction } from 'node:net';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { createGuardedFetch, type GuardedFetch, type GuardedFetchOptions } from '../../../../bot/notify/guarded-fetch.ts';
import { readOutboundHosts } from '../../../../bot/notify/outbound-hosts.ts';

interface Asked {
  readonly method: string | undefined;
  readonly url: string | undefined;
  readonly host: string | undefined;
  readonly body: string;
}
let port: number;
let asked: Asked[];
let answer: (request: IncomingMessage, response: ServerResponse) => void;
const closers: (() => unknown)[] = [];

beforeEach(async () => {
  asked = [];
  answer = (_, response) => response.end('thanks');
  const server = createServer(async (request, response) => {
    let body = '';
    for await (const chunk of request) body += String(chunk);
    asked.push({ method: request.method, url: request.url, host: request.headers.host, body });
    answer(request, response);
  });
  // What a proxy is asked for https.
  server.on('connect', (request, socket) => {
    asked.push({ method: request.method, url: request.url, host: request.headers.host, body: '' });
    const onward = connect(port, '127.0.0.1', () => {
      socket.write('HTTP/1.1 200 OK\r\n\r\n');
      onward.pipe(socket).pipe(onward);
    });
    onward.on('error', () => socket.destroy());
    socket.on('error', () => onward.destroy());
  });
  await new Promise<void>((ready) => server.listen(0, '127.0.0.1', ready));
  const address = server.address();
  port = typeof address === 'object' && address ? address.port : 0;
  closers.push(() => {
    server.closeAllConnections();
    server.close();
  });
});
afterEach(async () => {
  for (const close of closers.splice(0)) await close();
});

/** Names of a test: what they resolve to changes with each question. */
const resolving =
  (...answers: readonly (readonly string[])[]): LookupFunction =>
  (_, __, done) => {
    const [now = []] = answers.length > 1 ? [answers[calls++ % answers.length]] : answers;
    done(null, now?.map((address) => ({ address, family: address.includes(':') ? 6 : 4 })) ?? []);
  };
let calls = 0;
beforeEach(() => {
  calls = 0;
});

function open(list: string | null, options: Partial<GuardedFetchOptions> = {}): GuardedFetch {
  const guarded = createGuardedFetch({ hosts: readOutboundHosts(list), env: {}, timeoutMs: 2_000, ...options });
  closers.push(() => guarded.close());
  return guarded;
}
const message = { headers: { 'content-type': 'application/json' }, body: '{"a":1}' };
const refused = { code: 'OUTBOUND_REFUSED' };
/** Also where undici hands through what the lookup said. */
const post = (guarded: GuardedFetch, address: string) => guarded.post(address, message);

it('posts to a listed host whose address is listed too, and gives back what it says', async () => {
  const guarded = open('hooks.test,127.0.0.1', { lookup: resolving(['127.0.0.1']) });
  expect(await post(guarded, `http://hooks.test:${port}/secret/path`)).toMatchObject({ status: 200, body: 'thanks' });
  expect(asked).toEqual([{ method: 'POST', url: '/secret/path', host: `hooks.test:${port}`, body: '{"a":1}' }]);
});

describe('an address that is not public', () => {
  it.each([
    '127.0.0.1',
    '127.1',
    '0.0.0.0',
    '0',
    '2130706433',
    '0x7f000001',
    '0x7f.1',
    '017700000001',
    '[::1]',
    '[::]',
    '[::ffff:127.0.0.1]',
    '[::ffff:7f00:1]',
    '[64:ff9b::7f00:1]',
    '[fe80::1]',
    '[fd00::1]',
    '169.254.169.254',
    '10.0.0.1',
    '172.16.3.4',
    '192.168.1.1',
    '100.64.0.1',
    '198.18.0.1',
    '224.0.0.1',
    '255.255.255.255',
    '127。0。0。1',
  ])('%s is refused, with a list and without one', async (host) => {
    for (const list of [null, 'hooks.test', '*.test', '8.8.8.8', '1.0.0.0/8'])
      await expect(post(open(list), `http://${host}:${port}/`)).rejects.toMatchObject(refused);
    expect(asked).toEqual([]);
  });

  it.each([[['127.0.0.1']], [['::1']], [['::ffff:10.0.0.1']], [['169.254.169.254']], [['8.8.8.8', '127.0.0.1']], [[]]])(
    'is refused where a listed name resolves to it: %j',
    async (addresses) => {
      for (const list of [null, 'hooks.test'])
        await expect(post(open(list, { lookup: resolving(addresses) }), `http://hooks.test:${port}/`)).rejects.toMatchObject(refused);
      expect(asked).toEqual([]);
    },
  );

  it('is refused where the name resolves to a public one first and to it when it is connected', async () => {
    // A check that asks for itself takes the first answer; the connection the second.
    const guarded = open('hooks.test', { lookup: resolving(['8.8.8.8'], ['127.0.0.1']) });
    calls = 1;
    await expect(post(guarded, `http://hooks.test:${port}/`)).rejects.toMatchObject(refused);
    expect(calls).toBe(2);
    expect(asked).toEqual([]);
  });

  it('is taken where it is listed, alone or with its network', async () => {
    for (const list of ['127.0.0.1', '127.0.0.0/8', '127.0.0.0/8 10.0.0.0/8'])
      expect(await post(open(list), `http://127.0.0.1:${port}/`)).toMatchObject({ status: 200 });
    await expect(post(open('10.0.0.0/8'), `http://127.0.0.1:${port}/`)).rejects.toMatchObject(refused);
  });
});

it.each([
  'file:///etc/passwd',
  'ftp://hooks.test/',
  'gopher://hooks.test/',
  'data:text/plain,x',
  'javascript:1',
  'not an address',
  '',
  '//hooks.test/',
  'http://user:pass@hooks.test/',
  'http://user@hooks.test/',
  'http://hooks.test@evil.test/',
])('is no address to send to: %s', async (address) => {
  await expect(post(open('hooks.test', { lookup: resolving(['127.0.0.1']) }), address)).rejects.toMatchObject(refused);
});

it('sends to listed hosts alone', async () => {
  const guarded = open('hooks.test,*.example.test,127.0.0.1', { lookup: resolving(['127.0.0.1']) });
  for (const host of ['hooks.test', 'HOOKS.test', 'hooks.test.', 'a.example.test', 'a.b.example.test'])
    expect(await post(guarded, `http://${host}:${port}/`)).toMatchObject({ status: 200 });
  for (const host of ['evil.test', 'hooks.test.evil.test', 'xhooks.test', 'example.test', 'xexample.test', 'sub.hooks.test'])
    await expect(post(guarded, `http://${host}:${port}/`)).rejects.toMatchObject(refused);
  await expect(post(open(''), `http://hooks.test:${port}/`)).rejects.toMatchObject(refused);
});

describe('a redirect', () => {
  const redirect = (...locations: readonly string[]) => {
    const left = [...locations];
    answer = (_, response) => {
      const next = left.shift();
      if (next === undefined) response.end('there');
      else response.writeHead(307, { location: next }).end();
    };
  };
  const guarded = () => open('hooks.test,next.test,127.0.0.1', { lookup: resolving(['127.0.0.1']) });

  it('is followed to a listed host, with the same message', async () => {
    redirect(`http://next.test:${port}/b`, '/c');
    expect(await post(guarded(), `http://hooks.test:${port}/a`)).toMatchObject({ status: 200, body: 'there' });
    expect(asked.map(({ method, url, host, body }) => [method, url, host, body])).toEqual([
      ['POST', '/a', `hooks.test:${port}`, '{"a":1}'],
      ['POST', '/b', `next.test:${port}`, '{"a":1}'],
      ['POST', '/c', `next.test:${port}`, '{"a":1}'],
    ]);
  });

  it.each(['http://169.254.169.254/latest/meta-data', 'http://[::1]/', 'http://evil.test/', 'file:///etc/passwd', 'http://u:p@next.test/'])(
    'is not followed to %s',
    async (location) => {
      redirect(location);
      await expect(post(guarded(), `http://hooks.test:${port}/`)).rejects.toMatchObject(refused);
      expect(asked).toHaveLength(1);
    },
  );

  it('is not followed to a name that resolves to what is not public', async () => {
    redirect(`http://next.test:${port}/`);
    const lookup: LookupFunction = (host, options, done) =>
      resolving([host === 'next.test' ? '10.0.0.1' : '127.0.0.1'])(host, options, done);
    await expect(post(open('hooks.test,next.test,127.0.0.1', { lookup }), `http://hooks.test:${port}/`)).rejects.toMatchObject(refused);
    expect(asked).toHaveLength(1);
  });

  it('is followed three times at most', async () => {
    redirect('/1', '/2', '/3', '/4');
    await expect(post(guarded(), `http://hooks.test:${port}/`)).rejects.toMatchObject(refused);
    expect(asked).toHaveLength(4);
  });
});

it('reads of an answer what fits', async () => {
  answer = (_, response) => response.end('x'.repeat(200_000));
  const guarded = open('127.0.0.1', { largestAnswer: 1_000 });
  expect((await post(guarded, `http://127.0.0.1:${port}/`)).body).toHaveLength(1_000);
});

it('waits no longer than it is given', async () => {
  answer = () => undefined;
  await expect(post(open('127.0.0.1', { timeoutMs: 50 }), `http://127.0.0.1:${port}/`)).rejects.toMatchObject({ name: 'TimeoutError' });
});

it('goes through a proxy where there is one, which resolves names, and still refuses what is no host to send to', async () => {
  const env = { HTTP_PROXY: `http://127.0.0.1:${port}`, NO_PROXY: 'inside.test' };
  const never: LookupFunction = (_, __, done) => done(new Error('asked'), '', 0);
  const guarded = open('hooks.test,inside.test', { env, lookup: never });
  expect(await post(guarded, 'http://hooks.test/x')).toMatchObject({ status: 200 });
  expect(asked.map(({ method }) => method)).toContain('CONNECT');
  expect(asked[0]?.url).toBe('hooks.test:80');
  await expect(post(guarded, 'http://evil.test/')).rejects.toMatchObject(refused);
  await expect(post(guarded, 'http://169.254.169.254/')).rejects.toMatchObject(refused);
  await expect(post(guarded, 'http://inside.test/')).rejects.toThrow('asked');
});

it('knows an IPv4 address in the dress of IPv6', () => {
  const hosts = readOutboundHosts('10.0.0.0/8');
  expect(['::ffff:10.1.2.3', '::ffff:127.0.0.1', '::ffff:8.8.8.8'].map((address) => hosts.allowsAddress(address))).toEqual([
    true,
    false,
    true,
  ]);
});

it.each(['http://hooks.test', 'hooks.test/path', '10.0.0.0/33', 'a b@c', 'hooks.test:443', '*'])('takes no list with %s', (list) => {
  expect(() => readOutboundHosts(list)).toThrow(expect.objectContaining({ code: 'OUTBOUND_HOSTS_INVALID' }));
});
