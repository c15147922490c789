import { createServer, type RequestListener } from 'node:http';
import type { AddressInfo } from 'node:net';
import { expect, it, onTestFinished } from 'vitest';
import { runProcess } from '../../../../shared/adapters/process/run-process.ts';
import { createRunCheck } from '../../../../shared/rollout/guard/run-check.ts';
import { v12 } from '../../../support/rollout/guard-world.ts';

async function listen(answer: RequestListener): Promise<string> {
  const server = createServer(answer);
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  onTestFinished(() => {
    server.closeAllConnections();
    server.close();
  });
  return `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
}
const run = createRunCheck({ fetch, runProcess, cwd: process.cwd(), env: { PATH: process.env['PATH'] ?? '' } });
const version = { model: 'churn', stage: 'production', version: v12 };

it('asks an address with the names filled in; 2xx is yes, everything else no', async () => {
  const asked: string[] = [];
  const address = await listen((request, response) => {
    asked.push(request.url ?? '');
    response.writeHead(request.url?.includes('ready') ? 204 : request.url?.includes('away') ? 302 : 503, { location: '/ready' }).end();
  });
  expect(await run({ http: `${address}/{model}/{version}/ready?key=secret` }, version)).toEqual({
    ok: true,
    detail: `${address}/churn/v12/ready answered 204`,
  });
  expect(await run({ http: `${address}/{number}` }, version)).toEqual({ ok: false, detail: `${address}/12 answered 503` });
  expect(await run({ http: `${address}/away` }, version)).toMatchObject({ ok: false, detail: expect.stringContaining('302') });
  expect(asked).toEqual(['/churn/v12/ready?key=secret', '/12', '/away']);
});

it('says no where nobody answers, or not in time, without what an address keeps secret', async () => {
  const silent = await listen(() => undefined);
  const late = await run({ http: `${silent}/x?key=hidden`, timeout: '50ms' }, version);
  expect(late).toEqual({ ok: false, detail: `${silent}/x did not answer within 0.05 s` });
  const gone = await run({ http: 'http://user:hidden@127.0.0.1:1/x' }, version);
  expect(gone).toEqual({ ok: false, detail: expect.stringContaining('could not be reached') });
  expect(JSON.stringify([late, gone])).not.toContain('hidden');
  expect(await run({ http: 'http://{host}/x' }, version)).toEqual({ ok: false, detail: expect.stringContaining('{host}') });
});

it('runs a command: exit code 0 is yes, and its last line says why', async () => {
  expect(await run({ command: 'echo {version} of {stage}' }, version)).toEqual({
    ok: true,
    detail: 'the command succeeded: v12 of production',
  });
  expect(await run({ command: 'echo first; echo "not \x1b[31mready"; exit 3' }, version)).toEqual({
    ok: false,
    detail: 'the command ended with exit code 3: not ready',
  });
  expect(await run({ command: 'sleep 5', timeout: '100ms' }, version)).toEqual({ ok: false, detail: 'the command took longer than 0.1 s' });
});
