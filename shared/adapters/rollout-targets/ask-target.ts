import { InfrastructureError, UserError } from '../../errors.ts';
import { clipText, visibleText } from '../../words/visible-text.ts';

export interface TargetRequest {
  readonly fetch: typeof globalThis.fetch;
  readonly method: 'GET' | 'PUT' | 'POST';
  readonly url: URL;
  readonly token: string | null;
  readonly body?: unknown;
  /** The end of the whole call that this request is part of. */
  readonly signal: AbortSignal;
  /** How long that call had, for people. */
  readonly seconds: number;
}
export interface TargetAnswer {
  readonly status: number;
  /** At most 64 KB, as it came. */
  readonly text: string;
}

/** What every target that speaks to somebody is opened with. */
export interface TargetParts {
  readonly env: Readonly<Record<string, string | undefined>>;
  readonly fetch?: typeof globalThis.fetch;
  /** Of a call of the target, however many requests it takes. */
  readonly seconds?: number;
}
/** Whoever guards waits for 10 s; it ends before, so that it can say who kept it waiting. */
export const callSeconds = 9;
const longestAnswer = 64 * 1024;

/** @throws UserError TARGET_URL_INVALID */
export function targetUrl(text: string): URL {
  const url = URL.canParse(text) ? new URL(text) : null;
  if (url && /^https?:$/.test(url.protocol) && url.username === '' && url.password === '') return url;
  throw new UserError(
    'TARGET_URL_INVALID',
    `${url ? `The address of the target on ${url.host}` : 'The address of a target'} is no plain http or https address.`,
    'Write it as http://host:8080, without user and password: a token is named by `token: {env: NAME}`.',
  );
}

/** @throws UserError TARGET_TOKEN_MISSING */
export function targetToken(variable: string, env: Readonly<Record<string, string | undefined>>): string {
  const token = env[variable];
  if (token && /^[\x21-\x7e]+$/.test(token)) return token;
  throw new UserError(
    'TARGET_TOKEN_MISSING',
    token ? `The token in ${variable} has characters that a token can't have.` : `The target needs a token, and ${variable} is not set.`,
    `Give ${variable} to the process that holds the guard; it is never written into weighin.yaml.`,
  );
}

/**
 * One request to whoever moves traffic. Every request of a target may be sent twice, so one whose kept connection had died is. A redirect
 * is an answer and never followed: it could carry the token elsewhere.
 * @throws InfrastructureError TARGET_UNREACHABLE
 */
export async function askTarget(request: TargetRequest): Promise<TargetAnswer> {
  try {
    return await send(request).catch((error: unknown) => (diedBefore(error) ? send(request) : Promise.reject(error)));
  } catch (cause) {
    const late = request.signal.aborted;
    // The cause is told by its code alone: its text may hold the request.
    const why = late ? `did not answer within ${request.seconds} s` : `can't be reached (${codeOf(cause)})`;
    throw new InfrastructureError('TARGET_UNREACHABLE', `${request.url.host} ${why}.`);
  }
}

async function send({ fetch, method, url, token, body, signal }: TargetRequest): Promise<TargetAnswer> {
  const response = await fetch(url, {
    method,
    redirect: 'manual',
    headers: {
      accept: 'application/json',
      ...(body !== undefined && { 'content-type': 'application/json' }),
      ...(token !== null && { authorization: `Bearer ${token}` }),
    },
    ...(body !== undefined && { body: JSON.stringify(body) }),
    signal,
  });
  return { status: response.status, text: await readText(response) };
}

async function readText(response: Response): Promise<string> {
  if (!response.body) return '';
  const parts: Uint8Array[] = [];
  let bytes = 0;
  for await (const part of response.body as unknown as AsyncIterable<Uint8Array>) {
    parts.push(part);
    bytes += part.length;
    // Leaving the loop ends the answer.
    if (bytes > longestAnswer) break;
  }
  return Buffer.concat(parts).subarray(0, longestAnswer).toString('utf8');
}

/** What an answer says, for people: one line, no control characters, no token that it may have repeated. */
export function answerText(text: string, token: string | null): string {
  const hidden = token === null ? text : text.replaceAll(token, '***');
  const line = clipText(visibleText(hidden.slice(0, 2_000)).trim(), 200);
  return line === '' ? '' : `: ${line.replace(/[.]$/, '')}`;
}

const codeOf = (error: unknown): string => {
  const inner = error instanceof Error ? (error.cause ?? error) : error;
  return inner instanceof Error ? ('code' in inner && typeof inner.code === 'string' ? inner.code : inner.name) : 'unknown';
};
const diedBefore = (error: unknown) => ['ECONNRESET', 'EPIPE', 'UND_ERR_SOCKET'].includes(codeOf(error));
