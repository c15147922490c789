import { Octokit } from 'octokit';

/** What every client of GitHub's API here shares. */
export interface ClientOptions {
  /** `https://api.github.com`, or `https://<host>/api/v3` of a GitHub Enterprise Server. */
  readonly baseUrl: string;
  /** `weighin/0.1.0`. */
  readonly userAgent: string;
  /** In place of the global one: through a proxy. */
  readonly fetch?: typeof globalThis.fetch;
  /** Is told of every answer. */
  readonly onAnswer?: (answer: ApiAnswer) => void;
}

export interface ApiAnswer {
  /** 0 where none came. */
  readonly status: number;
  /** Requests left until the limit resets; null where the answer does not say. */
  readonly remaining: number | null;
  /** Of which limit: `core`, `graphql` … */
  readonly resource: string | null;
}

/**
 * An Octokit that asks once and says what came: Octokit's own retries and pauses are off, since whoever asks here knows what may be asked
 * again, and waits by the headers for a whole repository.
 */
export function octokitDefaults({ baseUrl, userAgent, fetch, onAnswer }: ClientOptions) {
  return Octokit.plugin((octokit: Pick<Octokit, 'hook'>) => {
    if (!onAnswer) return {};
    octokit.hook.after('request', ({ status, headers }) => onAnswer(answerOf(status, headers)));
    octokit.hook.error('request', (error) => {
      const response = 'response' in error ? error.response : undefined;
      onAnswer(response ? answerOf(response.status, response.headers) : { status: 0, remaining: null, resource: null });
      throw error;
    });
    return {};
  }).defaults({
    baseUrl,
    userAgent,
    throttle: { enabled: false },
    retry: { enabled: false },
    // What goes wrong is thrown, and told once by whoever catches it.
    log: { debug() {}, info() {}, warn() {}, error() {} },
    ...(fetch && { request: { fetch } }),
  });
}

function answerOf(status: number, headers: Readonly<Record<string, string | number | undefined>>): ApiAnswer {
  const remaining = Number(headers['x-ratelimit-remaining'] ?? Number.NaN);
  const resource = headers['x-ratelimit-resource'];
  return { status, remaining: Number.isFinite(remaining) ? remaining : null, resource: resource === undefined ? null : String(resource) };
}

/** A client that writes with a token that it is given: a job's own, or a person's. */
export const openTokenClient = (options: ClientOptions, token: string | null) => {
  const Client = octokitDefaults(options);
  return token === null ? new Client() : new Client({ auth: token });
};
