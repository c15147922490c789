import { z } from 'zod';
import { type EventHandler, personSchema } from './event-handler.ts';

const payloadSchema = z.object({
  issue: z.object({ number: z.number().int().positive(), pull_request: z.unknown().optional() }),
  comment: z.object({
    id: z.number().int(),
    // A deleted account wrote it: nobody who could have authority.
    user: personSchema.nullable(),
    body: z.string(),
    created_at: z.string(),
    updated_at: z.string(),
    performed_via_github_app: z.object({ id: z.number().int() }).nullish(),
  }),
});

/** Only `created`: an edited comment commands nothing, since whoever approved of it saw another. */
export const issueComment: EventHandler = {
  event: 'issue_comment',
  actions: ['created'],
  hints(payload, self) {
    const { issue, comment } = payloadSchema.parse(payload);
    const own = self.appId !== null && comment.performed_via_github_app?.id === self.appId;
    if (!comment.user || own || comment.user.login === self.login || !comment.body.includes('/')) return [];
    return [
      {
        kind: 'comment',
        number: issue.number,
        onPull: issue.pull_request !== undefined && issue.pull_request !== null,
        comment: { id: comment.id, author: comment.user, body: comment.body, createdAt: comment.created_at, updatedAt: comment.updated_at },
      },
    ];
  },
};
