import examples from '@octokit/webhooks-examples/api.github.com/index.json' with { type: 'json' };
import { describe, expect, it } from 'vitest';
import { readDelivery } from '../../../../bot/handlers/read-delivery.ts';

const self = { appId: 123, login: 'weighin[bot]' };
const installation = { id: 77 };
const repository = { id: 1, name: 'churn', owner: { login: 'acme' }, default_branch: 'main' };
const ada = { id: 5, login: 'ada', type: 'User' };
const read = (event: string, payload: object) => readDelivery(event, { installation, repository, sender: ada, ...payload }, self);
const hintsOf = (event: string, payload: object) => read(event, payload).flatMap(({ hints }) => hints);
const comment = (change: object = {}) => ({
  action: 'created',
  issue: { number: 7, pull_request: {} },
  comment: { id: 9, user: ada, body: '/why', created_at: '2026-11-21T10:00:00Z', updated_at: '2026-11-21T10:00:00Z', ...change },
});

describe('readDelivery', () => {
  it('reads every example that GitHub publishes of the events that the App subscribes to', () => {
    const kinds = new Map<string, Set<string>>();
    for (const { name, examples: payloads } of examples)
      for (const payload of payloads)
        for (const { hints } of readDelivery(name, { installation, ...payload }, self))
          for (const { kind } of hints) kinds.set(name, (kinds.get(name) ?? new Set()).add(kind));
    expect(Object.fromEntries([...kinds].map(([name, found]) => [name, [...found]]))).toEqual({
      check_run: ['check'],
      installation: ['sweep'],
      installation_repositories: ['sweep'],
      merge_group: ['merge-group'],
      pull_request: ['pull'],
      pull_request_review: ['pull'],
      push: ['push'],
      workflow_run: ['run'],
    });
  });

  it('takes a comment as it was created, with where it stands', () => {
    expect(read('issue_comment', comment())).toEqual([
      {
        repository: { installation: 77, owner: 'acme', name: 'churn' },
        hints: [
          {
            kind: 'comment',
            number: 7,
            onPull: true,
            comment: { id: 9, author: ada, body: '/why', createdAt: '2026-11-21T10:00:00Z', updatedAt: '2026-11-21T10:00:00Z' },
          },
        ],
      },
    ]);
    expect(hintsOf('issue_comment', { ...comment(), issue: { number: 7 } })).toMatchObject([{ onPull: false }]);
  });

  it.each([
    ['edited', { ...comment(), action: 'edited' }],
    ['deleted', { ...comment(), action: 'deleted' }],
    ['its own by App', comment({ performed_via_github_app: { id: 123 } })],
    ['its own by name', comment({ user: { id: 1, login: 'weighin[bot]', type: 'Bot' } })],
    ['of a deleted account', comment({ user: null })],
    ['without a slash', comment({ body: 'thanks!' })],
  ])('takes no command from a comment that is %s', (_what, payload) => {
    expect(hintsOf('issue_comment', payload)).toEqual([]);
  });

  it('takes comments through other Apps, whose authority the policy decides', () => {
    expect(hintsOf('issue_comment', comment({ performed_via_github_app: { id: 124 } }))).toHaveLength(1);
  });

  it('looks at a pull request for what changes it, but not for its own edits', () => {
    for (const action of ['opened', 'synchronize', 'reopened', 'closed', 'edited'])
      expect(hintsOf('pull_request', { action, number: 3 })).toEqual([{ kind: 'pull', number: 3 }]);
    expect(hintsOf('pull_request', { action: 'labeled', number: 3 })).toEqual([]);
    const own = { id: 1, login: 'weighin[bot]', type: 'Bot' };
    expect(hintsOf('pull_request', { action: 'edited', number: 3, sender: own })).toEqual([]);
    expect(hintsOf('pull_request', { action: 'closed', number: 3, sender: own })).toHaveLength(1);
  });

  it('looks at pushes to the default branch, and at foreign ones to its own branches', () => {
    const own = { id: 1, login: 'weighin[bot]', type: 'Bot' };
    expect(hintsOf('push', { ref: 'refs/heads/main', sender: own })).toEqual([{ kind: 'push', branch: 'main' }]);
    expect(hintsOf('push', { ref: 'refs/heads/weighin/state' })).toEqual([{ kind: 'push', branch: 'weighin/state' }]);
    expect(hintsOf('push', { ref: 'refs/heads/weighin/state', sender: own })).toEqual([]);
    expect(hintsOf('push', { ref: 'refs/heads/feature' })).toEqual([]);
    expect(hintsOf('push', { ref: 'refs/tags/main' })).toEqual([]);
  });

  it('takes merge groups onto the default branch only', () => {
    const group = { head_sha: 'a'.repeat(40), head_ref: 'refs/heads/gh-readonly-queue/main/pr-1-x', base_ref: 'refs/heads/main' };
    expect(hintsOf('merge_group', { action: 'checks_requested', merge_group: group })).toEqual([
      { kind: 'merge-group', sha: 'a'.repeat(40), branch: 'gh-readonly-queue/main/pr-1-x' },
    ]);
    expect(hintsOf('merge_group', { action: 'checks_requested', merge_group: { ...group, base_ref: 'refs/heads/release' } })).toEqual([]);
    expect(hintsOf('merge_group', { action: 'destroyed', merge_group: group })).toEqual([]);
  });

  it('takes a relay of a review for the review that it is', () => {
    const run = { id: 5, event: 'pull_request_review', pull_requests: [{ number: 3 }] };
    expect(hintsOf('workflow_run', { action: 'completed', workflow_run: run })).toEqual([{ kind: 'pull', number: 3 }]);
    expect(hintsOf('workflow_run', { action: 'completed', workflow_run: { ...run, event: 'pull_request' } })).toEqual([
      { kind: 'run', id: 5 },
    ]);
    expect(hintsOf('workflow_run', { action: 'requested', workflow_run: run })).toEqual([]);
  });

  it('sweeps every repository that an installation adds', () => {
    const payload = { action: 'added', repositories_added: [{ full_name: 'acme/one' }, { full_name: 'acme/two' }] };
    expect(readDelivery('installation_repositories', { installation, ...payload }, self)).toEqual(
      ['one', 'two'].map((name) => ({ repository: { installation: 77, owner: 'acme', name }, hints: [{ kind: 'sweep' }] })),
    );
    expect(readDelivery('installation', { installation, action: 'deleted', repositories: [{ full_name: 'acme/one' }] }, self)).toEqual([]);
  });

  it('lets events that nobody subscribed to pass, and refuses payloads that are none', () => {
    expect(read('star', { action: 'created' })).toEqual([]);
    expect(read('ping', { zen: 'Design for failure.' })).toEqual([]);
    expect(() => read('pull_request', { action: 'opened', number: '3; rm -rf' })).toThrow();
    expect(() => read('pull_request', { action: 'opened', number: 3, repository: { ...repository, name: '../x' } })).toThrow();
  });
});
