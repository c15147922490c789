import { UserError } from '../errors.ts';
import type { ModelInfo } from '../onnx/read-model.ts';
import { formatValueType } from '../onnx/value-type.ts';
import { type Answer, looksLikeProbabilities, refuseNotFinite, refuseNotProbabilities, scoresOf, sideBySide, toAnswer } from './answers.ts';
import type { Tensor } from './inference-session.ts';
import { positiveClass } from './positive-class.ts';
import type { Predictions } from './scorer.ts';

export interface OutputWish {
  readonly task: 'binary' | 'multiclass' | 'regression';
  /** Output that holds the score, where the shapes leave a choice. */
  readonly score?: string | undefined;
  /** The label's positive value as text. */
  readonly positive?: string | null | undefined;
  /** Class names of the dataset, for models that hold none. */
  readonly classes?: readonly string[] | undefined;
}

export interface OutputPlan {
  readonly fetches: readonly string[];
  /** The tensors of one call on `rows` rows. */
  read(tensors: Readonly<Record<string, Tensor>>, rows: number): Predictions;
}

/**
 * Finds the answer among a model's outputs by type and shape, never by name: labels are integers or strings, probabilities are floats
 * [rows, classes], one float a class (`zipmap='columns'`), or one float [rows, 1]. Shapes are those of the returned tensors, since
 * declared ones are sometimes wrong. Throws `MODEL_WITHOUT_SCORES`, `MODEL_OUTPUTS_AMBIGUOUS`, `TASK_MISMATCH`.
 */
export function planOutputs(info: ModelInfo, wish: OutputWish): OutputPlan {
  const fetches = scoreOutputs(info, wish);
  let chosen: readonly string[] | null = wish.score ? [wish.score] : null;
  return {
    fetches,
    read(tensors, rows) {
      const answers = fetches.map((name) => toAnswer(name, tensors[name]!, rows));
      chosen ??= choose(answers, info, wish);
      const mine = answers.filter(({ name }) => chosen!.includes(name));
      const answer = mine.length === 1 ? mine[0]! : sideBySide(mine);
      return interpret(answer, info, wish);
    },
  };
}

function scoreOutputs(info: ModelInfo, wish: OutputWish): readonly string[] {
  const tensors = info.outputs.flatMap(({ name, type }) => (type.kind === 'tensor' ? [{ name, element: type.element }] : []));
  if (wish.score !== undefined) {
    if (tensors.some(({ name, element }) => name === wish.score && element !== 'string')) return [wish.score];
    throw new UserError(
      'MODEL_OUTPUT_UNKNOWN',
      `The model has no numeric output ${wish.score} (model.score).`,
      `Its outputs are ${listOutputs(info)}.`,
    );
  }
  const floats = tensors.filter(({ element }) => element === 'float' || element === 'double').map(({ name }) => name);
  if (floats.length > 0) return floats;
  const integers = tensors.filter(({ element }) => element === 'int64' || element === 'int32').map(({ name }) => name);
  if (wish.task === 'regression' && integers.length === 1) return integers;
  throw new UserError(
    'MODEL_WITHOUT_SCORES',
    `The model gives no probabilities: its outputs are ${listOutputs(info)}.`,
    'Export it with probabilities (for scikit-learn: a classifier with predict_proba).',
  );
}

function choose(answers: readonly Answer[], info: ModelInfo, wish: OutputWish): readonly string[] {
  if (answers.length === 1) return [answers[0]!.name];
  if (wish.task !== 'regression') {
    const wide = answers.filter(
      (answer) => answer.width >= 2 && (wish.task !== 'binary' || answer.width === 2) && looksLikeProbabilities(answer),
    );
    if (wide.length === 1) return [wide[0]!.name];
    const narrow = answers.filter(({ width }) => width === 1);
    const asMany = narrow.length >= 2 && (wish.task !== 'binary' || narrow.length === 2);
    if (wide.length === 0 && asMany && looksLikeProbabilities(sideBySide(narrow))) return narrow.map(({ name }) => name);
  }
  throw new UserError(
    'MODEL_OUTPUTS_AMBIGUOUS',
    `Several outputs could be the answer: ${listOutputs(info)}.`,
    'Name the one that counts: model.score.',
  );
}

function interpret(answer: Answer, info: ModelInfo, wish: OutputWish): Predictions {
  const { width, dtype, rows } = answer;
  if (wish.task === 'regression') {
    refuseNotFinite(answer);
    return { kind: 'values', values: Float64Array.from(answer.values), width };
  }
  const own = info.classLabels?.length === width ? info.classLabels : null;
  if (wish.task === 'multiclass') {
    if (width < 2) throw mismatch(wish.task, answer);
    const given = wish.classes?.length === width ? wish.classes : Array.from({ length: width }, (_, index) => String(index));
    refuseNotProbabilities(answer);
    return { kind: 'multiclass', classes: own ?? given, probabilities: normalised(answer), dtype };
  }
  if (width > 2) throw mismatch(wish.task, answer);
  refuseNotProbabilities(answer);
  return { kind: 'binary', scores: scoresOf(answer, width === 2 ? positiveClass(own, wish.positive ?? null) : 0, rows), dtype };
}

/** Float sums miss 1 by some 1e-7: clipped, and divided by their sum in double precision. */
function normalised({ values, rows, width }: Answer): Float64Array {
  const target = new Float64Array(rows * width);
  for (let row = 0; row < rows; row++) {
    let sum = 0;
    for (let at = row * width; at < (row + 1) * width; at++) sum += target[at] = Math.min(1, Math.max(0, values[at]!));
    for (let at = row * width; at < (row + 1) * width; at++) target[at]! /= sum;
  }
  return target;
}

const mismatch = (task: string, { name, width }: Answer) =>
  new UserError(
    'TASK_MISMATCH',
    `The task is ${task}, and the model's output ${name} has ${width} ${width === 1 ? 'value' : 'values'} a row.`,
    'Set task to what the model does, or name the right output (model.score).',
  );

const listOutputs = (info: ModelInfo) => info.outputs.map(({ name, type }) => `${name} ${formatValueType(type)}`).join(', ');
