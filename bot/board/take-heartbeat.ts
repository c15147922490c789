import type { IncomingMessage } from 'node:http';
import { type Heartbeat, heartbeatSchema } from '../../shared/rollout/guard/heartbeat.ts';
import { createBodyReader } from '../server/read-body.ts';
import { verifySignature } from '../server/verify-signature.ts';
import type { Heartbeats } from './heartbeats.ts';

const mostBytes = 256 * 1024;

export interface HeartbeatParts {
  readonly secret: string;
  readonly heartbeats: Heartbeats;
  /** The name as GitHub writes it, where the bot serves that repository; else null. */
  readonly known: (repository: string) => string | null;
}
export interface Answer {
  readonly status: number;
  readonly text: string;
}

/** `POST /guard`: proved first, then read, then kept for people to see. */
export function createHeartbeatTaker({ secret, heartbeats, known }: HeartbeatParts): (request: IncomingMessage) => Promise<Answer | null> {
  const readBody = createBodyReader(mostBytes, 16 * mostBytes);
  return async (request) => {
    const body = await readBody(request);
    if (body === 'gone') return null;
    if (body === 'too-large') return { status: 413, text: 'a heartbeat has at most 256 kB' };
    if (body === 'busy') return { status: 503, text: 'busy, send the next one' };
    const signature = request.headers['x-weighin-signature-256'];
    if (!verifySignature(body, secret, typeof signature === 'string' ? signature : undefined))
      return { status: 401, text: 'the signature is missing or wrong: is WEIGHIN_GUARD_SECRET the same on both sides?' };
    const heartbeat = readHeartbeat(body);
    if (typeof heartbeat === 'string') return { status: 400, text: heartbeat };
    const repository = known(heartbeat.repository);
    if (repository === null) return { status: 404, text: 'this bot does not serve that repository' };
    switch (heartbeats.take({ ...heartbeat, repository })) {
      case 'taken':
        return { status: 202, text: 'taken' };
      case 'known':
        return { status: 202, text: 'nothing newer than what is known' };
      case 'from-the-future':
        return { status: 400, text: '`at` lies more than a minute ahead: set the clock of the guard' };
    }
  };
}

function readHeartbeat(body: Buffer): Heartbeat | string {
  let value: unknown;
  try {
    value = JSON.parse(body.toString('utf8'));
  } catch {
    return 'a JSON object is needed';
  }
  const parsed = heartbeatSchema.safeParse(value);
  if (parsed.success) return parsed.data;
  const [first] = parsed.error.issues;
  return `not weighin/guard@1: ${first?.path.join('.') || 'the object'}: ${first?.message ?? 'not as expected'}`;
}
