import { describe, expect, it } from 'vitest';
import { predictionSchema } from '../../../shared/production/prediction-log.ts';
import { answerRows } from '../../../shared/serving/answer-rows.ts';
import { renderMetrics } from '../../../shared/serving/render-metrics.ts';
import { playEngine, rowsOf } from './play-engine.ts';

const page = (engine: Parameters<typeof renderMetrics>[0]) => renderMetrics(engine, { open: true, version: '1', ready: true });
const turn = () => new Promise((resolve) => setTimeout(resolve, 20));

describe('an answer', () => {
  it('holds score, prediction, version, latency and id, and its log line keeps the published schema', async () => {
    const { engine, lines, clock } = await playEngine(['v11']);
    const work = answerRows(engine, rowsOf({ p: 0.5 }));
    clock.now = 3.4567;
    expect(await work).toEqual([{ score: 0.5, prediction: 1, model_version: 'v11', latency_ms: 3.457, id: 'r0' }]);
    expect(lines).toHaveLength(1);
    expect(predictionSchema.parse(lines[0])).toMatchObject({
      id: 'r0',
      version: 'v11',
      variant: null,
      features: { p: 0.5 },
      score: 0.5,
      degraded: false,
    });
  });

  it('comes in the order of the rows, from one call for requests that arrive together', async () => {
    const { engine, behaviour } = await playEngine(['v11']);
    behaviour('v11').calls.length = 0;
    const answers = await Promise.all([
      answerRows(engine, rowsOf({ p: 0.1 }, { p: 0.2 })),
      answerRows(engine, rowsOf({ p: 0.75 })),
      answerRows(engine, rowsOf({ p: 0.25 })),
    ]);
    expect(answers.flat().map(({ score }) => score)).toEqual([0.1, 0.2, 0.75, 0.25].map(Math.fround));
    expect(behaviour('v11').calls).toEqual([4]);
  });

  it('of a neighbour is not failed by a bad row in the same call', async () => {
    const { engine } = await playEngine(['v11']);
    const [good, bad] = await Promise.allSettled([answerRows(engine, rowsOf({ p: 0.25 })), answerRows(engine, rowsOf({ p: -7 }))]);
    expect(good).toMatchObject({ status: 'fulfilled', value: [{ score: 0.25 }] });
    expect(bad).toMatchObject({ status: 'rejected', reason: { status: 500, code: 'MODEL_FAILED' } });
  });

  it('that a model failed to give is told to whoever runs the server: why, once a minute, without a value', async () => {
    const told: string[] = [];
    const { engine, clock } = await playEngine(['v11'], { warn: (line) => told.push(line), failures: 100 });
    const fail = () => expect(answerRows(engine, rowsOf({ p: -7 }))).rejects.toMatchObject({ code: 'MODEL_FAILED' });
    await fail();
    await fail();
    expect(told).toEqual([
      'v11 failed on a request: the graph could not be computed on what it was given [MODEL_RUN_FAILED]; told once a minute, /metrics counts all.',
    ]);
    await expect(answerRows(engine, rowsOf({ p: null }))).rejects.toMatchObject({ code: 'MODEL_FAILED' });
    expect(told[1]).toContain('are not finite numbers');
    expect(told[1]).toContain('[SCORES_NOT_FINITE]');
    clock.now += 60_000;
    await fail();
    expect(told).toHaveLength(3);
  });

  it('asks nothing when one row is wrong, and names its place', async () => {
    const { engine, behaviour, lines } = await playEngine(['v11']);
    behaviour('v11').calls.length = 0;
    await expect(answerRows(engine, rowsOf({ p: 0.5 }, { p: 'x' }))).rejects.toMatchObject({
      status: 422,
      code: 'FIELD_TYPE',
      field: 'rows[1].p',
    });
    expect(behaviour('v11').calls).toEqual([]);
    expect(lines).toEqual([]);
    expect(page(engine)).toContain('weighin_serving_failures_total{model="churn",version="v11",variant="",reason="refused"} 1');
    expect(page(engine)).not.toContain('weighin_serving_errors_total{model="churn",version="v11",variant=""} 1');
  });
});

describe('two versions', () => {
  it('share the traffic by weight', async () => {
    let draw = 0;
    const { engine } = await playEngine(['v11', 'v12'], { weights: { v11: 95, v12: 5 }, random: () => draw });
    const versionAt = async (at: number) => {
      draw = at;
      return (await answerRows(engine, rowsOf({ p: 0.5 })))[0]?.model_version;
    };
    expect([await versionAt(0), await versionAt(0.0499), await versionAt(0.05), await versionAt(0.999)]).toEqual([
      'v12',
      'v12',
      'v11',
      'v11',
    ]);
  });

  it('keep a user by the published hash, row by row, and a greater weight only adds users', async () => {
    const { engine } = await playEngine(['v11', 'v12'], { weights: { v11: 70, v12: 30 }, sticky: { field: 'user' }, maxRows: 500 });
    const rows = Array.from({ length: 300 }, (_, index) => ({ p: 0.5, user: `user_${index}` }));
    const versions = async () => (await answerRows(engine, rowsOf(...rows))).map((answer) => answer.model_version);
    const first = await versions();
    expect(await versions()).toEqual(first);
    const share = first.filter((version) => version === 'v12').length / 300;
    expect(share).toBeGreaterThan(0.2);
    expect(share).toBeLessThan(0.4);
    engine.traffic.set({ weights: { v11: 50, v12: 50 } });
    const second = await versions();
    expect(first.every((version, index) => version === 'v11' || second[index] === 'v12')).toBe(true);
    expect(second).not.toEqual(first);
    await expect(answerRows(engine, rowsOf({ p: 0.5 }))).rejects.toMatchObject({ code: 'FIELD_MISSING', field: 'user' });
  });

  it('are named stable and candidate in the log', async () => {
    const { engine, lines } = await playEngine(['v11', 'v12'], { weights: { v11: 50, v12: 50 }, random: () => 0.9 });
    await answerRows(engine, rowsOf({ p: 0.5 }));
    expect(lines[0]).toMatchObject({ version: 'v11', variant: 'stable' });
  });
});

