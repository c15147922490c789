import { describe, expect, it } from 'vitest';
import { predictionSchema } from '../../../shared/production/prediction-log.ts';
import { answerInfer } from '../../../shared/serving/answer-infer.ts';
import { answerRows } from '../../../shared/serving/answer-rows.ts';
import { renderMetrics } from '../../../shared/serving/render-metrics.ts';
import { agree } from '../../../shared/serving/shadow-counts.ts';
import { type PlayedEngine, playEngine, rowsOf } from './play-engine.ts';

const page = ({ engine }: PlayedEngine) => renderMetrics(engine, { open: true, version: '1', ready: true });
const infer = (...values: readonly number[]) => ({
  body: { id: 'call', inputs: [{ name: 'p', shape: [values.length, 1], datatype: 'FP32', data: values }] },
  version: undefined,
  arrived: 0,
  unit: undefined,
  headerId: undefined,
});
const answer = (score: number, prediction: string | number = 1, decision?: string) => ({
  score,
  prediction,
  ...(decision !== undefined && { decision }),
});

describe('two answers', () => {
  it('agree with the same label and decision and a score at most .05 away', () => {
    expect(agree('binary', answer(0.5), answer(0.55))).toBe(true);
    expect(agree('binary', answer(0.5), answer(0.551))).toBe(false);
    expect(agree('binary', answer(0.5), answer(0.449))).toBe(false);
    expect(agree('binary', answer(0.5, 1), answer(0.49, 0))).toBe(false);
    expect(agree('binary', answer(0.91, 1, 'BLOCK'), answer(0.9, 1, 'REVIEW'))).toBe(false);
    expect(agree('multiclass', answer(0.5, 'a'), answer(0.5, 'b'))).toBe(false);
  });

  it('of a regression agree within 5 % of the answer, and within .05 near zero', () => {
    expect([
      agree('regression', answer(200, 200), answer(210, 210)),
      agree('regression', answer(-200, -200), answer(-210.1, -210.1)),
    ]).toEqual([true, false]);
    expect([agree('regression', answer(0, 0), answer(0.05, 0.05)), agree('regression', answer(0, 0), answer(0.06, 0.06))]).toEqual([
      true,
      false,
    ]);
  });
});

describe('a shadow', () => {
  it('is held against the answers that were given, and never against a fallback', async () => {
    const played = await playEngine(['v11', 'v12'], { shadows: ['v12'], fallback: { constant: 0.9 } });
    const { engine, behaviour, lines } = played;
    behaviour('v12').shift = 0.25;
    await answerRows(engine, rowsOf({ p: 0.25 }, { p: 0.5 }));
    await expect.poll(() => lines.length).toBe(4);
    behaviour('v12').shift = 0;
    await answerRows(engine, rowsOf({ p: 0.5 }));
    await expect.poll(() => lines.length).toBe(6);
    behaviour('v11').fails = true;
    await answerRows(engine, rowsOf({ p: 0.5 }));
    await expect.poll(() => lines.length).toBe(8);
    const text = page(played);
    expect(text).toContain('weighin_serving_shadow_compared_total{model="churn",version="v12"} 3\n');
    expect(text).toContain('weighin_serving_shadow_disagreed_total{model="churn",version="v12"} 2\n');
    expect(text).toContain('weighin_serving_shadow_score_difference_bucket{model="churn",version="v12",le="0.001"} 1\n');
    expect(text).toContain('weighin_serving_shadow_score_difference_bucket{model="churn",version="v12",le="0.2"} 1\n');
    expect(text).toContain('weighin_serving_shadow_score_difference_bucket{model="churn",version="v12",le="0.3"} 3\n');
    expect(text).toContain('weighin_serving_shadow_score_difference_sum{model="churn",version="v12"} 0.5\n');
  });

  it('holds up no answer, also when it never answers itself', async () => {
    const { engine, behaviour, lines } = await playEngine(['v11', 'v12'], { shadows: ['v12'] });
    behaviour('v12').hangs = true;
    const order: string[] = [];
    const asked = behaviour('v12').calls.length;
    await answerRows(engine, rowsOf({ p: 0.5 })).then(() => order.push(`answered, shadow asked ${behaviour('v12').calls.length - asked}`));
    expect(order).toEqual(['answered, shadow asked 0']);
    await expect.poll(() => behaviour('v12').calls.length - asked).toBe(1);
    expect(lines.map(({ variant }) => variant)).toEqual([null]);
  });

  it('that was taken away meanwhile is asked nothing', async () => {
    const { engine, behaviour } = await playEngine(['v11', 'v12'], { shadows: ['v12'] });
    const before = behaviour('v12').calls.length;
    await answerRows(engine, rowsOf({ p: 0.5 }));
    engine.shadows.delete('v12');
    await engine.fleet.unload('v12');
    await new Promise((resolve) => setTimeout(resolve, 20));
    expect(behaviour('v12').calls.length).toBe(before);
  });
});

