import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { openDuckDB } from '../../../shared/adapters/duckdb/open-duckdb.ts';
import { calibrationOf } from '../../../shared/production/calibration-of.ts';
import { joinLabels, withOwnLabels } from '../../../shared/production/late-labels.ts';
import { type MeasureRequest, measureWindows } from '../../../shared/production/measure-windows.ts';
import { openPredictionLog } from '../../../shared/production/open-prediction-log.ts';
import { type PerformanceWindow, performanceSchema } from '../../../shared/production/performance.ts';
import { type PerformanceReference, referenceOfEvaluation } from '../../../shared/production/performance-reference.ts';
import { realisedPerformance } from '../../../shared/production/realised-performance.ts';
import type { QueryEngine } from '../../../shared/query/query-engine.ts';
import { openSource } from '../../../shared/source/table-source.ts';
import { type LogFolder, line, openFolder } from './log-lines.ts';

let engine: QueryEngine;
let folder: LogFolder;
beforeAll(async () => {
  engine = await openDuckDB();
  folder = await openFolder();
});
afterAll(async () => {
  await engine.close();
  await folder.remove();
});

const day = 86_400_000;
const open = (source: string) => openPredictionLog(engine, { source, root: folder.path });
const measure = async (source: string, more: Partial<MeasureRequest> = {}) =>
  measureWindows(engine, await open(source), { task: 'binary', slice: {}, milliseconds: day, ...more });

/** Answers of `days` days, `perDay` each; of every hundred, `right(day)` are right. Scores .1 and .9, half of the labels positive. */
const daily = (days: number, perDay: number, right: (day: number) => number, from = '2026-01-05') =>
  Array.from({ length: days }, (_, index) =>
    Array.from({ length: perDay }, (_, row) => {
      const label = row % 2;
      const isRight = ((row * 37) % 100) + 0.5 < right(index);
      return line({
        id: `${from}-${index}-${row}`,
        time: new Date(Date.parse(`${from}T00:00:00Z`) + index * day + row * 1000).toISOString(),
        score: (isRight ? label : 1 - label) === 1 ? 0.9 : 0.1,
        prediction: isRight ? label : 1 - label,
        label,
      });
    }),
  ).flat();

describe('labels that came later', () => {
  test('are joined by id, to every variant; the last row counts, before the log itself, and both are told', async () => {
    await folder.write('asked.jsonl', [
      line({ id: '1', label: 0 }),
      line({ id: '1', variant: 'shadow' }),
      line({ id: '2', label: 1 }),
      line({ id: '3', label: 1 }),
      line({ id: '4' }),
    ]);
    await folder.write('truth.csv', 'id,label\n1,0\n3,0\n1,1\n9,1\n2,\n');
    const table = await openSource(engine, { source: 'truth.csv', root: folder.path });
    const log = await joinLabels(engine, await open('asked.jsonl'), { table });
    expect(await engine.rows(`SELECT id, variant, label FROM ${log.relation} ORDER BY id, variant NULLS FIRST`)).toEqual([
      { id: '1', variant: null, label: '1' },
      { id: '1', variant: 'shadow', label: '1' },
      { id: '2', variant: null, label: '1' },
      { id: '3', variant: null, label: '0' },
      { id: '4', variant: null, label: null },
    ]);
    expect(log.labels).toEqual({ known: 4, unmatched: 1, changed: 1, corrected: 2 });
    expect(log.notices.map(({ code }) => code)).toEqual(['LABEL_CHANGED', 'LABEL_CORRECTED']);
    expect((await withOwnLabels(engine, await open('asked.jsonl'))).labels.known).toBe(3);
  });

  test('of other ids, or in no column of that name, are refused', async () => {
    await folder.write('some.jsonl', [line({ id: 'a' })]);
    await folder.write('others.csv', 'id,label\nx,0\n');
    const table = await openSource(engine, { source: 'others.csv', root: folder.path });
    const log = await open('some.jsonl');
    await expect(joinLabels(engine, log, { table })).rejects.toMatchObject({ code: 'LABELS_NOT_JOINED' });
    await expect(joinLabels(engine, log, { table, label: 'lable' })).rejects.toMatchObject({
      code: 'COLUMN_UNKNOWN',
      hint: 'Did you mean label? Its columns are id, label.',
    });
  });
});

