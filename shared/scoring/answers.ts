import { UserError } from '../errors.ts';
import type { Tensor } from './inference-session.ts';

/** Numbers that a model gave for some rows, row-major. */
export interface Answer {
  readonly name: string;
  readonly values: Float32Array | Float64Array;
  readonly rows: number;
  readonly width: number;
  readonly dtype: 'float32' | 'float64';
}

/** Throws `MODEL_ROW_COUNT` unless the tensor holds one answer a row. */
export function toAnswer(name: string, { data, shape }: Tensor, rows: number): Answer {
  if (Array.isArray(data) || data.length % rows !== 0 || (shape.length > 0 && shape[0] !== rows)) {
    throw new UserError(
      'MODEL_ROW_COUNT',
      `The model's output ${name} has the shape [${shape.join(', ')}] for ${rows} rows.`,
      'It must answer each row by itself: export it with a dynamic first dimension.',
    );
  }
  const values = data instanceof Float32Array || data instanceof Float64Array ? data : Float64Array.from(data as Int32Array, Number);
  return { name, values, rows, width: values.length / rows, dtype: values instanceof Float32Array ? 'float32' : 'float64' };
}

/** One value a row each, as the columns of one answer. */
export function sideBySide(answers: readonly Answer[]): Answer {
  const first = answers[0]!;
  const width = answers.length;
  const values = first.dtype === 'float32' ? new Float32Array(first.rows * width) : new Float64Array(first.rows * width);
  answers.forEach((answer, offset) => {
    for (let row = 0; row < answer.rows; row++) values[row * width + offset] = answer.values[row]!;
  });
  return { ...first, name: answers.map(({ name }) => name).join(', '), values, width };
}

/** Forests miss [0, 1] and a sum of 1 by some 1e-7 a tree; anything further off is another quantity. */
const slack = 1e-3;

/** Whether all values lie in [0, 1] and rows of several sum to 1. */
export const looksLikeProbabilities = (answer: Answer) => firstImprobableRow(answer) === -1;

/** The score of one column, clipped to [0, 1]; not divided by the sum, which would break ties apart. */
export function scoresOf({ values, width }: Answer, column: number, rows: number): Float64Array {
  const scores = new Float64Array(rows);
  for (let row = 0, at = column; row < rows; row++, at += width) scores[row] = Math.min(1, Math.max(0, values[at]!));
  return scores;
}

/** Throws `SCORES_NOT_PROBABILITIES`, or `SCORES_NOT_FINITE` where that is why. */
export function refuseNotProbabilities(answer: Answer): void {
  const row = firstImprobableRow(answer);
  if (row === -1) return;
  refuseNotFinite(answer);
  throw new UserError(
    'SCORES_NOT_PROBABILITIES',
    `The model's output ${answer.name} does not hold probabilities: they must lie in 0 … 1${answer.width > 1 ? ' and sum to 1' : ''} (row ${row + 1} of the batch does not).`,
    'Export probabilities, not decision values or log-odds, or name another output: model.score.',
  );
}

function firstImprobableRow({ values, rows, width }: Answer): number {
  for (let row = 0, at = 0; row < rows; row++) {
    let sum = 0;
    for (let column = 0; column < width; column++, at++) {
      const value = values[at]!;
      if (!(value >= -slack && value <= 1 + slack)) return row;
      sum += value;
    }
    if (width > 1 && Math.abs(sum - 1) > slack) return row;
  }
  return -1;
}

/** Throws `SCORES_NOT_FINITE`. */
export function refuseNotFinite({ name, values, rows, width }: Answer): void {
  let bad = 0;
  for (let at = 0; at < values.length; at++) if (!Number.isFinite(values[at])) bad++;
  if (bad === 0) return;
  const first = Math.floor(values.findIndex((value) => !Number.isFinite(value)) / width);
  throw new UserError(
    'SCORES_NOT_FINITE',
    `${bad} of ${values.length} values in the model's output ${name} are not finite numbers (first in row ${first + 1} of ${rows} in the batch).`,
    'A model that gets missing values must fill them itself: put the imputer into the exported pipeline.',
  );
}
