import { connect, type Socket } from 'node:net';
import { describe, expect, it, onTestFinished } from 'vitest';
import { createServingServer, type ServerSettings } from '../../../shared/adapters/serving/create-serving-server.ts';
import { playEngine } from './play-engine.ts';

/** The server on a real port, impatient. */
async function listen(settings: Partial<ServerSettings> = {}) {
  const played = await playEngine(['v11'], { timeoutMs: 60_000 });
  const server = createServingServer(played.engine, {
    maxBytes: 1_000,
    concurrency: 4,
    requestMs: 400,
    keepAliveMs: 5_000,
    adminToken: undefined,
    version: '1',
    load: async () => undefined,
    ...settings,
  });
  const { port } = await server.listen(0, '127.0.0.1');
  onTestFinished(() => server.stop(0));
  return { ...played, port };
}

/** A connection that sends just this, and what came back by its end. */
function client(port: number, text: string): { readonly socket: Socket; readonly answer: Promise<string> } {
  const socket = connect(port, '127.0.0.1');
  socket.write(text);
  let got = '';
  socket.on('data', (chunk) => {
    got += chunk.toString();
  });
  socket.on('error', () => undefined);
  onTestFinished(() => void socket.destroy());
  return { socket, answer: new Promise((resolve) => socket.once('close', () => resolve(got))) };
}
const ask = async (port: number, body: unknown = { p: 0.5 }) => {
  const response = await fetch(`http://127.0.0.1:${port}/predict`, { method: 'POST', body: JSON.stringify(body) });
  // biome-ignore lint/suspicious/noExplicitAny: a test says what it expects of it
  return { status: response.status, retry: response.headers.get('retry-after'), json: (await response.json()) as any };
};
const head = (length: number, more = '') => `POST /predict HTTP/1.1\r\nHost: a\r\n${more}Content-Length: ${length}\r\n\r\n`;

describe('a client that is slow', () => {
  it('with its headers or its body gets 408 in time, and takes nobody else’s turn meanwhile', async () => {
    const { port } = await listen();
    const slow = Array.from({ length: 40 }, (_, at) => client(port, at % 2 ? 'POST /predict HTTP/1.1\r\nHos' : `${head(100)}{"p"`));
    // Ten times as many as may be answered at once.
    for (let round = 0; round < 5; round++) expect((await ask(port)).status).toBe(200);
    for (const { answer } of slow) {
      expect(await answer).toMatch(/^HTTP\/1\.1 408 Request Timeout\r\n[\s\S]*"code":"REQUEST_TOO_SLOW"\}$/);
    }
    expect((await ask(port)).status).toBe(200);
  });

  it('with its bodies together fills no more memory than there is for them', async () => {
    const { port } = await listen({ maxBodyBytes: 2_000, requestMs: 20_000 });
    const part = 'x'.repeat(900);
    const first = [client(port, head(950) + part), client(port, head(950) + part)];
    await expect.poll(async () => (await client(port, head(950) + part).answer).split('\r\n\r\n')[1]).toContain('OVERLOADED');
    expect((await ask(port)).status).toBe(200);
    // Those that went away hold nothing any more.
    for (const { socket } of first) socket.destroy();
    const late = client(port, head(920, 'Connection: close\r\n') + part);
    await expect.poll(async () => (await ask(port, { p: 0.25, id: 'x'.repeat(150) })).status).toBe(200);
    late.socket.write(' '.repeat(20));
    expect((await late.answer).split('\r\n\r\n')[1]).toContain('BODY_NOT_JSON');
  });

  it('in reading its answers is cut off at last, and was in nobody’s way', async () => {
    const { port, engine } = await listen({ stallMs: 1_500, concurrency: 1_000, requestMs: 20_000 });
    const one = `${head(10)}${JSON.stringify({ p: 0.25 })}`;
    // Asks and asks and reads nothing, until the system takes no more.
    const socket = connect(port, '127.0.0.1');
    socket.pause();
    onTestFinished(() => void socket.destroy());
    socket.on('error', () => undefined);
    let closed = false;
    socket.once('close', () => {
      closed = true;
    });
    let sent = 0;
    const push = () => {
      while (sent < 200_000 && socket.write(one)) sent++;
    };
    socket.on('drain', push);
    push();
    const answered = () => engine.fleet.get('v11')!.arm('').requests;
    await expect
      .poll(
        async () => {
          const before = answered();
          await new Promise((resolve) => setTimeout(resolve, 200));
          return before > 0 && answered() === before && engine.totals.requestsInFlight;
        },
        { timeout: 10_000 },
      )
      .toBe(0);
    // Not all of it was even read: the server waits for this client as long as it must, and for nobody else.
    expect(answered()).toBeLessThan(200_000);
    expect(closed).toBe(false);
    expect((await ask(port)).status).toBe(200);
    await expect.poll(() => closed, { timeout: 10_000 }).toBe(true);
  });
});

describe('a limit', () => {
  it('of requests at once is 503 with Retry-After, for as long as they are being answered', async () => {
    const { port, behaviour } = await listen({ concurrency: 2 });
    behaviour('v11').hangs = true;
    const hung = [client(port, `${head(9)}{"p":0.5}`), client(port, `${head(9)}{"p":0.5}`)];
    await expect
      .poll(async () => (await fetch(`http://127.0.0.1:${port}/metrics`).then((page) => page.text())).match(/in_flight\S* 2/))
      .toBeTruthy();
    expect(await ask(port)).toEqual({
      status: 503,
      retry: '1',
      json: { code: 'OVERLOADED', error: expect.stringContaining('More than 2') },
    });
    // A client that goes away does not stop the model: its turn is not over.
    for (const { socket } of hung) socket.destroy();
    expect((await ask(port)).status).toBe(503);
  });

  it('of headers and of HTTP itself is said with a code', async () => {
    const { port } = await listen();
    expect(await client(port, `GET / HTTP/1.1\r\nHost: a\r\nX: ${'y'.repeat(20_000)}\r\n\r\n`).answer).toMatch(
      /^HTTP\/1\.1 431 [\s\S]*"HEADERS_TOO_LARGE"\}$/,
    );
    expect(await client(port, 'nonsense\r\n\r\n').answer).toMatch(/^HTTP\/1\.1 400 [\s\S]*"NOT_HTTP"\}$/);
  });
});
