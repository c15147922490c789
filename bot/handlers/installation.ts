import { z } from 'zod';
import type { Hint } from '../bot-context.ts';
import type { DeliveredHints } from './read-delivery.ts';

const name = z.object({ full_name: z.string().regex(/^[\w.-]+\/[\w.-]+$/) });
const payloadSchema = z.object({
  action: z.string(),
  installation: z.object({ id: z.number().int().positive() }),
  repositories: z.array(name).nullish(),
  repositories_added: z.array(name).nullish(),
});
const sweep: readonly Hint[] = [{ kind: 'sweep' }];

/** Events that GitHub sends to every App, and their actions: the App reaches repositories that it didn't reach before. */
export const installationEvents: Readonly<Record<string, readonly string[]>> = {
  installation: ['created', 'unsuspend', 'new_permissions_accepted'],
  installation_repositories: ['added'],
};

/** A sweep for each repository that is new to the bot: pull requests are open there already. */
export function readInstallation(payload: unknown): readonly DeliveredHints[] {
  const { installation, repositories, repositories_added: added } = payloadSchema.parse(payload);
  return [...(repositories ?? []), ...(added ?? [])].map(({ full_name }) => {
    const [owner = '', name = ''] = full_name.split('/');
    return { repository: { installation: installation.id, owner, name }, hints: sweep };
  });
}
