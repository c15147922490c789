import { describe, expect, it } from 'vitest';
import { openSession } from '../../../shared/adapters/onnxruntime/open-session.ts';
import type { InferenceSession, OpenSession } from '../../../shared/scoring/inference-session.ts';
import { openServedModel } from '../../../shared/serving/served-model.ts';
import { small } from '../onnx/small-models.ts';

/** `y = p + 0.25`, by way of an operator that may or may not be bounded. */
const model = (operator: string) =>
  small({
    inputs: [{ name: 'p', element: 'float', shape: [null, 1] }],
    outputs: [{ name: 'y', element: 'float', shape: [null, 1] }],
    initializers: [{ name: 'shift', shape: [1], values: Float32Array.of(0.25) }],
    nodes: [
      { operator, inputs: ['p'], outputs: ['q'] },
      { operator: 'Add', inputs: ['q', 'shift'], outputs: ['y'] },
    ],
  });

interface Counted {
  readonly open: OpenSession;
  opened: number;
  closed: number;
}

/** The real runtime, counted; `slow` adds milliseconds to every call. */
function counted(slow = 0): Counted {
  const found: Counted = {
    opened: 0,
    closed: 0,
    open: async (bytes, options): Promise<InferenceSession> => {
      const session = await openSession(bytes, options);
      found.opened++;
      return {
        ...session,
        async run(feeds, fetches) {
          if (slow > 0) await new Promise((resolve) => setTimeout(resolve, slow));
          return session.run(feeds, fetches);
        },
        close: async () => {
          found.closed++;
          await session.close();
        },
      };
    },
  };
  return found;
}

async function place(bytes: Uint8Array, own: Counted | null, maxRows = 10) {
  const threads = counted();
  const source = { version: 'v1', bytes, digest: 'sha256:1', task: null, score: undefined, positive: null, features: null, contract: null };
  const served = await openServedModel(source, { openSession: threads.open, workers: 2, openOwn: own?.open ?? null, maxRows });
  const answer = await served.predict([[0.5]]);
  await served.close();
  return { threads: served.threads, inThreads: threads.opened, answer };
}

describe('a model', () => {
  it('that is quick and can not hang runs in the server’s own thread', async () => {
    const own = counted();
    expect(await place(model('Identity'), own)).toMatchObject({ threads: 0, inThreads: 0, answer: { values: Float64Array.of(0.75) } });
    expect([own.opened, own.closed]).toEqual([1, 1]);
  });

  it('that is slow, for as many rows as a request may hold, runs in threads, and its first session is let go', async () => {
    const own = counted(6);
    expect(await place(model('Identity'), own)).toMatchObject({ threads: 2, inThreads: 1, answer: { values: Float64Array.of(0.75) } });
    expect([own.opened, own.closed]).toEqual([1, 1]);
    // One call of 1,000 rows takes 1 ms at least here; a request may hold 1,000,000.
    const many = counted(1);
    expect(await place(model('Identity'), many, 1_000_000)).toMatchObject({ threads: 2, inThreads: 1 });
  });

  it('whose time nobody knows before it ran is not even tried there', async () => {
    const own = counted();
    expect(await place(model('Hardmax'), own)).toMatchObject({ threads: 2, inThreads: 1 });
    expect(own.opened).toBe(0);
  });

  it('runs in threads where they were asked for', async () => {
    expect(await place(model('Identity'), null)).toMatchObject({ threads: 2, inThreads: 1 });
  });
});
