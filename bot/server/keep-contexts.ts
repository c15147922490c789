import type { BotContext } from '../bot-context.ts';
import type { RepositoryAddress } from '../handlers/read-delivery.ts';

export interface ContextKeeper {
  get(repository: RepositoryAddress): Promise<BotContext>;
  /** After an answer that says that permissions or the repository itself are not what they were. */
  forget(repository: RepositoryAddress): void;
}

export interface KeepContextsOptions {
  readonly open: (repository: RepositoryAddress) => Promise<BotContext>;
  readonly limit?: number;
  readonly milliseconds?: number;
  readonly now?: () => number;
}

/** Its token is minted anew in time by itself; a name, a default branch or a permission that changed is noticed after this long at the latest. */
const anHour = 60 * 60_000;

/** Contexts of the repositories that were worked on last: what they remember spares requests, and decides nothing. */
export function keepContexts({ open, limit = 100, milliseconds = anHour, now = Date.now }: KeepContextsOptions): ContextKeeper {
  const kept = new Map<string, { readonly context: Promise<BotContext>; readonly until: number }>();
  return {
    get(repository) {
      const key = keyOf(repository);
      const found = kept.get(key);
      kept.delete(key);
      if (found && found.until > now()) {
        // What is put back last is dropped last.
        kept.set(key, found);
        return found.context;
      }
      const context = open(repository);
      const entry = { context, until: now() + milliseconds };
      kept.set(key, entry);
      context.catch(() => {
        if (kept.get(key) === entry) kept.delete(key);
      });
      for (const oldest of kept.keys()) {
        if (kept.size <= limit) break;
        kept.delete(oldest);
      }
      return context;
    },
    forget: (repository) => void kept.delete(keyOf(repository)),
  };
}

const keyOf = ({ installation, owner, name }: RepositoryAddress) => `${installation}:${owner}/${name}`;
