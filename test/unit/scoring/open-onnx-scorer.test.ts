import { describe, expect, it } from 'vitest';
import { openSession } from '../../../shared/adapters/onnxruntime/open-session.ts';
import type { ModelSource, ValueSource } from '../../../shared/onnx/build-model.ts';
import type { Column, ColumnTable } from '../../../shared/query/query-engine.ts';
import { type OnnxScorerOptions, openOnnxScorer } from '../../../shared/scoring/open-onnx-scorer.ts';
import type { Predictions } from '../../../shared/scoring/scorer.ts';
import { identity, small } from '../onnx/small-models.ts';

const numbers = (...values: number[]): Column => ({ kind: 'number', values: Float64Array.from(values) });
const table = (columns: Record<string, Column>): ColumnTable => ({ rowCount: Object.values(columns)[0]!.values.length, columns });
const features = (...names: string[]) => names.map((name) => ({ name, type: 'number' as const }));

async function score(bytes: Uint8Array, options: OnnxScorerOptions, rows: ColumnTable): Promise<Predictions> {
  const scorer = await openOnnxScorer(bytes, { openSession, threads: 1 }, options);
  try {
    return await scorer.score(rows);
  } finally {
    await scorer.close();
  }
}

/** Gives each named input back as the output of that name with a `y` before it, so that a test can say what a model answers. */
const echo = (inputs: readonly ValueSource[], parts: Partial<ModelSource> = {}) =>
  small({
    inputs,
    nodes: inputs.map(({ name }) => ({ operator: 'Identity', inputs: [name], outputs: [`y_${name}`] })),
    outputs: inputs.map((input) => ({ ...input, name: `y_${input.name}` })),
    ...parts,
  });
const float = (name: string, width: number | null = 1): ValueSource => ({ name, element: 'float', shape: [null, width] });
const withClasses = (labels: string[]) => ({
  nodes: [
    {
      operator: 'ZipMap',
      domain: 'ai.onnx.ml',
      inputs: ['x'],
      outputs: ['y'],
      attributes: { classlabels_strings: { strings: labels } },
    },
  ],
});