describe('a shadow', () => {
  it('sees every request, never answers, and logs by the same id', async () => {
    const { engine, lines, behaviour } = await playEngine(['v11', 'v12'], { shadows: ['v12'] });
    behaviour('v12').shift = 0.25;
    expect(await answerRows(engine, rowsOf({ p: 0.5 }))).toMatchObject([{ score: 0.5, model_version: 'v11' }]);
    await expect.poll(() => lines.length).toBe(2);
    expect(lines.map(({ id, version, variant, score }) => [id, version, variant, score])).toEqual([
      ['r0', 'v11', null, 0.5],
      ['r0', 'v12', 'shadow', 0.75],
    ]);
    behaviour('v12').fails = true;
    expect(await answerRows(engine, rowsOf({ p: 0.5 }))).toMatchObject([{ score: 0.5 }]);
    await turn();
    expect(lines).toHaveLength(3);
    expect(page(engine)).toContain('weighin_serving_errors_total{model="churn",version="v12",variant="shadow"} 1');
  });
});

describe('a model that fails or is late', () => {
  it('is answered for by the constant, marked degraded, and counted as an error of its own', async () => {
    const { engine, lines, behaviour } = await playEngine(['v11'], { fallback: { constant: 0.2 } });
    behaviour('v11').fails = true;
    expect(await answerRows(engine, rowsOf({ p: 0.9 }))).toMatchObject([
      { score: 0.2, prediction: 0, model_version: 'v11', degraded: true },
    ]);
    expect(lines[0]).toMatchObject({ version: 'v11', degraded: true, score: 0.2 });
    expect(page(engine)).toContain('weighin_serving_errors_total{model="churn",version="v11",variant=""} 1');
    expect(page(engine)).toContain('weighin_serving_degraded_total{model="churn",version="v11",variant=""} 1');
  });

  it('is answered for by the other version when it hangs', async () => {
    const { engine, behaviour } = await playEngine(['v12', 'v11'], { fallback: { version: 'v11' } });
    behaviour('v12').hangs = true;
    expect(await answerRows(engine, rowsOf({ p: 0.75 }))).toMatchObject([{ score: 0.75, model_version: 'v12', degraded: true }]);
  });

  it('is 504 and 500 without a fallback', async () => {
    const { engine, behaviour } = await playEngine(['v11']);
    behaviour('v11').fails = true;
    await expect(answerRows(engine, rowsOf({ p: 0.9 }))).rejects.toMatchObject({ status: 500, code: 'MODEL_FAILED' });
    behaviour('v11').hangs = true;
    await expect(answerRows(engine, rowsOf({ p: 0.9 }))).rejects.toMatchObject({ status: 504, code: 'MODEL_LATE' });
  });

  it('rests after failures in a row, is tried once, and comes back', async () => {
    const { engine, behaviour, clock } = await playEngine(['v11'], { failures: 3 });
    const ask = () =>
      answerRows(engine, rowsOf({ p: 0.25 })).then(
        () => 'ok',
        (error: { code: string }) => error.code,
      );
    behaviour('v11').fails = true;
    expect([await ask(), await ask(), await ask(), await ask()]).toEqual(['MODEL_FAILED', 'MODEL_FAILED', 'MODEL_FAILED', 'CIRCUIT_OPEN']);
    expect(page(engine)).toContain('weighin_serving_breaker_open{model="churn",version="v11"} 1');
    clock.now = 5_000;
    expect([await ask(), await ask()]).toEqual(['MODEL_FAILED', 'CIRCUIT_OPEN']);
    clock.now = 10_000;
    behaviour('v11').fails = false;
    expect([await ask(), await ask()]).toEqual(['ok', 'ok']);
  });
});

describe('a version that leaves', () => {
  it('finishes what it was asked, and is let go of then', async () => {
    const { engine, behaviour } = await playEngine(['v11', 'v12']);
    const work = answerRows(engine, rowsOf({ p: 0.25 }));
    engine.traffic.setStable('v12');
    const gone = engine.fleet.unload('v11');
    expect(behaviour('v11').closed).toBe(false);
    expect(await work).toMatchObject([{ score: 0.25, model_version: 'v11' }]);
    await gone;
    expect(behaviour('v11').closed).toBe(true);
    expect(await answerRows(engine, rowsOf({ p: 0.25 }))).toMatchObject([{ model_version: 'v12' }]);
    expect(page(engine)).toContain('weighin_serving_requests_total{model="churn",version="v11",variant=""} 1');
  });
});
