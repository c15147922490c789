import { describe, expect, it } from 'vitest';
import { boardOf } from '../../../../bot/board/board-of.ts';
import { createHeartbeats } from '../../../../bot/board/heartbeats.ts';
import { renderLive } from '../../../../bot/board/render-board.ts';
import type { EventLine } from '../../../../shared/promotion/event-document.ts';
import { guardEngine } from '../../../../shared/rollout/guard/guard-engine.ts';
import { heartbeatSchema } from '../../../../shared/rollout/guard/heartbeat.ts';
import { heartbeatOf } from '../../../../shared/rollout/guard/heartbeat-of.ts';
import { factsOf } from '../../../support/board/board-facts.ts';
import { createGuardWorld } from '../../../support/rollout/guard-world.ts';
import { alice, pending, type Simulation, simulate, steady } from '../../rollout/engine/simulated-rollout.ts';

/** What the engine and the guard really write, on the board. */
const boardAt = ({ live, now, events }: Simulation) => {
  const lines = events.map(
    (event, index): EventLine => ({
      schema: 'weighin/event@1',
      id: `sha256:${String(index).padStart(64, '0')}`,
      prev: null,
      seq: index + 1,
      at: new Date(now).toISOString(),
      model: 'churn',
      stage: 'production',
      generation: live.generation,
      promotion: `churn.production.${live.generation}`,
      by: 'weighin[bot]/1.0.0',
      ...event,
    }),
  );
  const board = boardOf(factsOf({ 'churn production': { live, events: { 42: lines } } }, { now: new Date(now), readAt: new Date(now) }));
  const stage = board.models[0]?.stages[0];
  expect(stage?.problem).toBe(null);
  const page = renderLive(board);
  expect(page).not.toMatch(/NaN|undefined|\[object/);
  return { board, stage, rollout: stage?.rollout, page };
};

describe('the board of a rollout that the engine carries out', () => {
  it('follows a good one from hand to end: never ahead of the engine, never behind it', () => {
    const rollout = simulate(pending());
    expect(boardAt(rollout).rollout?.says).toBe('v12 waits for a guard: no traffic has moved yet.');
    rollout.begin();
    const seen = new Set<string>();
    for (let looks = 0; looks < 3000 && rollout.live.phase !== 'succeeded'; looks++) {
      rollout.tick();
      if (looks % 50 > 0 && rollout.live.phase === 'analysing') continue;
      const { rollout: shown } = boardAt(rollout);
      if (!shown) continue;
      const doing = shown.steps.findIndex(({ state }) => state === 'now');
      if (rollout.live.phase === 'analysing') expect(doing).toBe(rollout.live.step);
      expect(shown.traffic?.seen ?? 0).toBe(rollout.live.weight?.observed ?? 0);
      seen.add(shown.says);
    }
    expect([...seen].filter((says) => says.startsWith('v12 answers'))).toEqual(
      [5, 15, 30, 50, 75, 100].map((percent, step) => `v12 answers ${percent} % of production, step ${step + 1} of 6.`),
    );
    const { stage, board } = boardAt(rollout);
    expect([stage?.standing, stage?.runs?.version, stage?.rollout]).toEqual(['steady', 12, null]);
    expect(board.activity[0]?.says).toBe('v12 runs: the rollout is done');
  });

  it('says with numbers why a bad one was taken back, which step it was in, and what is held', () => {
    const { board, stage, rollout } = boardAt(simulate(pending(), steady(0.03)).begin().untilPhase('rolled-back'));
    expect(board.says).toBe('churn production: v12 was taken back, worse than stable');
    expect(board.why).toMatch(/^error_rate of the candidate is [\d.]+ %/);
    expect(stage?.runs?.version).toBe(11);
    expect(stage?.holds).toMatchObject([{ version: 12, whole: false }]);
    expect(rollout?.metrics).toMatchObject([{ name: 'error_rate', answer: 'worse' }]);
    expect(rollout?.metrics[0]?.strength).toBeGreaterThanOrEqual(1);
    expect(rollout?.metrics[0]?.bounds?.lower).toBeGreaterThan(1);
    expect(rollout?.steps.filter(({ state }) => state === 'stopped')).toHaveLength(1);
  });

  it('says that a person paused it, and what to comment', () => {
    const rollout = simulate(pending()).begin().untilPhase('analysing');
    rollout.reduce({ is: 'pause', by: alice, cause: 'comment:1:1', detail: 'looking at a dashboard' }, alice);
    const { stage, rollout: shown } = boardAt(rollout);
    expect([stage?.standing, shown?.trouble?.title]).toEqual(['paused', 'paused by a person']);
    expect(shown?.trouble?.advice.commands).toContain('/weighin canary churn production resume');
  });
});

it('shows what a guard really says in its heartbeat', async () => {
  const world = createGuardWorld();
  const { guard } = world.start();
  for (let tick = 0; tick < 8; tick++) {
    await guard.tick();
    world.pass(10);
  }
  const tick = await guard.tick();
  const heartbeats = createHeartbeats(() => world.clock.now);
  heartbeats.take(heartbeatSchema.parse(heartbeatOf(tick, { repository: 'acme/churn', owner: 'pod-a', engine: guardEngine })));
  world.pass(4);
  const live = tick.rollouts[0]?.live;
  if (!live) throw new Error('one is guarded');
  const now = new Date(world.clock.now);
  const board = boardOf(factsOf({ 'churn production': { live } }, { now, readAt: now, heard: (id) => heartbeats.of('acme/churn', id) }));
  const { rollout } = board.models[0]?.stages[0] ?? {};
  expect(rollout?.guard).toMatchObject({ from: 'heartbeat', owner: 'pod-a' });
  expect(renderLive(board)).toContain('data-age="4"');
  expect(rollout?.steps[0]).toMatchObject({ state: 'now', guarded: 80, hold: 120 });
  expect(rollout?.metrics[0]?.candidate.total).toBeGreaterThan(50);
});
