import { expect, it } from 'vitest';
import { plotsSchema } from '../../../shared/evaluation/evaluation-result.ts';
import { drawPlots } from '../../../shared/evaluation/plots.ts';
import { makeRows } from './make-rows.ts';

/** Area under points by trapezoids. */
const area = (points: readonly (readonly [number, number])[]) =>
  points.slice(1).reduce((sum, [x, y], i) => sum + ((x - points[i]![0]) * (y + points[i]![1])) / 2, 0);

it('draws both models in at most 200 points a line, and from end to end', () => {
  const plots = drawPlots(makeRows(5000, { digits: 6, shift: 0.1 }));
  expect(plotsSchema.parse(plots)).toEqual(plots);
  const { roc, precisionRecall, calibration, scores } = plots;
  for (const line of [roc!.candidate, roc!.baseline!, precisionRecall!.candidate, precisionRecall!.baseline!]) {
    expect(line.length).toBeGreaterThan(50);
    expect(line.length).toBeLessThanOrEqual(200);
  }
  expect(roc!.candidate[0]).toEqual([0, 0]);
  expect(roc!.candidate.at(-1)).toEqual([1, 1]);
  expect(precisionRecall!.candidate.at(-1)![0]).toBe(1);
  expect(area(roc!.candidate)).toBeGreaterThan(area(roc!.baseline!));
  expect(calibration!.candidate.reduce((sum, { rows }) => sum + rows, 0)).toBe(5000);
  expect(scores!.candidate.reduce((sum, share) => sum + share, 0)).toBeCloseTo(1, 12);
});

it('draws nothing where there is nothing to draw', () => {
  const rows = makeRows(50);
  expect(drawPlots({ ...rows, task: 'regression' })).toEqual({ roc: null, precisionRecall: null, calibration: null, scores: null });
  expect(drawPlots({ ...rows, labels: new Float64Array(50) })).toMatchObject({ roc: null, precisionRecall: null });
  expect(drawPlots({ ...rows, candidate: rows.candidate.map((score) => score + 1) })).toMatchObject({ calibration: null, scores: null });
  expect(drawPlots({ ...rows, baseline: null }).roc!.baseline).toBeNull();
});
