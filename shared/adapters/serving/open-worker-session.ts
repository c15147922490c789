import { existsSync } from 'node:fs';
import { Worker } from 'node:worker_threads';
import { InfrastructureError, UserError } from '../../errors.ts';
import type { InferenceSession, OpenSession, Tensor } from '../../scoring/inference-session.ts';
import type { CarriedError, RunMessage, WorkerMessage, WorkerStart } from './worker-messages.ts';

export interface WorkerSettings {
  /** Threads, each with the whole model. */
  readonly workers: number;
  /** Milliseconds after which a call that has no answer costs its worker's life. */
  readonly hangMs: number;
  readonly warn: (line: string) => void;
}

interface Seat {
  worker: Worker;
  readonly calls: Map<number, Call>;
}
interface Call {
  readonly resolve: (tensors: Readonly<Record<string, Tensor>>) => void;
  readonly reject: (error: unknown) => void;
  readonly deadline: number;
}

/**
 * Sessions that run in worker threads, so that the server's own thread is never blocked. A worker that dies or hangs fails the calls it had
 * and is replaced; the model of another version has workers of its own.
 */
export function createWorkerSessions({ workers, hangMs, warn }: WorkerSettings): OpenSession {
  return async (bytes) => {
    // Memory of its own: a view into a larger buffer would be cloned with all of it. ONNX Runtime takes no shared memory.
    const own = Uint8Array.from(bytes);
    const started = await Promise.all(Array.from({ length: workers }, () => start(own)));
    const { inputs, outputs } = started[0]!;
    let closed = false;
    let count = 0;
    const seats = started.map(({ worker }): Seat => ({ worker, calls: new Map() }));
    for (const seat of seats) attach(seat);

    function attach(seat: Seat): void {
      const { worker } = seat;
      worker.on('message', (message: WorkerMessage) => {
        if (message.kind !== 'answer' && message.kind !== 'failed') return;
        const call = seat.calls.get(message.call);
        seat.calls.delete(message.call);
        if (message.kind === 'answer') call?.resolve(message.tensors);
        else call?.reject(toError(message.error));
      });
      worker.on('error', (error) => warn(`a worker failed: ${error.message.split('\n')[0]}`));
      worker.on('exit', () => {
        if (closed || seat.worker !== worker) return;
        for (const call of seat.calls.values()) call.reject(died());
        seat.calls.clear();
        void replace(seat);
      });
    }

    async function replace(seat: Seat): Promise<void> {
      warn('a worker ended; it is replaced.');
      try {
        const { worker } = await start(own);
        if (closed) return void worker.terminate();
        seat.worker = worker;
        attach(seat);
      } catch (error) {
        warn(`it could not be replaced: ${error instanceof Error ? error.message : String(error)}`);
        if (!closed) setTimeout(() => void replace(seat), 1_000).unref();
      }
    }

    const watch = setInterval(
      () => {
        const now = performance.now();
        for (const seat of seats) {
          const [oldest] = seat.calls.values();
          if (oldest && now > oldest.deadline) void seat.worker.terminate();
        }
      },
      Math.max(50, hangMs / 4),
    ).unref();

    const session: InferenceSession = {
      inputs,
      outputs,
      run(feeds, fetches) {
        let seat = seats[0]!;
        for (const other of seats) if (other.calls.size < seat.calls.size) seat = other;
        const call = count++;
        return new Promise((resolve, reject) => {
          seat.calls.set(call, { resolve, reject, deadline: performance.now() + hangMs });
          const message: RunMessage = { call, feeds, fetches };
          seat.worker.postMessage(message);
        });
      },
      async close() {
        closed = true;
        clearInterval(watch);
        await Promise.all(seats.map(({ worker }) => worker.terminate()));
      },
    };
    return session;
  };
}

function start(bytes: Uint8Array): Promise<{ worker: Worker; inputs: readonly string[]; outputs: readonly string[] }> {
  const workerData: WorkerStart = { bytes };
  const worker = new Worker(workerFile(), { workerData, name: 'weighin-inference' });
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
