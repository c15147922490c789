import { mkdtempSync, rmSync } from 'node:fs';
import { createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, it, onTestFinished } from 'vitest';
import { openHaproxyTarget } from '../../../../shared/adapters/rollout-targets/open-haproxy-target.ts';
import { v12, wish } from '../../../conformance/rollout-target.ts';
import { openHaproxyDouble } from '../../../support/rollout/haproxy-double.ts';

const canary = (percent: number) => wish(1, { candidate: v12, percent });
const targetAt = (socket: string, parts: Parameters<typeof openHaproxyTarget>[1] = {}, backend = 'model') =>
  openHaproxyTarget({ kind: 'haproxy', socket, backend, server: '{version}' }, parts);

async function haproxy(...settings: Parameters<typeof openHaproxyDouble>) {
  const double = await openHaproxyDouble(...settings);
  onTestFinished(double.close);
  return { double, socket: `127.0.0.1:${double.port}` };
}

it('sends a wish as one line, and nothing while it is so', async () => {
  const { double, socket } = await haproxy({ v11: 100, v12: 0 });
  const target = targetAt(socket);
  await target.apply(canary(5));
  await target.apply(canary(5));
  expect(double.lines.filter((line) => line.startsWith('set'))).toEqual(['set weight model/v12 5; set weight model/v11 95']);
});

it('says what to write into haproxy.cfg where a server or a right is missing', async () => {
  const { double, socket } = await haproxy({ v11: 100 });
  await expect(targetAt(socket).apply(canary(5))).rejects.toMatchObject({
    code: 'TARGET_REFUSED',
    message: `HAProxy at ${socket} has no server v12 in backend model. Add \`server v12 HOST:PORT weight 0 check\` to \`backend model\` in haproxy.cfg and reload it.`,
  });
  expect(double.servers).toMatchObject([{ name: 'v11', weight: 100 }]);
  await expect(targetAt(socket, {}, 'nope').observe(canary(5))).rejects.toMatchObject({
    code: 'TARGET_REFUSED',
    message: expect.stringContaining("Can't find backend. Is `backend` the name in haproxy.cfg?"),
  });
  const other = await haproxy({ v11: 100, v12: 0 });
  for (const [says, hint] of [
    ['Permission denied', '`level admin`'],
    ["Backend is using a static LB algorithm and only accepts weights '0%' and '100%'.", 'roundrobin'],
    ['\u001b[2JNo\u202e', '⟨U+001B⟩[2JNo⟨U+202E⟩'],
  ] as const) {
    other.double.says = says;
    await expect(targetAt(other.socket).apply(canary(5))).rejects.toMatchObject({
      code: 'TARGET_REFUSED',
      message: expect.stringContaining(hint),
    });
  }
});

it.each([
  ['roundrobin', 0],
  ['hdr', 0],
  ['leastconn', 1],
  ['unknown', 1],
])('warns once of a balance that does not follow weights: %s', async (balance, times) => {
  const { socket } = await haproxy({ v11: 100, v12: 0 }, { balance });
  const lines: string[] = [];
  const target = targetAt(socket, { warn: (line) => lines.push(line) });
  await target.apply(canary(5));
  await target.observe(canary(5));
  expect(lines).toHaveLength(times);
});

it.each(['silent', 'cut', 'gone'])('says that a socket is %s', async (how) => {
  const folder = mkdtempSync(join(tmpdir(), 'weighin-socket-'));
  onTestFinished(() => rmSync(folder, { recursive: true, force: true }));
  const path = join(folder, 'admin.sock');
  const server = createServer((connection) => void (how === 'cut' && connection.destroy()));
  if (how !== 'gone') await new Promise<void>((resolve) => server.listen(path, resolve));
  const target = targetAt(path, { seconds: 0.05 });
  const why = { silent: 'did not answer within 0.05 s', cut: 'ECONNRESET|EPIPE', gone: 'ENOENT' }[how]!;
  for (const call of [target.observe(canary(5)), target.apply(wish(2))])
    await expect(call).rejects.toMatchObject({ code: 'TARGET_UNREACHABLE', message: expect.stringMatching(why) });
  server.close();
});

it.each(['admin', 'me:secret@host:80', 'host:99999', '', 'a\nb:80', 'http://host:80'])('refuses a socket that is none: %j', (socket) => {
  expect(() => targetAt(socket)).toThrow(
    expect.objectContaining({ code: 'TARGET_SOCKET_INVALID', message: expect.not.stringContaining('secret') }),
  );
});
it.each(['[::1]:9999', 'haproxy:9999', '/run/a:b.sock', './admin.sock', 'run/admin.sock'])('takes %s', (socket) => {
  expect(targetAt(socket).kind).toBe('haproxy');
});
