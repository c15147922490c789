import { UserError } from '../errors.ts';
import type { ElementType } from '../onnx/field-numbers.ts';
import type { Column, ColumnTable } from '../query/query-engine.ts';
import type { TensorData } from './inference-session.ts';
import type { Scorer } from './scorer.ts';

type Wanted = Scorer['inputs'][number]['type'];

/** How a column should be read for an input of this element type. */
export function wantedType(name: string, element: ElementType): Wanted {
  if (element === 'string') return 'text';
  if (element === 'int64') return 'integer';
  if (element === 'float' || element === 'double' || element === 'int32' || element === 'uint8' || element === 'bool') return 'number';
  throw new UserError(
    'MODEL_TYPE_UNSUPPORTED',
    `Input ${name} is of type ${element}.`,
    'Export it with float, double, int64, int32, bool or string.',
  );
}

/**
 * Columns side by side as one row-major tensor. A missing value is NaN in float and double, the empty string in string tensors;
 * integers and bool have no such value, so it is an error there.
 */
export function tensorData(rows: ColumnTable, names: readonly string[], element: ElementType): TensorData {
  const columns = names.map((name) => [name, columnOf(rows, name)] as const);
  const size = rows.rowCount * names.length;
  if (element === 'string') return texts(columns, size);
  if (element === 'int64') return fillIntegers(columns, new BigInt64Array(size));
  if (element === 'float') return fillNumbers(columns, new Float32Array(size));
  if (element === 'double') return fillNumbers(columns, new Float64Array(size));
  for (const [name, column] of columns) refuseMissing(name, column, element);
  return fillNumbers(columns, element === 'int32' ? new Int32Array(size) : new Uint8Array(size));
}

function columnOf(rows: ColumnTable, name: string): Column {
  const column = rows.columns[name];
  if (!column) {
    throw new UserError(
      'MODEL_COLUMN_MISSING',
      `The model reads column ${name}, which the rows do not have.`,
      'Check the names of the model inputs and of the columns.',
    );
  }
  return column;
}

type Named = readonly (readonly [string, Column])[];

function fillNumbers<Target extends Float32Array | Float64Array | Int32Array | Uint8Array>(columns: Named, target: Target): Target {
  const width = columns.length;
  columns.forEach(([name, column], offset) => {
    if (column.kind === 'text') throw mismatch(name, 'text', 'a number');
    if (column.kind === 'number') {
      // One column is the common case, and a typed copy is many times faster than a loop.
      if (width === 1) target.set(column.values);
      else for (let row = 0, at = offset; row < column.values.length; row++, at += width) target[at] = column.values[row]!;
      return;
    }
    const { values, nulls } = column;
    for (let row = 0, at = offset; row < values.length; row++, at += width) target[at] = nulls?.[row] ? Number.NaN : Number(values[row]);
  });
  return target;
}

function fillIntegers(columns: Named, target: BigInt64Array): BigInt64Array {
  const width = columns.length;
  columns.forEach(([name, column], offset) => {
    if (column.kind === 'text') throw mismatch(name, 'text', 'an integer');
    refuseMissing(name, column, 'int64');
    const { values } = column;
    for (let row = 0, at = offset; row < values.length; row++, at += width) {
      const value = values[row]!;
      if (typeof value === 'number' && !Number.isInteger(value)) throw mismatch(name, 'a fraction', 'an integer');
      target[at] = BigInt(value);
    }
  });
  return target;
}

function texts(columns: Named, size: number): string[] {
  const width = columns.length;
  const target = new Array<string>(size);
  columns.forEach(([, column], offset) => {
    for (let row = 0, at = offset; row < column.values.length; row++, at += width) {
      const value = column.kind === 'text' ? column.values[row] : column.nulls?.[row] ? null : String(column.values[row]);
      target[at] = value ?? '';
    }
  });
  return target;
}

function refuseMissing(name: string, column: Column, element: string): void {
  const missing =
    column.kind === 'number' ? column.values.reduce((count, value) => count + (Number.isNaN(value) ? 1 : 0), 0) : countMarks(column);
  if (missing > 0) {
    throw new UserError(
      'MODEL_INPUT_HAS_MISSING',
      `Column ${name} has ${missing} missing values, and the model reads it as ${element}, which can't hold one.`,
      'Export the model with a float input for it, or fill the column before.',
    );
  }
}

const countMarks = (column: Column) =>
  column.kind === 'integer' && column.nulls ? column.nulls.reduce((count, mark) => count + mark, 0) : 0;

const mismatch = (name: string, found: string, wanted: string) =>
  new UserError(
    'MODEL_INPUT_TYPE',
    `Column ${name} holds ${found}, and the model wants ${wanted}.`,
    "Check the column's type in the data and the model's input.",
  );
