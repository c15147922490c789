import type { IncomingMessage } from 'node:http';
import { RefusedRequest } from '../../serving/refused-request.ts';

export interface BodyLimits {
  readonly maxBytes: number;
  /** Told how many bytes are held more, or fewer; false: all bodies together hold too many. */
  readonly hold: (bytes: number) => boolean;
}

/**
 * The whole body as text, handed to `done` without a promise: this is the path of every request. Nothing more is kept once a limit is
 * passed. `done` gets RefusedRequest BODY_TOO_LARGE or OVERLOADED then, and is not called where the client goes away.
 */
export function readBody(
  request: IncomingMessage,
  { maxBytes, hold }: BodyLimits,
  done: (error: RefusedRequest | null, text: string) => void,
): void {
  if (Number(request.headers['content-length'] ?? 0) > maxBytes) {
    done(tooLarge(maxBytes), '');
    return;
  }
  let first: Buffer | null = null;
  let rest: Buffer[] | null = null;
  let size = 0;
  let over = false;
  const refuse = (error: RefusedRequest) => {
    over = true;
    first = null;
    rest = null;
    free();
    done(error, '');
  };
  const free = () => {
    hold(-size);
    size = 0;
  };
  request.on('data', (chunk: Buffer) => {
    if (over) return;
    size += chunk.length;
    const held = hold(chunk.length);
    if (size > maxBytes) return refuse(tooLarge(maxBytes));
    if (!held) return refuse(new RefusedRequest(503, 'OVERLOADED', 'Too many bodies are on their way.', { retryAfter: 1 }));
    if (first === null) first = chunk;
    else if (rest === null) rest = [first, chunk];
    else rest.push(chunk);
  });
  // Whether it ends or is cut off.
  request.once('close', free);
  request.on('end', () => {
    if (over) return;
    free();
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
