import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { haproxyCommands, haproxyNames, haproxyWeights, observeHaproxy } from '../../../../shared/rollout/targets/haproxy-commands.ts';
import { type HaproxyServer, readHaproxyBackend } from '../../../../shared/rollout/targets/haproxy-state.ts';
import { v12, wish } from '../../../conformance/rollout-target.ts';

const server = (name: string, weight: number, change: Partial<HaproxyServer> = {}): HaproxyServer => ({
  name,
  weight,
  heldBack: false,
  up: true,
  backup: false,
  ...change,
});
const backend = (...servers: HaproxyServer[]) => ({ servers, balance: 'roundrobin' });
const canary = (percent: number) => wish(1, { candidate: v12, percent });
const names = { stable: 'v11', candidate: 'v12' };

describe('weights', () => {
  it.each([
    [0, 100, 0],
    [1, 99, 1],
    [5, 95, 5],
    [33, 67, 33],
    [100, 0, 100],
    [0.5, 199, 1],
  ])('of %d', (percent, stable, candidate) => {
    expect(haproxyWeights(percent)).toEqual({ stable, candidate });
  });

  it('are whole, at most 256, and never further off than a look takes for right', () => {
    fc.assert(
      fc.property(fc.double({ min: 0.4, max: 100, noNaN: true }), (percent) => {
        const { stable, candidate } = haproxyWeights(percent);
        for (const weight of [stable, candidate]) expect(Number.isInteger(weight) && weight >= 0 && weight <= 256).toBe(true);
        expect(Math.abs((100 * candidate) / (stable + candidate) - percent)).toBeLessThan(percent > 99.6 ? 0.4 : 0.2);
        if (percent < 100) expect(stable).toBeGreaterThan(0);
      }),
    );
  });

  it('are refused where HAProxy could only give more', () => {
    expect(() => haproxyWeights(0.1)).toThrow(expect.objectContaining({ code: 'WEIGHT_TOO_SMALL' }));
  });
});

describe('commands', () => {
  it('raise a weight before another falls, touch nothing that is so, and leave a backup alone', () => {
    const before = backend(server('v10', 7), server('v11', 100), server('v12', 0), server('spare', 1, { backup: true }));
    expect(haproxyCommands('model', names, canary(100), before)).toEqual({
      commands: ['set weight model/v12 100', 'set weight model/v10 0', 'set weight model/v11 0'],
    });
    expect(haproxyCommands('model', names, canary(5), backend(server('v11', 95), server('v12', 5)))).toEqual({ commands: [] });
  });

  it('never leave the backend without a server, whatever was before', () => {
    const weight = fc.integer({ min: 0, max: 256 });
    fc.assert(
      fc.property(fc.tuple(weight, weight, weight), fc.integer({ min: 0, max: 100 }), (weights, percent) => {
        fc.pre(weights.some((one) => one > 0));
        const now = new Map(['v10', 'v11', 'v12'].map((name, index) => [name, weights[index]!]));
        const plan = haproxyCommands('model', names, canary(percent), backend(...[...now].map(([name, one]) => server(name, one))));
        for (const command of 'commands' in plan ? plan.commands : []) {
          const [, name = '', value] = /^set weight model\/(\S+) (\d+)$/.exec(command)!;
          now.set(name, Number(value));
          expect([...now.values()].some((one) => one > 0)).toBe(true);
        }
        expect(now.get('v10')).toBe(0);
        expect((100 * now.get('v12')!) / (now.get('v11')! + now.get('v12')!)).toBeCloseTo(percent, 9);
      }),
    );
  });

  it('end a maintenance of a server that must answer, after its weight', () => {
    const before = backend(server('v11', 40, { heldBack: true }), server('v12', 100, { heldBack: true }));
    expect(haproxyCommands('model', names, canary(0), before)).toEqual({
      commands: ['set weight model/v11 100', 'set weight model/v12 0', 'set server model/v11 state ready'],
    });
  });

  it('are none where a server is missing', () => {
    expect(haproxyCommands('model', names, canary(5), backend(server('v11', 100)))).toEqual({ missing: 'v12' });
  });
});

