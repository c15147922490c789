import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, it } from 'vitest';
import type { ComparisonRequest } from '../../../shared/pipeline/compare-scorers.ts';
import type { ModelRun, RunContext } from '../../../shared/pipeline/run-context.ts';
import { answersIn } from '../../../shared/pipeline/weigh/read-answers.ts';

const digest = (digit: string) => `sha256:${digit.repeat(64)}`;
const [candidate, baseline, testDigest] = [digest('a'), digest('b'), digest('c')];
let folder: string;
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'weighin-answers-'));
  for (const side of ['candidate', 'baseline']) mkdirSync(join(folder, side));
});
afterEach(() => rmSync(folder, { recursive: true, force: true }));

const bytes = (numbers: readonly number[]) => new Uint8Array(Float64Array.from(numbers).buffer);
const scores = { kind: 'scores', dtype: 'float32', seconds: 0.5, timed: false };
function leave(side: 'candidate' | 'baseline', numbers: readonly number[], change: object = {}) {
  const subject = side === 'candidate' ? candidate : baseline;
  writeFileSync(
    join(folder, side, 'predictions.json'),
    JSON.stringify({ schema: 'weighin/predictions@1', side, subject, testDigest, answer: scores, ...change }),
  );
  writeFileSync(join(folder, side, 'scores.f64'), bytes(numbers));
}

/** Only what is read of them. */
function read(task = 'binary', withBaseline = false, format = 'onnx') {
  const run = { config: { task, model: { format } } } as unknown as ModelRun;
  const resolved = withBaseline ? { record: { subject: { digest: baseline, bytes: 5 } } } : null;
  const request = {
    training: { model: { bytes: 9 } },
    manifest: { features: [{ name: 'plan' }], splits: { test: { rowIds: testDigest } } },
    found: { resolved, baseline: withBaseline ? { stage: 'production', version: 3 } : null },
    relation: '',
    rows: 3,
  } as unknown as ComparisonRequest;
  return answersIn(folder, candidate)({} as RunContext, run, request);
}
const refusal = (promise: Promise<unknown>) => promise.then(() => null).catch((cause: { code?: string }) => cause.code ?? cause);

it('brings both sides’ numbers, and their calls once', async () => {
  leave('candidate', [0.1, 0.2, 1], { answer: { ...scores, timed: true } });
  leave('baseline', [0.3, 0.4, 0]);
  writeFileSync(join(folder, 'candidate/latency-candidate.f64'), bytes([1, 2]));
  writeFileSync(join(folder, 'candidate/latency-baseline.f64'), bytes([3, 4]));
  const compared = await read('binary', true);
  expect([...compared.candidate]).toEqual([0.1, 0.2, 1]);
  expect([...(compared.baseline ?? [])]).toEqual([0.3, 0.4, 0]);
  expect(compared).toMatchObject({
    dtype: 'float32',
    modelBytes: { candidate: 9, baseline: 5 },
    scoring: { rows: 3, seconds: 0.5 },
    incompatible: null,
    again: null,
  });
  expect(await compared.measureLatency()).toEqual({ candidate: Float64Array.of(1, 2), baseline: Float64Array.of(3, 4) });
  expect(await compared.measureLatency()).toBeNull();
});

it('believes what columns matter of the columns that there are, and of models that it runs itself', async () => {
  const answer = { ...scores, timed: true, importance: { plan: 0.7, '@octocat': 9 } };
  leave('candidate', [0.1, 0.2, 1], { answer });
  expect((await read()).importance).toEqual({ plan: 0.7 });
  expect((await read('binary', false, 'command')).importance).toBeNull();
  leave('candidate', [0.1, 0.2, 1], { answer: { ...answer, importance: { plan: -1 } } });
  expect(await refusal(read())).toBe('WEIGH_FILE_INVALID');
});

it.each([
  ['too few numbers', () => leave('candidate', [0.1, 0.2]), 'PREDICTIONS_ROW_COUNT'],
  ['too many numbers', () => leave('candidate', [0.1, 0.2, 0.3, 0.4]), 'WEIGH_FILE_INVALID'],
  ['no number', () => leave('candidate', [0.1, Number.NaN, 0.3]), 'PREDICTIONS_NOT_FINITE'],
  ['an infinite one', () => leave('candidate', [0.1, Number.POSITIVE_INFINITY, 0.3]), 'PREDICTIONS_NOT_FINITE'],
  ['no probability', () => leave('candidate', [0.1, 1.5, 0.3]), 'PREDICTIONS_OUT_OF_RANGE'],
  ['another model', () => leave('candidate', [0.1, 0.2, 0.3], { subject: baseline }), 'NOT_SAME_ROWS'],
  ['the other side', () => leave('candidate', [0.1, 0.2, 0.3], { side: 'baseline' }), 'NOT_SAME_ROWS'],
  ['other rows', () => leave('candidate', [0.1, 0.2, 0.3], { testDigest: digest('d') }), 'NOT_SAME_ROWS'],
  ['a further key', () => leave('candidate', [0.1, 0.2, 0.3], { verdict: 'pass' }), 'WEIGH_FILE_INVALID'],
  [
    'a document that is too long',
    () => writeFileSync(join(folder, 'candidate/predictions.json'), ' '.repeat(100_001)),
    'WEIGH_FILE_INVALID',
  ],
  [
    'what the model said instead',
    () => leave('candidate', [], { answer: { kind: 'error', code: 'PREDICT_FAILED', message: 'It ended with 1.' } }),
    'PREDICT_FAILED',
  ],
  ['nothing at all', () => undefined, 'PREDICT_LOST'],
])('attack: the candidate’s job left %s', async (_, leaves, code) => {
  leaves();
  expect(await refusal(read())).toBe(code);
});

it('takes any finite number of a regressor', async () => {
  leave('candidate', [-3, 0, 1e9]);
  expect([...(await read('regression')).candidate]).toEqual([-3, 0, 1e9]);
});

it('tells of a baseline that can’t answer, and stops where it could not be asked', async () => {
  leave('candidate', [0.1, 0.2, 0.3]);
  expect(await refusal(read('binary', true))).toBe('PREDICT_LOST');
  leave('baseline', [], { answer: { kind: 'error', code: 'MODEL_COLUMN_MISSING', message: 'The model reads age.' } });
  const compared = await read('binary', true);
  expect(compared.baseline).toBeNull();
  expect(compared.incompatible).toEqual({ reason: 'BASELINE_INCOMPATIBLE', cause: 'the model reads age' });
  expect(compared.notices[0]?.message).toContain('production v3');
});

it('attack: a command that says how fast it was is not believed', async () => {
  leave('candidate', [0.1, 0.2, 0.3], { answer: { ...scores, timed: true } });
  writeFileSync(join(folder, 'candidate/latency-candidate.f64'), bytes([0.001]));
  expect(await (await read('binary', false, 'command')).measureLatency()).toBeNull();
  expect(await (await read('binary', false, 'onnx')).measureLatency()).not.toBeNull();
});

it('leaves out times that are none', async () => {
  leave('candidate', [0.1, 0.2, 0.3], { answer: { ...scores, timed: true } });
  writeFileSync(join(folder, 'candidate/latency-candidate.f64'), bytes([1, -2]));
  expect(await (await read()).measureLatency()).toBeNull();
});
