import {
  describeFailure,
  type Failure,
  forgeLimited,
  forgeRefused,
  forgeUnreachable,
  type Headers,
  isTokenRequest,
  limitOf,
} from './forge-error.ts';
import type { ForgeMemory } from './forge-memory.ts';
import type { Octokit, OctokitAnswer, Place } from './octokit-shape.ts';

export type Parameters = Readonly<Record<string, unknown>>;
export interface Answer {
  readonly status: number;
  readonly headers: Headers;
  readonly data: unknown;
}
export interface SendOptions {
  /** Statuses that are answers to this question, not failures. */
  readonly expect?: readonly number[];
  /** `false` for a write that must not happen twice: a lost answer is thrown at once (`writeOnce` looks for it then). */
  readonly again?: boolean;
  /** Octokit's own options of a request: `redirect`, `parseSuccessResponseBody`. */
  readonly request?: Parameters;
}
export interface Transport extends Place {
  send(route: string, parameters?: Parameters, options?: SendOptions): Promise<Answer>;
  /** A GET's data, asked conditionally; null for 404. `next`: whether the answer names a further page, null where it says nothing. */
  get(route: string, parameters?: Parameters): Promise<{ readonly data: unknown; readonly next: boolean | null } | null>;
  pause(seconds: number): Promise<void>;
  /** GitHub's clock, as its last answer said it, and how long ago that was. */
  date(): { readonly date: Date; readonly ageSeconds: number } | null;
  readonly memory: ForgeMemory;
  readonly baseUrl: string;
}
export interface TransportOptions {
  readonly octokit: Octokit;
  readonly place: Place;
  readonly memory: ForgeMemory;
  readonly onWait?: (reason: string, seconds: number) => void;
  readonly sleep?: (milliseconds: number) => Promise<void>;
  /** Milliseconds for one request. */
  readonly timeout?: number;
}

/** Longer than this is not waited for, all waits of a request together: its caller has other work, or a job that costs money. */
const longestWait = 120;
export const lostAttempts = 3;
export const secondsBefore = (attempt: number): number => 2 ** (attempt - 1);

/**
 * Speaks to one repository through an Octokit: waits where GitHub asks for it, repeats what got no answer (twice), and says failures in
 * this project's words. The plugins' own repeating is turned off for each request, since it repeats writes without looking.
 */
export function createTransport(options: TransportOptions): Transport {
  const { octokit, place, memory, timeout = 30_000 } = options;
  const sleep = options.sleep ?? ((milliseconds: number) => new Promise<void>((resolve) => setTimeout(resolve, milliseconds)));
  let clock: { readonly date: Date; readonly at: number } | null = null;

  const hear = (headers: Headers): void => {
    const date = new Date(String(headers['date']));
    if (!Number.isNaN(date.getTime())) clock = { date, at: performance.now() };
  };

  /** The time runs from when a request is sent: a throttling plugin may keep it waiting before. */
  const timely = (milliseconds: number): typeof fetch => {
    const send = octokit.request.endpoint.DEFAULTS.request?.fetch ?? fetch;
    return (address, init) => send(address, { ...init, signal: AbortSignal.timeout(milliseconds) });
  };

  async function attempt(route: string, parameters: Parameters, request: Parameters): Promise<Answer | Failure> {
    try {
      // What a route's template doesn't take, Octokit sends along as a query or in the body.
      const where = route.includes('{owner}') ? place : {};
      const own = { ...request, retries: 0, fetch: timely(request['parseSuccessResponseBody'] === false ? 4 * timeout : timeout) };
      const answer = lowerCase(await octokit.request(route, { ...where, ...parameters, request: own }));
      hear(answer.headers);
      return answer;
    } catch (error) {
      const failure = describeFailure(error);
      hear(failure.headers);
      // A token that could not be made says nothing about what was asked with it: its 404 is no answer to this question.
      if (failure.status !== null && failure.status < 500 && limitOf(failure) === null && isTokenRequest(error)) {
        throw forgeRefused('a token of the installation', failure);
      }
      return failure;
    }
  }

  async function send(route: string, parameters: Parameters = {}, { expect = [], again = true, request = {} }: SendOptions = {}) {
    let waited = 0;
    for (let lost = 1; ; ) {
      const outcome = await attempt(route, parameters, request);
      const failure = failureOf(outcome);
      const limit = limitOf(failure ?? { ...outcome, message: '' }, isGraphqlLimit(outcome.data));
      if (limit !== null) {
        if (waited + limit > longestWait) throw forgeLimited(route, limit);
        waited += Math.max(1, limit);
        options.onWait?.(`GitHub's limit (${route})`, limit);
        await sleep(limit * 1000);
      } else if (!failure) {
        return { status: outcome.status ?? 200, headers: outcome.headers, data: outcome.data };
      } else if (failure.status === null || failure.status >= 500) {
        if (!again || lost >= lostAttempts) throw forgeUnreachable(route, failure);
        await sleep(secondsBefore(lost) * 1000);
        lost += 1;
      } else if (expect.includes(failure.status)) {
        return { status: failure.status, headers: failure.headers, data: failure.data };
      } else throw forgeRefused(route, failure);
    }
  }

  async function get(route: string, parameters: Parameters = {}) {
    const key = `${place.owner}/${place.repo} ${route} ${JSON.stringify(parameters)}`;
    const kept = memory.answers.get(key);
    const headers = kept ? { headers: { ...headersIn(parameters), 'if-none-match': kept.etag } } : {};
    const { status, headers: answered, data } = await send(route, { ...parameters, ...headers }, { expect: [304, 404] });
    if (status === 404) return null;
    if (status === 304 && kept) return kept;
    const link = answered['link'];
    const page = { data, next: link === undefined ? null : /;\s*rel="?next"?/.test(String(link)) };
    const etag = answered['etag'];
    if (etag !== undefined) memory.answers.set(key, { ...page, etag: String(etag) }, JSON.stringify(data).length);
    return page;
  }

  return {
    ...place,
    send,
    get,
    memory,
    pause: (seconds) => sleep(seconds * 1000),
    date: () => clock && { date: clock.date, ageSeconds: (performance.now() - clock.at) / 1000 },
    baseUrl: octokit.request.endpoint.DEFAULTS.baseUrl,
  };
}

const failureOf = (outcome: Answer | Failure): Failure | null => ('message' in outcome ? outcome : null);

/** A GraphQL answer says so with 200; the throttling plugin makes an error of it, which carries the same data. */
function isGraphqlLimit(data: unknown): boolean {
  const errors: unknown = typeof data === 'object' && data !== null && 'errors' in data ? data.errors : null;
  return (
    Array.isArray(errors) &&
    errors.some((error: unknown) => typeof error === 'object' && error !== null && 'type' in error && error.type === 'RATE_LIMITED')
  );
}

const lowerCase = ({ status, headers, data }: OctokitAnswer): Answer => ({
  status,
  headers: Object.fromEntries(Object.entries(headers).map(([name, value]) => [name.toLowerCase(), value])),
  data,
});

function headersIn({ headers }: Parameters): Record<string, unknown> {
  return typeof headers === 'object' && headers !== null ? { ...headers } : {};
}
