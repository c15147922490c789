import type { Config } from '../../shared/config/schema.ts';
import { UserError } from '../../shared/errors.ts';
import type { Log, Notification, Notify } from '../bot-context.ts';
import type { GuardedFetch, Sent } from './guarded-fetch.ts';
import { slackBody, webhookBody, webhookHeaders } from './render-messages.ts';

export interface NotifyOptions {
  /** `WEIGHIN_NOTIFY_SECRET`, `WEIGHIN_OUTBOUND_HOSTS`, the proxy, and the addresses that the configuration names. */
  readonly env: Readonly<Record<string, string | undefined>>;
  readonly log: Log;
  /** A server sends to listed hosts only; without a list it sends nothing. */
  readonly mode: 'server' | 'workflow';
  readonly now?: () => number;
  readonly sleep?: (milliseconds: number, signal: AbortSignal) => Promise<void>;
  readonly post?: GuardedFetch['post'];
}

export interface OpenedNotify extends Notify {
  /** Waits for what is under way, as long as it is given, and gives up the rest. */
  close(graceMs?: number): Promise<void>;
}

const tries = 5;
const longestWaitMs = 60_000;
/** Deliveries that wait at once; more would be a receiver that is down, and memory that grows. */
const mostWaiting = 500;
/** Deliveries that are remembered, so that the same fact is told once. */
const remembered = 5_000;

type Entry = NonNullable<Config['notify']>[number];
interface Delivery {
  /** Name of the variable that holds the address: it may be told, the address may not. */
  readonly variable: string;
  readonly address: string;
  readonly body: string;
  readonly headers: Readonly<Record<string, string>>;
  readonly notification: Notification;
}

/** Tells the webhooks of `notify:`. Never throws and waits for nobody; what could not be told is logged, without any address. */
export function createNotify({ env, log, mode, now = Date.now, sleep = defaultSleep, post }: NotifyOptions): OpenedNotify {
  const seen = new Map<string, true>();
  const waiting = new Set<Promise<void>>();
  const stopping = new AbortController();
  let guarded: Promise<GuardedFetch> | undefined;

  const send: GuardedFetch['post'] = async (address, message) => {
    if (post) return post(address, message);
    guarded ??= openGuardedFetch(env, mode);
    return (await guarded).post(address, message);
  };

  const notify: Notify = (config, notification) => {
    for (const entry of config.notify ?? []) {
      if (entry.events && !entry.events.includes(notification.event)) continue;
      for (const delivery of deliveriesOf(entry, notification)) start(delivery);
    }
  };

  function* deliveriesOf(entry: Entry, notification: Notification): Generator<Delivery> {
    for (const kind of ['webhook', 'slack'] as const) {
      const variable = entry[kind]?.env;
      if (variable === undefined) continue;
      const address = env[variable];
      const secret = env['WEIGHIN_NOTIFY_SECRET'];
      const about = { variable, event: notification.event, id: notification.id };
      if (!address) log.warn({ ...about, code: 'NOTIFY_ADDRESS_MISSING' }, `Nobody was told: ${variable} is not set.`);
      else if (kind === 'slack')
        yield { variable, address, notification, body: slackBody(notification), headers: { 'content-type': 'application/json' } };
      else if (!secret)
        log.error(
          { ...about, code: 'NOTIFY_SECRET_MISSING' },
          'Nobody was told: set WEIGHIN_NOTIFY_SECRET, with which webhooks are signed.',
        );
      else {
        const body = webhookBody(notification);
        yield { variable, address, notification, body, headers: webhookHeaders(notification, body, secret) };
      }
    }
  }

  function start(delivery: Delivery) {
    const { variable, address, notification } = delivery;
    const about = { variable, event: notification.event, id: notification.id };
    const key = JSON.stringify([variable, address, notification.id, notification.model, notification.stage]);
    if (seen.has(key)) return;
    if (stopping.signal.aborted || waiting.size >= mostWaiting)
      return log.error({ ...about, code: 'NOTIFY_DROPPED' }, 'Nobody was told: too many messages wait already.');
    seen.set(key, true);
    for (const [oldest] of seen) {
      if (seen.size <= remembered) break;
      seen.delete(oldest);
    }
    const work = deliver(delivery).then(
      () => log.info(about, 'Told.'),
      (error: unknown) => {
        // Told again by the next one who sees the fact.
        seen.delete(key);
        log.error({ ...about, code: 'NOTIFY_FAILED', why: whyOf(error) }, `${variable} could not be told.`);
      },
    );
    waiting.add(work);
    void work.finally(() => waiting.delete(work));
  }

  async function deliver({ address, headers, body }: Delivery): Promise<void> {
    for (let attempt = 1; ; attempt++) {
      const answer = await send(address, { headers, body }).catch((error: unknown) => {
        if (isFinal(error) || attempt >= tries) throw error;
        return null;
      });
      if (answer && answer.status >= 200 && answer.status < 300) return;
      if (answer && (!mayPass(answer.status) || attempt >= tries)) throw new Answered(answer.status);
      await sleep(waitOf(answer, attempt, now()), stopping.signal);
      stopping.signal.throwIfAborted();
    }
  }

  async function close(graceMs = 10_000): Promise<void> {
    const limit = new AbortController();
    await Promise.race([Promise.all([...waiting]), defaultSleep(graceMs, limit.signal)]);
    limit.abort();
    stopping.abort();
    await (await guarded?.catch(() => undefined))?.close();
    await Promise.all([...waiting]);
  }
  return Object.assign(notify, { close });
}

