import { z } from 'zod';
import { isByGuard } from '../../shared/promotion/guard-commit.ts';
import { type EventHandler, isSelf, personSchema, repositorySchema } from './event-handler.ts';

const payloadSchema = z.object({
  ref: z.string(),
  repository: repositorySchema.pick({ default_branch: true }),
  sender: personSchema.optional(),
  head_commit: z.object({ message: z.string() }).nullish(),
});

/**
 * The default branch, where policy and stages stand, and the bot's own branches when somebody else wrote to one. A guard may write as the
 * same App: its commits say so.
 */
export const push: EventHandler = {
  event: 'push',
  actions: [],
  hints(payload, self) {
    const { ref, repository, sender, head_commit: head } = payloadSchema.parse(payload);
    const branch = /^refs\/heads\/(.+)$/s.exec(ref)?.[1];
    const wanted =
      branch === repository.default_branch || (branch?.startsWith('weighin/') && (!isSelf(sender, self) || isByGuard(head?.message ?? '')));
    return branch && wanted ? [{ kind: 'push', branch }] : [];
  },
};
