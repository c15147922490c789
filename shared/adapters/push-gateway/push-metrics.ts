import { InfrastructureError, UserError } from '../../errors.ts';

export interface Push {
  /** Of the gateway, as `https://push.example.com`, without credentials. */
  readonly url: string;
  /** What is replaced: the group of this model at this stage. */
  readonly group: Readonly<Record<string, string>>;
  /** OpenMetrics or Prometheus text. */
  readonly page: string;
  /** `WEIGHIN_PUSH_USER` and `WEIGHIN_PUSH_PASSWORD`, or `WEIGHIN_PUSH_TOKEN`; none is fine inside a network. */
  readonly env: Readonly<Record<string, string | undefined>>;
  /** Milliseconds until it is given up. */
  readonly timeout?: number;
}

/**
 * Replaces a group of metrics on a push gateway (`PUT /metrics/job/weighin/…`): what is not on the page any more is gone there too.
 * @throws UserError `PUSH_URL_INVALID`, `PUSH_NOT_ENCRYPTED`, `PUSH_REFUSED`; InfrastructureError `PUSH_UNREACHABLE`
 */
export async function pushMetrics({ url, group, page, env, timeout = 10_000 }: Push): Promise<void> {
  const target = addressOf(url, group);
  const secrets = authorization(env);
  if (Object.keys(secrets).length > 0 && target.protocol === 'http:' && !isLocal(target.hostname))
    throw new UserError(
      'PUSH_NOT_ENCRYPTED',
      `A password or token would go to ${target.host} in the open.`,
      'Write the address with https://, or leave WEIGHIN_PUSH_USER, WEIGHIN_PUSH_PASSWORD and WEIGHIN_PUSH_TOKEN out inside a network.',
    );
  let response: Response;
  try {
    response = await fetch(target, {
      method: 'PUT',
      body: page,
      // A redirect could carry the password elsewhere.
      redirect: 'error',
      headers: { 'content-type': 'text/plain; version=0.0.4; charset=utf-8', ...secrets },
      signal: AbortSignal.timeout(timeout),
    });
    await response.arrayBuffer();
  } catch (cause) {
    const late = cause instanceof Error && cause.name === 'TimeoutError';
    throw new InfrastructureError(
      'PUSH_UNREACHABLE',
      `The push gateway ${target.host} ${late ? `did not answer within ${timeout / 1000} s` : `can't be reached (${codeOf(cause)})`}. The metrics are in the output folder.`,
      { cause },
    );
  }
  if (response.ok) return;
  const refused = response.status === 401 || response.status === 403;
  if (response.status >= 500)
    throw new InfrastructureError('PUSH_UNREACHABLE', `The push gateway ${target.host} answered ${response.status}. Try again.`);
  throw new UserError(
    'PUSH_REFUSED',
    `The push gateway ${target.host} refused the metrics (${response.status}).`,
    refused
      ? 'Set WEIGHIN_PUSH_USER and WEIGHIN_PUSH_PASSWORD, or WEIGHIN_PUSH_TOKEN, in the environment.'
      : 'Is this the address of a push gateway? It takes PUT below /metrics/job/.',
  );
}

function addressOf(url: string, group: Push['group']): URL {
  const parsed = URL.canParse(url) ? new URL(url) : null;
  if (!parsed || !/^https?:$/.test(parsed.protocol) || parsed.username !== '' || parsed.password !== '' || parsed.search !== '')
    throw new UserError(
      'PUSH_URL_INVALID',
      'The address of the push gateway is no plain http or https address.',
      'Write it as https://push.example.com; user and password come from WEIGHIN_PUSH_USER and WEIGHIN_PUSH_PASSWORD.',
    );
  const labels = Object.entries({ job: 'weighin', ...group }).map(([label, value]) => `/${label}/${encodeURIComponent(value)}`);
  parsed.pathname = `${parsed.pathname.replace(/\/+$/, '')}/metrics${labels.join('')}`;
  return parsed;
}

function authorization(env: Push['env']): Readonly<Record<string, string>> {
  const { WEIGHIN_PUSH_TOKEN: token, WEIGHIN_PUSH_USER: user, WEIGHIN_PUSH_PASSWORD: password } = env;
  if (token) return { authorization: `Bearer ${token}` };
  return user ? { authorization: `Basic ${Buffer.from(`${user}:${password ?? ''}`).toString('base64')}` } : {};
}

function codeOf(cause: unknown): string {
  const inner = cause instanceof Error ? (cause.cause ?? cause) : cause;
  return inner instanceof Error && 'code' in inner ? String(inner.code) : inner instanceof Error ? inner.message : 'unknown';
}

const isLocal = (host: string) => host === 'localhost' || host === '[::1]' || /^127\.\d+\.\d+\.\d+$/.test(host);