describe('windows', () => {
  test('hold metrics of the model: without fallbacks and shadows, the rest of the answers counted', async () => {
    await folder.write('mixed.jsonl', [
      ...daily(2, 10, () => 80),
      line({ id: 'f', degraded: true, label: 1, time: '2026-01-05T10:00:00Z' }),
      line({ id: 's', variant: 'shadow', label: 1, time: '2026-01-05T10:00:00Z' }),
      line({ id: 'u', time: '2026-01-07T10:00:00Z' }),
    ]);
    const { windows } = await measure('mixed.jsonl', { metrics: ['accuracy', 'roc_auc'] });
    expect(windows.map(({ start, rows, degraded, labelled }) => [start, rows, degraded, labelled])).toEqual([
      ['2026-01-05T00:00:00.000Z', 10, 1, 10],
      ['2026-01-06T00:00:00.000Z', 10, 0, 10],
      ['2026-01-07T00:00:00.000Z', 1, 0, 0],
    ]);
    const accuracy = windows[0]?.metrics[0];
    const right = Array.from({ length: 10 }, (_, row) => ((row * 37) % 100) + 0.5 < 80).filter(Boolean).length;
    expect(accuracy).toMatchObject({ name: 'accuracy', value: right / 10, method: 'wilson', n: 10 });
  });

  test('of weeks begin on Monday', async () => {
    await folder.write(
      'weeks.jsonl',
      daily(9, 2, () => 100, '2026-01-09'),
    );
    const { windows } = await measure('weeks.jsonl', { milliseconds: 7 * day, metrics: ['accuracy'] });
    expect(windows.map(({ start, end }) => [start.slice(0, 10), end.slice(0, 10)])).toEqual([
      ['2026-01-05', '2026-01-12'],
      ['2026-01-12', '2026-01-19'],
    ]);
  });

  test('of answers without scores and of many classes are judged by what was answered', async () => {
    await folder.write('bare.jsonl', [
      line({ id: 'a', score: null, prediction: true, label: 1 }),
      line({ id: 'b', score: null, prediction: false, label: 1 }),
      line({ id: 'c', score: null, prediction: false, label: 0 }),
    ]);
    const bare = await measure('bare.jsonl', { metrics: ['accuracy', 'recall'] });
    expect(bare.windows[0]?.metrics.map(({ value }) => value)).toEqual([2 / 3, 0.5]);
    await expect(measure('bare.jsonl', { metrics: ['roc_auc'] })).rejects.toMatchObject({ code: 'METRIC_NEEDS_SCORES' });
    await folder.write('many.jsonl', [
      line({ id: 'a', prediction: 'red', label: 'red' }),
      line({ id: 'b', prediction: 'blue', label: 'green' }),
      line({ id: 'c', prediction: 'green', label: 'green' }),
    ]);
    const many = await measure('many.jsonl', { task: 'multiclass', metrics: ['accuracy'] });
    expect(many.windows[0]?.metrics[0]?.value).toBeCloseTo(2 / 3, 12);
    await expect(measure('many.jsonl', { task: 'multiclass', metrics: ['log_loss'] })).rejects.toMatchObject({
      code: 'METRIC_NEEDS_SCORES',
    });
    await folder.write('price.jsonl', [line({ id: 'a', score: 10, label: 12 }), line({ id: 'b', score: 10, label: 'none' })]);
    const price = await measure('price.jsonl', { task: 'regression', metrics: ['mae'] });
    expect(price.windows[0]?.metrics[0]).toMatchObject({ value: 2, n: 1 });
    expect(price.notices.map(({ code }) => code)).toEqual(['ANSWERS_LEFT_OUT']);
    await expect(measure('price.jsonl')).rejects.toMatchObject({ code: 'SCORES_OUT_OF_RANGE' });
  });
});

const evaluation = (accuracy: number, n: number): PerformanceReference =>
  referenceOfEvaluation(
    {
      metrics: [
        {
          name: 'accuracy',
          value: accuracy,
          baseline: 0.7,
          delta: 0.1,
          interval: { low: 0.05, high: 0.15, level: 0.9, method: 'tango' },
          slice: null,
          n,
          positives: n / 2,
          greaterIsBetter: true,
          unit: 'share',
          note: null,
        },
      ],
    },
    0.9,
  );

