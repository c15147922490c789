import { createPrivateKey } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { UserError } from '../../shared/errors.ts';
import { readOutboundHosts } from '../notify/outbound-hosts.ts';
import { type LogFormat, type LogLevel, logLevels } from './log.ts';

/** How a server was set up, from Probot's own environment variables. */
export interface BotSettings {
  readonly appId: number;
  /** PEM. */
  readonly privateKey: string;
  readonly webhookSecret: string;
  readonly webhookPath: string;
  /** Of GitHub's REST API. */
  readonly baseUrl: string;
  readonly host: string;
  readonly port: number;
  readonly logLevel: LogLevel;
  readonly logFormat: LogFormat;
  /** Of a proxy for what the bot asks of GitHub; null without one. */
  readonly proxy: { readonly url: string; readonly except: string } | null;
  /** What opens the board; null: there is none. */
  readonly boardToken: string | null;
  /** What guards sign their heartbeats with; null: none is heard. */
  readonly guardSecret: string | null;
}

type Env = Readonly<Record<string, string | undefined>>;

/** @throws UserError SETTING_MISSING, SETTING_INVALID, OUTBOUND_HOSTS_INVALID: names the variable, never its value where that is a secret */
export function readSettings(env: Env): BotSettings {
  checkLateSettings(env);
  return {
    appId: readAppId(env),
    privateKey: readPrivateKey(env),
    webhookSecret: readWebhookSecret(env),
    webhookPath: readWebhookPath(env),
    baseUrl: readBaseUrl(env),
    host: env['HOST'] || '0.0.0.0',
    port: readPort(env),
    ...readLogSettings(env),
    proxy: readProxy(env),
    boardToken: readOwnSecret(env, 'WEIGHIN_BOARD_TOKEN'),
    guardSecret: readOwnSecret(env, 'WEIGHIN_GUARD_SECRET'),
  };
}

/** Apart from the rest, since the log is there before what it may have to tell. */
export function readLogSettings(env: Env): Pick<BotSettings, 'logLevel' | 'logFormat'> {
  const logLevel = env['LOG_LEVEL'] || 'info';
  if (!isOneOf(logLevels, logLevel)) throw invalid('LOG_LEVEL', `is \`${logLevel}\``, `Use one of ${logLevels.join(', ')}.`);
  const logFormat = env['LOG_FORMAT'] || (env['NODE_ENV'] === 'production' ? 'json' : 'pretty');
  if (logFormat !== 'json' && logFormat !== 'pretty') throw invalid('LOG_FORMAT', `is \`${logFormat}\``, 'Use json or pretty.');
  return { logLevel, logFormat };
}

function readAppId(env: Env): number {
  const value = env['APP_ID'];
  if (!value)
    throw missing(
      'APP_ID',
      "It is the App's number, on its settings page. There is no App yet? `npm run bot -- setup https://your-server` creates one.",
    );
  if (!/^[1-9]\d{0,15}$/.test(value)) throw invalid('APP_ID', `is \`${value}\``, "It is a number, on the App's settings page under About.");
  return Number(value);
}

/** PEM as it is, with `\n` for line breaks, or in base64; or a file's path. */
function readPrivateKey(env: Env): string {
  const path = env['PRIVATE_KEY_PATH'];
  const value = env['PRIVATE_KEY'];
  const name = value ? 'PRIVATE_KEY' : path ? 'PRIVATE_KEY_PATH' : null;
  if (!name) throw missing('PRIVATE_KEY', "It is the App's private key (PEM); or set PRIVATE_KEY_PATH to the file that holds it.");
  const text = value ?? readKeyFile(path ?? '');
  const unquoted = text.trim().replace(/^"([\s\S]*)"$/, '$1');
  const pem = (unquoted.includes('-----BEGIN') ? unquoted : Buffer.from(unquoted, 'base64').toString('utf8'))
    .replaceAll('\\n', '\n')
    .trim();
  try {
    if (createPrivateKey(pem).asymmetricKeyType !== 'rsa') throw new Error('another kind of key');
    return pem;
  } catch {
    throw invalid(
      name,
      'holds no RSA private key',
      "Generate one on the App's settings page, and give the whole PEM file, first and last line included.",
    );
  }
}

