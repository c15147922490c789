import { spawn } from 'node:child_process';
import { readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { connect } from 'node:net';
import { join } from 'node:path';
import { beforeAll, describe, expect, it } from 'vitest';
import { predictionSchema } from '../../shared/production/prediction-log.ts';
import { ownFolder } from '../support/own-folder.ts';
import { small } from '../unit/onnx/small-models.ts';

/** `WEIGHIN_SERVING_PYTHON` names the Python that has what `examples/serving-fastapi/requirements.txt` says. */
const python = process.env['WEIGHIN_SERVING_PYTHON'] ?? 'python3';
const example = join(import.meta.dirname, '../../examples/serving-fastapi');
const root = ownFolder('fastapi');
let address = '';

/** Two numbers in; the first is the probability of class 1. */
const model = small({
  inputs: [{ name: 'features', element: 'float', shape: [null, 2] }],
  outputs: [
    { name: 'label', element: 'int64', shape: [null] },
    { name: 'probabilities', element: 'float', shape: [null, 2] },
  ],
  initializers: [
    { name: 'swap', shape: [2, 2], values: Float32Array.of(-1, 1, 0, 0) },
    { name: 'shift', shape: [2], values: Float32Array.of(1, 0) },
  ],
  nodes: [
    { operator: 'MatMul', inputs: ['features', 'swap'], outputs: ['spread'] },
    { operator: 'Add', inputs: ['spread', 'shift'], outputs: ['probabilities'] },
    { operator: 'ArgMax', inputs: ['probabilities'], outputs: ['label'], attributes: { axis: { int: 1 }, keepdims: { int: 0 } } },
  ],
});

const post = async (path: string, body: unknown) => {
  const response = await fetch(`${address}${path}`, {
    method: 'POST',
    headers: { 'content-type': 'application/json' },
    body: JSON.stringify(body),
  });
  return { status: response.status, json: await response.json() };
};

beforeAll(async () => {
  writeFileSync(join(root, 'm.onnx'), model);
  writeFileSync(join(root, 'features.json'), JSON.stringify({ alice: [0.75, 0], half: [0.5, 0], broken: [0.5] }));
  const port = 20_000 + (process.pid % 20_000);
  const child = spawn(python, ['-m', 'uvicorn', 'app:app', '--port', String(port), '--log-level', 'critical'], {
    cwd: example,
    env: {
      PATH: process.env['PATH'] ?? '',
      MODEL: join(root, 'm.onnx'),
      MODEL_VERSION: 'v12',
      LOG: join(root, 'churn.jsonl'),
      FEATURES: join(root, 'features.json'),
      PYTHONDONTWRITEBYTECODE: '1',
    },
    stdio: ['ignore', 'ignore', 'inherit'],
  });
  address = `http://127.0.0.1:${port}`;
  const open = () =>
    new Promise<boolean>((resolve) => {
      const socket = connect(port, '127.0.0.1', () => resolve(true)).on('error', () => resolve(false));
      socket.on('connect', () => socket.end());
    });
  for (let tries = 0; !(await open()); tries++) {
    if (tries > 200 || child.exitCode !== null) throw new Error('uvicorn does not listen');
    await new Promise((resolve) => setTimeout(resolve, 200));
  }
  return () => void child.kill();
}, 60_000);

describe('the FastAPI example', () => {
  it('answers a list of numbers with the class and its probability', async () => {
    expect(await post('/predict', { features: [0.25, 9] })).toEqual({ status: 200, json: { prediction: 0, probability: 0.75 } });
    expect(await post('/predict', { features: [0.75, 9] })).toEqual({ status: 200, json: { prediction: 1, probability: 0.75 } });
    expect((await post('/predict', { features: [1] })).status).toBe(422);
    expect((await post('/predict', { features: [] })).status).toBe(422);
  });

  it('answers an entity by its own features; a half is no, an unknown one is 404', async () => {
    expect(await post('/score', { entity_id: 'alice', context: { device_type: 'phone' } })).toEqual({
      status: 200,
      json: { entity_id: 'alice', score: 0.75, prediction: 1, model_version: 'v12', latency_ms: expect.any(Number) },
    });
    expect((await post('/score', { entity_id: 'half', context: {} })).json).toMatchObject({ score: 0.5, prediction: 0 });
    expect(await post('/score', { entity_id: 'nobody' })).toMatchObject({
      status: 404,
      json: { detail: expect.stringContaining('no such entity') },
    });
  });

  it('says that it is well, and writes the published log', async () => {
    expect(await (await fetch(`${address}/health`)).json()).toEqual({
      status: 'healthy',
      model_loaded: true,
      feature_store_connected: true,
    });
    const lines = readdirSync(root)
      .filter((name) => name.endsWith('.jsonl'))
      .flatMap((name) => readFileSync(join(root, name), 'utf8').trim().split('\n'))
      .map((line) => predictionSchema.parse(JSON.parse(line)));
    expect(lines).toHaveLength(4);
    expect(lines[2]?.features).toMatchObject({
      f0: 0.75,
      hour_of_day: expect.any(Number),
      is_weekend: expect.any(Boolean),
      device_type: 'phone',
      ip_country: 'unknown',
    });
  });
});
