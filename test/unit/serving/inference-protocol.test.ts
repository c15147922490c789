import { describe, expect, it } from 'vitest';
import { readModel } from '../../../shared/onnx/read-model.ts';
import { inferResponse, modelMetadata, readInferRequest } from '../../../shared/serving/inference-protocol.ts';
import { small } from '../onnx/small-models.ts';

const types = ['float', 'double', 'int64', 'int32', 'bool', 'string'] as const;
const info = readModel(
  small({
    inputs: types.map((element) => ({ name: element, element, shape: [null, 2] })),
    outputs: types.map((element) => ({ name: `y_${element}`, element, shape: [null, 2] })),
    nodes: types.map((element) => ({ operator: 'Identity', inputs: [element], outputs: [`y_${element}`] })),
  }),
);
const data = { float: [1.5, null], double: [[1.5, 2]], int64: [1, 2], int32: [1, -2], bool: [true, 0], string: ['a', 'b'] };
const datatypes = { float: 'FP32', double: 'FP64', int64: 'INT64', int32: 'INT32', bool: 'BOOL', string: 'BYTES' };
const inputs = (change: Partial<Record<(typeof types)[number], object>> = {}) =>
  types.map((name) => ({ name, datatype: datatypes[name], shape: [1, 2], data: data[name], ...change[name] }));
const code = (body: unknown) => {
  try {
    readInferRequest(body, { info }, 5);
  } catch (error) {
    const { status, code: found, field } = error as { status: number; code: string; field: string };
    return [status, found, field];
  }
  return null;
};

describe('the Open Inference Protocol', () => {
  it('carries every type there and back', () => {
    const { feeds, outputs, rows } = readInferRequest({ inputs: inputs() }, { info }, 5);
    expect(rows).toBe(1);
    expect(outputs).toEqual(types.map((name) => `y_${name}`));
    expect(feeds['int64']?.data).toEqual(BigInt64Array.of(1n, 2n));
    expect(feeds['float']?.data).toEqual(Float32Array.of(1.5, Number.NaN));
    const tensors = Object.fromEntries(Object.entries(feeds).map(([name, tensor]) => [`y_${name}`, tensor]));
    const answer = JSON.parse(JSON.stringify(inferResponse('m', 'v1', '7', outputs, tensors)));
    expect(answer.outputs.map((output: { data: unknown }) => output.data)).toEqual([
      [1.5, null],
      [1.5, 2],
      [1, 2],
      [1, -2],
      [true, false],
      ['a', 'b'],
    ]);
    expect(modelMetadata('m', ['v1'], { info })).toMatchObject({
      inputs: [{ name: 'float', datatype: 'FP32', shape: [-1, 2] }, ...Array(5).fill({ shape: [-1, 2] })],
    });
  });

  it('names what is wrong', () => {
    expect(code({ inputs: inputs({ int32: { data: [1, 2 ** 31] } }) })).toEqual([422, 'INPUT_TYPE', 'inputs[3].data']);
    expect(code({ inputs: inputs({ int64: { data: [1, 0.5] } }) })).toEqual([422, 'INPUT_TYPE', 'inputs[2].data']);
    expect(code({ inputs: inputs({ string: { data: ['a', 1] } }) })).toEqual([422, 'INPUT_TYPE', 'inputs[5].data']);
    expect(code({ inputs: inputs({ float: { datatype: 'FP64' } }) })).toEqual([422, 'INPUT_TYPE', 'inputs[0].datatype']);
    expect(code({ inputs: inputs({ float: { shape: [2, 1] } }) })).toEqual([422, 'INPUT_SHAPE', 'inputs[0].shape']);
    expect(code({ inputs: inputs({ float: { shape: [2, 2] } }) })).toEqual([422, 'INPUT_SHAPE', 'inputs[0].data']);
    expect(code({ inputs: inputs().slice(1) })).toEqual([422, 'INPUT_MISSING', 'inputs']);
    expect(code({ inputs: [...inputs(), inputs()[0]] })).toEqual([422, 'INPUT_UNKNOWN', 'inputs[6].name']);
    expect(code({ inputs: inputs(), outputs: [{ name: 'z' }] })).toEqual([422, 'OUTPUT_UNKNOWN', 'outputs[0].name']);
    expect(code({ inputs: inputs({ float: { shape: [6, 2], data: Array(12).fill(0) } }) })).toEqual([413, 'TOO_MANY_ROWS', 'inputs']);
    expect(code({ inputs: inputs({ float: { shape: [-1, 2] } }) })).toEqual([400, 'BODY_INVALID', 'inputs[0].shape[0]']);
    expect(code(null)).toEqual([400, 'BODY_INVALID', undefined]);
  });
});
