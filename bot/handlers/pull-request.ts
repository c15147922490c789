import { z } from 'zod';
import { type EventHandler, isSelf, personSchema } from './event-handler.ts';

const payloadSchema = z.object({
  action: z.string(),
  number: z.number().int().positive(),
  sender: personSchema.optional(),
});

export const pullRequest: EventHandler = {
  event: 'pull_request',
  actions: ['opened', 'synchronize', 'reopened', 'closed', 'edited', 'ready_for_review', 'converted_to_draft', 'enqueued', 'dequeued'],
  hints(payload, self) {
    const { action, number, sender } = payloadSchema.parse(payload);
    // Its own words about a promotion would make it look, and write, for ever.
    return action === 'edited' && isSelf(sender, self) ? [] : [{ kind: 'pull', number }];
  },
};
