import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { BinaryWriter, WireType } from '@bufbuild/protobuf/wire';
import { describe, expect, it } from 'vitest';
import { openSession } from '../../../shared/adapters/onnxruntime/open-session.ts';
import { contentOf, readFields } from '../../../shared/onnx/read-fields.ts';
import { readModel } from '../../../shared/onnx/read-model.ts';
import { refuseDangerousModel } from '../../../shared/onnx/refuse-dangerous-model.ts';
import { rewriteZipMap } from '../../../shared/onnx/rewrite-zip-map.ts';
import { formatValueType } from '../../../shared/onnx/value-type.ts';
import { writeBytes, writeInteger, writeMessage, writeText } from '../../../shared/onnx/write-fields.ts';
import { identity, small } from './small-models.ts';

const example = (name: string) => readFileSync(join(import.meta.dirname, '../../vectors/models', name));
const code = (run: () => unknown) => {
  try {
    run();
  } catch (cause) {
    return (cause as { code?: string }).code;
  }
  return 'nothing thrown';
};

describe('reading', () => {
  it('reads back what was built', () => {
    const info = readModel(
      identity(3, {
        metadata: { purpose: 'test', feature_names: '["a"]' },
        initializers: [{ name: 'w', shape: [1], values: Float32Array.of(1) }],
      }),
    );
    expect(info).toMatchObject({
      irVersion: 8,
      producer: 'test 1',
      opsets: { 'ai.onnx': 17, 'ai.onnx.ml': 3 },
      operators: { Identity: 1 },
      metadata: { purpose: 'test', feature_names: '["a"]' },
      classLabels: null,
    });
    expect(info.inputs).toEqual([{ name: 'x', type: { kind: 'tensor', element: 'float', shape: [null, 3] } }]);
  });

  it('does not ask for inputs that the file holds itself', () => {
    const bytes = small({
      inputs: [
        { name: 'x', element: 'float', shape: [null, 1] },
        { name: 'w', element: 'float', shape: [1] },
      ],
      initializers: [{ name: 'w', shape: [1], values: Float32Array.of(2) }],
      nodes: [{ operator: 'Mul', inputs: ['x', 'w'], outputs: ['y'] }],
      outputs: [{ name: 'y', element: 'float', shape: [null, 1] }],
    });
    expect(readModel(bytes).inputs.map(({ name }) => name)).toEqual(['x']);
  });

  it('takes class names from the classifier that answers, not from one inside', () => {
    const classifier = (labels: string[], from: string, to: string) => ({
      operator: 'LinearClassifier',
      domain: 'ai.onnx.ml',
      inputs: [from],
      outputs: [`${to}_label`, to],
      attributes: { classlabels_strings: { strings: labels } },
    });
    const bytes = small({
      inputs: [{ name: 'x', element: 'float', shape: [null, 2] }],
      nodes: [classifier(['inner', 'none'], 'x', 'first'), classifier(['no', 'yes'], 'first', 'p')],
      outputs: [{ name: 'p', element: 'float', shape: [null, 2] }],
    });
    expect(readModel(bytes).classLabels).toEqual(['no', 'yes']);
  });

  it('finds class names in the list that a label is looked up in', () => {
    expect(readModel(example('multiclass-float64.onnx')).classLabels).toHaveLength(3);
  });

  it.each([
    ['text', new TextEncoder().encode('not a model at all')],
    ['nothing', new Uint8Array()],
    ['a file cut short', example('forest-zipmap-on.onnx').subarray(0, 900)],
  ])('says so of %s', (_, bytes) => {
    expect(code(() => readModel(bytes))).toBe('MODEL_UNREADABLE');
    expect(code(() => refuseDangerousModel(bytes))).toBe('MODEL_UNREADABLE');
  });
});

