import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { describe, expect, it, onTestFinished } from 'vitest';
import { createWorkerSessions } from '../../../shared/adapters/serving/open-worker-session.ts';
import { ownFolder } from '../../support/own-folder.ts';

/** Real threads that speak as an inference worker does, and die or hang where they are told to. */
const file = join(ownFolder('worker'), 'worker.mjs');
writeFileSync(
  file,
  `import { parentPort, threadId } from 'node:worker_threads';
   import { setTimeout as wait } from 'node:timers/promises';
   parentPort.on('message', async ({ stop, call, feeds }) => {
     if (stop) process.exit();
     const [what] = feeds.p.data;
     if (what === -1) process.exit(7);
     if (what === -2) for (const end = Date.now() + 900; Date.now() < end; );
     if (what === -3) throw new Error('not caught');
     if (what > 0) await wait(what);
     const data = Float32Array.of(threadId);
     parentPort.postMessage({ kind: 'answer', call, tensors: { y: { element: 'float', data, shape: [1, 1] } } });
   });
   parentPort.postMessage({ kind: 'ready', inputs: ['p'], outputs: ['y'] });`,
);

async function open(workers: number) {
  const said: string[] = [];
  const sessions = createWorkerSessions({ workers, lateMs: 100, hangMs: 300, warn: (line) => said.push(line), file: pathToFileURL(file) });
  const session = await sessions.open(new Uint8Array());
  onTestFinished(() => session.close());
  /** The thread that answered, or why none did. */
  const ask = (what: number) =>
    session.run({ p: { element: 'float', data: Float32Array.of(what), shape: [1, 1] } }, ['y']).then(
      ({ y }) => y!.data[0] as number,
      (error: { code: string }) => error.code,
    );
  return { session, said, ask, hanging: sessions.hanging };
}

describe('a worker', () => {
  it('that ends fails the calls it had, and another answers those that came meanwhile', async () => {
    const { session, said, ask } = await open(1);
    const first = await ask(0);
    expect(session.alive!()).toBe(1);
    const slow = ask(5_000);
    expect(await ask(-1)).toBe('WORKER_DIED');
    expect(await slow).toBe('WORKER_DIED');
    expect(session.alive!()).toBe(0);
    // Asked while there is nobody: answered by the next.
    const next = await ask(0);
    expect(next).toEqual(expect.any(Number));
    expect(next).not.toBe(first);
    expect(session.alive!()).toBe(1);
    expect(said).toEqual([expect.stringContaining('it is replaced')]);
  });

  it('that throws what nobody catches is replaced too', async () => {
    const { said, ask } = await open(1);
    expect(await ask(-3)).toBe('WORKER_DIED');
    expect(await ask(0)).toEqual(expect.any(Number));
    expect(said).toEqual(['a worker failed: not caught', expect.stringContaining('it is replaced')]);
  });

  it('that hangs is not alive, is given up, and holds up nobody beside it', async () => {
    const { session, ask, said, hanging } = await open(2);
    const threads = new Set([await ask(0)]);
    const hung = ask(-2);
    // The other one goes on.
    threads.add(await ask(0));
    await expect.poll(() => session.alive!()).toBe(1);
    expect(await hung).toBe('WORKER_DIED');
    await expect.poll(() => session.alive!()).toBe(2);
    // It is not killed in the middle of native code: that would end the process. It ends when it can.
    expect(hanging()).toBe(1);
    const answers = await Promise.all([ask(30), ask(30)]);
    expect(new Set(answers).size).toBe(2);
    expect(answers.every((answer) => typeof answer === 'number')).toBe(true);
    await expect.poll(hanging, { timeout: 5_000 }).toBe(0);
    expect(said.at(-1)).toBe('a worker that had hung has ended.');
  });

  it('of a session that closes is not replaced, and calls that waited for one fail', async () => {
    const { session, said, ask } = await open(1);
    const dying = ask(-1);
    expect(await dying).toBe('WORKER_DIED');
    const waits = ask(0);
    await session.close();
    expect(await waits).toBe('WORKER_DIED');
    expect(said).toHaveLength(1);
  });
});
