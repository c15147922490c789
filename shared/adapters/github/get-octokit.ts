import type { Octokit } from '../github-forge/octokit-shape.ts';

/** An Octokit of a job's own token; `baseUrl` where the server is not github.com. */
export async function getOctokit(token: string, baseUrl: string | undefined): Promise<Octokit> {
  const { getOctokit: open } = await import('@actions/github');
  return open(token, baseUrl ? { baseUrl } : {});
}