describe('ZipMap', () => {
  it('becomes Identity with a float tensor, and nothing else changes', () => {
    const before = readModel(example('forest-zipmap-on.onnx'));
    const rewritten = rewriteZipMap(example('forest-zipmap-on.onnx'));
    const after = readModel(rewritten);
    expect(before.outputs.map(({ type }) => formatValueType(type))).toEqual(['tensor(int64)', 'seq(map(int64,tensor(float)))']);
    expect(after.outputs.map(({ type }) => formatValueType(type))).toEqual(['tensor(int64)', 'tensor(float)']);
    expect(after.operators).not.toHaveProperty('ai.onnx.ml:ZipMap');
    expect(after.operators['Identity']).toBe(1);
    expect({ ...after, outputs: 0, operators: 0 }).toEqual({ ...before, outputs: 0, operators: 0 });
  });

  it('keeps fields that nobody knows, in the model and in the graph', () => {
    const unknown = new BinaryWriter().tag(900, WireType.LengthDelimited).string('from the future').finish();
    const fields = readFields(example('forest-zipmap-on.onnx'));
    const bytes = writeMessage((writer) => {
      for (const field of fields) {
        if (field.no === 7) writeBytes(writer, 7, Buffer.concat([field.content, unknown]));
        else writer.raw(field.raw);
      }
      writer.raw(unknown);
    });
    const rewritten = readFields(rewriteZipMap(bytes));
    expect(contentOf(rewritten, 900)).toEqual(contentOf(readFields(unknown), 900));
    expect(contentOf(readFields(contentOf(rewritten, 7)!), 900)).toEqual(contentOf(readFields(unknown), 900));
  });

  it('imports the default domain where a graph of ai.onnx.ml alone did not', async () => {
    const bytes = small({
      opsets: { 'ai.onnx.ml': 1 },
      inputs: [{ name: 'x', element: 'float', shape: [null, 2] }],
      nodes: [
        {
          operator: 'Scaler',
          domain: 'ai.onnx.ml',
          inputs: ['x'],
          outputs: ['s'],
          attributes: { offset: { floats: [0] }, scale: { floats: [2] } },
        },
        { operator: 'ZipMap', domain: 'ai.onnx.ml', inputs: ['s'], outputs: ['p'], attributes: { classlabels_int64s: { ints: [0, 1] } } },
      ],
      outputs: [{ name: 'p', element: 'float', shape: [null, 2] }],
    });
    expect(readModel(rewriteZipMap(bytes)).opsets).toEqual({ 'ai.onnx.ml': 1, 'ai.onnx': 13 });
    const session = await openSession(rewriteZipMap(bytes));
    const found = await session.run({ x: { element: 'float', data: Float32Array.of(1, 3), shape: [1, 2] } }, ['p']);
    expect(found['p']?.data).toEqual(Float32Array.of(2, 6));
    await session.close();
  });

  it('gives the same bytes back where there is none', () => {
    const bytes = example('forest-zipmap-off.onnx');
    expect(rewriteZipMap(bytes)).toBe(bytes);
  });
});

