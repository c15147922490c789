/** A Probot app that does nothing, as Probot's own server hosts it: what `bench/webhooks.mjs` compares with. */
import { run } from 'probot';

await run((app) => {
  for (const event of ['issue_comment', 'pull_request', 'pull_request_review', 'workflow_run', 'push', 'merge_group', 'check_run'])
    app.on(event, () => {});
});
