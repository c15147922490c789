export interface RetryOptions {
  readonly sleep?: (milliseconds: number) => Promise<void>;
  readonly attempts?: number;
  /** Told before each wait. */
  readonly onRetry?: (reason: string, seconds: number) => void;
}

/** Longer than this is not waited for: the job costs money while it sleeps. */
const longestWait = 120;

/**
 * Does `work` again where GitHub asks for it: after a 5xx, a lost connection, and a limit, as long as its `retry-after` or
 * `x-ratelimit-reset` header says. `work` runs from its beginning, so it has to look before it writes.
 */
export async function retryRequest<Result>(work: () => Promise<Result>, options: RetryOptions = {}): Promise<Result> {
  const { attempts = 4, sleep = (milliseconds) => new Promise((resolve) => setTimeout(resolve, milliseconds)) } = options;
  for (let attempt = 1; ; attempt++) {
    try {
      return await work();
    } catch (error) {
      const wait = attempt < attempts ? secondsToWait(error, attempt) : null;
      if (wait === null || wait > longestWait) throw error;
      options.onRetry?.(describeFailure(error), wait);
      await sleep(wait * 1000);
    }
  }
}

/** Seconds until a request that failed so may be tried again; null where trying again can't help. */
export function secondsToWait(error: unknown, attempt: number, now: () => number = Date.now): number | null {
  const status = statusOf(error);
  const backOff = 2 ** (attempt - 1);
  // Octokit gives 500 to a request that got no answer.
  if (status !== null && status >= 500) return backOff;
  if (status !== 403 && status !== 429) return null;
  const after = Number(headerOf(error, 'retry-after') ?? Number.NaN);
  if (Number.isFinite(after)) return Math.max(0, after);
  if (headerOf(error, 'x-ratelimit-remaining') === '0') {
    const reset = Number(headerOf(error, 'x-ratelimit-reset') ?? Number.NaN);
    return Number.isFinite(reset) ? Math.max(1, Math.ceil(reset - now() / 1000)) : 60;
  }
  // GitHub: without a header, wait a minute at least.
  return status === 429 || /secondary rate limit|abuse detection/i.test(describeFailure(error)) ? 60 : null;
}

export const statusOf = (error: unknown): number | null =>
  typeof error === 'object' && error !== null && 'status' in error && typeof error.status === 'number' ? error.status : null;

/** One line for a log; holds no header, so no token either. */
export const describeFailure = (error: unknown): string => (error instanceof Error ? error.message : String(error)).replaceAll(/\s+/g, ' ');

function headerOf(error: unknown, name: string): string | undefined {
  if (typeof error !== 'object' || error === null || !('response' in error)) return undefined;
  const { response } = error;
  if (typeof response !== 'object' || response === null || !('headers' in response)) return undefined;
  const { headers } = response;
  if (typeof headers !== 'object' || headers === null) return undefined;
  const value = new Map<string, unknown>(Object.entries(headers)).get(name);
  return value === undefined ? undefined : String(value);
}
