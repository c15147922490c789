import type { Forge } from '../../promotion/forge.ts';
import { createGitHubForge, type GitHubForgeOptions } from './create-github-forge.ts';
import { mintTokens } from './mint-tokens.ts';
import { proxiedFetch } from './proxied-fetch.ts';

export interface AppKey {
  readonly id: number;
  /** PEM. */
  readonly privateKey: string;
  /** Found by the repository where it isn't given. */
  readonly installationId?: number;
}
export interface ConnectOptions extends Pick<GitHubForgeOptions, 'owner' | 'repo' | 'memory' | 'log' | 'sleep' | 'timeout'> {
  /** A token that somebody else made, as a workflow's own, or an App's key, of which tokens for this one repository are made. */
  readonly credentials: { readonly token: string } | { readonly app: AppKey };
  /** `https://api.github.com`, or `https://ghe.example.com/api/v3`: in a job GITHUB_API_URL. */
  readonly baseUrl?: string;
  /** Where HTTPS_PROXY, HTTP_PROXY and NO_PROXY are read. */
  readonly environment?: Readonly<Record<string, string | undefined>>;
}

/** A forge for the command line and for the bot in a workflow, where no Probot brings an Octokit. */
export async function connectForge(options: ConnectOptions): Promise<Forge> {
  const { owner, repo, credentials, baseUrl = 'https://api.github.com', environment = process.env, log } = options;
  const [{ Octokit }, fetchFile] = await Promise.all([import('octokit'), proxiedFetch(environment)]);
  const settings = {
    baseUrl: baseUrl.replace(/\/+$/, ''),
    userAgent: 'weighin',
    request: { fetch: fetchFile },
    // The forge repeats and waits by itself: the plugins would repeat a write without looking whether it arrived.
    retry: { enabled: false },
    throttle: { enabled: false },
    log: {
      debug: () => {},
      info: () => {},
      warn: (message: string) => log?.info({ owner, repo }, message),
      error: (message: string) => log?.info({ owner, repo }, message),
    },
  };
  const octokit =
    'token' in credentials
      ? new Octokit({ ...settings, auth: credentials.token })
      : new Octokit({ ...settings, authStrategy: mintTokens, auth: { app: credentials.app, settings, owner, repo } });
  return createGitHubForge({ ...options, octokit, appId: 'app' in credentials ? credentials.app.id : null, fetch: fetchFile });
}
