import { z } from 'zod';
import type { EventHandler } from './event-handler.ts';

const payloadSchema = z.object({
  workflow_run: z.object({
    id: z.number().int().positive(),
    event: z.string(),
    pull_requests: z.array(z.object({ number: z.number().int().positive() })).nullish(),
  }),
});

export const workflowRun: EventHandler = {
  event: 'workflow_run',
  actions: ['completed'],
  hints(payload) {
    const { workflow_run: run } = payloadSchema.parse(payload);
    // The relay of a review carries nothing but the fact that there was one. Of forks the list is empty: there the sweep looks.
    if (run.event === 'pull_request_review') return (run.pull_requests ?? []).map(({ number }) => ({ kind: 'pull', number }));
    return [{ kind: 'run', id: run.id }];
  },
};
