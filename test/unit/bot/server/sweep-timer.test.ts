import { expect, it } from 'vitest';
import type { Log } from '../../../../bot/bot-context.ts';
import { createSweepTimer } from '../../../../bot/server/sweep-timer.ts';

const silent: Log = { info() {}, warn() {}, error() {} };
const installation = (id: number, suspended = false) => ({ id, account: 'acme', suspended, permissions: {} });

function sweeping(failing: readonly string[] = []) {
  const swept: string[] = [];
  const rounds: number[] = [];
  const waits: { callback: () => void; milliseconds: number }[] = [];
  let cancelled = 0;
  const fails = (what: string) => {
    if (failing.includes(what)) throw new Error(what);
  };
  const timer = createSweepTimer({
    app: {
      installations: async () => {
        fails('installations');
        return [installation(1), installation(2), installation(3, true)];
      },
      repositories: async (id) => {
        fails(`repositories ${id}`);
        return [{ owner: `org-${id}`, name: 'churn' }];
      },
    },
    enqueue: ({ owner, name }, hints) => swept.push(`${owner}/${name} ${hints.map(({ kind }) => kind)}`),
    readMissed: async () => {
      fails('missed');
      return 4;
    },
    log: silent,
    onSwept: (missed) => rounds.push(missed),
    schedule: (callback, milliseconds) => {
      waits.push({ callback, milliseconds });
      return () => cancelled++;
    },
  });
  return { timer, swept, rounds, waits, cancelled: () => cancelled };
}

it('sweeps every repository at once, then reads what was missed, and comes back in five minutes', async () => {
  const { timer, swept, rounds, waits } = sweeping();
  await timer.start();
  expect(swept).toEqual(['org-1/churn sweep', 'org-2/churn sweep']);
  expect(rounds).toEqual([4]);
  expect(waits.map(({ milliseconds }) => milliseconds)).toEqual([300_000]);
  waits[0]?.callback();
  await new Promise((resolve) => setImmediate(resolve));
  expect(swept).toHaveLength(4);
});

it('is kept by no installation that can’t be asked from sweeping the others', async () => {
  const { timer, swept, rounds } = sweeping(['repositories 1', 'missed']);
  await timer.start();
  expect(swept).toEqual(['org-2/churn sweep']);
  expect(rounds).toEqual([0]);
});

it('counts no round in which nobody could be asked, and comes back all the same', async () => {
  const { timer, rounds, waits } = sweeping(['installations']);
  await timer.start();
  expect(rounds).toEqual([]);
  expect(waits).toHaveLength(1);
});

it('does not come back once it is stopped', async () => {
  const { timer, waits, cancelled } = sweeping();
  await timer.start();
  timer.stop();
  expect(cancelled()).toBe(1);
  await timer.start();
  expect(waits).toHaveLength(1);
});
