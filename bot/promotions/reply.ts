import type { Config } from '../../shared/config/schema.ts';
import { UserError } from '../../shared/errors.ts';
import type { Refusal } from '../../shared/promotion/refusal.ts';
import { type Markdown, proseMarkdown } from '../../shared/words/markdown.ts';
import type { BotContext, Policy, Reply } from '../bot-context.ts';
import { webLink } from '../conversation/web-link.ts';

/** A refusal as a person gets it: the sentence, then what would change it. */
export const refusalReply = ({ code, message, next }: Refusal): Reply => ({
  outcome: 'refused',
  code,
  body: `${proseMarkdown(message).markdown} **Next:** ${proseMarkdown(next).markdown}`,
});

export const pullLink = ({ forge }: Pick<BotContext, 'forge'>, number: number): Markdown =>
  webLink(`#${number}`, `${forge.repository.url}/pull/${number}`);

/** @throws UserError POLICY_UNREADABLE: without a policy nothing is decided */
export function requireConfig({ config, problem, file }: Policy): Config {
  if (config) return config;
  throw new UserError('POLICY_UNREADABLE', problem ?? `${file} can't be read.`, `Mend ${file} on the default branch.`);
}
