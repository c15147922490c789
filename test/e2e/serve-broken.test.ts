import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { ownFolder } from '../support/own-folder.ts';
import { startServing } from '../support/serving-process.ts';
import { slowModel } from '../support/slow-model.ts';

const root = ownFolder('serve-broken');
writeFileSync(join(root, 'slow.onnx'), slowModel());
const served = ['--model', 'slow.onnx', '--task', 'regression'];
/** Some seconds of native code. */
const hanging = { p: 4_000 };

describe('a model that hangs in native code', () => {
  it('is 504 for who asked it, not ready meanwhile, and has a new thread while the old one still computes', async () => {
    const server = await startServing([...served, '--timeout', '100', '--breaker', '1000'], root);
    expect((await server.post('/predict', { p: 0.5 })).json).toMatchObject({ score: 0.5 });
    const late = await server.post('/predict', hanging);
    expect([late.status, late.json]).toEqual([504, { error: 'v1 did not answer in time.', code: 'MODEL_LATE' }]);
    const ready = await server.get('/ready');
    expect([ready.status, ready.json]).toEqual([503, { code: 'NOT_READY', error: expect.stringContaining('No thread of v1 can answer') }]);
    // The process itself is well.
    expect((await server.get('/health')).status).toBe(200);
    expect((await server.get('/metrics')).text).toMatch(/weighin_serving_version_alive\{model="slow",version="v1"\} 0/);
    await expect.poll(async () => (await server.get('/ready')).status, { timeout: 15_000, interval: 100 }).toBe(200);
    expect((await server.post('/predict', { p: 0.25 })).json).toMatchObject({ score: 0.25 });
    expect(server.said()).toContain('a worker gave no answer for 1000 ms; it is replaced.');
    // The old one comes back from its native code into a process that goes on.
    await expect.poll(() => server.said(), { timeout: 60_000, interval: 200 }).toContain('a worker that had hung has ended.');
    expect((await server.post('/predict', { p: 0.25 })).json).toMatchObject({ score: 0.25 });
    expect((await server.stop()).status).toBe(0);
  }, 120_000);

  it('is answered for by the fallback, and rests when it did so again and again', async () => {
    const server = await startServing([...served, '--timeout', '200', '--breaker', '3', '--fallback', '7'], root);
    const ask = (row: object) => server.post('/predict', row);
    const hung = await ask(hanging);
    expect([hung.status, hung.json]).toMatchObject([200, { score: 7, degraded: true, model_version: 'v1' }]);
    // Behind it, in the same thread.
    expect((await ask({ p: 0.5 })).json).toMatchObject({ degraded: true });
    expect((await ask({ p: 0.5 })).json).toMatchObject({ degraded: true });
    const page = (await server.get('/metrics')).text;
    expect(page).toMatch(/weighin_serving_breaker_open\{model="slow",version="v1"\} 1/);
    expect(page).toMatch(/weighin_serving_errors_total\{model="slow",version="v1",variant=""\} 3/);
    // At once, since it is not asked.
    const begun = performance.now();
    for (let round = 0; round < 20; round++) expect((await ask({ p: 0.5 })).json).toMatchObject({ score: 7, degraded: true });
    expect((await server.get('/metrics')).text).toMatch(/reason="open"\} 20/);
    expect(performance.now() - begun).toBeLessThan(20 * 200);
    await expect.poll(async () => (await ask({ p: 0.5 })).json.degraded, { timeout: 20_000, interval: 250 }).toBeUndefined();
  }, 120_000);

  it('takes its turn among those that are answered at once, and gives it back', async () => {
    const server = await startServing([...served, '--timeout', '1500', '--concurrency', '1'], root);
    const hung = server.post('/predict', hanging);
    await expect.poll(async () => (await server.post('/predict', { p: 0.5 })).json).toMatchObject({ code: 'OVERLOADED' });
    const refused = await server.post('/predict', { p: 0.5 });
    expect([refused.status, refused.headers.get('retry-after')]).toEqual([503, '1']);
    expect((await server.get('/health')).status).toBe(200);
    expect((await hung).status).toBe(504);
    // Its turn is over, though the thread is not.
    expect((await server.post('/predict', { p: 'x' })).json).toMatchObject({ code: 'FIELD_TYPE' });
  }, 120_000);
});
