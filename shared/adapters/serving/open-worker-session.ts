import { existsSync } from 'node:fs';
import { Worker } from 'node:worker_threads';
import { InfrastructureError, UserError } from '../../errors.ts';
import type { Tensor } from '../../scoring/inference-session.ts';
import type { OpenServedSession } from '../../serving/served-session.ts';
import type { CarriedError, RunMessage, StopMessage, WorkerMessage, WorkerStart } from './worker-messages.ts';

export interface WorkerSettings {
  /** Threads, each with the whole model. */
  readonly workers: number;
  /** Milliseconds that a model has for an answer: a thread that owes one for longer is not counted as alive. */
  readonly lateMs: number;
  /** Milliseconds after which a call that has no answer costs its worker's life. */
  readonly hangMs: number;
  readonly warn: (line: string) => void;
  /** The file that a worker runs; for tests. */
  readonly file?: URL;
}

export interface WorkerSessions {
  readonly open: OpenServedSession;
  /** Threads that still compute what nobody waits for, of all models: they hold the process, too, when it wants to end. */
  readonly hanging: () => number;
}

interface Seat {
  /** null: its worker is gone and another is being started. */
  worker: Worker | null;
  readonly calls: Map<number, Call>;
}
interface Call {
  readonly message: RunMessage;
  readonly resolve: (tensors: Readonly<Record<string, Tensor>>) => void;
  readonly reject: (error: unknown) => void;
  readonly begun: number;
}

/**
 * Sessions that run in worker threads, so that the server's own thread is never blocked. A worker that dies or hangs fails the calls it had
 * and is replaced; calls that come while none is there wait for the next. The model of another version has workers of its own.
 */
export function createWorkerSessions({ workers, lateMs, hangMs, warn, file = workerFile() }: WorkerSettings): WorkerSessions {
  /** Threads that were told to end and have not: native code holds them. */
  let hanging = 0;
  const stop = (worker: Worker): Promise<void> => {
    const message: StopMessage = { stop: true };
    hanging++;
    const ended = new Promise<void>((resolve) => worker.once('exit', () => resolve())).finally(() => hanging--);
    worker.postMessage(message);
    return ended;
  };

  const open: OpenServedSession = async (bytes) => {
    // Memory of its own: a view into a larger buffer would be cloned with all of it. ONNX Runtime takes no shared memory.
    const own = Uint8Array.from(bytes);
    const started = await Promise.all(Array.from({ length: workers }, () => start(file, own)));
    const { inputs, outputs } = started[0]!;
    let closed = false;
    let count = 0;
    let waiting: Call[] = [];
    const seats = started.map((): Seat => ({ worker: null, calls: new Map() }));
    for (const [at, { worker }] of started.entries()) attach(seats[at]!, worker);

    function attach(seat: Seat, worker: Worker): void {
      seat.worker = worker;
      worker.on('message', (message: WorkerMessage) => {
        if (message.kind !== 'answer' && message.kind !== 'failed') return;
        const call = seat.worker === worker ? seat.calls.get(message.call) : undefined;
        seat.calls.delete(message.call);
        if (message.kind === 'answer') call?.resolve(message.tensors);
        else call?.reject(toError(message.error));
      });
      worker.on('error', (error) => warn(`a worker failed: ${error.message.split('\n')[0]}`));
      worker.on('exit', () => {
        if (!closed && seat.worker === worker) giveUp(seat, 'a worker ended; it is replaced.');
      });
      const calls = waiting;
      waiting = [];
      for (const call of calls) give(call);
    }

    function giveUp(seat: Seat, why: string): void {
      warn(why);
      seat.worker = null;
      for (const { reject } of seat.calls.values()) reject(died());
      seat.calls.clear();
      void replace(seat);
    }

    async function replace(seat: Seat): Promise<void> {
      try {
        // Each of them holds a core: a model that hangs on every request must not take the whole machine.
        if (hanging > mostHanging * workers) throw new Error(`${hanging} threads hang already`);
        const { worker } = await start(file, own);
        if (closed) return void stop(worker);
        attach(seat, worker);
      } catch (error) {
        warn(`it could not be replaced: ${error instanceof Error ? error.message : String(error)}`);
        if (!closed) setTimeout(() => void replace(seat), 1_000).unref();
      }
    }

    const oldest = (seat: Seat) => [...seat.calls.values()][0]?.begun ?? Number.POSITIVE_INFINITY;
    const watch = setInterval(
      () => {
        for (const seat of seats) {
          const { worker } = seat;
          if (!worker || performance.now() - oldest(seat) < hangMs) continue;
          giveUp(seat, `a worker gave no answer for ${hangMs} ms; it is replaced.`);
          void stop(worker).then(() => warn('a worker that had hung has ended.'));
        }
      },
      Math.max(20, hangMs / 8),
    ).unref();

    function give(call: Call): void {
      let chosen: Seat | null = null;
      for (const seat of seats) if (seat.worker && (!chosen || seat.calls.size < chosen.calls.size)) chosen = seat;
      if (!chosen?.worker) return void waiting.push(call);
      chosen.calls.set(call.message.call, call);
      chosen.worker.postMessage(call.message);
    }

    return {
      inputs,
      outputs,
      run: (feeds, fetches) =>
        new Promise((resolve, reject) => {
          const message: RunMessage = { call: count++, feeds, fetches };
          give({ message, resolve, reject, begun: performance.now() });
        }),
      alive: () => seats.filter((seat) => seat.worker && performance.now() - oldest(seat) <= lateMs).length,
      async close() {
        closed = true;
        clearInterval(watch);
        for (const { reject } of waiting) reject(died());
        const ended = Promise.all(seats.map(({ worker }) => worker && stop(worker)));
        // One that hangs in native code does not end for us.
        await Promise.race([ended, new Promise((resolve) => setTimeout(resolve, 1_000).unref())]);
      },
    };
  };
  return { open, hanging: () => hanging };
}
const mostHanging = 4;

function start(file: URL, bytes: Uint8Array): Promise<{ worker: Worker; inputs: readonly string[]; outputs: readonly string[] }> {
  const workerData: WorkerStart = { bytes };
  const worker = new Worker(file, { workerData, name: 'weighin-inference' });
  return new Promise((resolve, reject) => {
    const fail = (error: unknown) => {
      void worker.terminate();
      reject(error);
    };
    const gone = () => reject(died());
    worker.once('error', fail);
    worker.once('exit', gone);
    worker.once('message', (message: WorkerMessage) => {
      if (message.kind === 'refused') return fail(toError(message.error));
      worker.off('error', fail);
      worker.off('exit', gone);
      if (message.kind === 'ready') resolve({ worker, inputs: message.inputs, outputs: message.outputs });
    });
  });
}

/** Bundled, the worker is an entry beside the chunks' folder; from source, a file beside this one. */
function workerFile(): URL {
  const places = ['./inference-worker.js', '../inference-worker.js', './inference-worker.ts'].map(
    (place) => new URL(place, import.meta.url),
  );
  const found = places.find((place) => existsSync(place));
  if (!found) throw new InfrastructureError('WORKER_MISSING', 'inference-worker.js is missing beside the bundle. Install Weighin anew.');
  return found;
}

const toError = ({ user, code, message, hint }: CarriedError) =>
  user ? new UserError(code, message, hint) : new InfrastructureError(code, message);

const died = () => new InfrastructureError('WORKER_DIED', 'The worker that held the model ended before it answered.');
