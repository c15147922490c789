import { createGitHubForge } from '../shared/adapters/github-forge/create-github-forge.ts';
import { createForgeMemory } from '../shared/adapters/github-forge/forge-memory.ts';
import type { Octokit } from '../shared/adapters/github-forge/octokit-shape.ts';
import type { Forge } from '../shared/promotion/forge.ts';
import type { BotContext, Log } from './bot-context.ts';
import { createContext } from './create-context.ts';
import { handleWork } from './work/handle-work.ts';

/** Per repository, of a hundred that are kept open at most. */
const memoryBytes = 2 * 1024 * 1024;

export interface ForgePlace {
  readonly octokit: Octokit;
  readonly owner: string;
  readonly repo: string;
  readonly appId: number | null;
  readonly log: Log;
}

/** What the bot is made of, wherever it runs: the one place where server and workflow are put together. */
export function openBotParts({ version, mode }: { readonly version: string; readonly mode: BotContext['mode'] }) {
  return {
    handleWork,
    openForge: (place: ForgePlace): Promise<Forge> => createGitHubForge({ ...place, memory: createForgeMemory(memoryBytes) }),
    createContext: (forge: Forge, log: Log): BotContext =>
      createContext({ forge, version, log, mode, notify: () => {}, verifyNewEvidence: async () => 'none' }),
  };
}
