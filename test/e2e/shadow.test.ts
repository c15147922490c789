import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, it } from 'vitest';
import { weighin } from '../support/built-cli.ts';
import { ownFolder } from '../support/own-folder.ts';
import { startServing } from '../support/serving-process.ts';
import { small } from '../unit/onnx/small-models.ts';

/** `{"p": 0.3}` scores 0.3 + shift. */
const model = (shift: number) =>
  small({
    inputs: [{ name: 'p', element: 'float', shape: [null, 1] }],
    outputs: [{ name: 'y', element: 'float', shape: [null, 1] }],
    initializers: [{ name: 'shift', shape: [1], values: Float32Array.of(shift) }],
    nodes: [{ operator: 'Add', inputs: ['p', 'shift'], outputs: ['y'] }],
  });

it('compares what the server writes of its shadow with what it answered', async () => {
  const root = ownFolder('shadow');
  writeFileSync(join(root, 'old.onnx'), model(0));
  writeFileSync(join(root, 'new.onnx'), model(0.125));
  const words = [
    'churn',
    '--model',
    'v11=old.onnx,v12=new.onnx',
    '--task',
    'binary',
    '--versions',
    'v11=100',
    '--shadow',
    'v12',
    '--log',
    'logs',
  ];
  const server = await startServing(words, root);
  // Of each eight, the label of 0.4 changes.
  for (let at = 0; at < 20; at++) {
    const rows = Array.from({ length: 8 }, (_, place) => ({ p: place / 10, id: `r${at}-${place}` }));
    const { status, json } = await server.post('/predict', { rows });
    expect([status, json.rows[0].model_version]).toEqual([200, 'v11']);
  }
  // The shadow is asked after the answer is out.
  const told = async () => (await server.get('/metrics')).text;
  await expect.poll(told, { timeout: 10_000 }).toMatch(/weighin_serving_rows_total\{[^}]*variant="shadow"[^}]*\} 160\b/);
  expect((await server.stop()).status).toBe(0);

  const compare = (...more: string[]) =>
    weighin(['rollout', 'compare', '--log', 'logs', '--stable', 'v11', '--candidate', 'v12', ...more], { cwd: root });
  const found = await compare('--json', '-');
  expect([found.status, found.stderr.includes('Error')]).toEqual([1, false]);
  expect(JSON.parse(found.stdout)).toMatchObject({
    recommends: 'keep',
    verdict: 'fail',
    rows: { stable: 160, candidate: 160, compared: 160, stableAlone: 0, candidateAlone: 0, missed: 0, repeated: 0, broken: 0, degraded: 0 },
    // 0.4 becomes 0.525.
    disagreement: { rows: 20, share: 0.125 },
    scores: { rows: 160, beyond: { difference: 0.05, rows: 160 } },
    latency: { stable: { p50: expect.any(Number) }, candidate: { p50: expect.any(Number) } },
  });
  const lenient = await compare('--limit', '0.25');
  expect([lenient.status, lenient.stdout.split('\n')[0]]).toEqual([
    0,
    '✓ promote v12: 20 of 160 requests were answered otherwise (12.5 %, 95 % interval 7.8 % … 18.6 %); at most 25.0 % may be.',
  ]);
});
