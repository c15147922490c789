import { createHmac } from 'node:crypto';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { expect, it, onTestFinished } from 'vitest';
import { describeStanding, describeTransition } from '../../../../shared/rollout/guard/describe-look.ts';
import { guardEngine } from '../../../../shared/rollout/guard/guard-engine.ts';
import { heartbeatSchema } from '../../../../shared/rollout/guard/heartbeat.ts';
import { heartbeatOf } from '../../../../shared/rollout/guard/heartbeat-of.ts';
import { createSendHeartbeat } from '../../../../shared/rollout/guard/send-heartbeat.ts';
import { createGuardWorld } from '../../../support/rollout/guard-world.ts';

const self = { repository: 'acme/churn', owner: 'pod-a', engine: guardEngine };

it('tells the board what the last tick saw, and people in one line', async () => {
  const world = createGuardWorld();
  const { guard } = world.start();
  for (let tick = 0; tick < 8; tick++) {
    await guard.tick();
    world.pass(10);
  }
  const tick = await guard.tick();
  const beat = heartbeatSchema.parse(heartbeatOf(tick, self));
  expect(beat.rollouts).toMatchObject([
    {
      rolloutId: 'churn.production.42',
      phase: 'analysing',
      step: 0,
      weight: { desired: 5, observed: 5 },
      held: { seconds: 80, of: 120 },
      metrics: [{ name: 'error_rate', limit: 0.05, missing: null }],
      says: null,
    },
  ]);
  expect(beat.rollouts[0]?.metrics[0]?.candidate.total).toBeGreaterThan(50);
  world.pass(3);
  const [look] = tick.rollouts;
  expect(describeStanding(look!, guardEngine, new Date(world.clock.now))).toBe(
    'churn production: v12 5 %, 80 of 120 s, error_rate 0.0 % of limit 5.0 %, guarded 3.0 s ago'.replace('80 of 120 s', '1 of 2 min'),
  );
});

it('says in a line what changed, and why', () => {
  const look = { key: { model: 'churn', stage: 'production' } };
  const end = { phase: 'analysing', step: 0, percent: 5, candidate: 12, stable: 11 } as const;
  const line = (to: object, why: string | null = null) => describeTransition(look, { from: end, to: { ...end, ...to }, why });
  expect(line({ phase: 'shifting', percent: 15 })).toBe('churn production: v12 analysing at 5 % → shifting at 15 %');
  expect(line({ phase: 'paused' }, 'no data')).toBe('churn production: v12 analysing → paused at 5 %: no data');
  expect(line({ phase: 'rolling-back', percent: 0 }, 'errors\n\u001b[2J')).toBe(
    'churn production: v12 analysing at 5 % → rolling-back: errors ⟨U+001B⟩[2J',
  );
  expect(line({ phase: 'rolled-back', percent: null })).toBe('churn production: v12 analysing → rolled-back: v11 has all traffic');
  expect(line({ phase: 'succeeded', percent: null, stable: 12 })).toBe('churn production: v12 analysing → succeeded: v12 has all traffic');
});

it('signs what it sends, sends one at a time, and waits for nobody', async () => {
  const world = createGuardWorld();
  const { guard } = world.start();
  const beat = heartbeatOf(await guard.tick(), self);
  const bodies: { readonly url: string; readonly right: boolean }[] = [];
  let status = 204;
  let release = (): void => undefined;
  const held = new Promise<void>((resolve) => {
    release = resolve;
  });
  const server = createServer(async (request, response) => {
    const chunks: Buffer[] = [];
    for await (const chunk of request) chunks.push(chunk as Buffer);
    const signature = `sha256=${createHmac('sha256', 'shared').update(Buffer.concat(chunks)).digest('hex')}`;
    bodies.push({ url: request.url ?? '', right: request.headers['x-weighin-signature-256'] === signature });
    await held;
    response.writeHead(status).end();
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  onTestFinished(() => void server.close());
  const board = new URL(`http://127.0.0.1:${(server.address() as AddressInfo).port}/bot`);
  const troubles: (string | null)[] = [];
  const send = createSendHeartbeat({ board, secret: 'shared', fetch, onTrouble: (message) => troubles.push(message) });
  for (let count = 0; count < 5; count++) send(beat);
  await expect.poll(() => bodies.length).toBe(1);
  release();
  expect(bodies).toEqual([{ url: '/bot/guard', right: true }]);
  status = 401;
  await expect
    .poll(() => {
      send(beat);
      return troubles;
    })
    .toEqual(['the board answered 401']);
  server.closeAllConnections();
  server.close();
  await expect
    .poll(() => {
      send(beat);
      return troubles.at(-1);
    })
    .toBe('the board could not be reached');
});
