import { createGitHubForge } from '../shared/adapters/github-forge/create-github-forge.ts';
import { createForgeMemory } from '../shared/adapters/github-forge/forge-memory.ts';
import type { Octokit } from '../shared/adapters/github-forge/octokit-shape.ts';
import { createVerifyAttestation, createVerifyEvidence } from '../shared/adapters/sigstore/create-verify-evidence.ts';
import { createTrustedRoots } from '../shared/adapters/sigstore/read-trusted-roots.ts';
import type { Forge } from '../shared/promotion/forge.ts';
import type { BotContext, Log } from './bot-context.ts';
import { createContext } from './create-context.ts';
import { createNotify } from './notify/create-notify.ts';
import { handleWork } from './work/handle-work.ts';

/** Per repository, of a hundred that are kept open at most. */
const memoryBytes = 2 * 1024 * 1024;
/** A receiver that does not answer keeps nobody from stopping. */
const notifyGrace = 3000;

export interface ForgePlace {
  readonly octokit: Octokit;
  readonly owner: string;
  readonly repo: string;
  readonly appId: number | null;
  readonly log: Log;
  /** For addresses outside the API, in place of the global one. */
  readonly fetch?: typeof globalThis.fetch;
}

export interface BotPartsOptions {
  readonly version: string;
  readonly mode: BotContext['mode'];
  readonly env: Readonly<Record<string, string | undefined>>;
  readonly log: Log;
}

/** What the bot is made of, wherever it runs: the one place where server and workflow are put together. */
export function openBotParts({ version, mode, env, log }: BotPartsOptions) {
  const verify = createVerifyEvidence({ trustedRoots: createTrustedRoots(env) });
  const notify = createNotify({ env, log, mode });
  return {
    handleWork,
    openForge: (place: ForgePlace): Promise<Forge> => createGitHubForge({ ...place, memory: createForgeMemory(memoryBytes) }),
    createContext: (forge: Forge, own: Log): BotContext =>
      createContext({ forge, version, log: own, mode, notify, verifyNewEvidence: createVerifyAttestation(verify, forge) }),
    /** Tells what is still to be told, for a moment. */
    close: () => notify.close(notifyGrace),
  };
}
