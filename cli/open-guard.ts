import { createPrivateKey } from 'node:crypto';
import { hostname } from 'node:os';
import { InfrastructureError, UserError } from '../shared/errors.ts';
import type { Forge } from '../shared/promotion/forge.ts';
import type { GuardLog, GuardParts } from '../shared/rollout/guard/guard-parts.ts';
import type { CommandIo } from './command.ts';

/** What `watch` and `tick` take, as the command line has it. */
export interface GuardArguments {
  readonly repository?: string | undefined;
  readonly api?: string | undefined;
  readonly owner?: string | undefined;
  readonly board?: string | undefined;
}

export interface OpenedGuard {
  readonly forge: Forge;
  readonly parts: GuardParts;
}

/** One request to GitHub; the guard looks again ten seconds later in any case. Milliseconds. */
const patience = 7_000;
/** A longer pause that GitHub asks for is kept by the guard, which goes on meanwhile. */
const longestPause = 2_000;

/** Everything that a guard is made of. @throws UserError for what is missing, InfrastructureError where GitHub does not answer */
export async function openGuardParts(args: GuardArguments, every: number, log: GuardLog, io: CommandIo): Promise<OpenedGuard> {
  const { env } = io;
  const place = repositoryOf(args.repository ?? env['GITHUB_REPOSITORY']);
  const credentials = credentialsOf(env);
  const [
    { connectForge },
    { createForgeMemory },
    { proxiedFetch },
    { githubApi },
    adapters,
    rules,
    { createRunCheck },
    { runProcess },
    commands,
  ] = await Promise.all([
    import('../shared/adapters/github-forge/connect-forge.ts'),
    import('../shared/adapters/github-forge/forge-memory.ts'),
    import('../shared/adapters/github-forge/proxied-fetch.ts'),
    import('../shared/adapters/github-store/connect-github.ts'),
    import('../shared/adapters/open-rollout-parts.ts'),
    import('../shared/rollout/guard/guard-engine.ts'),
    import('../shared/rollout/guard/run-check.ts'),
    import('../shared/adapters/process/run-process.ts'),
    import('../shared/training/command-environment.ts'),
  ]);
  const fetch = await proxiedFetch(env);
  const sendHeartbeat = await heartbeatsTo(args.board, log, fetch, io);
  const forge = await connectForge({
    ...place,
    credentials,
    baseUrl: apiOf(args.api) ?? githubApi(env),
    environment: env,
    memory: createForgeMemory(4 * 1024 * 1024),
    timeout: patience,
    sleep: pause,
    log: { info: () => undefined },
  });
  const { id, login } = forge.identity;
  const around = { env, fetch, forge, runProcess, cwd: io.cwd, warn: (line: string) => log.warn(line) };
  return {
    forge,
    parts: {
      forge,
      repository: `${place.owner}/${place.repo}`,
      identity: { id, login, type: login.endsWith('[bot]') ? 'Bot' : 'User' },
      by: `${login}/${io.version}`,
      owner: ownerOf(args.owner, env),
      engine: rules.guardEngine,
      openTarget: (config, definition, names) => adapters.openTarget(config, definition, names, around),
      openSource: (config, definition, names) => adapters.openSource(config, definition, names, around),
      runCheck: createRunCheck({ fetch, runProcess, cwd: io.cwd, env: commands.commandEnvironment(env, {}) }),
      now: () => new Date(),
      log,
      every,
      ...(sendHeartbeat && { sendHeartbeat }),
    },
  };
}

function repositoryOf(name: string | undefined): { readonly owner: string; readonly repo: string } {
  const [, owner, repo] = /^([\w.-]+)\/([\w.-]+)$/.exec(name ?? '') ?? [];
  if (owner && repo) return { owner, repo };
  throw name === undefined
    ? new UserError(
        'REPOSITORY_MISSING',
        'Nothing says which repository holds the rollouts.',
        'Give --repository owner/name, or set GITHUB_REPOSITORY.',
      )
    : new UserError('FLAG_INVALID', `--repository is no repository of GitHub.`, 'Write it as owner/name.');
}

