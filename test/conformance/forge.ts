import { Octokit } from 'octokit';
import { createGitHubForge, type GitHubForgeOptions } from '../../shared/adapters/github-forge/create-github-forge.ts';
import type { Forge } from '../../shared/promotion/forge.ts';
import type { GitHub } from '../support/github/open-github.ts';

/** A forge over the double, in the App's name. Waits are written down, never slept. */
export async function forgeOf(
  github: GitHub,
  { token = github.token.installation(), ...options }: Partial<GitHubForgeOptions> & { readonly token?: string } = {},
): Promise<{ readonly forge: Forge; readonly waits: number[] }> {
  const waits: number[] = [];
  const octokit = new Octokit({ auth: token, baseUrl: github.apiUrl, throttle: { enabled: false }, log: silent });
  const sleep = async (milliseconds: number) => {
    waits.push(milliseconds / 1000);
  };
  const forge = await createGitHubForge({ octokit, owner: 'acme', repo: 'churn', appId: github.app.id, sleep, ...options });
  return { forge, waits };
}

const silent = { debug: () => {}, info: () => {}, warn: () => {}, error: () => {} };
