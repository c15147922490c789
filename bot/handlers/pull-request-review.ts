import { z } from 'zod';
import type { EventHandler } from './event-handler.ts';

const payloadSchema = z.object({ pull_request: z.object({ number: z.number().int().positive() }) });

export const pullRequestReview: EventHandler = {
  event: 'pull_request_review',
  actions: ['submitted', 'edited', 'dismissed'],
  hints: (payload) => [{ kind: 'pull', number: payloadSchema.parse(payload).pull_request.number }],
};
