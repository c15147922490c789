import { InfrastructureError } from '../../errors.ts';

export type Headers = Readonly<Record<string, string | number | undefined>>;

/** What went wrong with one request, read from an error of Octokit's or from a GraphQL answer. */
export interface Failure {
  /** null where no answer came. */
  readonly status: number | null;
  readonly headers: Headers;
  readonly data: unknown;
  /** GitHub's words, in one line without secrets. */
  readonly message: string;
}

export function describeFailure(error: unknown): Failure {
  const response = fieldOf(error, 'response');
  const answered = typeof response === 'object' && response !== null;
  const status = fieldOf(error, 'status') ?? fieldOf(response, 'status');
  return {
    // Octokit gives 500 to a request that got no answer.
    status: answered && typeof status === 'number' ? status : null,
    headers: headersOf(fieldOf(response, 'headers')),
    data: fieldOf(response, 'data'),
    message: plainMessage(error instanceof Error ? error.message : String(error)),
  };
}

/** Octokit makes an installation's token on the way to the request that needs it, and throws what went wrong there. */
export const isTokenRequest = (error: unknown): boolean =>
  /\/(?:access_tokens|installation|app\/installations\/\d+)$/.test(String(fieldOf(fieldOf(error, 'request'), 'url') ?? ''));

/** One short line. Tokens and the credentials of a proxy's address are cut out: what is thrown here ends in logs and comments. */
export function plainMessage(text: string): string {
  const line = text
    .replaceAll(/\s+/g, ' ')
    .replaceAll(/ - https:\/\/docs\.github\.com\S*/g, '')
    .replaceAll(/\/\/[^/@\s]+@/g, '//')
    .replaceAll(/\b(?:gh[a-z]_|github_pat_|v1\.[0-9a-f]{16})\w+/g, '[secret]')
    .replaceAll(/\beyJ[\w-]+\.[\w-]+\.[\w-]+/g, '[secret]')
    .replaceAll(/\b(bearer|token|basic) [\w.+/=-]{16,}/gi, '$1 [secret]')
    .trim()
    .replace(/\.+$/, '');
  return line.length > 300 ? `${line.slice(0, 299)}…` : line;
}

/**
 * Seconds until GitHub takes requests again; null where it set no limit. The reset is an instant of GitHub's clock, so it is held
 * against the same answer's `Date`.
 */
export function limitOf({ status, headers, message }: Failure, graphqlLimited = false): number | null {
  if (status !== 403 && status !== 429 && !graphqlLimited) return null;
  const after = Number(headers['retry-after'] ?? Number.NaN);
  if (Number.isFinite(after)) return Math.max(0, after);
  if (String(headers['x-ratelimit-remaining']) === '0') {
    const seconds = Number(headers['x-ratelimit-reset'] ?? Number.NaN) - Date.parse(String(headers['date'])) / 1000;
    return Number.isFinite(seconds) ? Math.max(1, Math.ceil(seconds) + 1) : 60;
  }
  // GitHub: without a header, wait a minute at least.
  return status === 429 || graphqlLimited || /secondary rate limit|abuse detection/i.test(message) ? 60 : null;
}

/** @returns an error that callers tell by `retryAfterOf`. */
export const forgeLimited = (route: string, seconds: number): InfrastructureError =>
  Object.assign(
    new InfrastructureError('FORGE_LIMITED', `GitHub's limit on requests is reached (${route}): it takes the next in ${seconds} seconds.`),
    { retryAfterSeconds: seconds },
  );

/** Seconds after which a FORGE_LIMITED may be tried again; null for any other error. */
export function retryAfterOf(error: unknown): number | null {
  const seconds = fieldOf(error, 'retryAfterSeconds');
  return typeof seconds === 'number' ? seconds : null;
}

/** `lost`: the answer did not come, so that a write may have happened all the same. */
export const forgeUnreachable = (route: string, { status, message }: Failure): InfrastructureError =>
  Object.assign(
    new InfrastructureError(
      'FORGE_UNREACHABLE',
      `GitHub did not answer ${route}: ${status === null ? '' : `${status} `}${plainMessage(message)}.`,
    ),
    {
      lost: true,
    },
  );

export const isLost = (error: unknown): boolean => fieldOf(error, 'lost') === true;

export function forgeRefused(route: string, { status, headers, message }: Failure): InfrastructureError {
  const permissions = headers['x-accepted-github-permissions'];
  const wants =
    permissions === undefined
      ? ''
      : ` It takes the permission ${plainMessage(String(permissions)).replaceAll('=', ': ').replaceAll(/;\s*/g, ' or ')}.`;
  const hidden = status === 404 ? ' It is not there, or this token may not see it.' : '';
  return new InfrastructureError(
    'FORGE_REFUSED',
    `GitHub refused ${route}: ${status === null ? '' : `${status} `}${plainMessage(message)}.${wants}${hidden}`,
  );
}

export const forgeAnswered = (what: string, problem: string): InfrastructureError =>
  new InfrastructureError('FORGE_ANSWER_UNKNOWN', `GitHub's answer about ${what} is not as documented: ${plainMessage(problem)}.`);

function headersOf(value: unknown): Headers {
  if (typeof value !== 'object' || value === null) return {};
  return Object.fromEntries(Object.entries(value).map(([name, header]) => [name.toLowerCase(), String(header)]));
}

function fieldOf(value: unknown, name: string): unknown {
  return typeof value === 'object' && value !== null ? Reflect.get(value, name) : undefined;
}
