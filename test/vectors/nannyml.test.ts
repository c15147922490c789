import { expect, it } from 'vitest';
import { nannymlCbpe, realisedMetrics } from '../../shared/drift/methods/nannyml/nannyml-cbpe.ts';
import { nannymlReconstruction } from '../../shared/drift/methods/nannyml/nannyml-reconstruction.ts';
import { nannymlUnivariate } from '../../shared/drift/methods/nannyml/nannyml-univariate.ts';
import { estimatedMetrics, type ScoredRows } from '../../shared/drift/methods/nannyml/scored-rows.ts';
import { categorySample, numericSample } from '../../shared/drift/methods/samples-of-rows.ts';
import type { Sample } from '../../shared/drift/sample.ts';
import { compareExpected, inputNumber, listAbsent, readVectors, type VectorCase } from './read-vectors.ts';

type Rows = Readonly<Record<string, readonly unknown[]>>;

/** `analysis-with-nulls`: the README of the first case says which rows of which columns are missing. */
const missingEvery: Readonly<Record<string, number>> = { x1: 17, c: 23 };

function chunksOf(rows: readonly unknown[], size: number): Sample[] {
  const chunks: Sample[] = [];
  const isNumeric = rows.every((row) => row === null || typeof row === 'number');
  for (let start = 0; start < rows.length; start += size) {
    const chunk = rows.slice(start, start + size);
    chunks.push(
      isNumeric
        ? numericSample(chunk.map((row) => (row === null ? null : inputNumber(row))))
        : categorySample(chunk.map((row) => (row === null ? null : String(row)))),
    );
  }
  return chunks;
}

function univariate(input: VectorCase['input'], data: Rows, reference: Rows): Record<string, unknown> {
  const column = String(input['column']);
  const size = Number(input['chunk_size']);
  const every = input['data'] === 'analysis-with-nulls' ? missingEvery[column] : undefined;
  const rows = data[column]!.map((row, i) => (every !== undefined && i % every === 0 ? null : row));
  const chunks = chunksOf(rows, size);
  const methods = Object.entries(nannymlUnivariate(chunksOf(reference[column]!, size), chunks)).map(
    ([name, { value, alert, upperThreshold }]) => [name, { value, alert, upper_threshold: upperThreshold, lower_threshold: null }],
  );
  return { chunks: chunks.length, methods: Object.fromEntries(methods) };
}

/** The one transform of the vectors stands in a sentence. */
function scoreOf(transform: unknown): (score: number) => number {
  if (transform === undefined) return (score) => score;
  expect(String(transform)).toMatch(/^y_pred_proba := round\(y_pred_proba \*\* 3, 6\) in both periods/);
  return (score) => Math.round(score ** 3 * 1e6) / 1e6;
}

function scoredChunks(rows: Rows, input: VectorCase['input'], size: number): ScoredRows[] {
  const column = (key: string, name: string) => Float64Array.from(rows[String(input[key] ?? name)]!, inputNumber);
  const all = {
    score: column('y_pred_proba', 'y_pred_proba').map(scoreOf(input['transform'])),
    predicted: column('y_pred', 'y_pred'),
    truth: column('y_true', 'y'),
  };
  return Array.from({ length: Math.ceil(all.score.length / size) }, (_, i) => {
    const part = (values: Float64Array) => values.slice(i * size, (i + 1) * size);
    return { score: part(all.score), predicted: part(all.predicted), truth: part(all.truth) };
  });
}

function cbpe(input: VectorCase['input'], data: Rows, reference: Rows): Record<string, unknown> {
  const size = Number(input['chunk_size']);
  const chunks = scoredChunks(data, input, size);
  const { needsCalibration, metrics } = nannymlCbpe(scoredChunks(reference, input, size), chunks);
  const realised = chunks.map(realisedMetrics);
  return {
    needs_calibration: needsCalibration,
    metrics: Object.fromEntries(
      estimatedMetrics.map((name) => {
        const { estimated, samplingError, upperThreshold, lowerThreshold, alert } = metrics[name];
        const thresholds = { upper_threshold: upperThreshold, lower_threshold: lowerThreshold };
        return [name, { estimated, sampling_error: samplingError, ...thresholds, alert, realised: realised.map((metric) => metric[name]) }];
      }),
    ),
  };
}

function multivariate(input: VectorCase['input'], data: Rows, reference: Rows): Record<string, unknown> {
  const columns = (rows: Rows) => (input['columns'] as string[]).map((name) => rows[name] as (number | string | null)[]);
  const found = nannymlReconstruction(columns(reference), columns(data), Number(input['chunk_size']), Number(input['explained_variance']));
  return {
    value: found.value,
    lower_confidence_boundary: found.lowerConfidence,
    upper_confidence_boundary: found.upperConfidence,
    upper_threshold: found.upperThreshold,
    lower_threshold: found.lowerThreshold,
    alert: found.alert,
    components: found.components,
  };
}

listAbsent('nannyml.json');
const cases = readVectors('nannyml.json');
const data = cases.find(({ kind }) => kind === 'data')?.input as { reference: Rows; analysis: Rows } | undefined;
for (const { name, kind, input, expected, tolerance } of cases) {
  if (kind === 'data')
    it(`${kind}: ${name} holds both periods`, () => expect(Object.keys(data!.reference)).toEqual(Object.keys(data!.analysis)));
  if (kind === 'univariate')
    it(`${kind}: ${name}`, () => compareExpected(univariate(input, data!.analysis, data!.reference), expected, tolerance));
  if (kind === 'multivariate')
    it(`${kind}: ${name}`, () => compareExpected(multivariate(input, data!.analysis, data!.reference), expected, tolerance));
  if (kind === 'cbpe')
    it(`${kind}: ${name}`, () => {
      const got = cbpe(input, data!.analysis, data!.reference);
      compareExpected(got, expected, tolerance);
      // What labels say is no estimate: its own tolerance.
      const realisedOf = (metrics: unknown) =>
        Object.entries(metrics as Record<string, { realised?: unknown }>).flatMap(([metric, { realised }]) =>
          realised ? [[metric, realised]] : [],
        );
      const abs = tolerance['realised_abs'];
      if (abs !== undefined)
        compareExpected(Object.fromEntries(realisedOf(got['metrics'])), Object.fromEntries(realisedOf(expected['metrics'])), {
          abs,
          rel: 0,
        });
    });
}
