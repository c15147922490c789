import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { askGitHub } from '../../../../shared/adapters/github-doctor/ask-github.ts';
import { startStubApi } from '../../../support/bot/stub-api.ts';
import { type GitHub, openGitHub } from '../../../support/github/open-github.ts';

let github: GitHub;
beforeAll(async () => {
  github = await openGitHub();
  github.git.commit({ branch: 'main', files: { 'weighin.yaml': 'version: 1\n' } });
  github.protect({
    refs: ['~DEFAULT_BRANCH'],
    rules: [
      {
        type: 'required_status_checks',
        parameters: { required_status_checks: [{ context: 'weighin/promotion', integration_id: github.app.id }] },
      },
      { type: 'pull_request', parameters: { require_code_owner_review: true } },
    ] as never,
  });
  github.protect({
    refs: ['refs/heads/weighin/**'],
    rules: [{ type: 'creation' }, { type: 'update' }, { type: 'deletion' }] as never,
    bypass: ['app'],
  });
});
afterAll(() => github.close());

const place = { owner: 'acme', name: 'churn', webUrl: 'https://github.com', userAgent: 'weighin/test' };
const ask = (token: string) =>
  askGitHub({ ...place, baseUrl: github.apiUrl, token, key: { appId: github.app.id, privateKey: github.app.privateKey } });

describe('askGitHub', () => {
  it('reads the rules that hold, where the check must come from, and what the App was granted', async () => {
    const facts = await ask(github.token.installation());
    expect(facts.defaultBranch).toEqual({ known: true, value: 'main' });
    expect(facts.mainRules).toMatchObject({
      known: true,
      value: [
        { type: 'required_status_checks', checks: [{ context: 'weighin/promotion', app: github.app.id }], bypass: null },
        { type: 'pull_request', codeOwnerReview: true },
      ],
    });
    expect(facts.stateRules).toMatchObject({ known: true, value: [{ type: 'creation' }, { type: 'update' }, { type: 'deletion' }] });
    expect(facts.app).toMatchObject({
      known: true,
      value: { id: github.app.id, slug: 'weighin', source: 'granted', permissions: { contents: 'write' } },
    });
    expect(facts.environments).toEqual({ known: true, value: [] });
    expect(github.unknown).toEqual([]);
  });

  it('says why a question has no answer, and goes on with the others', async () => {
    github.faults.add({ match: /environments/, status: 502 });
    const facts = await ask('ghs_nobody');
    expect(facts.environments.known).toBe(false);
    expect(facts.app.known).toBe(true);
    expect(facts.defaultBranch.known).toBe(false);
    if (!facts.defaultBranch.known) expect(facts.defaultBranch.why).toMatch(/401|404|not there/);
  });

  it('reads which branches an environment is open to, and bypass lists where it may', async () => {
    const stub = await startStubApi({
      'GET /repos/acme/churn': () => ({ body: { default_branch: 'main' } }),
      'GET /repos/acme/churn/rules/branches/main': () => ({ body: [] }),
      'GET /repos/acme/churn/rules/branches/weighin%2Fstate': () => ({ body: [{ type: 'update', ruleset_id: 9 }] }),
      'GET /repos/acme/churn/rulesets/9': () => ({ body: { bypass_actors: [{ actor_id: 5, actor_type: 'RepositoryRole' }] } }),
      'GET /repos/acme/churn/environments': () => ({
        body: {
          environments: [
            { name: 'open', protection_rules: [{ type: 'required_reviewers' }], deployment_branch_policy: null },
            { name: 'guarded', deployment_branch_policy: { protected_branches: true, custom_branch_policies: false } },
            { name: 'weighin-data', deployment_branch_policy: { protected_branches: false, custom_branch_policies: true } },
          ],
        },
      }),
      'GET /repos/acme/churn/environments/weighin-data/deployment-branch-policies': () => ({
        body: { branch_policies: [{ name: 'main' }] },
      }),
      'GET /apps/weighin': () => ({ body: { id: 1, slug: 'weighin', permissions: { contents: 'write' }, events: ['push'] } }),
    });
    try {
      const facts = await askGitHub({ ...place, baseUrl: stub.baseUrl, token: 't', appSlug: 'weighin' });
      expect(facts.environments).toEqual({
        known: true,
        value: [
          { name: 'open', branches: 'all', reviewers: true },
          { name: 'guarded', branches: 'protected', reviewers: false },
          { name: 'weighin-data', branches: ['main'], reviewers: false },
        ],
      });
      expect(facts.stateRules).toMatchObject({ value: [{ type: 'update', bypass: [{ type: 'RepositoryRole', id: 5 }] }] });
      expect(facts.app).toMatchObject({ value: { source: 'declared', events: ['push'] } });
      const unnamed = await askGitHub({ ...place, baseUrl: stub.baseUrl, token: 't' });
      expect(unnamed.app).toMatchObject({ known: false });
    } finally {
      await stub.close();
    }
  });
});
