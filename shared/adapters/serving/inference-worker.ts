import { parentPort, workerData } from 'node:worker_threads';
import { UserError } from '../../errors.ts';
import { openSession } from '../onnxruntime/open-session.ts';
import type { CarriedError, RunMessage, StopMessage, WorkerMessage, WorkerStart } from './worker-messages.ts';

// ONNX Runtime blocks its thread while it computes: this is that thread, with one model and nothing else.
const port = parentPort;
if (!port) throw new Error('This file runs in a worker thread.');
const send = (message: WorkerMessage) => port.postMessage(message);

const carried = (error: unknown): CarriedError =>
  error instanceof UserError
    ? { user: true, code: error.code, message: error.message, hint: error.hint }
    : { user: false, code: 'WORKER_FAILED', message: error instanceof Error ? error.message : String(error), hint: '' };

try {
  const session = await openSession((workerData as WorkerStart).bytes, { threads: 1 });
  port.on('message', async (message: RunMessage | StopMessage) => {
    // Between two calls, never within one: ONNX Runtime's binding takes the whole process with it when its thread is ended from outside.
    if ('stop' in message) return process.exit();
    const { call, feeds, fetches } = message;
    try {
      // Runtime's own tensors go over by copy: their memory is not ours to hand away.
      send({ kind: 'answer', call, tensors: await session.run(feeds, fetches) });
    } catch (error) {
      send({ kind: 'failed', call, error: carried(error) });
    }
  });
  send({ kind: 'ready', inputs: session.inputs, outputs: session.outputs });
} catch (error) {
  send({ kind: 'refused', error: carried(error) });
}
