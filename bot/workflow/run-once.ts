import { z } from 'zod';
import { connectApp } from '../../shared/adapters/github-app/connect-app.ts';
import { type ClientOptions, openTokenClient } from '../../shared/adapters/github-app/open-octokit.ts';
import { UserError } from '../../shared/errors.ts';
import type { BotContext, Hint, Log } from '../bot-context.ts';
import type { ForgePlace } from '../open-bot-parts.ts';
import { afterFailure } from '../queue/after-failure.ts';
import { hintsOfEvent } from './hints-of-event.ts';

export interface RunOnceParts {
  /** `GITHUB_REPOSITORY`, `GITHUB_API_URL`, `GITHUB_EVENT_NAME`. */
  readonly env: Readonly<Record<string, string | undefined>>;
  /** What the event says: the file at `GITHUB_EVENT_PATH`. */
  readonly payload: unknown;
  readonly appId: string | undefined;
  readonly privateKey: string | undefined;
  readonly token: string | undefined;
  readonly version: string;
  readonly log: Log;
  readonly openForge: (place: ForgePlace) => Promise<BotContext['forge']>;
  readonly createContext: (forge: BotContext['forge'], log: Log) => BotContext;
  readonly handleWork: (context: BotContext, hints: readonly Hint[]) => Promise<void>;
  readonly wait?: (milliseconds: number) => Promise<void>;
  readonly random?: () => number;
}

const environmentSchema = z.object({
  GITHUB_REPOSITORY: z.string().regex(/^[\w.-]+\/[\w.-]+$/),
  GITHUB_API_URL: z.url().default('https://api.github.com'),
  GITHUB_EVENT_NAME: z.string().min(1),
});
/** A job costs minutes while it waits: the next run goes on where this one ended. */
const longestWait = 3 * 60_000;

/** The bot's work in one job. @returns who it wrote as, and whether that was an App */
export async function runOnce(parts: RunOnceParts): Promise<{ readonly writesAs: string; readonly app: boolean }> {
  const { log, random = Math.random, wait = (milliseconds) => new Promise((resolve) => setTimeout(resolve, milliseconds)) } = parts;
  const environment = environmentSchema.safeParse(parts.env);
  if (!environment.success)
    throw new UserError('NOT_A_JOB', 'This is no job of GitHub Actions.', 'The bot as a process of its own is `npm run bot`.');
  const { GITHUB_REPOSITORY: repository, GITHUB_API_URL: baseUrl, GITHUB_EVENT_NAME: event } = environment.data;
  const [owner = '', repo = ''] = repository.split('/');
  const client = await openClient(parts, { baseUrl, userAgent: `weighin/${parts.version}` }, owner, repo);
  const forge = await parts.openForge({ octokit: client.octokit, owner, repo, appId: client.appId, log });
  const context = parts.createContext(forge, log);

  let hints = hintsOfEvent(event, parts.payload, { appId: client.appId, login: forge.identity.login });
  for (let failures = 1; ; failures++) {
    try {
      await parts.handleWork(context, hints);
      return { writesAs: forge.identity.login, app: client.appId !== null };
    } catch (error) {
      const { again, milliseconds, says } = afterFailure(error, hints, failures, random);
      if (again.length === 0 || milliseconds > longestWait || failures >= 4) throw error;
      log.warn({ inSeconds: Math.ceil(milliseconds / 1000) }, `trying again: ${says}`);
      await wait(milliseconds);
      hints = again;
    }
  }
}

async function openClient({ appId, privateKey, token, log }: RunOnceParts, options: ClientOptions, owner: string, repo: string) {
  if (appId || privateKey) {
    if (!appId || !privateKey)
      throw new UserError(
        'HALF_AN_APP',
        `${appId ? 'private-key' : 'app-id'} is missing: an App needs both.`,
        'Set variable WEIGHIN_APP_ID and the secret WEIGHIN_PRIVATE_KEY of environment weighin-bot, or neither.',
      );
    if (!/^[1-9]\d{0,15}$/.test(appId)) throw new UserError('APP_ID_INVALID', 'app-id is no number.', "It is on the App's settings page.");
    const app = connectApp({ ...options, appId: Number(appId), privateKey: privateKey.replaceAll('\\n', '\n') });
    const installation = await app.installationOf(owner, repo);
    if (!installation)
      throw new UserError(
        'APP_NOT_INSTALLED',
        `The App is not installed on ${owner}/${repo}.`,
        "Install it from the App's page, Install App.",
      );
    const { octokit, missing } = await app.repositoryClient({ installation: installation.id, owner, name: repo });
    for (const { name, access, optional } of missing)
      if (!optional) log.warn({ permission: `${name}: ${access}` }, 'the installation does not grant what the App needs');
    return { octokit, appId: Number(appId) };
  }
  if (!token)
    throw new UserError('NO_TOKEN', 'There is neither an App nor a token.', 'Leave github-token as it is, or give app-id and private-key.');
  return { octokit: openTokenClient(options, token), appId: null };
}
