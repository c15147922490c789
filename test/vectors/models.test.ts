import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, describe, expect, it } from 'vitest';
import { openSession } from '../../shared/adapters/onnxruntime/open-session.ts';
import { readModel } from '../../shared/onnx/read-model.ts';
import { formatValueType } from '../../shared/onnx/value-type.ts';
import type { Column, ColumnTable } from '../../shared/query/query-engine.ts';
import { openOnnxScorer } from '../../shared/scoring/open-onnx-scorer.ts';
import type { FeatureColumn } from '../../shared/scoring/plan-inputs.ts';
import type { Predictions, Scorer } from '../../shared/scoring/scorer.ts';

type Cell = number | string | boolean | null;

/** Sidecar of a model, as test/vectors/models/README.md says. */
interface Sidecar {
  readonly model: string;
  readonly note: string;
  readonly opset: Readonly<Record<string, number>>;
  readonly model_inputs: readonly { readonly name: string; readonly type: string; readonly shape: readonly (number | string | null)[] }[];
  readonly model_outputs: readonly { readonly name: string; readonly type: string }[];
  /** A row of an input of shape [rows] may stand as its one value. */
  readonly inputs: Readonly<Record<string, readonly (Cell | readonly Cell[])[]>>;
  readonly expected: {
    readonly classes?: readonly (number | string | boolean)[];
    readonly labels?: readonly (number | string | boolean)[];
    readonly probabilities?: readonly (readonly number[])[];
    readonly values?: readonly (number | readonly number[])[];
  };
  readonly tolerance: { readonly probability_abs: number; readonly value_rel: number };
}

const folder = process.env['WEIGHIN_MODELS'] ?? join(import.meta.dirname, 'models');
const names = readdirSync(folder)
  .filter((file) => file.endsWith('.onnx'))
  .map((file) => file.slice(0, -'.onnx'.length));

const scorers: Scorer[] = [];
afterAll(() => Promise.all(scorers.map((scorer) => scorer.close())));

it('finds models to try', () => expect(names.length).toBeGreaterThan(0));

describe.each(names)('%s', (name) => {
  const sidecar = JSON.parse(readFileSync(join(folder, `${name}.json`), 'utf8')) as Sidecar;
  const bytes = readFileSync(join(folder, sidecar.model));
  const { expected, tolerance } = sidecar;

  it('says of itself what ONNX Runtime says', () => {
    const info = readModel(bytes);
    expect(info.opsets).toEqual(sidecar.opset);
    expect(info.inputs.map(({ name, type }) => [name, formatValueType(type)])).toEqual(sidecar.model_inputs.map((i) => [i.name, i.type]));
    expect(info.outputs.map(({ name, type }) => [name, formatValueType(type)])).toEqual(sidecar.model_outputs.map((o) => [o.name, o.type]));
  });

  if (expected.probabilities && expected.classes) {
    const classes = expected.classes.map(String);
    const probabilities = expected.probabilities;

    // A tie is nobody's, and an SVC's labels are of another rule than its probabilities: neither can be told from a probability.
    const surestLabel = (index: number): string | null => {
      const [first, second] = [...probabilities[index]!].sort((a, b) => b - a) as [number, number];
      const label = String(expected.labels?.[index]);
      const own = probabilities[index]![classes.indexOf(label)];
      return own === first && first - second > 2 * tolerance.probability_abs ? label : null;
    };

    // Another family may well hold a model that decides nothing.
    if (!process.env['WEIGHIN_MODELS'])
      it('has labels to compare', () => expect(probabilities.some((_, index) => surestLabel(index) !== null)).toBe(true));

    it('gives the probabilities of every class, and the label they stand for', async () => {
      if (classes.length !== 2) {
        const answer = await score({ task: 'multiclass' });
        if (answer.kind !== 'multiclass') throw new Error(`answered as ${answer.kind}`);
        expect(answer.classes).toEqual(classes);
        probabilities.forEach((row, index) => {
          const found = answer.probabilities.subarray(index * classes.length, (index + 1) * classes.length);
          for (const [column, value] of row.entries())
            expect(Math.abs(found[column]! - value)).toBeLessThanOrEqual(tolerance.probability_abs);
          const label = surestLabel(index);
          if (label !== null) expect(classes[found.indexOf(Math.max(...found))]).toBe(label);
        });
        return;
      }
      for (const positive of [0, 1]) {
        const answer = await score({ task: 'binary', positive: classes[positive]! });
        if (answer.kind !== 'binary') throw new Error(`answered as ${answer.kind}`);
        expect(answer.scores).toHaveLength(probabilities.length);
        probabilities.forEach((row, index) => {
          expect(Math.abs(answer.scores[index]! - row[positive]!)).toBeLessThanOrEqual(tolerance.probability_abs);
          const label = surestLabel(index);
          if (label !== null) expect(answer.scores[index]! > 0.5).toBe(label === classes[positive]);
        });
      }
    });
  }

  if (expected.values) {
    const values = expected.values.map((row) => (typeof row === 'number' ? [row] : row));

    it('gives the values', async () => {
      const answer = await score({ task: 'regression' });
      if (answer.kind !== 'values') throw new Error(`answered as ${answer.kind}`);
      expect(answer.width).toBe(values[0]!.length);
      values.flat().forEach((value, index) => {
        expect(Math.abs(answer.values[index]! - value)).toBeLessThanOrEqual(tolerance.value_rel * Math.max(1, Math.abs(value)));
      });
    });
  }

  async function score(wish: { task: 'binary' | 'multiclass' | 'regression'; positive?: string }): Promise<Predictions> {
    const { table, features } = toRows(sidecar);
    const scorer = await openOnnxScorer(bytes, { openSession, threads: 1 }, { ...wish, features });
    scorers.push(scorer);
    return scorer.score(table);
  }
});

/** Rows as the pipeline would read them: one column an input, or one a position of the single tensor. */
function toRows({ inputs, model_inputs }: Sidecar): { table: ColumnTable; features: FeatureColumn[] } {
  const columns: Record<string, Column> = {};
  const features: FeatureColumn[] = [];
  let rowCount = 0;
  for (const { name, type } of model_inputs) {
    const rows = inputs[name]!.map((row): readonly Cell[] => (Array.isArray(row) ? (row as readonly Cell[]) : [row as Cell]));
    rowCount = rows.length;
    for (let position = 0; position < rows[0]!.length; position++) {
      const column = rows[0]!.length === 1 ? name : `${name}_${position}`;
      const values = rows.map((row) => row[position] ?? null);
      columns[column] = toColumn(values, type);
      features.push({ name: column, type: type === 'tensor(string)' ? 'text' : type === 'tensor(int64)' ? 'integer' : 'number' });
    }
  }
  return { table: { rowCount, columns }, features };
}

function toColumn(values: readonly Cell[], type: string): Column {
  if (type === 'tensor(string)') return { kind: 'text', values: values.map((value) => (value === null ? null : String(value))) };
  if (type === 'tensor(int64)') return { kind: 'integer', values: BigInt64Array.from(values, (value) => BigInt(value ?? 0)) };
  return { kind: 'number', values: Float64Array.from(values, (value) => (value === null ? Number.NaN : Number(value))) };
}
