import { buildModel, type NodeSource, type TensorSource, type ValueSource } from '../../onnx/build-model.ts';
import type { CategoricalEncoding, Encoding } from './encoding.ts';
import { largestCategory } from './learn-encoding.ts';

export interface LogisticModel {
  readonly encoding: Encoding;
  /** In the order of `Design`. */
  readonly weights: Float64Array;
  /** Raw columns in the order in which the graph lists its inputs. */
  readonly columns: readonly string[];
}

/** What a category column of numbers reads where the value is missing, or none that `categoryText` would name: beyond all that it does. */
const missingNumber = 2 ** 60;

/**
 * One graph from raw columns to probabilities: each column is an input [rows, 1] under its own name, numbers as double (NaN is missing),
 * text as string ('' is missing); filling, scaling and encoding are inside, so that training and serving can't differ. A one-hot column
 * times its weight is a look-up, and that is how it is written. Outputs: the label, int64 [rows], and probabilities, float [rows, 2].
 */
export function buildLogisticModel(model: LogisticModel, version: string, metadata: Readonly<Record<string, string>>): Uint8Array {
  const { encoding, weights, columns } = model;
  const taken = new Set(columns);
  const output = (name: string) => (taken.has(name) ? `output_${name}` : name);
  const inner = (name: string) => `weighin:${name}`;
  const initializers: TensorSource[] = [];
  const nodes: NodeSource[] = [];
  const constant = (name: string, values: TensorSource['values'], shape: readonly number[]) => {
    initializers.push({ name: inner(name), shape, values });
    return inner(name);
  };
  const apply = (operator: string, inputs: readonly string[], name: string, rest: Partial<NodeSource> = {}) => {
    nodes.push({ operator, inputs, outputs: [name], ...rest });
    return name;
  };

  const terms = [...numericTerms(), ...encoding.categorical.map(categoricalTerm)];
  const bias = constant('intercept', Float64Array.of(weights[0]!), [1, 1]);
  const logit = terms.reduce((sum, term, index) => apply('Add', [sum, term], inner(`sum_${index}`)), bias);
  const positive = apply('Sigmoid', [logit], inner('positive'));
  const negative = apply('Sigmoid', [apply('Neg', [logit], inner('negated'))], inner('negative'));
  const both = apply('Concat', [negative, positive], inner('both'), { attributes: { axis: { int: 1 } } });
  apply('Cast', [both], output('probabilities'), { attributes: { to: { int: 1 } } });
  const decided = apply('GreaterOrEqual', [positive, constant('half', Float64Array.of(0.5), [1, 1])], inner('decided'));
  const asInteger = apply('Cast', [decided], inner('label'), { attributes: { to: { int: 7 } } });
  apply('Squeeze', [asInteger, constant('axis', BigInt64Array.of(1n), [1])], output('label'));

  const texts = new Set(encoding.categorical.filter(({ of }) => of === 'text').map(({ name }) => name));
  const inputs: ValueSource[] = columns.map((name) => ({ name, element: texts.has(name) ? 'string' : 'double', shape: ['rows', 1] }));
  return buildModel({
    irVersion: 8,
    producer: { name: 'weighin', version },
    opsets: { 'ai.onnx': 17, 'ai.onnx.ml': 3 },
    name: 'logistic-regression',
    inputs,
    outputs: [
      { name: output('label'), element: 'int64', shape: ['rows'] },
      { name: output('probabilities'), element: 'float', shape: ['rows', 2] },
    ],
    initializers,
    nodes,
    metadata,
  });

  function numericTerms(): string[] {
    const { numeric } = encoding;
    const width = numeric.length;
    if (width === 0) return [];
    const row = (name: string, values: readonly number[]) => constant(name, Float64Array.from(values), [1, width]);
    const names = numeric.map(({ name }) => name);
    const raw = apply('Concat', names, inner('numbers'), { attributes: { axis: { int: 1 } } });
    const nan = apply('IsNaN', [raw], inner('nan'));
    const missing = apply('Or', [nan, apply('IsInf', [raw], inner('infinite'))], inner('missing'));
    const filled = apply(
      'Where',
      [
        missing,
        row(
          'fill',
          numeric.map(({ fill }) => fill),
        ),
        raw,
      ],
      inner('filled'),
    );
    const centred = apply(
      'Sub',
      [
        filled,
        row(
          'centre',
          numeric.map(({ centre }) => centre),
        ),
      ],
      inner('centred'),
    );
    const scaled = apply(
      'Div',
      [
        centred,
        row(
          'scale',
          numeric.map(({ scale }) => scale),
        ),
      ],
      inner('scaled'),
    );
    const own = constant('weights', weights.slice(1, 1 + width), [width, 1]);
    const terms = [apply('MatMul', [scaled, own], inner('numeric'))];
    if (numeric.some(({ indicator }) => indicator)) {
      let next = 1 + width;
      const marks = Float64Array.from(numeric, ({ indicator }) => (indicator ? weights[next++]! : 0));
      const asNumber = apply('Cast', [missing], inner('missing_numbers'), { attributes: { to: { int: 11 } } });
      terms.push(apply('MatMul', [asNumber, constant('missing_weights', marks, [width, 1])], inner('indicated')));
    }
    return terms;
  }

  function categoricalTerm(column: CategoricalEncoding, index: number): string {
    const own = weightsOf(model, index);
    const looked = column.of === 'text' ? lookUpText(column, own, index) : lookUpNumber(column, own, index);
    return apply('Cast', [looked], inner(`category_${index}`), { attributes: { to: { int: 11 } } });
  }

  function lookUpText({ name, categories }: CategoricalEncoding, own: readonly number[], index: number): string {
    return apply('LabelEncoder', [name], inner(`weight_${index}`), {
      domain: 'ai.onnx.ml',
      attributes: {
        keys_strings: { strings: categories },
        values_floats: { floats: own.slice(0, categories.length) },
        default_float: { float: own.at(-1)! },
      },
    });
  }

  function lookUpNumber({ name, categories }: CategoricalEncoding, own: readonly number[], index: number): string {
    const size = apply('Abs', [name], inner(`size_${index}`));
    const bounded = apply('Less', [size, constant(`limit_${index}`, Float64Array.of(largestCategory), [1, 1])], inner(`bounded_${index}`));
    const whole = apply('Equal', [apply('Floor', [name], inner(`floor_${index}`)), name], inner(`whole_${index}`));
    const mask = apply('Not', [apply('And', [bounded, whole], inner(`readable_${index}`))], inner(`unreadable_${index}`));
    const usable = apply(
      'Where',
      [mask, constant(`missing_${index}`, Float64Array.of(missingNumber), [1, 1]), name],
      inner(`usable_${index}`),
    );
    const integer = apply('Cast', [usable], inner(`integer_${index}`), { attributes: { to: { int: 7 } } });
    return apply('LabelEncoder', [integer], inner(`weight_${index}`), {
      domain: 'ai.onnx.ml',
      attributes: {
        keys_int64s: { ints: categories.map((category) => BigInt(category === '' ? missingNumber : category)) },
        values_floats: { floats: own.slice(0, categories.length) },
        default_float: { float: own.at(-1)! },
      },
    });
  }
}

/** Weights of one group, the last for all other categories. */
export function weightsOf({ encoding, weights }: Pick<LogisticModel, 'encoding' | 'weights'>, group: number): readonly number[] {
  const { numeric, categorical } = encoding;
  let from = 1 + numeric.length + numeric.filter(({ indicator }) => indicator).length;
  for (const { categories } of categorical.slice(0, group)) from += categories.length + 1;
  return [...weights.subarray(from, from + categorical[group]!.categories.length + 1)];
}
