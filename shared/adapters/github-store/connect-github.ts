import { UserError } from '../../errors.ts';
import { noGithubCredentials } from './github-store-error.ts';

/** What of the environment decides how GitHub is reached. */
export type GithubEnvironment = Readonly<Record<string, string | undefined>>;

/** The token that a step or a person gave; the input of an action is the last, since every job has it. */
export const githubToken = (env: GithubEnvironment): string | undefined =>
  env['GITHUB_TOKEN'] || env['GH_TOKEN'] || env['INPUT_GITHUB-TOKEN'] || undefined;

export const githubApi = (env: GithubEnvironment): string => {
  const host = env['GH_HOST'];
  return env['GITHUB_API_URL'] || (host && host !== 'github.com' ? `https://${host}/api/v3` : 'https://api.github.com');
};

/** @throws UserError STORE_ADDRESS_INVALID where nothing says which repository. */
export function checkedRepository(name: string | null | undefined): { readonly owner: string; readonly repo: string } {
  const [, owner, repo] = /^([\w.-]+)\/([\w.-]+)$/.exec(name ?? '') ?? [];
  if (owner && repo) return { owner, repo };
  throw new UserError(
    'STORE_ADDRESS_INVALID',
    'With `store: github` the store is the repository itself, and nothing here says which one that is.',
    'Set GITHUB_REPOSITORY=owner/name, or add the remote: git remote add origin https://github.com/owner/name.git',
  );
}

/** @throws UserError NO_CREDENTIALS */
export async function connectGithub(env: GithubEnvironment, location: string) {
  const token = githubToken(env);
  if (!token) throw noGithubCredentials(location);
  const { getOctokit } = await import('@actions/github');
  return getOctokit(token, { baseUrl: githubApi(env) });
}

export type GithubConnection = Awaited<ReturnType<typeof connectGithub>>;