describe('inputs', () => {
  const two = { a: numbers(1, 2), b: numbers(3, 4) };

  it("takes the columns of one tensor from the file's own names before the dataset's order", async () => {
    const named = identity(2, { metadata: { feature_names: '["b","a"]' } });
    const answer = await score(named, { task: 'regression', features: features('a', 'b') }, table(two));
    expect(answer).toMatchObject({ kind: 'values', width: 2, values: Float64Array.of(3, 1, 4, 2) });
    const plain = await score(identity(2), { task: 'regression', features: features('a', 'b') }, table(two));
    expect(plain).toMatchObject({ values: Float64Array.of(1, 3, 2, 4) });
  });

  it('does not guess when the number of columns does not fit', async () => {
    const wanted = { code: 'MODEL_INPUTS_AMBIGUOUS', message: expect.stringContaining('a, b, c') };
    await expect(score(identity(2), { task: 'regression', features: features('a', 'b', 'c') }, table(two))).rejects.toMatchObject(wanted);
    await expect(score(identity(2), { task: 'regression' }, table(two))).rejects.toMatchObject({ code: 'MODEL_INPUTS_AMBIGUOUS' });
  });

  it('reads no column that is not a feature', async () => {
    const options = { task: 'regression', features: features('a') } as const;
    await expect(score(echo([float('a'), float('label')]), options, table(two))).rejects.toMatchObject({
      code: 'MODEL_INPUT_UNKNOWN_COLUMN',
    });
    const named = identity(1, { metadata: { feature_names: 'label' } });
    await expect(score(named, options, table(two))).rejects.toMatchObject({ code: 'MODEL_INPUT_UNKNOWN_COLUMN' });
  });

  it('names a column that the rows do not have', async () => {
    await expect(score(echo([float('a')]), { task: 'regression' }, table({ b: numbers(1) }))).rejects.toMatchObject({
      code: 'MODEL_COLUMN_MISSING',
      message: expect.stringContaining('column a'),
    });
  });

  it('carries texts, int64 and double exactly, and missing values as each type can', async () => {
    const model = small({
      inputs: [
        { name: 'city', element: 'string', shape: [null, 1] },
        { name: 'big', element: 'int64', shape: [null, 1] },
        { name: 'fine', element: 'double', shape: [null, 1] },
      ],
      nodes: [
        {
          operator: 'LabelEncoder',
          domain: 'ai.onnx.ml',
          inputs: ['city'],
          outputs: ['code'],
          attributes: { keys_strings: { strings: ['ams', ''] }, values_floats: { floats: [1, 2] }, default_float: { float: 3 } },
        },
        { operator: 'Mod', inputs: ['big', 'ten'], outputs: ['digit'] },
        { operator: 'Cast', inputs: ['code'], outputs: ['code_double'], attributes: { to: { int: 11 } } },
        { operator: 'Cast', inputs: ['digit'], outputs: ['digit_double'], attributes: { to: { int: 11 } } },
        { operator: 'IsNaN', inputs: ['fine'], outputs: ['nan'] },
        { operator: 'Where', inputs: ['nan', 'minus', 'fine'], outputs: ['fine_filled'] },
        { operator: 'Concat', inputs: ['code_double', 'digit_double', 'fine_filled'], outputs: ['y'], attributes: { axis: { int: 1 } } },
      ],
      initializers: [
        { name: 'ten', shape: [1], values: BigInt64Array.of(10n) },
        { name: 'minus', shape: [1], values: Float64Array.of(-1) },
      ],
      outputs: [{ name: 'y', element: 'double', shape: [null, 3] }],
    });
    const rows = table({
      city: { kind: 'text', values: ['ams', null, 'never seen'] },
      big: { kind: 'integer', values: BigInt64Array.of(9_007_199_254_740_993n, 4n, 5n) },
      fine: numbers(0.1, Number.NaN, 1e300),
    });
    const answer = await score(model, { task: 'regression' }, rows);
    expect(answer).toMatchObject({ values: Float64Array.of(1, 3, 0.1, 2, 4, -1, 3, 5, 1e300) });
  });

  it('refuses missing values and fractions where the model reads integers', async () => {
    const model = echo([{ name: 'a', element: 'int64', shape: [null, 1] }]);
    const missing: Column = { kind: 'integer', values: BigInt64Array.of(1n, 0n), nulls: Uint8Array.of(0, 1) };
    await expect(score(model, { task: 'regression' }, table({ a: missing }))).rejects.toMatchObject({
      code: 'MODEL_INPUT_HAS_MISSING',
      message: expect.stringMatching(/Column a has 1 missing/),
    });
    await expect(score(model, { task: 'regression' }, table({ a: numbers(1.5) }))).rejects.toMatchObject({ code: 'MODEL_INPUT_TYPE' });
    await expect(score(model, { task: 'regression' }, table({ a: numbers(Number.NaN) }))).rejects.toMatchObject({
      code: 'MODEL_INPUT_HAS_MISSING',
    });
    const text: Column = { kind: 'text', values: ['x'] };
    await expect(score(echo([float('a')]), { task: 'regression' }, table({ a: text }))).rejects.toMatchObject({ code: 'MODEL_INPUT_TYPE' });
  });

  it('reads a missing BIGINT as NaN where the model reads floats', async () => {
    const filled = small({
      inputs: [float('a')],
      nodes: [
        { operator: 'IsNaN', inputs: ['a'], outputs: ['nan'] },
        { operator: 'Cast', inputs: ['nan'], outputs: ['y'], attributes: { to: { int: 1 } } },
      ],
      outputs: [float('y')],
    });
    const a: Column = { kind: 'integer', values: BigInt64Array.of(7n, 0n), nulls: Uint8Array.of(0, 1) };
    expect(await score(filled, { task: 'regression' }, table({ a }))).toMatchObject({ values: Float64Array.of(0, 1) });
  });
});

