import { z } from 'zod';
import type { EventHandler } from './event-handler.ts';

const payloadSchema = z.object({ check_run: z.object({ head_sha: z.string().regex(/^[0-9a-f]{40}$/) }) });

/** Somebody pressed "Re-run" beside one of the bot's checks. */
export const checkRun: EventHandler = {
  event: 'check_run',
  actions: ['rerequested'],
  hints: (payload) => [{ kind: 'check', sha: payloadSchema.parse(payload).check_run.head_sha }],
};
