import { z } from 'zod';
import { type EventHandler, isSelf, personSchema, repositorySchema } from './event-handler.ts';

const payloadSchema = z.object({
  ref: z.string(),
  repository: repositorySchema.pick({ default_branch: true }),
  sender: personSchema.optional(),
});

/** The default branch, where policy and stages stand, and the bot's own branches when somebody else wrote to one. */
export const push: EventHandler = {
  event: 'push',
  actions: [],
  hints(payload, self) {
    const { ref, repository, sender } = payloadSchema.parse(payload);
    const branch = /^refs\/heads\/(.+)$/s.exec(ref)?.[1];
    const wanted = branch === repository.default_branch || (branch?.startsWith('weighin/') && !isSelf(sender, self));
    return branch && wanted ? [{ kind: 'push', branch }] : [];
  },
};