describe('outputs', () => {
  const binary = (positive?: string) => ({ task: 'binary', positive, features: features('a', 'b') }) as const;
  const rows = table({ a: numbers(0.25, 0.9), b: numbers(0.75, 0.1) });

  it("finds the positive class by the model's own names", async () => {
    const model = identity(2, withClasses(['yes', 'no']));
    expect(await score(model, binary('yes'), rows)).toEqual({
      kind: 'binary',
      scores: Float64Array.of(0.25, Math.fround(0.9)),
      dtype: 'float32',
    });
    expect(await score(model, binary('no'), rows)).toMatchObject({ scores: Float64Array.of(0.75, Math.fround(0.1)) });
    await expect(score(model, binary('maybe'), rows)).rejects.toMatchObject({ code: 'POSITIVE_NOT_IN_MODEL' });
  });

  it.each([
    [['0', '1'], 'true', 0.75],
    [['1', '0'], '1.0', 0.25],
    [['True', 'False'], '1', 0.25],
    [['0', '1'], 'churned', 0.75],
    [['0', '1'], '0', 0.25],
  ])('knows that classes %j have %s as positive', async (classes, positive, expected) => {
    const found = await score(identity(2, withClasses(classes)), binary(positive), rows);
    expect(found.kind === 'binary' && found.scores[0]).toBe(expected);
  });

  it('takes one value a row as the score, and says float64 where it is', async () => {
    const model = echo([{ name: 'p', element: 'double', shape: [null, 1] }]);
    expect(await score(model, { task: 'binary' }, table({ p: numbers(0.1, 1) }))).toEqual({
      kind: 'binary',
      scores: Float64Array.of(0.1, 1),
      dtype: 'float64',
    });
  });

  it('clips what floats add up to beyond 1, and refuses log-odds', async () => {
    const model = echo([float('p')]);
    const found = await score(model, { task: 'binary' }, table({ p: numbers(1.0000001, -1e-7) }));
    expect(found).toMatchObject({ scores: Float64Array.of(1, 0) });
    await expect(score(model, { task: 'binary' }, table({ p: numbers(0.5, 2.5) }))).rejects.toMatchObject({
      code: 'SCORES_NOT_PROBABILITIES',
      message: expect.stringContaining('row 2'),
    });
  });

  it('divides several classes by their sum, so that it is 1 in double precision', async () => {
    const found = await score(
      identity(3),
      { task: 'multiclass', features: features('a', 'b', 'c') },
      table({ a: numbers(0.3), b: numbers(0.3), c: numbers(0.4) }),
    );
    if (found.kind !== 'multiclass') throw new Error(found.kind);
    expect(found.classes).toEqual(['0', '1', '2']);
    expect(found.probabilities.reduce((sum, value) => sum + value, 0)).toBeCloseTo(1, 15);
  });

  it('counts answers that are not finite', async () => {
    await expect(score(echo([float('p')]), { task: 'binary' }, table({ p: numbers(0.5, Number.NaN, Number.NaN) }))).rejects.toMatchObject({
      code: 'SCORES_NOT_FINITE',
      message: expect.stringMatching(/^2 of 3 .* row 2 of 3/),
    });
  });

  it('takes the probabilities when a decision value stands beside them, and asks when two outputs could be meant', async () => {
    const decision = small({
      inputs: [float('a'), float('b')],
      nodes: [
        { operator: 'Concat', inputs: ['a', 'b'], outputs: ['p'], attributes: { axis: { int: 1 } } },
        { operator: 'Sub', inputs: ['b', 'a'], outputs: ['raw'] },
      ],
      outputs: [float('raw'), float('p', 2)],
    });
    expect(await score(decision, binary(), rows)).toMatchObject({ scores: Float64Array.of(0.75, Math.fround(0.1)) });
    const two = echo([float('a'), float('b')]);
    await expect(score(two, { ...binary(), task: 'regression' }, rows)).rejects.toMatchObject({ code: 'MODEL_OUTPUTS_AMBIGUOUS' });
    expect(await score(two, { ...binary(), task: 'regression', score: 'y_b' }, rows)).toMatchObject({
      values: Float64Array.of(0.75, Math.fround(0.1)),
    });
    await expect(score(two, { ...binary(), score: 'typo' }, rows)).rejects.toMatchObject({ code: 'MODEL_OUTPUT_UNKNOWN' });
  });

  it('refuses a model without scores, of another task, or that answers something else than rows', async () => {
    const labels = echo([{ name: 'a', element: 'int64', shape: [null, 1] }]);
    await expect(score(labels, { task: 'binary' }, rows)).rejects.toMatchObject({ code: 'MODEL_WITHOUT_SCORES' });
    await expect(
      score(identity(3), { task: 'binary', features: features('a', 'b', 'c') }, table({ a: numbers(1), b: numbers(0), c: numbers(0) })),
    ).rejects.toMatchObject({
      code: 'TASK_MISMATCH',
    });
    const summed = small({
      inputs: [float('a')],
      nodes: [{ operator: 'ReduceMean', inputs: ['a'], outputs: ['y'], attributes: { axes: { ints: [0] }, keepdims: { int: 1 } } }],
      outputs: [float('y')],
    });
    await expect(score(summed, { task: 'binary' }, rows)).rejects.toMatchObject({ code: 'MODEL_ROW_COUNT' });
  });
});