describe('refusing', () => {
  const refused = (bytes: Uint8Array, limits?: Parameters<typeof refuseDangerousModel>[1]) =>
    code(() => refuseDangerousModel(bytes, limits));
  const limits = { bytes: 1e6, nodes: 10, depth: 2 };
  const tensor = (external: boolean) =>
    writeMessage((writer) => {
      writeInteger(writer, 1, 1);
      writeInteger(writer, 2, 1);
      writeText(writer, 8, 'w');
      if (external) writeInteger(writer, 14, 1);
      else
        writeBytes(
          writer,
          13,
          writeMessage((entry) => writeText(entry, 1, 'location')),
        );
    });
  const withGraphField = (no: number, content: Uint8Array) => {
    const graph = contentOf(readFields(identity(1)), 7)!;
    return writeMessage((writer) => {
      writeInteger(writer, 1, 8);
      writeBytes(writer, 7, Buffer.concat([graph, writeMessage((inner) => writeBytes(inner, no, content))]));
    });
  };
  const nodeWith = (no: number, content: Uint8Array) =>
    writeMessage((node) => {
      writeText(node, 4, 'Constant');
      writeBytes(
        node,
        5,
        writeMessage((attribute) => {
          writeText(attribute, 1, 'value');
          writeBytes(attribute, no, content);
        }),
      );
    });

  it('lets every example through', () => {
    for (const name of ['forest-zipmap-on.onnx', 'xgboost-binary.onnx', 'churn-logistic-int64.onnx', 'embedding-tensor.onnx']) {
      refuseDangerousModel(example(name));
    }
  });

  it.each([
    ['an initializer by its location', withGraphField(5, tensor(true))],
    ['an initializer by its external_data', withGraphField(5, tensor(false))],
    [
      'a sparse initializer',
      withGraphField(
        15,
        writeMessage((sparse) => writeBytes(sparse, 1, tensor(true))),
      ),
    ],
    ["a constant's tensor", withGraphField(1, nodeWith(5, tensor(true)))],
    [
      'a tensor in a body',
      withGraphField(
        1,
        nodeWith(
          6,
          writeMessage((body) => writeBytes(body, 5, tensor(true))),
        ),
      ),
    ],
  ])('refuses external data in %s', (_, bytes) => expect(refused(bytes)).toBe('MODEL_REFUSED'));

  it('refuses operators of other domains, in bodies of branches too', () => {
    const custom = writeMessage((node) => {
      writeText(node, 4, 'RunAnything');
      writeText(node, 7, 'com.evil');
    });
    expect(refused(withGraphField(1, custom))).toBe('MODEL_REFUSED');
    expect(
      refused(
        withGraphField(
          1,
          nodeWith(
            11,
            writeMessage((body) => writeBytes(body, 1, custom)),
          ),
        ),
      ),
    ).toBe('MODEL_REFUSED');
  });

  it('refuses what is too large, too long or too deep', () => {
    expect(refused(identity(1), { ...limits, bytes: 10 })).toBe('MODEL_REFUSED');
    const nodes = Array.from({ length: 11 }, (_, index) => ({ operator: 'Identity', inputs: ['x'], outputs: [`y${index}`] }));
    expect(refused(identity(1, { nodes }), limits)).toBe('MODEL_REFUSED');
    let body = writeMessage((graph) => writeText(graph, 2, 'innermost'));
    for (let depth = 0; depth < 3; depth++) {
      const inner = body;
      body = writeMessage((graph) => writeBytes(graph, 1, nodeWith(6, inner)));
    }
    expect(
      refused(
        writeMessage((model) => writeBytes(model, 7, body)),
        limits,
      ),
    ).toBe('MODEL_REFUSED');
    expect(refused(identity(1), limits)).toBe('nothing thrown');
  });
});

describe('a session', () => {
  it('wants exactly the inputs of the model', async () => {
    const session = await openSession(identity(1));
    const x = { element: 'float', data: Float32Array.of(1), shape: [1, 1] } as const;
    await expect(session.run({}, ['y'])).rejects.toMatchObject({ code: 'MODEL_INPUT_MISSING' });
    await expect(session.run({ x, typo: x }, ['y'])).rejects.toMatchObject({ code: 'MODEL_INPUT_UNKNOWN' });
    await expect(session.run({ x: { ...x, shape: [1] } }, ['y'])).rejects.toMatchObject({ code: 'MODEL_RUN_FAILED' });
    await session.close();
  });

  it('says why a file does not load', async () => {
    const bytes = identity(1, { nodes: [{ operator: 'NoSuchOperator', inputs: ['x'], outputs: ['y'] }] });
    await expect(openSession(bytes)).rejects.toMatchObject({
      code: 'MODEL_NOT_LOADABLE',
      message: expect.stringContaining('NoSuchOperator'),
    });
  });
});
