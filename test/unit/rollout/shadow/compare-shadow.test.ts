import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { openDuckDB } from '../../../../shared/adapters/duckdb/open-duckdb.ts';
import { openPredictionLog } from '../../../../shared/production/open-prediction-log.ts';
import type { QueryEngine } from '../../../../shared/query/query-engine.ts';
import { compareShadow, type ShadowRequest } from '../../../../shared/rollout/shadow/compare-shadow.ts';
import { shadowComparisonSchema } from '../../../../shared/rollout/shadow/shadow-comparison.ts';

let engine: QueryEngine;
let folder: string;
let file = 0;
beforeAll(async () => {
  engine = await openDuckDB();
  folder = await mkdtemp(join(tmpdir(), 'weighin-shadow-'));
});
afterAll(async () => {
  await engine.close();
  await rm(folder, { recursive: true, force: true });
});

const second = (at: number) => new Date(Date.parse('2026-01-05T08:00:00Z') + at * 1000).toISOString();
type Line = Readonly<Record<string, unknown>>;
const answer = (version: string, id: string, score: number | null, more: Line = {}): Line => ({
  id,
  time: second(Number(/\d+/.exec(id)?.[0] ?? 0)),
  model: 'churn',
  version,
  variant: version === 'v12' ? 'shadow' : 'stable',
  features: { age: 40 },
  score,
  prediction: score === null ? null : score >= 0.5 ? 1 : 0,
  latency_ms: version === 'v12' ? 4 : 2,
  ...more,
});
const both = (at: number, a: number | null, b: number | null, more: Line = {}): readonly Line[] => [
  answer('v11', `r${at}`, a, more),
  answer('v12', `r${at}`, b, more),
];

async function compare(lines: readonly (Line | string)[], request: Partial<ShadowRequest> = {}) {
  const source = `log-${file++}.jsonl`;
  await writeFile(join(folder, source), lines.map((line) => `${typeof line === 'string' ? line : JSON.stringify(line)}\n`).join(''));
  const log = await openPredictionLog(engine, { source, root: folder });
  const compared = await compareShadow(engine, log, { stable: 'v11', candidate: 'v12', ...request });
  expect(shadowComparisonSchema.parse(JSON.parse(JSON.stringify(compared)))).toEqual(compared);
  return compared;
}
const range = (count: number) => Array.from({ length: count }, (_, at) => at);

