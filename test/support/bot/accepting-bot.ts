import { Octokit } from 'octokit';
import type { Hint } from '../../../bot/bot-context.ts';
import { createContext } from '../../../bot/create-context.ts';
import { handleWork } from '../../../bot/work/handle-work.ts';
import { createGitHubForge } from '../../../shared/adapters/github-forge/create-github-forge.ts';
import type { GitHub } from '../github/open-github.ts';

/** A bot that takes what weigh runs hand over as run-verified; nobody signs here. */
export async function openAcceptingBot(github: GitHub): Promise<(...hints: readonly Hint[]) => Promise<void>> {
  const silent = { debug() {}, info() {}, warn() {}, error() {} };
  const octokit = new Octokit({ auth: github.token.installation(), baseUrl: github.apiUrl, throttle: { enabled: false }, log: silent });
  const forge = await createGitHubForge({ octokit, owner: 'acme', repo: 'churn', appId: github.app.id });
  const context = createContext({
    forge,
    version: '0.1.0',
    log: silent,
    notify() {},
    mode: 'server',
    verifyNewEvidence: async () => 'none',
  });
  return (...hints) => handleWork(context, hints);
}
