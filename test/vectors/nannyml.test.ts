import { expect, it } from 'vitest';
import { nannymlUnivariate } from '../../shared/drift/methods/nannyml/nannyml-univariate.ts';
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

listAbsent('nannyml.json');
const cases = readVectors('nannyml.json');
const data = cases.find(({ kind }) => kind === 'data')?.input as { reference: Rows; analysis: Rows } | undefined;
for (const { name, kind, input, expected, tolerance } of cases) {
  if (kind === 'data')
    it(`${kind}: ${name} holds both periods`, () => expect(Object.keys(data!.reference)).toEqual(Object.keys(data!.analysis)));
  if (kind === 'univariate')
    it(`${kind}: ${name}`, () => compareExpected(univariate(input, data!.analysis, data!.reference), expected, tolerance));
}