describe('answers of both', () => {
  it('are joined by id: labels, differences of scores, latency', async () => {
    // Of 100 requests 3 get another label, and 10 a score that is .2 higher.
    const found = await compare(
      range(100)
        .flatMap((at) => both(at, at < 3 ? 0.49 : 0.1, at < 3 ? 0.51 : at < 13 ? 0.3 : 0.1))
        .reverse(),
    );
    expect(found.rows).toMatchObject({ stable: 100, candidate: 100, compared: 100, stableAlone: 0, candidateAlone: 0, missed: 0 });
    expect(found.disagreement).toMatchObject({ rows: 3, share: 0.03, limit: 0.05, tolerance: null });
    // Clopper and Pearson's bounds of 3 of 100, as published tables have them.
    expect(found.disagreement.interval!.low).toBeCloseTo(0.00623, 5);
    expect(found.disagreement.interval!.high).toBeCloseTo(0.08518, 5);
    expect(found.scores!.mean).toBeCloseTo((3 * 0.02 + 10 * 0.2) / 100, 12);
    expect(found.scores!.meanAbsolute).toBeCloseTo(found.scores!.mean, 12);
    expect(found.scores!.beyond).toEqual({ difference: 0.05, rows: 10, share: 0.1 });
    expect(found.scores!.quantiles.find(({ share }) => share === 0.95)!.difference).toBeCloseTo(0.2, 12);
    expect(found.scores!.quantiles.find(({ share }) => share === 0.5)!.difference).toBe(0);
    expect(found.latency).toEqual({ stable: { mean: 2, p50: 2, p95: 2, p99: 2 }, candidate: { mean: 4, p50: 4, p95: 4, p99: 4 } });
    expect(found.log).toMatchObject({ from: '2026-01-05T08:00:00Z', to: '2026-01-05T08:01:39Z' });
    expect(found).toMatchObject({ recommends: 'keep', verdict: 'inconclusive' });
  });

  it('counts a direction, not only a size', async () => {
    const found = await compare(range(4).flatMap((at) => both(at, 0.3, 0.2)));
    expect(found.scores!.mean).toBeCloseTo(-0.1, 12);
    expect(found.scores!.meanAbsolute).toBeCloseTo(0.1, 12);
  });

  it('compares one answer a request: repeats, those alone and those in between are counted', async () => {
    const lines = [
      ...range(20).flatMap((at) => both(at, 0.1, 0.1)),
      // A retry of r5, later, with another answer: the first counts.
      { ...answer('v12', 'r5', 0.9), time: second(50) },
      // The same version answered r6 again as another arm.
      { ...answer('v11', 'r6', 0.9), variant: 'control', time: second(51) },
      // While the candidate was there, and after it was gone.
      answer('v11', 'r7b', 0.1),
      answer('v11', 'r900', 0.1),
      answer('v12', 'r8b', 0.1),
    ];
    const found = await compare(lines);
    expect(found.rows).toMatchObject({
      stable: 22,
      candidate: 21,
      compared: 20,
      stableAlone: 2,
      candidateAlone: 1,
      missed: 1,
      repeated: 2,
    });
    expect(found.disagreement.rows).toBe(0);
    expect(found.notices.map(({ code }) => code)).toEqual(['MISSED', 'REPEATED', 'INDEPENDENT']);
  });

  it('leaves out what a fallback answered and what has no answer; one number without the other is another answer', async () => {
    const found = await compare([
      ...both(1, 0.1, 0.1),
      answer('v11', 'r2', 0.1, { degraded: true }),
      answer('v12', 'r2', 0.9),
      answer('v11', 'r3', null),
      answer('v12', 'r3', 0.9),
      answer('v11', 'r4', null, { prediction: 'no' }),
      answer('v12', 'r4', null, { prediction: 'yes' }),
      answer('v11', 'r5', 0.7, { prediction: 1 }),
      answer('v12', 'r5', null, { prediction: 1 }),
    ]);
    expect(found.rows).toMatchObject({ compared: 3, degraded: 1, unanswered: 1 });
    expect(found.disagreement.rows).toBe(1);
    expect(found.scores!.rows).toBe(1);
  });

  it('takes 1, 1.0 and "1" for the same label', async () => {
    const found = await compare([answer('v11', 'r1', 0.9, { prediction: 1 }), answer('v12', 'r1', 0.9, { prediction: '1' })]);
    expect(found.disagreement.rows).toBe(0);
  });
});

describe('the rule', () => {
  const log = (same: number, other: number) => range(same + other).flatMap((at) => both(at, 0.1, at < other ? 0.9 : 0.1));

  it('recommends by the upper bound: 71 requests without a difference are too few for .05, 72 are enough', async () => {
    expect(await compare(log(71, 0))).toMatchObject({ recommends: 'keep', verdict: 'inconclusive' });
    expect(await compare(log(72, 0))).toMatchObject({ recommends: 'promote', verdict: 'pass' });
    expect(await compare(log(72, 0), { limit: 0.04 })).toMatchObject({ recommends: 'keep' });
  });

  it('keeps stable where they are shown to differ', async () => {
    const found = await compare(log(80, 20));
    expect(found).toMatchObject({ recommends: 'keep', verdict: 'fail' });
    expect(found.why).toBe('20 of 100 requests were answered otherwise (20.0 %, 95 % interval 12.7 % … 29.2 %); at most 5.0 % may be.');
  });

  it('believes no part that a candidate chose by failing on the rest', async () => {
    const failed = [...log(200, 0), ...range(15).map((at) => answer('v11', `r${at + 1}x`, 0.1))];
    const found = await compare(failed);
    expect(found.rows.missed).toBe(15);
    expect(found).toMatchObject({ recommends: 'keep', verdict: 'inconclusive' });
    expect(found.why).toMatch(/^15 of 215 requests have no answer of the candidate/);
    expect(await compare(failed.slice(0, -10))).toMatchObject({ recommends: 'promote' });
  });

  it('says it where no request was answered by both', async () => {
    const found = await compare([answer('v11', 'r1', 0.1), answer('v12', 'r2', 0.1)]);
    expect(found).toMatchObject({ recommends: 'keep', verdict: 'inconclusive', scores: null, latency: null });
    expect(found.disagreement).toMatchObject({ share: null, interval: null });
  });
});