describe('a call of the Open Inference Protocol', () => {
  it('is counted, logged and mirrored as rows are', async () => {
    const settings = { shadows: ['v12'] };
    const [rows, tensors] = [await playEngine(['v11', 'v12'], settings), await playEngine(['v11', 'v12'], settings)];
    for (const { behaviour } of [rows, tensors]) behaviour('v12').shift = 0.25;
    await answerRows(rows.engine, { ...rowsOf({ p: 0.25 }, { p: 0.5 }), ids: ['call:0', 'call:1'] });
    expect(await answerInfer(tensors.engine, infer(0.25, 0.5))).toMatchObject({ id: 'call', outputs: [{ name: 'y', data: [0.25, 0.5] }] });
    await expect.poll(() => [rows.lines.length, tensors.lines.length]).toEqual([4, 4]);
    expect(tensors.lines).toEqual(rows.lines);
    expect(page(tensors)).toBe(page(rows));
    expect(
      tensors.lines.map((line) => predictionSchema.parse(line)).map(({ id, variant, score, features }) => [id, variant, score, features]),
    ).toEqual([
      ['call:0', null, 0.25, { p: 0.25 }],
      ['call:1', null, 0.5, { p: 0.5 }],
      ['call:0', 'shadow', 0.5, { p: 0.25 }],
      ['call:1', 'shadow', 0.75, { p: 0.5 }],
    ]);
  });

  it('fails as rows do, and is counted as they are', async () => {
    const [rows, tensors] = [await playEngine(['v11'], { failures: 2 }), await playEngine(['v11'], { failures: 2 })];
    const codes: unknown[][] = [[], []];
    for (const { behaviour } of [rows, tensors]) behaviour('v11').fails = true;
    for (let round = 0; round < 3; round++) {
      await answerRows(rows.engine, rowsOf({ p: 0.5 })).catch(({ code }) => codes[0]!.push(code));
      await answerInfer(tensors.engine, infer(0.5)).catch(({ code }) => codes[1]!.push(code));
    }
    expect(codes).toEqual(Array(2).fill(['MODEL_FAILED', 'MODEL_FAILED', 'CIRCUIT_OPEN']));
    // A score that is no number is a failure on both ways.
    const odd = await playEngine(['v11']);
    odd.behaviour('v11').shift = Number.NaN;
    await expect(answerInfer(odd.engine, infer(0.5))).rejects.toMatchObject({ status: 500, code: 'MODEL_FAILED' });
    expect(page(tensors).replaceAll(/.*refused.*\n/g, '')).toBe(page(rows).replaceAll(/.*refused.*\n/g, ''));
  });

  it('keeps a user by the parameter that names them', async () => {
    const { engine } = await playEngine(['v11', 'v12'], { weights: { v11: 50, v12: 50 }, sticky: { field: 'user' } });
    const versionOf = async (user: string) => {
      const call = infer(0.5);
      return (await answerInfer(engine, { ...call, body: { ...call.body, parameters: { user } } })) as { model_version: string };
    };
    for (const user of ['alice', 'bob', 'carol', 'dave']) {
      const [row] = await answerRows(engine, rowsOf({ p: 0.5, user }));
      expect((await versionOf(user)).model_version).toBe(row!.model_version);
    }
    await expect(answerInfer(engine, infer(0.5))).rejects.toMatchObject({ code: 'FIELD_MISSING', field: 'parameters.user' });
    expect(await answerInfer(engine, { ...infer(0.5), version: 'v12' })).toMatchObject({ model_version: 'v12' });
  });
});
