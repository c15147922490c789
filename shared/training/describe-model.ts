import { createHash } from 'node:crypto';
import { createReadStream } from 'node:fs';
import { readFile, stat } from 'node:fs/promises';
import { relative } from 'node:path';
import { pipeline } from 'node:stream/promises';
import { readModel } from '../onnx/read-model.ts';
import { refuseDangerousModel } from '../onnx/refuse-dangerous-model.ts';
import { formatValueType } from '../onnx/value-type.ts';
import type { ModelFormat, TrainingResult } from './training-result.ts';

/** What the report says of a model file. An ONNX file is read, and refused where it is dangerous; any other is bytes. */
export async function describeModel(format: ModelFormat, path: string, folder: string): Promise<TrainingResult['model']> {
  const file = relative(folder, path).replaceAll('\\', '/');
  if (format !== 'onnx') {
    const hash = createHash('sha256');
    await pipeline(createReadStream(path), hash);
    return { format, file, digest: `sha256:${hash.digest('hex')}`, bytes: (await stat(path)).size, opset: null, inputs: [], outputs: [] };
  }
  const bytes = await readFile(path);
  refuseDangerousModel(bytes);
  const info = readModel(bytes);
  return {
    format,
    file,
    digest: `sha256:${createHash('sha256').update(bytes).digest('hex')}`,
    bytes: bytes.length,
    opset: info.opsets['ai.onnx'] ?? null,
    inputs: info.inputs.map(({ name, type }) => ({ name, type: formatValueType(type) })),
    outputs: info.outputs.map(({ name, type }) => ({ name, type: formatValueType(type) })),
  };
}