describe('what is seen', () => {
  it.each([
    ['weights', [server('v11', 190), server('v12', 10)], { stable: 'v11', candidate: 'v12', percent: 5 }],
    ['a candidate that is down', [server('v11', 95), server('v12', 5, { up: false })], { candidate: 'v12', percent: 0 }],
    ['a stable that is down', [server('v11', 95, { up: false }), server('v12', 5)], { stable: 'v11', percent: 100 }],
    ['a candidate that drains', [server('v11', 95), server('v12', 5, { heldBack: true })], { percent: 0 }],
    ['nobody', [server('v11', 0), server('v12', 0)], { stable: 'none' }],
    ['a third', [server('v11', 90), server('v12', 5), server('v9', 5)], { candidate: 'v9', percent: 5 }],
    ['no candidate', [server('v11', 100)], { candidate: 'none', percent: 0 }],
    ['a backup', [server('v11', 95), server('v12', 5), server('b', 100, { backup: true })], { candidate: 'v12', percent: 5 }],
  ])('is %s', (_, servers, observed) => {
    expect(observeHaproxy(names, canary(5), backend(...servers))).toMatchObject(observed);
  });

  it('is a share that should be nobody’s', () => {
    expect(observeHaproxy({ stable: 'v11', candidate: null }, wish(1), backend(server('v11', 50), server('v9', 50)))).toMatchObject({
      candidate: 'v9',
      percent: 50,
    });
  });
});

describe('names', () => {
  const named = (template: string) => haproxyNames(template, { ...canary(5), model: 'churn' });
  it('come from the template', () => expect(named('{model}-{number}')).toEqual({ stable: 'churn-11', candidate: 'churn-12' }));
  it.each(['v11; shutdown sessions', 'a b', '{version}\nquit', '', '{version}/x'])('are refused: %j', (template) => {
    expect(() => named(template)).toThrow(expect.objectContaining({ code: 'HAPROXY_NAME_INVALID' }));
  });
  it('are refused where both versions would have the same', () => {
    expect(() => named('model')).toThrow(expect.objectContaining({ code: 'HAPROXY_NAME_INVALID' }));
  });
});

describe('answers', () => {
  const head = '1\n# be_id be_name srv_id srv_name srv_addr srv_op_state srv_admin_state srv_uweight srv_iweight\n';
  it.each([
    ["Can't find backend.\n\n", "Can't find backend."],
    ['', 'It answered nothing.'],
    ['2\nwhatever', '2'],
    [head, 'It has no servers.'],
    [`${head}3 model 1 v11 127.0.0.1 2 0 abc 100\n`, 'It does not tell the weights of its servers.'],
    [`${head}3 model 1\n`, 'It does not tell the weights of its servers.'],
  ])('that are none: %j', (state, why) => {
    expect(readHaproxyBackend(state, '')).toBe(why);
  });

  it('tell what is held back, down and starting', () => {
    const rows = [
      'a 127.0.0.1 2 0 5 5',
      'b 127.0.0.1 0 1 5 5',
      'c 127.0.0.1 2 8 5 5',
      'd 127.0.0.1 0 0 5 5',
      'e 127.0.0.1 1 0 5 5',
      'f 127.0.0.1 3 0 5 5',
    ];
    const found = readHaproxyBackend(head + rows.map((row, index) => `3 model ${index} ${row}\n`).join(''), '');
    expect(typeof found === 'string' ? found : found.servers.map(({ name, heldBack, up }) => [name, heldBack, up])).toEqual([
      ['a', false, true],
      ['b', true, true],
      ['c', true, true],
      ['d', false, false],
      ['e', false, true],
      ['f', false, false],
    ]);
  });
});