function readKeyFile(path: string): string {
  try {
    return readFileSync(path, 'utf8');
  } catch {
    throw invalid(
      'PRIVATE_KEY_PATH',
      `names \`${path}\`, which can't be read`,
      'Give the path of the PEM file, and let this user read it.',
    );
  }
}

/** Optional, and never one that can be guessed: repositories may be private, and the bot stands on the internet. */
function readOwnSecret(env: Env, name: 'WEIGHIN_BOARD_TOKEN' | 'WEIGHIN_GUARD_SECRET'): string | null {
  const value = env[name];
  if (!value) return null;
  if (value.length < 16 || /\s/.test(value) || new Set(value).size < 6)
    throw invalid(name, 'can be guessed', 'Use at least 16 random characters without spaces: `openssl rand -hex 32`.');
  return value;
}

/** Probot would go on with a secret that everybody knows. */
function readWebhookSecret(env: Env): string {
  const value = env['WEBHOOK_SECRET'];
  if (!value)
    throw missing('WEBHOOK_SECRET', "It is the webhook secret of the App's settings page: without it anybody could send deliveries.");
  if (value === 'development' || value.length < 12)
    throw invalid(
      'WEBHOOK_SECRET',
      'can be guessed',
      'Use at least 12 random characters here and on the App’s settings page: `openssl rand -hex 32`.',
    );
  return value;
}

function readWebhookPath(env: Env): string {
  const value = env['WEBHOOK_PATH'] || '/api/github/webhooks';
  if (!/^\/[\w./-]*$/.test(value)) throw invalid('WEBHOOK_PATH', `is \`${value}\``, 'Use a path such as /api/github/webhooks.');
  return value;
}

export function readBaseUrl(env: Env): string {
  const host = env['GHE_HOST'];
  const protocol = env['GHE_PROTOCOL'] || 'https';
  if (protocol !== 'https' && protocol !== 'http') throw invalid('GHE_PROTOCOL', `is \`${protocol}\``, 'Use https, or http for a test.');
  if (!host) return 'https://api.github.com';
  if (!/^[\w.-]+(?::\d{1,5})?$/.test(host) && !/^\[[0-9a-f:]+\](?::\d{1,5})?$/i.test(host))
    throw invalid('GHE_HOST', `is \`${host}\``, 'Give the host alone, such as github.example.com, without https:// and without a path.');
  // GitHub Enterprise Cloud with data residency has its API on a host of its own.
  return host.endsWith('.ghe.com') ? `${protocol}://api.${host}` : `${protocol}://${host}/api/v3`;
}

/** What is used only when something is to be proved or told is looked at now as well, while somebody watches. */
function checkLateSettings(env: Env): void {
  readOutboundHosts(env['WEIGHIN_OUTBOUND_HOSTS'] ?? '');
  const roots = env['WEIGHIN_TRUSTED_ROOT'];
  try {
    if (roots) readFileSync(roots);
  } catch {
    throw invalid(
      'WEIGHIN_TRUSTED_ROOT',
      `names \`${roots}\`, which can't be read`,
      'Give the path of the file that `gh attestation trusted-root` wrote, and let this user read it.',
    );
  }
}

function readPort(env: Env): number {
  const value = env['PORT'] || '3000';
  if (!/^\d{1,5}$/.test(value) || Number(value) > 65_535)
    throw invalid('PORT', `is \`${value}\``, 'Use a number from 0 to 65535; 0 takes any free port.');
  return Number(value);
}

function readProxy(env: Env): BotSettings['proxy'] {
  const url = env['HTTPS_PROXY'] ?? env['https_proxy'];
  if (!url) return null;
  if (!URL.canParse(url) || !/^https?:$/.test(new URL(url).protocol))
    throw invalid(
      'HTTPS_PROXY',
      'is no address of a proxy',
      'Use http://host:port, with user:password@ before the host where it wants one.',
    );
  return { url, except: env['NO_PROXY'] ?? env['no_proxy'] ?? '' };
}

const missing = (name: string, hint: string) =>
  new UserError('SETTING_MISSING', `${name} is not set.`, `${hint} docs/install.md tells more.`);
const invalid = (name: string, what: string, hint: string) => new UserError('SETTING_INVALID', `${name} ${what}.`, hint);
const isOneOf = <const Value extends string>(values: readonly Value[], value: string): value is Value =>
  values.some((one) => one === value);
