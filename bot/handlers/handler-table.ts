import { checkRun } from './check-run.ts';
import type { EventHandler } from './event-handler.ts';
import { issueComment } from './issue-comment.ts';
import { mergeGroup } from './merge-group.ts';
import { pullRequest } from './pull-request.ts';
import { pullRequestReview } from './pull-request-review.ts';
import { push } from './push.ts';
import { workflowRun } from './workflow-run.ts';

/** One handler an event; the App subscribes to exactly these (app.yml). */
export const handlers: readonly EventHandler[] = [issueComment, pullRequest, pullRequestReview, workflowRun, push, mergeGroup, checkRun];