describe('a level', () => {
  test('is drift where the whole interval lies beyond the margin in two of three windows; once it is a shift', async () => {
    await folder.write(
      'worse.jsonl',
      daily(6, 1000, (index) => [90, 90, 90, 80, 80, 80][index] ?? 90),
    );
    const measured = await measure('worse.jsonl', { metrics: ['accuracy'] });
    const result = realisedPerformance(measured, evaluation(0.9, 5000), { model: 'churn' });
    expect(performanceSchema.parse(result)).toEqual(result);
    expect(result.windows.map(({ metrics }) => metrics[0]?.level)).toEqual(['none', 'none', 'none', 'shift', 'drift', 'drift']);
    expect(result.windows.map(({ metrics }) => metrics[0]?.windowLevel)).toEqual(['none', 'none', 'none', 'drift', 'drift', 'drift']);
    expect(result).toMatchObject({ verdict: 'fail', level: 'drift', metric: 'accuracy', since: '2026-01-08T00:00:00.000Z', margin: 0.02 });
    expect(result.headline).toBe(
      'accuracy .800 in the window from 2026-01-10 00:00: shown worse beyond the margin, −.100 against .900, 1,000 labels',
    );
  });

  test('is a shift where it is worse for certain and within the margin, and none where it is better', async () => {
    await folder.write(
      'little.jsonl',
      daily(1, 20_000, () => 89),
    );
    const little = await measure('little.jsonl', { metrics: ['accuracy'] });
    expect(realisedPerformance(little, evaluation(0.9, 20_000))).toMatchObject({ verdict: 'warn', level: 'shift' });
    expect(realisedPerformance(little, evaluation(0.88, 20_000))).toMatchObject({ verdict: 'pass', level: 'none', since: null });
    // The reference is an estimate as well: of few rows it can't show as much.
    expect(realisedPerformance(little, evaluation(0.9, 500))).toMatchObject({ level: 'none' });
  });

  test('waits for labels enough, and says so', async () => {
    await folder.write(
      'few.jsonl',
      daily(1, 150, () => 50),
    );
    const few = realisedPerformance(await measure('few.jsonl', { metrics: ['accuracy'] }), evaluation(0.9, 5000));
    expect(few).toMatchObject({ verdict: 'inconclusive', level: 'none' });
    expect(few.windows[0]?.metrics[0]?.note).toBe('150 labelled answers; 200 are needed');
    await folder.write('none.jsonl', [line()]);
    const none = realisedPerformance(await measure('none.jsonl'), evaluation(0.9, 5000));
    expect(none).toMatchObject({ verdict: 'inconclusive', headline: 'No labels have come, so how the model does is not known' });
    expect(none.notices.map(({ code }) => code)).toEqual(['NO_LABELS']);
    const without = realisedPerformance(await measure('worse.jsonl', { metrics: ['accuracy'] }), null);
    expect(without).toMatchObject({ verdict: 'inconclusive', reference: { kind: 'none' } });
  });

  test('against windows of the past is none where days always swung so', async () => {
    const swings = [88, 92, 85, 93, 87, 91, 89, 86];
    await folder.write(
      'past.jsonl',
      daily(8, 1000, (index) => swings[index] ?? 90),
    );
    await folder.write(
      'now.jsonl',
      daily(2, 1000, (index) => [86, 70][index] ?? 90, '2026-02-02'),
    );
    const past = (await measure('past.jsonl', { metrics: ['accuracy'] })).windows;
    const now = await measure('now.jsonl', { metrics: ['accuracy'] });
    const result = realisedPerformance(now, { kind: 'windows', windows: past });
    expect(result.windows.map(({ metrics }) => metrics[0]?.windowLevel)).toEqual(['none', 'drift']);
    expect(result.reference).toMatchObject({ kind: 'windows', windows: 8, value: 0.88875 });
    // By an evaluation of many rows the same first day would be a finding.
    expect(realisedPerformance(now, evaluation(0.88875, 100_000)).windows[0]?.metrics[0]?.windowLevel).toBe('shift');
    const short = realisedPerformance(now, { kind: 'windows', windows: past.slice(0, 6) as PerformanceWindow[] });
    expect(short.notices.map(({ code }) => code)).toEqual(['REFERENCE_TOO_SHORT']);
  });

  test('counts loss the other way round', async () => {
    await folder.write(
      'loss.jsonl',
      daily(1, 5000, () => 80),
    );
    const measured = await measure('loss.jsonl', { metrics: ['log_loss'] });
    const at = (value: number): PerformanceReference => ({
      kind: 'evaluation',
      metrics: { log_loss: { value, interval: { low: value - 0.01, high: value + 0.01 } } },
    });
    expect(realisedPerformance(measured, at(0.3)).level).toBe('shift');
    expect(realisedPerformance(measured, at(0.3)).windows[0]?.metrics[0]?.windowLevel).toBe('drift');
    expect(realisedPerformance(measured, at(0.9)).level).toBe('none');
  });
});

describe('calibration', () => {
  const scores = Float64Array.from({ length: 4000 }, (_, row) => (row % 4 === 0 ? 0.8 : 0.2));
  const labels = (share: (score: number) => number) =>
    Float64Array.from(scores, (score, row) => (((row * 61) % 100) / 100 < share(score) ? 1 : 0));

  test('is kept where as many come as are promised', () => {
    const found = calibrationOf(
      scores,
      labels((score) => score),
      0.9,
    );
    expect(found?.level).toBe('none');
    expect(found?.ratio).toBeCloseTo(1, 1);
  });

  test.each([1, 0.5])('has Murphy’s parts, which make the Brier score at %s of what is promised', (share) => {
    const came = labels((score) => score * share);
    const { reliability, resolution, uncertainty } = calibrationOf(scores, came, 0.9) ?? { reliability: 0, resolution: 0, uncertainty: 0 };
    const brier = scores.reduce((sum, score, row) => sum + (score - (came[row] ?? 0)) ** 2, 0) / scores.length;
    expect(reliability - resolution + uncertainty).toBeCloseTo(brier, 12);
    expect(reliability > 0.01).toBe(share < 1);
  });

  test('drifts where far fewer come', () => {
    const half = calibrationOf(
      scores,
      labels((score) => score / 2),
      0.9,
    );
    expect(half).toMatchObject({ level: 'drift' });
    expect(half!.pValue).toBeLessThan(1e-6);
    expect(
      calibrationOf(
        scores,
        labels((score) => score * 0.9),
        0.9,
      )?.level,
    ).toBe('shift');
    expect(calibrationOf(new Float64Array(0), new Float64Array(0), 0.9)).toBeNull();
  });
});