async function openGuardedFetch(env: NotifyOptions['env'], mode: NotifyOptions['mode']): Promise<GuardedFetch> {
  const [{ createGuardedFetch }, { readOutboundHosts }] = await Promise.all([import('./guarded-fetch.ts'), import('./outbound-hosts.ts')]);
  const list = env['WEIGHIN_OUTBOUND_HOSTS'] ?? (mode === 'server' ? '' : null);
  return createGuardedFetch({ hosts: readOutboundHosts(list), env });
}

class Answered extends Error {
  readonly status: number;
  constructor(status: number) {
    super(`HTTP ${status}`);
    this.status = status;
  }
}

const mayPass = (status: number) => status >= 500 || status === 429 || status === 408;
const isFinal = (error: unknown) => error instanceof UserError || codeOf(error) === 'OUTBOUND_REFUSED';

/** Of an error, or of what it was made from: undici wraps what a lookup says. */
function codeOf(error: unknown): string | undefined {
  if (!(error instanceof Error)) return undefined;
  if ('code' in error && typeof error.code === 'string') return error.code;
  return codeOf(error.cause);
}

/** Never the whole message of a library: it may hold the address. */
function whyOf(error: unknown): string {
  if (error instanceof Answered || error instanceof UserError) return error.message;
  if (error instanceof Error && codeOf(error) === 'OUTBOUND_REFUSED') return error.message;
  return codeOf(error) ?? (error instanceof Error ? error.name : 'unknown');
}

function waitOf(answer: Sent | null, attempt: number, now: number): number {
  const asked = answer?.headers['retry-after'];
  const seconds = asked === undefined ? Number.NaN : Number(asked);
  const until = Number.isNaN(seconds) && asked !== undefined ? Date.parse(asked) - now : seconds * 1000;
  return Math.min(longestWaitMs, Number.isFinite(until) ? Math.max(0, until) : 1000 * 2 ** (attempt - 1));
}

const defaultSleep = (milliseconds: number, signal: AbortSignal) =>
  new Promise<void>((resolve) => {
    if (signal.aborted) return resolve();
    const timer = setTimeout(resolve, milliseconds);
    signal.addEventListener(
      'abort',
      () => {
        clearTimeout(timer);
        resolve();
      },
      { once: true },
    );
  });
