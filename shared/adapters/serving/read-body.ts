import type { IncomingMessage } from 'node:http';
import { RefusedRequest } from '../../serving/refused-request.ts';

/**
 * The whole body as text, handed to `done` without a promise: this is the path of every request. Nothing more is kept once the limit is
 * passed. `done` gets RefusedRequest BODY_TOO_LARGE then.
 */
export function readBody(request: IncomingMessage, maxBytes: number, done: (error: RefusedRequest | null, text: string) => void): void {
  if (Number(request.headers['content-length'] ?? 0) > maxBytes) {
    done(tooLarge(maxBytes), '');
    return;
  }
  let first: Buffer | null = null;
  let rest: Buffer[] | null = null;
  let size = 0;
  let over = false;
  request.on('data', (chunk: Buffer) => {
    if (over) return;
    size += chunk.length;
    if (size > maxBytes) {
      over = true;
      done(tooLarge(maxBytes), '');
      return;
    }
    if (first === null) first = chunk;
    else if (rest === null) rest = [first, chunk];
    else rest.push(chunk);
  });
  request.on('end', () => {
    if (over) return;
    done(null, rest ? Buffer.concat(rest).toString('utf8') : (first?.toString('utf8') ?? ''));
  });
}

const tooLarge = (maxBytes: number) =>
  new RefusedRequest(413, 'BODY_TOO_LARGE', `The body is longer than the ${maxBytes} bytes that it may have.`);

/** @throws RefusedRequest BODY_NOT_JSON, without a word of the body */
export function parseJson(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    throw new RefusedRequest(400, 'BODY_NOT_JSON', text === '' ? 'The body is empty; it must be JSON.' : 'The body is not JSON.');
  }
}
