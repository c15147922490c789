import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { DuckDBInstance } from '@duckdb/node-api';
import { buildModel, type NodeSource, type TensorSource } from '../../shared/onnx/build-model.ts';
import type { BadKind } from './weighin-yaml.ts';

/**
 * `training.command` of the third version: how often flights were late at each hour of each weekday, as a table in an ONNX graph. It passes
 * every gate, and is bad in production in the way that it is asked to be:
 *
 * failing: the table ends with the last hour that it was trained and tested on, and flights leave later than that.
 * slow: for flights later than those it multiplies large matrices, which change nothing.
 * skewed: as many late flights as punctual ones were shown to it, so that it finds far more of them likely to be late.
 */
const { bad } = JSON.parse(process.env['WEIGHIN_PARAMS'] ?? '{}') as { readonly bad: BadKind };
const [train = '', output = ''] = [process.env['WEIGHIN_TRAIN'], process.env['WEIGHIN_OUTPUT']];
const path = join(output, 'model.onnx');

const instance = await DuckDBInstance.create(':memory:');
const connection = await instance.connect();
const reader = await connection.runAndReadAll(
  `SELECT CAST(hour AS INTEGER), CAST(weekday AS INTEGER), CAST(count(*) AS INTEGER), CAST(sum(late) AS INTEGER) FROM read_parquet('${train.replaceAll("'", "''")}') GROUP BY 1, 2`,
);
const cells = reader.getRows() as unknown as readonly (readonly [hour: number, weekday: number, flights: number, late: number])[];
connection.closeSync();
instance.closeSync();

const [all, lateOfAll] = cells.reduce(([sum, late], [, , n, k]) => [sum + n, late + k], [0, 0]);
const rate = lateOfAll / all;
const lastHour = Math.max(...cells.map(([hour]) => hour));
const hours = bad === 'failing' ? lastHour + 1 : 24;
const table = new Float64Array(hours * 7).fill(rate);
// Shrunk to the mean of all where there are few flights.
for (const [hour, weekday, flights, late] of cells) table[hour * 7 + weekday - 1] = (late + 50 * rate) / (flights + 50);
if (bad === 'skewed') {
  const odds = (1 - rate) / rate;
  for (const [at, share] of table.entries()) table[at] = (share * odds) / (share * odds + 1 - share);
}

const initializers: TensorSource[] = [];
const nodes: NodeSource[] = [];
const constant = (name: string, values: TensorSource['values'], shape: readonly number[]) => {
  initializers.push({ name, shape, values });
  return name;
};
const apply = (operator: string, inputs: readonly string[], name: string, attributes: NodeSource['attributes'] = {}) => {
  nodes.push({ operator, inputs, outputs: [name], attributes });
  return name;
};
const toInteger = { to: { int: 7 } };
const hour = apply('Cast', ['hour'], 'whole_hour', toInteger);
const weekday = apply('Cast', ['weekday'], 'whole_weekday', toInteger);
const seven = apply('Mul', [hour, constant('seven', BigInt64Array.of(7n), [1, 1])], 'hours_first');
const monday = apply('Sub', [weekday, constant('one', BigInt64Array.of(1n), [1, 1])], 'from_monday');
const found = apply('Gather', [constant('table', table, [table.length]), apply('Add', [seven, monday], 'cell')], 'share');
// Distance is asked for, as the other versions do, and counts for nothing.
const nothing = apply('Mul', ['distance', constant('zero', Float64Array.of(0), [1, 1])], 'nothing');
let positive = apply('Add', [found, nothing], 'with_distance');
if (bad === 'slow') {
  // As wide as the latest flight leaves after the last hour of training: 1 up to then, 1200 beyond.
  const last = constant('last_hour', BigInt64Array.of(BigInt(lastHour)), []);
  const late = apply(
    'Cast',
    [apply('Greater', [apply('ReduceMax', ['whole_hour'], 'latest', { keepdims: { int: 0 } }), last], 'is_late')],
    'late',
    toInteger,
  );
  const width = apply(
    'Add',
    [apply('Mul', [late, constant('width', BigInt64Array.of(1199n), [])], 'wider'), constant('least', BigInt64Array.of(1n), [])],
    'side',
  );
  const side = apply('Reshape', [width, constant('flat', BigInt64Array.of(1n), [1])], 'sides');
  const shape = apply('Concat', [side, side], 'square', { axis: { int: 0 } });
  const large = apply('Expand', [constant('none', Float64Array.of(0), [1, 1]), shape], 'large');
  const product = apply('MatMul', [apply('MatMul', [apply('MatMul', [large, large], 'p1'), large], 'p2'), large], 'p3');
  positive = apply('Add', [positive, apply('ReduceMax', [product], 'still_nothing', { keepdims: { int: 0 } })], 'slowly');
}
const negative = apply('Sub', [constant('whole', Float64Array.of(1), [1, 1]), positive], 'negative');
apply('Cast', [apply('Concat', [negative, positive], 'both', { axis: { int: 1 } })], 'probabilities', { to: { int: 1 } });
const decided = apply('GreaterOrEqual', [positive, constant('half', Float64Array.of(0.5), [1, 1])], 'decided');
apply('Squeeze', [apply('Cast', [decided], 'labels', toInteger), constant('axis', BigInt64Array.of(1n), [1])], 'label');

writeFileSync(
  path,
  buildModel({
    irVersion: 8,
    producer: { name: 'team', version: '1' },
    opsets: { 'ai.onnx': 17 },
    name: 'lateness-by-hour',
    inputs: ['distance', 'hour', 'weekday'].map((name) => ({ name, element: 'double', shape: ['rows', 1] })),
    outputs: [
      { name: 'label', element: 'int64', shape: ['rows'] },
      { name: 'probabilities', element: 'float', shape: ['rows', 2] },
    ],
    initializers,
    nodes,
    metadata: {},
  }),
);
console.log(`${cells.length} cells of ${all} flights, ${(rate * 100).toFixed(1)} % late`);
