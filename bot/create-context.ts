import { InfrastructureError } from '../shared/errors.ts';
import type { Forge } from '../shared/promotion/forge.ts';
import type { BotContext, Log, Notify } from './bot-context.ts';
import type { VerifyAttestation } from './reports/read-evidence.ts';
import { lookAtPolicy } from './state/workspace.ts';

export interface ContextParts {
  readonly forge: Forge;
  /** Weighin's own version. */
  readonly version: string;
  readonly log: Log;
  readonly notify: Notify;
  readonly mode: BotContext['mode'];
  readonly verifyNewEvidence: VerifyAttestation;
}

/** One repository as the bot sees it. Kept for a while: what it remembers of the repository spares requests and decides nothing. */
export function createContext({ forge, version, ...parts }: ContextParts): BotContext {
  const context: BotContext = {
    ...parts,
    forge,
    by: `${forge.identity.login}/${version}`,
    policy: () => lookAtPolicy(context),
    async verifyEvidence(evidence) {
      try {
        return (await parts.verifyNewEvidence(evidence)) === 'attested' ? 'attested' : 'claimed';
      } catch (error) {
        // Not asked is not known, and what is not known promotes nothing. A statement that contradicts is no proof either.
        return error instanceof InfrastructureError ? 'unknown' : 'claimed';
      }
    },
  };
  return context;
}
