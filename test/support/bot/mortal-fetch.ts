/** Where a process dies: at its n-th write, before it is sent, or after it took effect and before its answer was read. */
export interface Death {
  readonly write: number;
  readonly when: 'before' | 'after';
}

/** What becomes of a request instead of its answer; `-after`: it took effect. `stale` befalls commits alone. */
export type Strike = 'cut-before' | 'cut-after' | '502-before' | '502-after' | 'limited' | 'stale';

export interface Weather {
  /** Awaited before each request, with its body, and before each answer: how two processes are interleaved. */
  readonly tick?: (body?: string) => Promise<unknown>;
  readonly strike?: () => Strike | null;
}

export interface MortalFetch {
  readonly fetch: typeof fetch;
  /** Settles when the process died; what it was doing then never goes on. */
  readonly died: Promise<'died'>;
  /** Writes that were sent so far. */
  readonly writes: () => number;
  /** Dies at the n-th write from now on; null: lives. */
  readonly doom: (death: Death | null) => void;
  readonly dead: () => boolean;
}

const never = new Promise<never>(() => {});

/** The connection of one process to GitHub, which can be cut for good at any write: a SIGKILL, seen from outside. */
export function createMortalFetch({ tick, strike }: Weather = {}): MortalFetch {
  let doom: Death | null = null;
  let writes = 0;
  let dead = false;
  let die = () => {};
  const died = new Promise<'died'>((resolve) => {
    die = () => {
      dead = true;
      resolve('died');
    };
  });
  const isDoomed = (write: number, when: Death['when']) => doom?.write === write && doom.when === when;
  return {
    died,
    dead: () => dead,
    writes: () => writes,
    doom(death) {
      doom = death && { ...death, write: writes + death.write };
    },
    async fetch(address, init) {
      await tick?.(typeof init?.body === 'string' ? init.body : '');
      if (dead) return never;
      const own = isWrite(init) ? ++writes : -1;
      if (isDoomed(own, 'before')) {
        die();
        return never;
      }
      const struck = strike?.() ?? null;
      const early = struck && instead(struck, init);
      if (early) return early;
      // What was sent arrives, whoever hangs up.
      const answer = await fetch(address, init);
      if (isDoomed(own, 'after')) {
        await answer.arrayBuffer();
        die();
      }
      await tick?.();
      if (dead) return never;
      if (struck === 'cut-after' || struck === '502-after') {
        await answer.arrayBuffer();
        return struck === 'cut-after' ? cut() : badGateway();
      }
      return answer;
    },
  };
}

function isWrite(init: RequestInit | undefined): boolean {
  const method = (init?.method ?? 'GET').toUpperCase();
  if (method === 'GET' || method === 'HEAD') return false;
  return typeof init?.body !== 'string' || !/"query":"\s*(query\b|\{)/.test(init.body);
}

function instead(strike: Strike, init: RequestInit | undefined): Promise<Response> | Response | null {
  if (strike === 'cut-before') return cut();
  if (strike === '502-before') return badGateway();
  if (strike === 'limited') {
    const message = 'You have exceeded a secondary rate limit. Please wait a few minutes before you try again.';
    return json(403, { message }, { 'retry-after': '1' });
  }
  if (strike === 'stale' && typeof init?.body === 'string' && init.body.includes('createCommitOnBranch')) {
    const message = 'Expected branch to point to something else';
    return json(200, { data: { createCommitOnBranch: null }, errors: [{ type: 'STALE_DATA', path: ['createCommitOnBranch'], message }] });
  }
  return null;
}

const json = (status: number, body: unknown, headers: Readonly<Record<string, string>> = {}) =>
  new Response(JSON.stringify(body), { status, headers: { 'content-type': 'application/json; charset=utf-8', ...headers } });
const badGateway = () => json(502, { message: 'Server Error' });
const cut = () => Promise.reject(new TypeError('fetch failed'));
