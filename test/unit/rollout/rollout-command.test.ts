import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import * as ab from '../../../cli/commands/ab.ts';
import * as rollout from '../../../cli/commands/rollout.ts';
import { createCommandIo } from '../../support/command-io.ts';

let folder = '';
beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), 'weighin-rollout-'));
  const write = (name: string, text: string) => writeFileSync(join(folder, name), text);
  write('rollout.yaml', 'strategy: canary\nmetrics:\n  - {name: errors, bad: b, total: t, max: 0.01, hardMax: 0.05}\n');
  const history = Array.from({ length: 24 }, () => [5, 950]);
  const row = (bad: number) => Array.from({ length: 12 }, () => [0, bad, 45, 4, 855]);
  write('good.json', JSON.stringify({ metrics: { errors: { history, buckets: row(0) } } }));
  write('bad.json', JSON.stringify({ metrics: { errors: { history, buckets: row(2) } } }));
  write(
    'shared.json',
    JSON.stringify({ metrics: { errors: { history, buckets: row(2).map(([step, x, m, , n]) => [step, x, m, 36, n]) } } }),
  );
});
afterAll(() => rmSync(folder, { recursive: true, force: true }));

const judge = async (observations: string, more: object = {}) => {
  const { io, printed, json } = createCommandIo(folder);
  const args = { action: 'judge', rollout: 'rollout.yaml', observations, name: undefined, all: false, ...more };
  const exit = await rollout.run(args as never, io);
  return { exit, text: printed.join('\n'), first: printed[0] ?? '', json: json[0] as Record<string, unknown> };
};

describe('weighin rollout judge', () => {
  it('says the verdict first, and exits by it', async () => {
    const good = await judge('good.json');
    expect([good.exit, good.first]).toEqual([0, '✓ continue: nothing would have stopped it in 540 candidate requests']);
    const bad = await judge('bad.json');
    expect(bad.exit).toBe(1);
    expect(bad.first).toMatch(
      /^✕ rollback: it would have rolled back \d+ min in \(step 0\), after [\d,]+ candidate requests with \d+ bad: errors is worse than stable's/,
    );
    const shared = await judge('shared.json');
    expect([shared.exit, shared.first.startsWith('! pause: it would have paused')]).toEqual([0, true]);
  });

  it('prints every look where all are asked for, and writes every quantity', async () => {
    const { text, json } = await judge('good.json', { all: true });
    expect(text.split('\n').filter((line) => /^ +\d+ +0 +0 of 45 +4 of 855/.test(line))).toHaveLength(12);
    expect(json).toMatchObject({
      schema: 'weighin/rollout-judgement@1',
      verdict: 'continue',
      metrics: [{ name: 'errors', looks: expect.any(Array) }],
    });
    expect(JSON.stringify(json)).not.toContain('null,"upper"');
  });

  it.each([
    [{ rollout: undefined }, 'FLAG_MISSING'],
    [{ observations: 'none.json' }, 'FILE_NOT_FOUND'],
    [{ rollout: '.' }, 'FILE_UNREADABLE'],
    [{ action: 'juge' }, 'ACTION_UNKNOWN'],
  ])('refuses %j', async (more, code) => {
    await expect(judge('good.json', more)).rejects.toMatchObject({ code, name: 'UserError' });
  });
});

describe('weighin ab', () => {
  const call = async (args: object) => {
    const { io, printed, json } = createCommandIo(folder);
    const usual = { what: [], rule: 'sequential', alpha: 0.05, power: 0.8, shares: undefined, salt: undefined, markdown: undefined };
    const exit = await ab.run({ ...usual, ...args } as never, io);
    return { exit, printed, json: json[0] };
  };

  it('plans in whole weeks', async () => {
    const { printed, json } = await call({ action: 'plan', rate: 0.1, effect: 0.02, 'units-per-day': 1000, rule: 'fixed' });
    expect(printed[0]).toBe('14 days and 7,682 users: 3,841 control, 3,841 treatment');
    expect(json).toMatchObject({ schema: 'weighin/experiment-plan@1', days: 14, total: 7682 });
  });

  it('assigns as published', async () => {
    expect((await call({ action: 'assign', what: ['alice', 'user_1'] })).json).toEqual([
      { user: 'alice', arm: 'control' },
      { user: 'user_1', arm: 'treatment' },
    ]);
  });

  it.each([
    [{ action: 'plan' }, 'FLAG_INVALID'],
    [{ action: 'plan', rate: 0.1, effect: 0.95, 'units-per-day': 1 }, 'FLAG_INVALID'],
    [{ action: 'plan', rate: 0.1, effect: 0.1, 'units-per-day': 1, shares: '0.9,0.2' }, 'FLAG_INVALID'],
    [{ action: 'plan', what: ['x'], rate: 0.1, effect: 0.1, 'units-per-day': 1 }, 'ARGUMENT_UNKNOWN'],
    [{ action: 'assign', what: [] }, 'USER_MISSING'],
    [{ action: 'assign', what: ['a'], shares: '0.9,0.1' }, 'FLAG_INVALID'],
    [{ action: 'analyse', what: ['none.json'] }, 'FILE_NOT_FOUND'],
    [{ action: 'x' }, 'ACTION_UNKNOWN'],
  ])('refuses %j', async (args, code) => {
    await expect(call(args)).rejects.toMatchObject({ code });
  });
});
