import { z } from 'zod';
import type { Hint } from '../bot-context.ts';

/** What becomes of one kind of delivery. Handlers read where to look and nothing else: no handler asks GitHub anything. */
export interface EventHandler {
  readonly event: string;
  /** Of the payload's `action`; empty where the event has none. */
  readonly actions: readonly string[];
  /** What to look at; empty for what changes nothing. @throws ZodError for a payload that is not GitHub's. */
  readonly hints: (payload: unknown, self: BotSelf) => readonly Hint[];
}

/** Who the bot is: what it did itself needs no further look. */
export interface BotSelf {
  readonly appId: number | null;
  /** `weighin[bot]`; null until GitHub said so. */
  readonly login: string | null;
}

/** Keys that nobody reads are many, and GitHub adds some: only what is read is checked. */
export const personSchema = z.object({
  id: z.number().int(),
  login: z.string(),
  type: z.enum(['User', 'Bot', 'Organization']).catch('User'),
});

export const repositorySchema = z.object({
  id: z.number().int(),
  name: z.string().regex(/^[\w.-]+$/),
  owner: z.object({ login: z.string().regex(/^[\w.-]+$/) }),
  default_branch: z.string(),
});

export const isSelf = (sender: { readonly login: string } | undefined, { login }: BotSelf) => login !== null && sender?.login === login;
