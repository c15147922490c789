import { createHmac, timingSafeEqual } from 'node:crypto';
import type { IncomingMessage } from 'node:http';

const aWeek = 7 * 86_400_000;
const aMinute = 60_000;
/** Wrong tokens of one address within a minute; then it waits. */
const mostWrong = 10;
const mostAddresses = 1000;
const cookieName = 'weighin_board';

export type Access = 'in' | 'out' | 'wait';

/** Who may see the board: whoever shows its token, by `Authorization: Bearer` or once by the form, which leaves a cookie. */
export interface BoardAccess {
  of(request: IncomingMessage): Access;
  /** The token as somebody typed it. `in`: with the cookie to set. */
  signIn(request: IncomingMessage, token: string): { readonly access: 'in'; readonly cookie: string } | { readonly access: 'out' | 'wait' };
  /** Takes the cookie back. */
  signOut(request: IncomingMessage): string;
}

/** The cookie holds when it ends and an HMAC of that, under a key made of the token: another token ends every session. */
export function createBoardAccess(token: string, now: () => number = Date.now): BoardAccess {
  const key = createHmac('sha256', token).update('weighin board cookie').digest();
  const sign = (text: string) => createHmac('sha256', key).update(text).digest('base64url');
  const isToken = (given: string) => isSame(digest(given), digest(token));
  const wrong = new Map<string, { count: number; readonly until: number }>();

  const mustWait = (request: IncomingMessage) => {
    const tries = wrong.get(addressOf(request));
    return tries !== undefined && tries.until > now() && tries.count >= mostWrong;
  };
  const noteWrong = (request: IncomingMessage) => {
    const address = addressOf(request);
    const before = wrong.get(address);
    if (before && before.until > now()) before.count++;
    else {
      wrong.delete(address);
      wrong.set(address, { count: 1, until: now() + aMinute });
    }
    for (const oldest of wrong.keys()) {
      if (wrong.size <= mostAddresses) break;
      wrong.delete(oldest);
    }
  };
  const compare = (request: IncomingMessage, given: string): Access => {
    if (mustWait(request)) return 'wait';
    if (isToken(given)) return 'in';
    noteWrong(request);
    return 'out';
  };
  const hasCookie = (request: IncomingMessage) => {
    const [, end = '', signature = ''] =
      new RegExp(`(?:^|;\\s*)${cookieName}=(\\d{1,16})\\.([\\w-]{43})(?:;|$)`).exec(request.headers.cookie ?? '') ?? [];
    return end !== '' && isSame(Buffer.from(signature), Buffer.from(sign(end))) && Number(end) > now();
  };

  return {
    of(request) {
      if (hasCookie(request)) return 'in';
      const [, bearer] = /^Bearer ([^\s]{1,512})$/i.exec(request.headers.authorization ?? '') ?? [];
      return bearer === undefined ? 'out' : compare(request, bearer);
    },
    signIn(request, given) {
      const access = compare(request, given);
      const end = String(now() + aWeek);
      return access === 'in'
        ? { access, cookie: `${cookieName}=${end}.${sign(end)}; ${attributes(request)}; Max-Age=${aWeek / 1000}` }
        : { access };
    },
    signOut: (request) => `${cookieName}=; ${attributes(request)}; Max-Age=0`,
  };
}

/** `Secure` where a browser came by https, also through a proxy that ends TLS: without, a browser on plain http would drop it. */
function attributes(request: IncomingMessage): string {
  const forwarded = request.headers['x-forwarded-proto'];
  const isHttps = 'encrypted' in request.socket || (typeof forwarded === 'string' && forwarded.split(',')[0]?.trim() === 'https');
  return `Path=/board; HttpOnly; SameSite=Strict${isHttps ? '; Secure' : ''}`;
}

/** As the socket says: what a header says of it, anybody can write. */
const addressOf = (request: IncomingMessage) => request.socket.remoteAddress ?? '';
const digest = (text: string) => createHmac('sha256', 'weighin board token').update(text).digest();
const isSame = (one: Buffer, other: Buffer) => one.length === other.length && timingSafeEqual(one, other);