function apiOf(address: string | undefined): string | null {
  if (address === undefined) return null;
  const url = URL.canParse(address) ? new URL(address) : null;
  if (url && /^https?:$/.test(url.protocol) && url.username === '' && url.password === '') return address;
  throw new UserError(
    'FLAG_INVALID',
    '--api is no plain address of GitHub’s REST API.',
    'Write https://ghe.example.com/api/v3, without user and password; leave it out for github.com.',
  );
}

/** An App's key, or a token that somebody else made. What is in them is never shown. */
function credentialsOf(
  env: CommandIo['env'],
): { readonly token: string } | { readonly app: { readonly id: number; readonly privateKey: string } } {
  const [id, key, token] = [env['WEIGHIN_APP_ID'], env['WEIGHIN_PRIVATE_KEY'], env['GITHUB_TOKEN'] || env['GH_TOKEN']];
  if (id || key) {
    if (!id || !key)
      throw new UserError(
        'HALF_AN_APP',
        `${id ? 'WEIGHIN_PRIVATE_KEY' : 'WEIGHIN_APP_ID'} is missing: an App needs both.`,
        'Set both, or only GITHUB_TOKEN.',
      );
    if (!/^[1-9]\d{0,15}$/.test(id))
      throw new UserError('APP_ID_INVALID', 'WEIGHIN_APP_ID is no number.', "It is on the App's settings page.");
    const privateKey = key.replaceAll('\\n', '\n');
    if (!isPrivateKey(privateKey))
      throw new UserError(
        'APP_KEY_INVALID',
        'WEIGHIN_PRIVATE_KEY is no private key.',
        "It is the whole text of the App's .pem file, from -----BEGIN to END-----; line breaks may be written as \\n.",
      );
    return { app: { id: Number(id), privateKey } };
  }
  if (token) return { token };
  throw new UserError(
    'NO_TOKEN',
    'The guard may not write to GitHub: there is neither a token nor an App.',
    'Set GITHUB_TOKEN to one that may write contents, or WEIGHIN_APP_ID and WEIGHIN_PRIVATE_KEY.',
  );
}

function isPrivateKey(text: string): boolean {
  try {
    return createPrivateKey(text).asymmetricKeyType === 'rsa';
  } catch {
    return false;
  }
}

/** The same after a restart, another for each process that may live at once. */
function ownerOf(named: string | undefined, env: CommandIo['env']): string {
  const owner = named ?? (env['GITHUB_RUN_ID'] ? `run:${env['GITHUB_RUN_ID']}` : hostname());
  if (/^[\w.:@/+-]{1,200}$/.test(owner)) return owner;
  throw new UserError('FLAG_INVALID', '--owner has characters that a name can’t have.', 'Use letters, digits and . : @ / + - _.');
}

async function heartbeatsTo(board: string | undefined, log: GuardLog, fetch: typeof globalThis.fetch, { env }: CommandIo) {
  if (board === undefined) return null;
  const url = URL.canParse(board) ? new URL(board) : null;
  if (!url || !/^https?:$/.test(url.protocol) || url.username !== '' || url.password !== '')
    throw new UserError(
      'FLAG_INVALID',
      '--board is no plain http or https address.',
      'Write the address of the bot: https://bot.example.com',
    );
  const secret = env['WEIGHIN_GUARD_SECRET'];
  if (!secret)
    throw new UserError(
      'GUARD_SECRET_MISSING',
      'Heartbeats are signed, and WEIGHIN_GUARD_SECRET is not set.',
      'Set it to what the bot has, or leave --board out.',
    );
  const { createSendHeartbeat } = await import('../shared/rollout/guard/send-heartbeat.ts');
  const onTrouble = (message: string | null) =>
    message === null ? log.info('The board hears of it again.') : log.warn(`Heartbeat: ${message}.`);
  return createSendHeartbeat({ board: url, secret, fetch, onTrouble });
}

/** GitHub asked to wait: a moment is waited for, for longer the guard goes on from memory and asks again then. */
function pause(milliseconds: number): Promise<void> {
  if (milliseconds <= longestPause) return new Promise((resolve) => setTimeout(resolve, milliseconds));
  const seconds = Math.ceil(milliseconds / 1000);
  return Promise.reject(
    Object.assign(new InfrastructureError('FORGE_LIMITED', `GitHub asks to wait for ${seconds} s.`), { retryAfterSeconds: seconds }),
  );
}
