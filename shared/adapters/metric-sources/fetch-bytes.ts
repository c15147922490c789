import type { SourceAddress } from '../../rollout/sources/source-address.ts';
import { clipText, visibleText } from '../../words/visible-text.ts';

export type Fetched =
  | { readonly is: 'answer'; readonly status: number; readonly contentType: string | null; readonly bytes: Uint8Array }
  | { readonly is: 'unreachable' | 'late' | 'too-large'; readonly detail: string };

export interface FetchWish {
  readonly accept: string;
  /** Bearer; null: none. */
  readonly token: string | null;
  /** Milliseconds for all of it, the body too. */
  readonly timeout: number;
  /** Bytes of the body. */
  readonly limit: number;
  /** Of a form that is posted; null: GET. */
  readonly form?: URLSearchParams | null;
  readonly fetch?: typeof globalThis.fetch;
}

/** Asks an address, within a time and a size. Never throws; what it says holds no credential. */
export async function fetchBytes(
  address: SourceAddress,
  { accept, token, timeout, limit, form = null, fetch = globalThis.fetch }: FetchWish,
): Promise<Fetched> {
  const authorization = token === null ? address.authorization : `Bearer ${token}`;
  const signal = AbortSignal.timeout(timeout);
  try {
    const response = await fetch(address.url, {
      method: form ? 'POST' : 'GET',
      headers: { accept, ...(authorization !== null && { authorization }) },
      ...(form && { body: form }),
      // Never followed: a password could go elsewhere, and a pod could send the guard to what only the guard can reach.
      redirect: 'manual',
      signal,
    });
    if (response.status >= 300 && response.status < 400) {
      await response.body?.cancel().catch(() => undefined);
      return {
        is: 'unreachable',
        detail: `${address.shown} answers ${response.status}: a redirect is not followed, so write the address that it leads to`,
      };
    }
    const bytes = await readLimited(response, limit);
    if (bytes === null) return { is: 'too-large', detail: `${address.shown} answers with more than ${limit} bytes` };
    return { is: 'answer', status: response.status, contentType: response.headers.get('content-type'), bytes };
  } catch (cause) {
    if (signal.aborted) return { is: 'late', detail: `${address.shown} did not answer within ${timeout / 1000} s` };
    return { is: 'unreachable', detail: `${address.shown} can't be reached (${codeOf(cause)})` };
  }
}

/** null where it is longer. */
async function readLimited(response: Response, limit: number): Promise<Uint8Array | null> {
  if (!response.body) return new Uint8Array();
  const parts: Uint8Array[] = [];
  let size = 0;
  const reader = response.body.getReader();
  for (;;) {
    const { done, value } = await reader.read();
    if (done) return Buffer.concat(parts, size);
    size += value.byteLength;
    if (size > limit) {
      await reader.cancel().catch(() => undefined);
      return null;
    }
    parts.push(value);
  }
}

/** `ECONNREFUSED`: fetch hides it one level down. */
function codeOf(cause: unknown): string {
  for (let at = cause, depth = 0; at instanceof Error && depth < 4; at = at.cause, depth++) {
    if ('code' in at && typeof at.code === 'string') return at.code;
    if (at instanceof AggregateError && at.errors[0] instanceof Error) return codeOf(at.errors[0]);
  }
  return cause instanceof Error && cause.message !== 'fetch failed' ? clipText(visibleText(cause.message), 80) : 'no connection';
}
