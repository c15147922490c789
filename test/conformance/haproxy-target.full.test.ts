import { type AddressInfo, connect, createServer } from 'node:net';
import { describe, expect, it, onTestFinished } from 'vitest';
import { openHaproxyTarget } from '../../shared/adapters/rollout-targets/open-haproxy-target.ts';
import { isAsDesired } from '../../shared/rollout/engine/traffic.ts';
import { openHaproxyDouble } from '../support/rollout/haproxy-double.ts';
import { startHaproxy } from '../support/rollout/real-haproxy.ts';
import { describeRolloutTarget, v12, wish } from './rollout-target.ts';

async function haproxy(...settings: Parameters<typeof startHaproxy>) {
  const real = await startHaproxy(...settings);
  onTestFinished(real.close);
  return real;
}
const targetAt = (socket: string, warn: (line: string) => void = () => undefined) =>
  openHaproxyTarget({ kind: 'haproxy', socket, backend: 'model', server: '{version}' }, { warn });
const canary = (revision: number, percent: number) => wish(revision, { candidate: v12, percent });

describeRolloutTarget('HAProxy itself', { tells: true, mirrors: false, leases: false, keepsRevision: false }, async () => {
  const real = await haproxy();
  const relay = await openRelay(real.socket);
  onTestFinished(relay.close);
  return {
    target: targetAt(relay.address),
    again: () => targetAt(relay.address),
    async actual() {
      const weights = new Map<string, number>();
      for (const name of ['v11', 'v12', 'v13']) weights.set(name, Number.parseInt(await real.command(`get weight model/${name}`), 10));
      const total = [...weights.values()].reduce((sum, weight) => sum + weight, 0);
      return {
        shares: Object.fromEntries([...weights].map(([name, weight]) => [name, (100 * weight) / total])),
        mirrored: [],
        present: null,
        leaseSeconds: null,
      };
    },
    breakOff: relay.breakOff,
    mend: relay.mend,
    forget: real.restart,
  };
});

/** Of 2,000 requests two may be on the other side: the round goes on from wherever it stood. */
function expectShare(counts: Readonly<Record<string, number>>, percent: number): void {
  const { v11 = 0, v12 = 0 } = counts;
  expect([v11 + v12, Math.abs(v12 - 20 * percent) <= (percent % 100 === 0 ? 0 : 2)], JSON.stringify(counts)).toEqual([2_000, true]);
}

describe('requests through HAProxy', () => {
  it('are divided by roundrobin as was wished: 5, 25 and 100 %', async () => {
    const real = await haproxy();
    const target = targetAt(real.socket);
    for (const percent of [0, 5, 25, 100]) {
      await target.apply(canary(1, percent));
      expectShare(await real.load(2_000), percent);
    }
  });

  it('reach a candidate no more once it was taken back, and none is lost on the way', async () => {
    const real = await haproxy();
    const target = targetAt(real.socket);
    await target.apply(canary(1, 50));
    const under = real.load(3_000);
    while (real.arrived.filter((name) => name === 'v12').length < 300) await new Promise(setImmediate);
    await target.apply(wish(2));
    const [before, after] = [real.arrived.length, await real.load(1_000)];
    const counts = await under;
    expect(after).toEqual({ v11: 1_000 });
    expect(Object.keys(counts).sort()).toEqual(['v11', 'v12']);
    expect(counts['v11']! + counts['v12']!).toBe(3_000);
    // What had been given to it before may still arrive: at most what was under way.
    expect(real.arrived.slice(before).filter((name) => name === 'v12').length).toBeLessThanOrEqual(20);
  });

  it('follow haproxy.cfg after a restart, until the next look', async () => {
    const real = await haproxy();
    const target = targetAt(real.socket);
    await target.apply(canary(1, 25));
    await real.restart();
    expect(await real.load(200)).toEqual({ v11: 200 });
    expect(isAsDesired(canary(1, 25), await target.observe(canary(1, 25)))).toBe(false);
    await target.apply(canary(1, 25));
    expectShare(await real.load(2_000), 25);
  });

  it('are given to a server that somebody had put into maintenance', async () => {
    const real = await haproxy();
    const target = targetAt(real.socket);
    await real.command('set server model/v12 state maint; set server model/v11 state drain');
    expect(await target.observe(canary(1, 25))).toMatchObject({ stable: 'none', percent: 0 });
    await target.apply(canary(1, 25));
    expect(isAsDesired(canary(1, 25), await target.observe(canary(1, 25)))).toBe(true);
    expectShare(await real.load(2_000), 25);
  });
});

describe('HAProxy', () => {
  it.each([
    ['roundrobin', []],
    ['hdr(x-user)', []],
    ['random', [expect.stringContaining('balances by random, or by a hash')]],
    ['leastconn', [expect.stringContaining('balances by leastconn')]],
  ])('is warned of where weights are not shares: %s', async (balance, warnings) => {
    const real = await haproxy({ balance });
    const lines: string[] = [];
    await targetAt(real.socket, (line) => lines.push(line)).observe(wish(1));
    expect(lines).toEqual(warnings);
  });

  it('refuses in the words that are explained', async () => {
    const still = await haproxy({ balance: 'static-rr' });
    await expect(targetAt(still.socket).apply(canary(1, 5))).rejects.toMatchObject({
      code: 'TARGET_REFUSED',
      message: expect.stringMatching(/static LB algorithm.*roundrobin/),
    });
    const guarded = await haproxy({ level: 'operator' });
    await expect(targetAt(guarded.socket).apply(canary(1, 5))).rejects.toMatchObject({
      code: 'TARGET_REFUSED',
      message: expect.stringMatching(/Permission denied.*level admin/),
    });
  });

  it('answers what its double answers', async () => {
    const real = await haproxy();
    const double = await openHaproxyDouble({ v11: 100, v12: 0, v13: 0 });
    onTestFinished(double.close);
    for (const line of [
      'set weight model/v11 95; set weight model/v12 5',
      'set weight model/v19 5',
      'set weight model/v11 300',
      'set weight model/v11 95; set weight model/v19 5; set weight model/v12 6',
      'set server model/v11 state ready',
      'show servers state nope',
    ])
      expect([line, await exchange(double.port, line)]).toEqual([line, await real.command(line)]);
    const states = [await exchange(double.port, 'show servers state model'), await real.command('show servers state model')];
    const [left, right] = states.map((text) =>
      text.split('\n').map((row) => row.split(' ').filter((_, cell) => [3, 5, 6, 7, 8].includes(cell))),
    );
    expect(left).toEqual(right);
  });
});

/** A way to the socket that a test can take away. */
async function openRelay(path: string) {
  let left = Number.POSITIVE_INFINITY;
  const server = createServer({ allowHalfOpen: true }, (from) => {
    if (left <= 0) return void from.destroy();
    left--;
    const to = connect(path);
    from.on('error', () => to.destroy()).pipe(to);
    to.on('error', () => from.destroy()).pipe(from);
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  return {
    address: `127.0.0.1:${(server.address() as AddressInfo).port}`,
    breakOff: (after: number) => {
      left = after;
    },
    mend: () => {
      left = Number.POSITIVE_INFINITY;
    },
    close: () => void server.close(),
  };
}

function exchange(port: number, line: string): Promise<string> {
  return new Promise((resolve, reject) => {
    let text = '';
    const connection = connect(port, '127.0.0.1', () => connection.write(`${line}\n`));
    connection
      .on('data', (chunk: Buffer) => {
        text += chunk.toString();
      })
      .on('end', () => resolve(text))
      .on('error', reject);
  });
}
