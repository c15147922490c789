/** What goes wrong with the next requests that match `METHOD /path?query` (without a prefix such as /api/v3). */
export interface Fault {
  readonly match: RegExp;
  /** Only requests whose body matches: what a GraphQL request asks is in its body. */
  readonly body?: RegExp;
  /** Without it the request is answered as ever, after `delay`. */
  readonly status?: number;
  readonly headers?: Readonly<Record<string, string>>;
  /** The answer's JSON instead of `{ message }`. */
  readonly answer?: unknown;
  readonly message?: string;
  /** How many requests; 1 unless said. */
  readonly times?: number;
  /** Whether the request has its effect all the same, and only its answer was lost: not with a `status` or `hangUp`, unless said. */
  readonly arrives?: boolean;
  /** Milliseconds until the answer. */
  readonly delay?: number;
  /** Cut the connection instead of answering. */
  readonly hangUp?: boolean;
  /** Runs before the request is looked at: what happens between a reader's two requests. */
  readonly before?: () => void | Promise<void>;
}

export function createFaults() {
  const waiting: { fault: Fault; left: number }[] = [];
  return {
    add(fault: Fault) {
      waiting.push({ fault, left: fault.times ?? 1 });
    },
    /** A secondary limit, as GitHub answers too many writes. */
    secondaryLimit(match: RegExp, retryAfterSeconds = 60, times = 1) {
      this.add({
        match,
        times,
        status: 403,
        message: 'You have exceeded a secondary rate limit. Please wait a few minutes before you try again.',
        headers: { 'retry-after': String(retryAfterSeconds) },
      });
    },
    /** An answer 200 of GraphQL that holds an error. `operation` is looked for in the request. */
    graphqlError(
      operation: RegExp,
      error: { readonly type: string; readonly message: string; readonly path?: readonly string[] },
      times = 1,
    ) {
      this.add({
        match: /^POST \/graphql/,
        body: operation,
        status: 200,
        times,
        answer: { data: null, errors: [{ path: [], locations: [], ...error }] },
      });
    },
    clear() {
      waiting.length = 0;
    },
    /** Those that no request met. */
    get left() {
      return waiting.map(({ fault }) => fault);
    },
    take(route: string, body: string): Fault | null {
      const at = waiting.findIndex(({ fault }) => fault.match.test(route) && (fault.body?.test(body) ?? true));
      const found = waiting[at];
      if (!found) return null;
      if (--found.left === 0) waiting.splice(at, 1);
      return found.fault;
    },
  };
}
export type Faults = ReturnType<typeof createFaults>;
