import { afterAll, beforeAll, expect, it } from 'vitest';
import { type GitHub, openGitHub } from '../../support/github/open-github.ts';
import { examplesOf, shapeDifferences } from './payload-shape.ts';

let github: GitHub;
const events = ['issue_comment', 'pull_request', 'pull_request_review', 'workflow_run', 'push', 'merge_group', 'check_run', 'issues'];

beforeAll(async () => {
  github = await openGitHub({ events: [...events, 'deployment', 'deployment_status', 'repository_dispatch'] });
  github.users.add({ login: 'alice', role: 'write' });
  github.users.add({ login: 'bob', role: 'write' });
  github.git.commit({ branch: 'main', files: { 'a.txt': 'a\n' } });
  const branch = 'topic';
  github.git.commit({ branch, base: 'main', files: { 'b.txt': 'b\n' }, by: 'alice' });
  const { number } = github.openPull({ branch, title: 'Topic', body: 'Text', by: 'alice' });
  const headSha = github.git.commit({ branch, files: { 'b.txt': 'c\n' }, by: 'alice' });
  const comment = github.comment(number, '/status', 'bob');
  github.editComment(comment.id, '/hold');
  const review = github.review(number, 'bob', 'APPROVED');
  github.dismissReview(number, review.id, 'bob');
  github.playRun({ path: '.github/workflows/weighin.yml', event: 'pull_request', headBranch: branch, headSha, actor: 'alice' });
  github.postCheck({ sha: headSha, name: 'weighin', app: 'weighin' });
  github.closePull(number, 'bob');
  github.reopenPull(number, 'bob');
  github.protect({ refs: ['~DEFAULT_BRANCH'], rules: [{ type: 'merge_queue' }] });
  const token = github.token.installation();
  const ask = async (method: string, path: string, body: unknown) => {
    const response = await fetch(`${github.apiUrl}/repos/acme/churn${path}`, {
      method,
      headers: { authorization: `token ${token}`, 'content-type': 'application/json' },
      body: JSON.stringify(body),
    });
    return (await response.json().catch(() => ({}))) as { id: number };
  };
  await ask('PATCH', `/pulls/${number}`, { title: 'Another' });
  await ask('POST', '/issues', { title: 'Drift', body: 'Text' });
  await ask('POST', '/dispatches', { event_type: 'weighin', client_payload: { a: 1 } });
  const { id } = await ask('POST', '/deployments', {
    ref: 'main',
    auto_merge: false,
    required_contexts: [],
    environment: 'churn/production',
  });
  await ask('POST', `/deployments/${id}/statuses`, { state: 'success' });
  await fetch(github.graphqlUrl, {
    method: 'POST',
    headers: { authorization: `token ${token}`, 'content-type': 'application/json' },
    body: JSON.stringify({
      query: 'mutation($id: ID!) { enqueuePullRequest(input: { pullRequestId: $id }) { mergeQueueEntry { position } } }',
      variables: { id: `PR_${github.pull(number).id}` },
    }),
  });
  expect(github.mergeQueue.turn().merged).toEqual([number]);
});
afterAll(async () => {
  expect(github.unknown).toEqual([]);
  await github.close();
});

/** What the examples happen to have in common: permissions of their App, an old field of an issue. */
const unserved = (difference: string): boolean => /^missing \..*app\.permissions\.|^missing \.issue\.draft$/.test(difference);

it.each([
  ['issue_comment', 'created'],
  ['issue_comment', 'edited'],
  ['pull_request', 'opened'],
  ['pull_request', 'synchronize'],
  ['pull_request', 'edited'],
  ['pull_request', 'closed'],
  ['pull_request', 'reopened'],
  ['pull_request_review', 'submitted'],
  ['pull_request_review', 'dismissed'],
  ['push', null],
  ['workflow_run', 'requested'],
  ['workflow_run', 'completed'],
  ['merge_group', 'checks_requested'],
  ['merge_group', 'destroyed'],
  ['check_run', 'completed'],
  ['issues', 'opened'],
  ['deployment', 'created'],
  ['deployment_status', 'created'],
  ['repository_dispatch', 'weighin'],
])('writes %s %s as GitHub does', (event, action) => {
  const [delivery] = github.deliveries.find(event, action ?? undefined);
  expect(delivery?.payload['installation']).toMatchObject({ id: github.app.installationId });
  expect(delivery?.payload['sender']).toMatchObject({ login: expect.any(String), id: expect.any(Number), type: expect.any(String) });
  const examples = examplesOf(event, action);
  expect(examples.length).toBeGreaterThan(0);
  const different = shapeDifferences(delivery?.payload, examples).filter((one) => !unserved(one));
  expect(different).toEqual([]);
});
