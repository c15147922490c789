import { mkdirSync, writeFileSync } from 'node:fs';
import { connect } from 'node:net';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { weighin } from '../support/built-cli.ts';
import { ownFolder } from '../support/own-folder.ts';
import { startServing } from '../support/serving-process.ts';
import { small } from '../unit/onnx/small-models.ts';

/** `{"p": 0.3, "plan": "a"}` scores 0.3 + shift; `plan` is read and left alone. */
const model = (shift: number) =>
  small({
    inputs: [
      { name: 'p', element: 'float', shape: [null, 1] },
      { name: 'plan', element: 'string', shape: [null, 1] },
    ],
    outputs: [
      { name: 'y', element: 'float', shape: [null, 1] },
      { name: 'same', element: 'string', shape: [null, 1] },
    ],
    initializers: [{ name: 'shift', shape: [1], values: Float32Array.of(shift) }],
    nodes: [
      { operator: 'Add', inputs: ['p', 'shift'], outputs: ['y'] },
      { operator: 'Identity', inputs: ['plan'], outputs: ['same'] },
    ],
  });
const root = ownFolder('serve');
writeFileSync(join(root, 'old.onnx'), model(0));
writeFileSync(join(root, 'new.onnx'), model(0.25));
const two = ['churn', '--model', 'v11=old.onnx,v12=new.onnx', '--task', 'binary'];
const row = { p: 0.5, plan: 'basic' };

