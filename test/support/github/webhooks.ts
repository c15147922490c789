import { createHmac, randomUUID } from 'node:crypto';

export interface Delivery {
  /** Of this sending; a redelivery has another. */
  readonly id: number;
  /** X-GitHub-Delivery: a redelivery keeps it. */
  readonly guid: string;
  readonly event: string;
  readonly action: string | null;
  readonly payload: Record<string, unknown>;
  readonly at: string;
  readonly redelivery: boolean;
  /** `held`: waits for the test. `dropped`: never sent, as far as the receiver knows. */
  state: 'held' | 'sending' | 'delivered' | 'failed' | 'dropped' | 'unsent';
  /** The receiver's status; 0 where it was not reached. */
  status: number;
}

export interface DeliverOptions {
  readonly secret: string;
  readonly now: () => string;
  readonly nextId: () => number;
}

/**
 * Webhooks, signed, in the order of what happened: sent at once to `target`, or held for the test to send, drop, double, delay or
 * re-order. Without a target they are only listed.
 */
export function createDeliveries({ secret, now, nextId }: DeliverOptions) {
  const all: Delivery[] = [];
  const filters: ((delivery: Delivery) => boolean)[] = [];
  let target: string | null = null;
  let holding = false;
  let chain: Promise<void> = Promise.resolve();

  async function post(delivery: Delivery, options: { readonly signature?: string } = {}): Promise<number> {
    if (target === null) {
      delivery.state = 'unsent';
      return 0;
    }
    delivery.state = 'sending';
    const body = JSON.stringify(delivery.payload);
    try {
      const response = await fetch(target, {
        method: 'POST',
        body,
        headers: {
          'content-type': 'application/json',
          'user-agent': 'GitHub-Hookshot/double',
          'x-github-event': delivery.event,
          'x-github-delivery': delivery.guid,
          'x-github-hook-id': '1',
          'x-github-hook-installation-target-type': 'integration',
          'x-hub-signature-256': options.signature ?? sign(secret, body),
        },
      });
      await response.arrayBuffer();
      delivery.status = response.status;
    } catch {
      delivery.status = 0;
    }
    delivery.state = delivery.status >= 200 && delivery.status < 300 ? 'delivered' : 'failed';
    return delivery.status;
  }

  const enqueue = (delivery: Delivery): Promise<number> => {
    const sent = chain.then(() => post(delivery));
    chain = sent.then(() => {});
    return sent;
  };

  function copy(delivery: Delivery): Delivery {
    const again = { ...delivery, id: nextId(), at: now(), redelivery: true, status: 0 };
    all.push(again);
    return again;
  }

  const api = {
    /** Every delivery, oldest first. */
    all: all as readonly Delivery[],
    get held(): readonly Delivery[] {
      return all.filter(({ state }) => state === 'held');
    },
    /** Where webhooks go: `http://127.0.0.1:3000/api/github/webhooks`. */
    sendTo(url: string | null) {
      target = url;
    },
    /** From now on they wait. */
    hold() {
      holding = true;
    },
    /** Sends what waits, in order, and holds no more. */
    async release(): Promise<void> {
      holding = false;
      for (const delivery of api.held) void enqueue(delivery);
      await api.settled();
    },
    /** Sends these now, in this order, whatever their state; the receiver's statuses. */
    async send(...deliveries: readonly Delivery[]): Promise<readonly number[]> {
      const statuses: number[] = [];
      for (const delivery of deliveries) statuses.push(await enqueue(delivery));
      return statuses;
    },
    /** Twice, with the same X-GitHub-Delivery, as GitHub redelivers. */
    redeliver: (delivery: Delivery): Promise<number> => enqueue(copy(delivery)),
    /** With a signature of the test's own, or none that is right. */
    forge: (delivery: Delivery, signature = `sha256=${'0'.repeat(64)}`): Promise<number> => post({ ...delivery }, { signature }),
    drop(delivery: Delivery) {
      delivery.state = 'dropped';
    },
    /** Every following one for which it says true is lost. */
    dropWhere(lost: (delivery: Delivery) => boolean) {
      filters.push(lost);
    },
    /** A delivery of the test's own making. */
    inject(event: string, payload: Record<string, unknown>): Delivery {
      const action = typeof payload['action'] === 'string' ? payload['action'] : null;
      const delivery: Delivery = {
        id: nextId(),
        guid: randomUUID(),
        event,
        action,
        payload,
        at: now(),
        redelivery: false,
        state: 'held',
        status: 0,
      };
      all.push(delivery);
      return delivery;
    },
    /** After everything that is under way was answered, with what it brought about. */
    async settled(): Promise<void> {
      for (let last: Promise<void> | null = null; last !== chain; ) {
        last = chain;
        await last;
      }
    },
    find: (event: string, action?: string): readonly Delivery[] =>
      all.filter((delivery) => delivery.event === event && (action === undefined || delivery.action === action)),
    /** For the double itself: something happened. */
    add(event: string, action: string | null, payload: Record<string, unknown>): void {
      const delivery = api.inject(event, payload);
      Object.assign(delivery, { action });
      if (filters.some((lost) => lost(delivery))) delivery.state = 'dropped';
      else if (!holding) void enqueue(delivery);
    },
  };
  return api;
}
export type Deliveries = ReturnType<typeof createDeliveries>;

export const sign = (secret: string, body: string): string => `sha256=${createHmac('sha256', secret).update(body).digest('hex')}`;
