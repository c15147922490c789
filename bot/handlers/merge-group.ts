import { z } from 'zod';
import { type EventHandler, repositorySchema } from './event-handler.ts';

const payloadSchema = z.object({
  merge_group: z.object({ head_sha: z.string().regex(/^[0-9a-f]{40}$/), head_ref: z.string(), base_ref: z.string() }),
  repository: repositorySchema.pick({ default_branch: true }),
});

/** A queue of the default branch waits for `weighin/promotion` on the commit that it built; other branches promote nothing. */
export const mergeGroup: EventHandler = {
  event: 'merge_group',
  actions: ['checks_requested'],
  hints(payload) {
    const { merge_group: group, repository } = payloadSchema.parse(payload);
    if (group.base_ref !== `refs/heads/${repository.default_branch}`) return [];
    return [{ kind: 'merge-group', sha: group.head_sha, branch: group.head_ref.replace(/^refs\/heads\//, '') }];
  },
};