describe('weighin serve', () => {
  it('answers rows, tensors and probes, and every mistake with its own code', async () => {
    const server = await startServing([...two, '--max-body', '2kB', '--max-rows', '3'], root);
    expect(await server.post('/predict', row, { 'x-request-id': 'abc' })).toMatchObject({
      status: 200,
      json: { score: 0.5, prediction: 1, model_version: 'v11', id: 'abc', latency_ms: expect.any(Number) },
    });
    const many = await server.post('/predict', { rows: [row, { ...row, p: 0.25, id: 'x' }] });
    expect(many.json.rows.map((answer: { score: number }) => answer.score)).toEqual([0.5, 0.25]);
    expect(many.json.rows[1].id).toBe('x');

    const mistakes: [string, string, unknown, number, string, string?][] = [
      ['POST', '/predict', '', 400, 'BODY_NOT_JSON'],
      ['POST', '/predict', '{"p":', 400, 'BODY_NOT_JSON'],
      ['POST', '/predict', [row], 400, 'BODY_NOT_AN_OBJECT'],
      ['POST', '/predict', 'null', 400, 'BODY_NOT_AN_OBJECT'],
      ['POST', '/predict', { rows: [] }, 422, 'ROWS_INVALID', 'rows'],
      ['POST', '/predict', { rows: 1 }, 422, 'ROWS_INVALID', 'rows'],
      ['POST', '/predict', { rows: [row], ids: [] }, 422, 'ID_INVALID', 'ids'],
      ['POST', '/predict', { rows: [row, row, row, row] }, 413, 'TOO_MANY_ROWS', 'rows'],
      ['POST', '/predict', { ...row, plan: 'x'.repeat(3_000) }, 413, 'BODY_TOO_LARGE'],
      ['POST', '/predict', { p: 0.5 }, 422, 'FIELD_MISSING', 'plan'],
      ['POST', '/predict', { ...row, p: 'x' }, 422, 'FIELD_TYPE', 'p'],
      ['POST', '/predict', { rows: [row, { ...row, plan: 3 }] }, 422, 'FIELD_TYPE', 'rows[1].plan'],
      ['POST', '/predict', { ...row, plam: 'x' }, 422, 'FIELD_UNKNOWN', 'plam'],
      ['POST', '/predict', { ...row, id: '' }, 422, 'ID_INVALID', 'id'],
      ['POST', '/predict', { ...row, p: 5 }, 500, 'MODEL_FAILED'],
      ['GET', '/predict', undefined, 405, 'METHOD_NOT_ALLOWED'],
      ['GET', '/nothing', undefined, 404, 'NOT_FOUND'],
      ['GET', '/v2/models/other', undefined, 404, 'MODEL_NOT_SERVED'],
      ['GET', '/v2/models/churn/versions/9', undefined, 404, 'VERSION_NOT_SERVED'],
      ['POST', '/v2/models/churn/infer', {}, 400, 'BODY_INVALID', 'inputs'],
      ['POST', '/v2/models/churn/infer', { inputs: [] }, 422, 'INPUT_MISSING', 'inputs'],
      ['PUT', '/admin/weights', {}, 404, 'NOT_FOUND'],
    ];
    for (const [method, path, body, status, code, field] of mistakes) {
      const answer = await server.send(method, path, body);
      expect([method, path, body, answer.status, answer.json]).toEqual([
        method,
        path,
        body,
        status,
        { error: expect.stringMatching(/[.?]$/), code, ...(field !== undefined && { field }) },
      ]);
    }

    const inputs = [
      { name: 'p', shape: [2, 1], datatype: 'FP32', data: [0.25, 0.5] },
      { name: 'plan', shape: [2, 1], datatype: 'BYTES', data: [['a'], ['b']] },
    ];
    expect((await server.post('/v2/models/churn/versions/v12/infer', { id: '7', inputs, outputs: [{ name: 'y' }] })).json).toEqual({
      model_name: 'churn',
      model_version: 'v12',
      id: '7',
      outputs: [{ name: 'y', datatype: 'FP32', shape: [2, 1], data: [0.5, 0.75] }],
    });
    expect((await server.post('/v2/models/churn/infer', { inputs: [{ ...inputs[0], datatype: 'FP64' }, inputs[1]] })).json).toMatchObject({
      code: 'INPUT_TYPE',
      field: 'inputs[0].datatype',
    });
    expect((await server.post('/v2/models/churn/infer', { inputs: [{ ...inputs[0], data: [1] }, inputs[1]] })).json).toMatchObject({
      code: 'INPUT_SHAPE',
    });
    expect((await server.get('/v2/models/churn')).json).toMatchObject({ name: 'churn', versions: ['v11', 'v12'], platform: 'onnx_onnxv1' });
    expect((await server.get('/v2')).json).toMatchObject({ name: 'weighin', extensions: [] });
    for (const path of ['/health', '/ready', '/v2/health/live', '/v2/health/ready', '/v2/models/churn/ready'])
      expect((await server.get(path)).status).toBe(200);
    const page = await server.get('/metrics', { accept: 'application/openmetrics-text' });
    expect(page.headers.get('content-type')).toContain('application/openmetrics-text');
    expect(page.text).toMatch(/le="0\.1"/);
    expect(page.text).toMatch(/# EOF\n$/);
  });

  it('moves weights by a lease, for who has the token, and takes in a version under load without losing a request', async () => {
    const server = await startServing([...two, '--versions', 'v11=100,v12=0', '--log', 'logs', '--sample', '1'], root, {
      WEIGHIN_ADMIN_TOKEN: 'secret',
    });
    const admin = { authorization: 'Bearer secret' };
    expect((await server.get('/admin/weights')).json).toMatchObject({ code: 'UNAUTHORIZED' });
    expect((await server.get('/admin/weights', { authorization: 'Bearer wrong' })).status).toBe(401);
    let going = true;
    const statuses = new Map<number, number>();
    const versions = new Map<string, number>();
    const client = async () => {
      while (going) {
        const { status, json } = await server.post('/predict', row);
        statuses.set(status, (statuses.get(status) ?? 0) + 1);
        versions.set(json.model_version, (versions.get(json.model_version) ?? 0) + 1);
      }
    };
    const clients = [client(), client(), client(), client()];
    const set = (weights: Record<string, number>, more: object = {}) => server.send('PUT', '/admin/weights', { weights, ...more }, admin);
    expect((await set({ v11: 50, v12: 50 }, { leaseSeconds: 0.4, revision: 2 })).json).toMatchObject({
      weights: { v11: 50, v12: 50 },
      stable: 'v11',
    });
    expect((await set({ v11: 90 })).json).toMatchObject({ code: 'WEIGHTS_INVALID', field: 'weights' });
    expect((await set({ v11: 90, v13: 10 })).json).toMatchObject({ code: 'VERSION_NOT_SERVED' });
    expect((await set({ v11: 100 }, { revision: 1 })).json).toMatchObject({ code: 'REVISION_TOO_OLD' });
    expect((await set({ v11: 100 }, { leese: 1 })).json).toMatchObject({ code: 'BODY_INVALID', field: 'leese' });
    await expect.poll(() => versions.get('v12') ?? 0).toBeGreaterThan(5);
    await expect.poll(async () => (await server.get('/admin/weights', admin)).json.weights, { timeout: 5_000 }).toEqual({ v11: 100 });
    expect((await server.send('POST', '/admin/unload', { version: 'v11' }, admin)).json).toMatchObject({ code: 'VERSION_IN_USE' });
    for (let round = 0; round < 3; round++) {
      expect((await server.send('POST', '/admin/unload', { version: 'v12' }, admin)).json).toMatchObject({ versions: ['v11'] });
      expect((await server.send('POST', '/admin/load', { version: 'v12' }, admin)).json).toMatchObject({ versions: ['v11', 'v12'] });
      expect((await set({ v11: 50, v12: 50 })).status).toBe(200);
      expect((await set({ v11: 100, v12: 0 })).status).toBe(200);
    }
    expect((await set({ v12: 100 }, { stable: 'v12' })).json).toMatchObject({ stable: 'v12', weights: { v12: 100 } });
    expect((await server.send('POST', '/admin/unload', { version: 'v11' }, admin)).json).toMatchObject({ versions: ['v12'] });
    expect((await server.post('/predict', row)).json).toMatchObject({ model_version: 'v12', score: 0.75 });
    expect((await server.get('/admin', admin)).json).toMatchObject({
      ready: true,
      stable: 'v12',
      revision: 2,
      loaded: [{ version: 'v12' }],
    });
    going = false;
    await Promise.all(clients);
    expect([...statuses.keys()]).toEqual([200]);
    expect((await server.stop()).status).toBe(0);

    const check = await weighin(['logs', 'check', 'logs', '--task', 'binary', '--json', '-'], { cwd: root });
    const log = JSON.parse(check.stdout);
    expect([check.status, log.verdict]).toEqual([0, 'pass']);
    expect(log.answered.reduce((sum: number, { rows }: { rows: number }) => sum + rows, 0)).toBe([...statuses.values()][0]! + 1);
  });

  it('runs quick models in its own thread, beside whose answers nothing is lost when it stops', async () => {
    const server = await startServing(
      [...two, '--versions', 'v11=50,v12=50', '--log', 'own-logs'],
      root,
      { WEIGHIN_ADMIN_TOKEN: 'secret' },
      [],
    );
    const state = (await server.get('/admin', { authorization: 'Bearer secret' })).json;
    expect(state.loaded).toMatchObject([
      { version: 'v11', threads: 0, alive: true },
      { version: 'v12', threads: 0, alive: true },
    ]);
    const answers = await Promise.all(Array.from({ length: 60 }, () => server.post('/predict', { rows: [row, row] })));
    expect(answers.every(({ status }) => status === 200)).toBe(true);
    const scores = new Map(answers.flatMap(({ json }) => json.rows).map(({ model_version, score }) => [model_version, score]));
    expect(Object.fromEntries(scores)).toEqual({ v11: 0.5, v12: 0.75 });
    expect((await server.post('/predict', { ...row, p: 5 })).json).toMatchObject({ code: 'MODEL_FAILED' });
    expect((await server.stop()).status).toBe(0);
    const check = await weighin(['logs', 'check', 'own-logs', '--task', 'binary', '--json', '-'], { cwd: root });
    expect(JSON.parse(check.stdout).answered.reduce((sum: number, { rows }: { rows: number }) => sum + rows, 0)).toBe(120);
  });

  it('finishes what it began when it is told to stop', async () => {
    const server = await startServing(two, root);
    // A request whose body is still on its way when the signal comes.
    const port = Number(new URL(server.address).port);
    const socket = connect(port, '127.0.0.1');
    const text = JSON.stringify(row);
    let answer = '';
    socket.on('data', (chunk) => {
      answer += chunk.toString();
    });
    const closed = new Promise((resolve) => socket.once('close', resolve));
    await new Promise<void>((resolve) =>
      socket.write(`POST /predict HTTP/1.1\r\nHost: a\r\nContent-Length: ${text.length}\r\n\r\n${text.slice(0, 5)}`, () => resolve()),
    );
    await server.get('/health');
    server.signal('SIGTERM');
    await expect
      .poll(() =>
        server.get('/health').then(
          () => 'open',
          () => 'closed',
        ),
      )
      .toBe('closed');
    socket.write(text.slice(5));
    await closed;
    expect(answer).toMatch(/^HTTP\/1\.1 200 OK/);
    expect(answer).toMatch(/connection: close/i);
    expect(await server.ended).toBe(0);
  });

  it('goes on answering for as long as a load balancer needs to look away', async () => {
    const server = await startServing([...two, '--drain', '1500'], root);
    server.signal('SIGTERM');
    await expect.poll(async () => (await server.get('/ready')).json).toMatchObject({ code: 'NOT_READY' });
    expect((await server.get('/v2/health/ready')).status).toBe(503);
    expect((await server.post('/predict', row)).status).toBe(200);
    expect(await server.ended).toBe(0);
  });

  it('is held up by no client that sends slowly, and says what is no HTTP', async () => {
    const server = await startServing([...two, '--concurrency', '1'], root);
    const port = Number(new URL(server.address).port);
    const slow = Array.from({ length: 20 }, () => connect(port, '127.0.0.1'));
    for (const [at, socket] of slow.entries())
      socket.write(at % 2 ? 'POST /predict HTTP/1.1\r\nHo' : 'POST /predict HTTP/1.1\r\nHost: a\r\nContent-Length: 10\r\n\r\n{');
    for (let round = 0; round < 10; round++) expect((await server.post('/predict', row)).status).toBe(200);
    for (const socket of slow) socket.destroy();
    const odd = connect(port, '127.0.0.1');
    const answer = new Promise<string>((resolve) => odd.once('data', (chunk) => resolve(chunk.toString())));
    odd.write('nonsense\r\n\r\n');
    expect(await answer).toMatch(/^HTTP\/1\.1 400 [\s\S]*"NOT_HTTP"/);
  });

  it('ends with one clear error where it can not begin', async () => {
    mkdirSync(join(root, 'empty'), { recursive: true });
    writeFileSync(join(root, 'broken.onnx'), 'no model');
    const code = async (...words: string[]) => {
      const { status, stderr } = await weighin(['serve', ...words], { cwd: root });
      return [status, /\[([A-Z_]+)\]/.exec(stderr)?.[1]];
    };
    expect(await code('--model', 'gone.onnx')).toEqual([2, 'MODEL_FILE_MISSING']);
    expect(await code('--model', 'broken.onnx')).toEqual([2, 'MODEL_UNREADABLE']);
    expect(await code(...two, '--versions', 'v11=90,v12=5')).toEqual([2, 'FLAG_INVALID']);
    expect(await code(...two, '--versions', 'v11=90,v13=10')).toEqual([2, 'VERSION_NOT_FOUND']);
    expect(await code(...two, '--shadow', 'v11')).toEqual([2, 'SHADOW_ANSWERS']);
    expect(await code(...two, '--port', '99999')).toEqual([2, 'FLAG_INVALID']);
    expect(await code(...two, '--sample', '2')).toEqual([2, 'FLAG_INVALID']);
    expect(await code('churn')).toEqual([2, 'CONFIG_NOT_FOUND']);
    const server = await startServing(two, root);
    expect(await code(...two, '--port', new URL(server.address).port)).toEqual([2, 'PORT_TAKEN']);
  });
});
