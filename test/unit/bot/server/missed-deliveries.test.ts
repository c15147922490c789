import { describe, expect, it } from 'vitest';
import type { Log } from '../../../../bot/bot-context.ts';
import { createMissedDeliveries } from '../../../../bot/server/missed-deliveries.ts';
import type { Delivery } from '../../../../shared/adapters/github-app/connect-app.ts';

const silent: Log = { info() {}, warn() {}, error() {} };
const now = Date.parse('2026-11-21T12:00:00Z');
const delivery = (id: number, change: Partial<Delivery> = {}): Delivery => ({
  id: String(id),
  guid: `g${id}`,
  event: 'pull_request',
  statusCode: 502,
  deliveredAt: '2026-11-21T11:50:00Z',
  ...change,
});
const payload = (number: number) => ({
  action: 'opened',
  number,
  installation: { id: 77 },
  repository: { id: 1, name: 'churn', owner: { login: 'acme' }, default_branch: 'main' },
});

function reading(pages: readonly (readonly Delivery[])[], payloadOf: (id: string) => unknown = (id) => payload(Number(id))) {
  const looked: number[] = [];
  const asked: string[] = [];
  let current = pages;
  const read = createMissedDeliveries({
    app: {
      deliveries: async (cursor) => {
        const page = Number(cursor ?? 0);
        return { deliveries: current[page] ?? [], next: page + 1 < current.length ? String(page + 1) : null };
      },
      deliveredPayload: async (id) => {
        asked.push(id);
        return payloadOf(id);
      },
    },
    enqueue: (_repository, hints) => looked.push(...hints.map((hint) => (hint.kind === 'pull' ? hint.number : -1))),
    self: () => ({ appId: 1, login: 'weighin[bot]' }),
    log: silent,
    now: () => now,
  });
  return { read, looked, asked, set: (next: typeof pages) => (current = next) };
}

describe('createMissedDeliveries', () => {
  it('reads what failed, oldest first, over pages, and not what arrived', async () => {
    const { read, looked } = reading([
      [delivery(5), delivery(4, { statusCode: 202 })],
      [delivery(3), delivery(2, { statusCode: 0 })],
    ]);
    expect(await read()).toBe(3);
    expect(looked).toEqual([2, 3, 5]);
  });

  it('leaves out what arrived when it was sent again, and what failed twice counts once', async () => {
    const { read, looked } = reading([
      [delivery(9, { guid: 'a', statusCode: 200 }), delivery(8, { guid: 'b' }), delivery(7, { guid: 'b' }), delivery(6, { guid: 'a' })],
    ]);
    expect(await read()).toBe(1);
    expect(looked).toHaveLength(1);
  });

  it('goes on where it stopped', async () => {
    const { read, asked, set } = reading([[delivery(3), delivery(2)]]);
    await read();
    set([[delivery(4), delivery(3), delivery(2)]]);
    expect(await read()).toBe(1);
    expect(asked).toEqual(['2', '3', '4']);
  });

  it('carries out no wish that is older than an hour', async () => {
    const { read, looked } = reading([[delivery(3), delivery(2, { deliveredAt: '2026-11-21T10:59:59Z' }), delivery(1)]]);
    expect(await read()).toBe(1);
    expect(looked).toEqual([3]);
  });

  it('tries again what it could not read, and nothing twice', async () => {
    let fails = true;
    const { read, looked } = reading([[delivery(3), delivery(2)]], (id) => {
      if (id === '3' && fails) throw new Error('no answer');
      return payload(Number(id));
    });
    await expect(read()).rejects.toThrow('no answer');
    fails = false;
    expect(await read()).toBe(1);
    expect(looked).toEqual([2, 3]);
  });

  it('is kept by no broken payload from reading the others', async () => {
    const { read, looked } = reading([[delivery(3), delivery(2)]], (id) => (id === '2' ? { action: 'opened', number: 'x' } : payload(3)));
    await read();
    expect(looked).toEqual([3]);
  });
});