describe('models that answer numbers', () => {
  const minutes = range(80).flatMap((at) => [
    answer('v11', `r${at}`, 100 + at, { prediction: 100 + at }),
    answer('v12', `r${at}`, 102.5 + at, { prediction: 102.5 + at }),
  ]);

  it('need a tolerance, and are compared by it', async () => {
    await expect(compare(minutes)).rejects.toMatchObject({ code: 'TOLERANCE_MISSING' });
    expect(await compare(minutes, { tolerance: 2.5 })).toMatchObject({ recommends: 'promote', disagreement: { rows: 0, tolerance: 2.5 } });
    expect(await compare(minutes, { tolerance: 2 })).toMatchObject({
      verdict: 'fail',
      disagreement: { rows: 80 },
      scores: { beyond: { rows: 80 } },
    });
  });

  it('are not those that only say 0 and 1', async () => {
    const found = await compare(range(4).flatMap((at) => both(at, at % 2, at % 2)));
    expect(found.disagreement.rows).toBe(0);
  });

  it('stands any finite number', async () => {
    const found = await compare([...both(1, 1.7e308, -1.7e308), ...both(2, 1, 2)], { tolerance: 1 });
    expect(found.disagreement.rows).toBe(1);
    expect(found.scores).toMatchObject({ rows: 1, mean: 1 });
  });
});

describe('which answers', () => {
  it('names what is there where a version, a model or a time is not', async () => {
    const lines = both(1, 0.1, 0.1);
    await expect(compare(lines, { candidate: 'v13' })).rejects.toMatchObject({
      code: 'VERSION_NOT_IN_LOG',
      message: expect.stringContaining('there are v11, v12'),
    });
    await expect(compare(lines, { model: 'other' })).rejects.toMatchObject({ code: 'MODEL_NOT_IN_LOG' });
    await expect(compare(lines, { since: new Date('2027-01-01') })).rejects.toMatchObject({ code: 'MODEL_NOT_IN_LOG' });
    await expect(compare([...lines, answer('v11', 'r2', 0.1, { model: 'fraud' })])).rejects.toMatchObject({
      code: 'MODEL_AMBIGUOUS',
      message: expect.stringContaining('churn, fraud'),
    });
  });

  it("says it where a shadow's answers have no variant of their own", async () => {
    const found = compare(both(1, 0.1, 0.1).map((line) => ({ ...line, variant: null })));
    await expect(found).rejects.toMatchObject({ code: 'VERSION_NOT_IN_LOG', hint: expect.stringContaining('need a variant of their own') });
  });

  it('keeps to the time and the model that were asked for', async () => {
    const lines = [...range(10).flatMap((at) => both(at, 0.1, 0.1)), ...both(3, 0.1, 0.9, { model: 'fraud' })];
    const found = await compare(lines, { model: 'churn', since: new Date(second(2)), until: new Date(second(8)) });
    expect(found.rows).toMatchObject({ compared: 6, stable: 6, candidate: 6 });
    expect(found.disagreement.rows).toBe(0);
  });
});

describe('a hostile log', () => {
  const evil = `'; DROP TABLE x; -- \u202e<script>"$(touch /x)`;

  it('is data: ids, models and labels of any text', async () => {
    const found = await compare([
      answer('v11', evil, 0.1, { model: evil, prediction: evil, time: second(1) }),
      answer('v12', evil, 0.1, { model: evil, prediction: evil, time: second(1) }),
      answer('v11', `${evil} `, 0.1, { model: evil, prediction: 'a', time: second(2) }),
      answer('v12', `${evil} `, 0.1, { model: evil, prediction: 'b', time: second(2) }),
    ]);
    expect(found.rows.compared).toBe(2);
    expect(found.disagreement.rows).toBe(1);
    await expect(compare([answer('v11', 'r1', 0.1), answer('v11', 'r1', 0.1, { model: evil })])).rejects.toMatchObject({
      message: expect.not.stringContaining('\u202e'),
    });
  });

  it('counts lines that are none, and shows no value of any', async () => {
    const secret = 'patient-4711';
    const lines = range(300).flatMap((at) => both(at, 0.1, 0.1, { features: { name: secret }, prediction: secret, id: `${secret}-${at}` }));
    const found = await compare([...lines, '{"id": "r1", "score": NaN}', '{', '[]']);
    expect(found.rows).toMatchObject({ compared: 300, broken: 3 });
    expect(JSON.stringify(found)).not.toContain(secret);
    expect(found.notices.find(({ code }) => code === 'BROKEN')!.message).toContain('3 lines');
  });

  it('is refused where it is something else', async () => {
    await expect(compare(['{', '[]', 'x'])).rejects.toMatchObject({ code: 'LOG_INVALID' });
    await expect(compare([])).rejects.toMatchObject({ code: 'LOG_EMPTY' });
  });
});
