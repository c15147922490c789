import { createHmac } from 'node:crypto';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { strFromU8, unzipSync } from 'fflate';
import { Octokit } from 'octokit';
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest';
import { type GitHub, openGitHub } from '../../support/github/open-github.ts';
import { moveRefs } from '../../support/github/operations/refs.ts';
import { asUser } from '../../support/github/world.ts';

let github: GitHub;
const at = { owner: 'acme', repo: 'churn' };
const quiet = { debug: () => {}, info: () => {}, warn: () => {}, error: () => {} };
const octokit = (token: string) =>
  new Octokit({ auth: token, baseUrl: github.apiUrl, throttle: { enabled: false }, retry: { enabled: false }, log: quiet });
const bot = (permissions?: Record<string, string>) => octokit(github.token.installation(permissions));

/** The status of an answer, whether or not it is one of success, with its message. */
async function answerOf(asked: Promise<{ status: number }>): Promise<{ status: number; message: string }> {
  try {
    return { status: (await asked).status, message: '' };
  } catch (error) {
    const { status = 0, response } = error as { status?: number; response?: { data?: { message?: string; errors?: unknown } } };
    return { status, message: `${response?.data?.message ?? ''} ${JSON.stringify(response?.data?.errors ?? '')}` };
  }
}
const statusOf = async (asked: Promise<{ status: number }>): Promise<number> => (await answerOf(asked)).status;

beforeAll(async () => {
  github = await openGitHub({ ...at, privateRepo: true });
  github.users.add({ login: 'alice', role: 'maintain', teams: ['ml'] });
  github.users.add({ login: 'bob', role: 'write' });
  github.users.add({ login: 'carol', role: { name: 'ml-lead', base: 'write' } });
  github.users.add({ login: 'mallory' });
  github.git.commit({ branch: 'main', files: { 'README.md': 'hello\n', 'models/churn/weighin.yaml': 'a: 1\n' } });
});
afterEach(() => {
  github.repository.rulesets.length = 0;
});
afterAll(async () => {
  expect(github.unknown).toEqual([]);
  await github.close();
});

let branches = 0;
function pullOf(by = 'bob', files: Record<string, string> = { [`new-${branches}.txt`]: `${branches}\n` }, fork = false) {
  const branch = `topic-${++branches}`;
  const sha = github.git.commit({ branch, base: 'main', files, by, fork });
  return { branch, sha, number: github.openPull({ branch, title: `Topic ${branches}`, by, fork }).number };
}

describe('pull requests', () => {
  it('are merged only at the head that is asked for', async () => {
    const { number, branch, sha } = pullOf();
    const moved = github.git.commit({ branch, files: { 'more.txt': 'x\n' }, by: 'bob' });
    expect(await statusOf(bot().rest.pulls.merge({ ...at, pull_number: number, sha }))).toBe(409);
    expect((await bot().rest.pulls.get({ ...at, pull_number: number })).data.head.sha).toBe(moved);
    const { data } = await bot().rest.pulls.merge({ ...at, pull_number: number, sha: moved });
    expect(github.git.head('main')).toBe(data.sha);
    expect(github.git.file('main', 'more.txt')).toBe('x\n');
    expect(await statusOf(bot().rest.pulls.merge({ ...at, pull_number: number, sha: moved }))).toBe(405);
  });

  it('that conflict, lack a check or go through a queue are refused with 405', async () => {
    const conflict = pullOf('bob', { 'README.md': 'mine\n' });
    github.git.commit({ branch: 'main', files: { 'README.md': 'theirs\n' } });
    expect(await statusOf(bot().rest.pulls.merge({ ...at, pull_number: conflict.number }))).toBe(405);
    const { number } = pullOf();
    const required = { required_status_checks: [{ context: 'weighin/promotion', integration_id: github.app.id }] };
    github.protect({ refs: ['~DEFAULT_BRANCH'], rules: [{ type: 'required_status_checks', parameters: required }] });
    const missing = await answerOf(bot().rest.pulls.merge({ ...at, pull_number: number }));
    expect(missing).toMatchObject({ status: 405, message: expect.stringContaining('weighin/promotion') });
    github.repository.rulesets.length = 0;
    github.protect({ refs: ['~DEFAULT_BRANCH'], rules: [{ type: 'merge_queue' }] });
    const queued = await answerOf(bot().rest.pulls.merge({ ...at, pull_number: number }));
    expect(queued).toMatchObject({ status: 405, message: expect.stringContaining('merge queue') });
  });

  it('pin a required check to its source', async () => {
    const { number, sha } = pullOf();
    const parameters = { required_status_checks: [{ context: 'gate', integration_id: github.app.id }] };
    github.protect({ refs: ['~DEFAULT_BRANCH'], rules: [{ type: 'required_status_checks', parameters }] });
    github.postCheck({ sha, name: 'gate', app: 'github-actions' });
    expect(await statusOf(bot().rest.pulls.merge({ ...at, pull_number: number }))).toBe(405);
    await bot().rest.checks.create({ ...at, name: 'gate', head_sha: sha, conclusion: 'success' });
    expect(await statusOf(bot().rest.pulls.merge({ ...at, pull_number: number }))).toBe(200);
  });

  it('of a fork are found by owner and branch, and follow the fork', async () => {
    const { number, branch } = pullOf('mallory', { 'evil.py': 'x\n' }, true);
    const moved = github.git.commit({ branch, fork: true, files: { 'evil.py': 'y\n' }, by: 'mallory' });
    const { data } = await bot().rest.pulls.list({ ...at, head: `mallory:${branch}` });
    expect(data.map((pull) => [pull.number, pull.head.sha, pull.head.repo?.fork])).toEqual([[number, moved, true]]);
    expect(github.git.head(branch)).toBeNull();
    expect((await bot().rest.pulls.listFiles({ ...at, pull_number: number })).data.map(({ filename }) => filename)).toEqual(['evil.py']);
    expect(await statusOf(bot().rest.repos.getContent({ owner: 'mallory', repo: 'churn', path: 'evil.py' }))).toBe(404);
  });

  it('share the checks of one commit', async () => {
    const first = pullOf();
    github.git.push('twin', first.sha, 'bob');
    const twin = github.openPull({ branch: 'twin', title: 'Twin', by: 'bob' });
    await bot().rest.checks.create({ ...at, name: 'gate', head_sha: first.sha, conclusion: 'success' });
    const { data } = await bot().rest.checks.listForRef({ ...at, ref: first.sha });
    expect(data.check_runs.map(({ pull_requests, app }) => [pull_requests.map(({ number }) => number), app?.id])).toEqual([
      [[first.number, twin.number], github.app.id],
    ]);
  });

  it('are merged without a sound by a workflow token, and wait for approval when it opened them', async () => {
    const { number } = pullOf();
    const before = github.deliveries.all.length;
    const job = octokit(github.token.workflow({ contents: 'write', pull_requests: 'write' }));
    await job.rest.pulls.merge({ ...at, pull_number: number });
    expect(github.deliveries.all.length).toBe(before);
    expect(github.events.list.at(-1)).toMatchObject({ event: 'push', startsWorkflows: 'no' });
    const sha = github.git.commit({ branch: 'by-bot', base: 'main', files: { z: 'z' }, by: 'bob' });
    await job.rest.pulls.create({ ...at, head: 'by-bot', base: 'main', title: 'By a workflow' });
    expect(github.events.list.at(-1)).toMatchObject({ event: 'pull_request', startsWorkflows: 'approval' });
    const played = { path: '.github/workflows/ci.yml', event: 'pull_request', headBranch: 'by-bot', headSha: sha, actor: 'bob' };
    expect(github.playRun(played)).toMatchObject({ conclusion: 'action_required' });
    expect(github.playRun({ ...played, approved: true })).toMatchObject({ conclusion: 'success' });
  });

  it('go through a queue on a real merged head', async () => {
    const { number, sha } = pullOf();
    const parameters = { required_status_checks: [{ context: 'gate' }] };
    github.protect({ refs: ['~DEFAULT_BRANCH'], rules: [{ type: 'merge_queue' }, { type: 'required_status_checks', parameters }] });
    const mutation = 'mutation($input: EnqueuePullRequestInput!) { enqueuePullRequest(input: $input) { mergeQueueEntry { position } } }';
    const id = (await bot().rest.pulls.get({ ...at, pull_number: number })).data.node_id;
    const enqueue = (expectedHeadOid: string) => bot().graphql(mutation, { input: { pullRequestId: id, expectedHeadOid } });
    await expect(enqueue(sha)).rejects.toMatchObject({ errors: [{ type: 'UNPROCESSABLE' }] });
    github.postCheck({ sha, name: 'gate' });
    await expect(enqueue('0'.repeat(40))).rejects.toMatchObject({ errors: [{ type: 'UNPROCESSABLE' }] });
    expect(await enqueue(sha)).toEqual({ enqueuePullRequest: { mergeQueueEntry: { position: 1 } } });
    const [group] = github.mergeQueue.groups();
    expect(github.git.log(group?.sha ?? '')[0]?.parents).toEqual([github.git.head('main'), sha]);
    expect(github.deliveries.find('merge_group', 'checks_requested').at(-1)?.payload).toMatchObject({
      merge_group: { head_sha: group?.sha },
    });
    expect(github.mergeQueue.turn()).toEqual({ merged: [], removed: [], waiting: [number] });
    github.postCheck({ sha: group?.sha ?? '', name: 'gate' });
    expect(github.mergeQueue.turn()).toEqual({ merged: [number], removed: [], waiting: [] });
    expect(github.git.head('main')).toBe(group?.sha);
  });
});

describe('comments and checks', () => {
  it('answer 201 to the first reaction of an account, 200 to the next', async () => {
    const { number } = pullOf();
    const { id } = github.comment(number, '/status', 'alice');
    const ask = (token: string) =>
      statusOf(octokit(token).rest.reactions.createForIssueComment({ ...at, comment_id: id, content: 'eyes' }));
    expect([await ask(github.token.installation()), await ask(github.token.installation())]).toEqual([201, 200]);
    expect(await ask(github.token.user('alice'))).toBe(201);
  });

  it('say by which App they were written, and when they were edited', async () => {
    const { number } = pullOf();
    const { data } = await bot().rest.issues.createComment({ ...at, issue_number: number, body: 'hello' });
    expect(data.performed_via_github_app?.id).toBe(github.app.id);
    expect(data.user?.login).toBe('weighin[bot]');
    const edited = await bot().rest.issues.updateComment({ ...at, comment_id: data.id, body: 'bye' });
    expect(edited.data.updated_at > edited.data.created_at).toBe(true);
    const since = await bot().rest.issues.listCommentsForRepo({ ...at, since: edited.data.updated_at });
    expect(since.data.map(({ id }) => id)).toEqual([data.id]);
  });

  it('are refused beyond their limits', async () => {
    const { number, sha } = pullOf();
    const comment = (body: string) => statusOf(bot().rest.issues.createComment({ ...at, issue_number: number, body }));
    expect([await comment('x'.repeat(65_536)), await comment('x'.repeat(65_537)), await comment(' ')]).toEqual([201, 422, 422]);
    const annotation = { path: 'a', start_line: 1, end_line: 1, annotation_level: 'notice' as const, message: 'm' };
    const check = (count: number, summary = 's') =>
      statusOf(
        bot().rest.checks.create({
          ...at,
          name: 'gate',
          head_sha: sha,
          output: { title: 't', summary, annotations: Array.from({ length: count }, () => annotation) },
        }),
      );
    expect([await check(50), await check(51), await check(0, 'x'.repeat(65_536))]).toEqual([201, 422, 422]);
  });

  it('come in pages', async () => {
    const { number } = pullOf();
    for (let index = 0; index < 7; index++) github.comment(number, `comment ${index}`, 'bob');
    const all = await bot().paginate(bot().rest.issues.listComments, { ...at, issue_number: number, per_page: 3 });
    expect(all.map(({ body }) => body)).toEqual([0, 1, 2, 3, 4, 5, 6].map((index) => `comment ${index}`));
  });
});

describe('permissions', () => {
  it('keep checks from people, and routes from tokens without what they need', async () => {
    const { number, sha } = pullOf();
    expect(await statusOf(octokit(github.token.user('octocat')).rest.checks.create({ ...at, name: 'gate', head_sha: sha }))).toBe(403);
    const poor = bot({ contents: 'read' });
    const refused = await poor.rest.issues.createComment({ ...at, issue_number: number, body: 'x' }).catch((error) => error);
    expect(refused).toMatchObject({ status: 403, response: { data: { message: 'Resource not accessible by integration' } } });
    expect(refused.response.headers['x-accepted-github-permissions']).toContain('pull_requests=write');
    expect(await statusOf(octokit('ghs_unknown').rest.repos.get(at))).toBe(401);
    expect(await statusOf(octokit(github.token.user('mallory')).rest.repos.get(at))).toBe(404);
    const graphql = 'mutation($input: UpdateRefsInput!) { updateRefs(input: $input) { clientMutationId } }';
    const input = { repositoryId: `R_${github.repository.id}`, refUpdates: [{ name: 'refs/heads/x', afterOid: sha }] };
    await expect(poor.graphql(graphql, { input })).rejects.toMatchObject({ errors: [{ type: 'FORBIDDEN' }] });
    const stranger = octokit(github.token.user('mallory'));
    await expect(stranger.graphql(graphql, { input })).rejects.toMatchObject({ errors: [{ type: 'NOT_FOUND' }] });
  });

  it('hide teams from a workflow token', async () => {
    const members = (token: string) => octokit(token).rest.teams.listMembersInOrg({ org: 'acme', team_slug: 'ml' });
    expect(await statusOf(members(github.token.workflow({ contents: 'write', members: 'read' })))).toBe(403);
    expect(await statusOf(members(github.token.installation({ contents: 'read' })))).toBe(403);
    expect((await members(github.token.installation())).data.map(({ login }) => login)).toEqual(['alice']);
  });

  it('name roles as GitHub does', async () => {
    const of = async (username: string) => {
      const { data } = await bot().rest.repos.getCollaboratorPermissionLevel({ ...at, username });
      return [data.permission, data.role_name];
    };
    expect(await of('alice')).toEqual(['write', 'maintain']);
    expect(await of('carol')).toEqual(['write', 'ml-lead']);
    expect(await of('mallory')).toEqual(['none', 'none']);
    await expect(of('nobody')).rejects.toMatchObject({ status: 404 });
  });

  it('mint tokens for an App, down-scoped, for its own key alone', async () => {
    const { createAppAuth } = await import('@octokit/auth-app');
    const { request } = await import('@octokit/request');
    const options = { appId: github.app.id, privateKey: github.app.privateKey, request: request.defaults({ baseUrl: github.apiUrl }) };
    const auth = createAppAuth(options);
    const { token, permissions } = await auth({
      type: 'installation',
      installationId: github.app.installationId,
      repositoryNames: ['churn'],
      permissions: { contents: 'read' },
    });
    expect(permissions).toEqual({ metadata: 'read', contents: 'read' });
    expect(await statusOf(octokit(token).rest.git.createRef({ ...at, ref: 'refs/heads/x', sha: github.git.head('main') ?? '' }))).toBe(403);
    const { token: jwt } = await auth({ type: 'app' });
    const found = await octokit(jwt).rest.apps.getRepoInstallation(at);
    expect(found.data.id).toBe(github.app.installationId);
    expect(await statusOf(octokit(`${jwt.slice(0, -4)}AAAA`).rest.apps.getRepoInstallation(at))).toBe(401);
    const more = auth({ type: 'installation', installationId: github.app.installationId, permissions: { administration: 'read' } });
    await expect(more).rejects.toMatchObject({ status: 422 });
  });
});

describe('refs', () => {
  const create = (ref: string, sha: string) => answerOf(bot().rest.git.createRef({ ...at, ref, sha }));

  it('are compare-and-swap', async () => {
    const [main, older] = github.git.log('main').map(({ oid }) => oid) as [string, string];
    expect((await Promise.all([1, 2, 3].map(() => create('refs/heads/race', main)))).map(({ status }) => status).sort()).toEqual([
      201, 422, 422,
    ]);
    expect((await create('refs/heads/race', main)).message).toContain('Reference already exists');
    const update = (sha: string, force = false) => statusOf(bot().rest.git.updateRef({ ...at, ref: 'heads/race', sha, force }));
    expect([await update(older), await update(older, true)]).toEqual([422, 200]);
    const mutation = 'mutation($input: UpdateRefsInput!) { updateRefs(input: $input) { clientMutationId } }';
    const repositoryId = `R_${github.repository.id}`;
    const drop = (beforeOid: string) =>
      bot().graphql(mutation, { input: { repositoryId, refUpdates: [{ name: 'refs/heads/race', afterOid: '0'.repeat(40), beforeOid }] } });
    await expect(drop(main)).rejects.toMatchObject({ errors: [{ type: 'STALE_DATA' }] });
    const stale = [{ ref: 'refs/heads/race', to: main, from: main }];
    expect(moveRefs(github.world, github.repository, stale, asUser(github.users.get('bob')))).toBe(false);
    await drop(older);
    expect(github.git.head('race')).toBeNull();
  });

  it('take a commit by GraphQL only on the head that was expected', async () => {
    const head = github.git.head('main');
    const contents = Buffer.from('{}').toString('base64');
    const input = {
      branch: { repositoryNameWithOwner: 'acme/churn', branchName: 'main' },
      expectedHeadOid: head,
      message: { headline: 'State' },
      fileChanges: { additions: [{ path: 'state.json', contents }] },
    };
    const commit = (change = input) =>
      bot().graphql<{ createCommitOnBranch: { commit: { oid: string } } }>(
        'mutation($input: CreateCommitOnBranchInput!) { createCommitOnBranch(input: $input) { commit { oid signature { isValid } } } }',
        { input: change },
      );
    expect((await commit()).createCommitOnBranch.commit.oid).toBe(github.git.head('main'));
    await expect(commit()).rejects.toMatchObject({ errors: [{ type: 'STALE_DATA' }] });
    const workflow = { additions: [{ path: '.github/workflows/evil.yml', contents }] };
    const touching = { ...input, expectedHeadOid: github.git.head('main'), fileChanges: workflow };
    await expect(commit(touching)).rejects.toThrow(/workflows/);
  });

  it("may be the App's alone", async () => {
    const types = ['creation', 'update', 'deletion'] as const;
    github.protect({ refs: ['refs/heads/weighin/**'], rules: types.map((type) => ({ type })), bypass: ['app'] });
    const sha = github.git.head('main') ?? '';
    const person = octokit(github.token.user('bob'));
    expect(await answerOf(person.rest.git.createRef({ ...at, ref: 'refs/heads/weighin/state', sha }))).toMatchObject({
      status: 422,
      message: expect.stringContaining('Repository rule violations'),
    });
    expect((await create('refs/heads/weighin/state', sha)).status).toBe(201);
    expect(await statusOf(person.rest.git.deleteRef({ ...at, ref: 'heads/weighin/state' }))).toBe(422);
    const { data } = await bot().rest.repos.getBranchRules({ ...at, branch: 'weighin/state' });
    expect(data.map(({ type }) => type)).toEqual(types);
  });

  it('that are pushed over the folder are noticed', async () => {
    const { number, branch } = pullOf();
    const { path } = github.git;
    const { execFileSync } = await import('node:child_process');
    const tree = execFileSync('git', ['--git-dir', path, 'rev-parse', `${branch}^{tree}`], { encoding: 'utf8' }).trim();
    const identity = { GIT_AUTHOR_NAME: 'b', GIT_AUTHOR_EMAIL: 'b@b', GIT_COMMITTER_NAME: 'b', GIT_COMMITTER_EMAIL: 'b@b' };
    const oid = execFileSync('git', ['--git-dir', path, 'commit-tree', tree, '-p', branch, '-m', 'again'], {
      encoding: 'utf8',
      env: { ...process.env, ...identity },
    }).trim();
    execFileSync('git', ['--git-dir', path, 'update-ref', `refs/heads/${branch}`, oid]);
    github.git.pushed('bob');
    expect(github.pull(number).headSha).toBe(oid);
    expect(github.deliveries.find('pull_request', 'synchronize').at(-1)?.payload).toMatchObject({ number, after: oid });
  });
});

describe('everything else', () => {
  it('gives what is unchanged by 304, which costs nothing', async () => {
    const { headers } = await bot().rest.repos.get(at);
    const used = github.rate.core.used;
    expect(await statusOf(bot().request('GET /repos/{owner}/{repo}', { ...at, headers: { 'if-none-match': headers.etag } }))).toBe(304);
    expect(github.rate.core.used).toBe(used);
    expect(headers.date).toBe(github.clock.now().toUTCString());
  });

  it('refuses at the limit until the hour is over', async () => {
    github.rate.core.used = github.rate.core.limit;
    const refused = await bot()
      .rest.repos.get(at)
      .catch((error) => error);
    expect([refused.status, refused.response.headers['x-ratelimit-remaining']]).toEqual([403, '0']);
    github.clock.advance({ hours: 1 });
    expect(await statusOf(bot().rest.repos.get(at))).toBe(200);
  });

  it('deploys with the defaults of GitHub', async () => {
    const { sha, branch } = pullOf();
    github.postCheck({ sha, name: 'slow', conclusion: 'failure' });
    github.git.commit({ branch: 'main', files: { 'later.txt': `${branches}` } });
    const deploy = (more: object) =>
      statusOf(bot().rest.repos.createDeployment({ ...at, ref: branch, environment: 'churn/production', ...more }));
    expect(await deploy({})).toBe(202);
    expect(await deploy({ auto_merge: false })).toBe(409);
    expect(await deploy({ auto_merge: false, required_contexts: [] })).toBe(201);
    expect(await deploy({ auto_merge: false, required_contexts: [] })).toBe(201);
    const [first, second] = github.deployments('churn/production');
    const succeed = (id = 0, more: object = {}) =>
      bot().rest.repos.createDeploymentStatus({ ...at, deployment_id: id, state: 'success', ...more });
    await succeed(first?.id);
    await succeed(second?.id, { auto_inactive: false });
    expect(first?.statuses.map(({ state }) => state)).toEqual(['success']);
    await succeed(second?.id);
    expect(first?.statuses.map(({ state }) => state)).toEqual(['success', 'inactive']);
  });

  it('takes a dispatch of ten keys and no more', async () => {
    const dispatch = (count: number, value = 'x') =>
      statusOf(
        bot().rest.repos.createDispatchEvent({
          ...at,
          event_type: 'weighin',
          client_payload: Object.fromEntries(Array.from({ length: count }, (_, index) => [`k${index}`, value])),
        }),
      );
    expect([await dispatch(10), await dispatch(11), await dispatch(1, 'x'.repeat(65_536))]).toEqual([204, 422, 422]);
    expect(github.dispatches.at(-1)).toMatchObject({ eventType: 'weighin', by: 'weighin[bot]' });
  });

  it('hands out artifacts from another origin, which takes no token', async () => {
    const { sha, branch } = pullOf();
    const artifacts = [{ name: 'weighin-report', files: { 'report.json': '{}' } }];
    const path = '.github/workflows/weighin.yml';
    const run = github.playRun({ path, event: 'pull_request', headBranch: branch, headSha: sha, actor: 'bob', artifacts });
    const listed = await bot().rest.actions.listWorkflowRuns({ ...at, workflow_id: 'weighin.yml', head_sha: sha, event: 'pull_request' });
    expect(listed.data.workflow_runs.map(({ id, path }) => [id, path])).toEqual([[run.id, path]]);
    const { data } = await bot().rest.actions.listWorkflowRunArtifacts({ ...at, run_id: run.id });
    const id = data.artifacts[0]?.id ?? 0;
    const { data: zip } = await bot().rest.actions.downloadArtifact({ ...at, artifact_id: id, archive_format: 'zip' });
    expect(strFromU8(unzipSync(new Uint8Array(zip as ArrayBuffer))['report.json'] ?? new Uint8Array())).toBe('{}');
    const direct = await fetch(`${github.apiUrl}/repos/acme/churn/actions/artifacts/${id}/zip`, {
      redirect: 'manual',
      headers: { authorization: `token ${github.token.installation()}` },
    });
    const address = direct.headers.get('location') ?? '';
    expect(new URL(address).origin).not.toBe(github.url);
    expect((await fetch(address, { headers: { authorization: 'token x' } })).status).toBe(400);
    expect(github.deliveries.find('workflow_run', 'completed').at(-1)?.payload).toMatchObject({ workflow_run: { id: run.id, path } });
  });

  it('shows environments with their branches, and who passes a ruleset to administrators alone', async () => {
    github.addEnvironment('weighin-bot', { branches: ['main'] });
    const { data } = await bot().rest.repos.getAllEnvironments(at);
    const found = data.environments?.find(({ name }) => name === 'weighin-bot');
    expect(found?.deployment_branch_policy).toEqual({ protected_branches: false, custom_branch_policies: true });
    const policies = await bot().rest.repos.listDeploymentBranchPolicies({ ...at, environment_name: 'weighin-bot' });
    expect(policies.data.branch_policies.map(({ name }) => name)).toEqual(['main']);
    const { id } = github.protect({ refs: ['~ALL'], rules: [{ type: 'deletion' }], bypass: ['app'] });
    const passes = async (token: string) => (await octokit(token).rest.repos.getRepoRuleset({ ...at, ruleset_id: id })).data.bypass_actors;
    expect(await passes(github.token.installation())).toBeUndefined();
    expect(await passes(github.token.user('octocat'))).toMatchObject([{ actor_id: github.app.id, actor_type: 'Integration' }]);
  });

  it('has no attestation unless one was made, and reads no workflow of others', async () => {
    const digest = `sha256:${'a'.repeat(64)}`;
    const ask = () => bot().request('GET /repos/{owner}/{repo}/attestations/{subject_digest}', { ...at, subject_digest: digest });
    expect(await statusOf(ask())).toBe(404);
    github.attest(digest, { mediaType: 'application/vnd.dev.sigstore.bundle.v0.3+json' });
    expect((await ask()).data.attestations).toHaveLength(1);
    expect(await statusOf(bot().rest.actions.listWorkflowRuns({ ...at, workflow_id: 'nothing.yml' }))).toBe(404);
    const dispatch = { ...at, workflow_id: 'weighin.yml', ref: 'main' };
    expect(await statusOf(bot().rest.actions.createWorkflowDispatch(dispatch))).toBe(403);
  });

  it('keeps one asset of a name', async () => {
    const { data: release } = await bot().rest.repos.createRelease({ ...at, tag_name: 'churn@v1' });
    const upload = () =>
      answerOf(
        bot().rest.repos.uploadReleaseAsset({
          ...at,
          release_id: release.id,
          name: 'm.onnx',
          data: 'bytes',
          url: release.upload_url,
        } as never),
      );
    expect((await upload()).status).toBe(201);
    expect(await upload()).toMatchObject({ status: 422, message: expect.stringContaining('already_exists') });
    expect(github.releases()[0]?.assets[0]?.content.toString()).toBe('bytes');
    const tag = await bot().rest.git.getRef({ ...at, ref: 'tags/churn@v1' });
    expect(tag.data.object.sha).toBe(github.git.head('main'));
  });

  it('goes wrong as it is told', async () => {
    const { number } = pullOf();
    const comment = () => statusOf(bot().rest.issues.createComment({ ...at, issue_number: number, body: 'once' }));
    github.faults.add({ match: /^POST .*comments/, status: 502 });
    github.faults.add({ match: /^POST .*comments/, status: 502, arrives: true });
    expect([await comment(), github.comments(number).length]).toEqual([502, 0]);
    expect([await comment(), github.comments(number).length]).toEqual([502, 1]);
    github.faults.secondaryLimit(/^POST .*comments/, 30);
    const limited = await bot()
      .rest.issues.createComment({ ...at, issue_number: number, body: 'x' })
      .catch((error) => error);
    expect([limited.status, limited.response.headers['retry-after']]).toEqual([403, '30']);
    github.faults.graphqlError(/viewer/, { type: 'RATE_LIMITED', message: 'slow down' });
    await expect(bot().graphql('{ viewer { login } }')).rejects.toMatchObject({ errors: [{ type: 'RATE_LIMITED' }] });
    github.faults.add({ match: /^GET /, hangUp: true });
    expect(await statusOf(bot().rest.repos.get(at))).toBe(500);
    expect(github.faults.left).toEqual([]);
  });

  it('tells a test of routes and fields that it does not know', async () => {
    expect(await statusOf(bot().request('GET /repos/acme/churn/traffic/views'))).toBe(404);
    await expect(bot().graphql('{ viewer { bioHTML } }')).rejects.toThrow(/bioHTML/);
    await expect(bot().graphql('{ viewer { nonsense } }')).rejects.toThrow(/nonsense/);
    const told = github.unknown.splice(0);
    expect(told).toHaveLength(3);
    expect(told[0]).toContain('/traffic/views');
  });
});

describe('webhooks', () => {
  it('are signed, sent in order, held, dropped and sent again under the same name', async () => {
    const got: { event: string; id: string; body: string; signed: boolean }[] = [];
    const server = createServer(async (request, response) => {
      const chunks: Buffer[] = [];
      for await (const chunk of request) chunks.push(chunk as Buffer);
      const body = Buffer.concat(chunks).toString();
      const signature = `sha256=${createHmac('sha256', github.app.webhookSecret).update(body).digest('hex')}`;
      const { 'x-github-event': event, 'x-github-delivery': id, 'x-hub-signature-256': given } = request.headers;
      got.push({ event: String(event), id: String(id), body, signed: given === signature });
      response.writeHead(202).end();
    });
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
    github.deliveries.sendTo(`http://127.0.0.1:${(server.address() as AddressInfo).port}/`);
    const { number } = pullOf();
    const { id } = github.comment(number, '/status', 'alice');
    await github.deliveries.settled();
    expect(got.map(({ event, signed }) => [event, signed])).toEqual(
      ['push', 'pull_request', 'issue_comment'].map((event) => [event, true]),
    );
    expect(JSON.parse(got[2]?.body ?? '{}')).toMatchObject({
      action: 'created',
      comment: { id },
      installation: { id: github.app.installationId },
    });

    github.deliveries.hold();
    github.comment(number, 'first', 'alice');
    github.comment(number, 'lost', 'alice');
    github.comment(number, 'second', 'alice');
    const [first, lost, second] = github.deliveries.held;
    if (!first || !lost || !second) throw new Error('nothing is held');
    github.deliveries.drop(lost);
    await github.deliveries.send(second, first);
    await github.deliveries.release();
    await github.deliveries.redeliver(first);
    expect(got.slice(3).map(({ id }) => id)).toEqual([second.guid, first.guid, first.guid]);
    await github.deliveries.forge(first);
    expect(got.at(-1)?.signed).toBe(false);

    const { createAppAuth } = await import('@octokit/auth-app');
    const { token } = await createAppAuth({ appId: github.app.id, privateKey: github.app.privateKey })({ type: 'app' });
    const { data } = await octokit(token).rest.apps.listWebhookDeliveries({ per_page: 100 });
    const missed = data.find(({ guid }) => guid === lost.guid);
    expect([missed?.status_code, missed?.event]).toEqual([502, 'issue_comment']);
    await octokit(token).rest.apps.redeliverWebhookDelivery({ delivery_id: missed?.id ?? 0 });
    await github.deliveries.settled();
    expect(got.at(-1)?.id).toBe(lost.guid);
    github.deliveries.sendTo(null);
    await new Promise((resolve) => server.close(resolve));
  });
});

it('reads files, pulls and people by GraphQL', async () => {
  const { number } = pullOf();
  github.review(number, 'alice', 'APPROVED');
  const answer = await bot().graphql<Record<string, unknown>>(
    `query($owner: String!, $repo: String!, $number: Int!) {
      repository(owner: $owner, name: $repo) {
        object(expression: "main:models/churn/weighin.yaml") { ... on Blob { text byteSize isBinary } }
        folder: object(expression: "main:models") { ... on Tree { entries { name type } } }
        pullRequest(number: $number) {
          author { login ... on User { databaseId } }
          mergeable isInMergeQueue isMergeQueueEnabled isCrossRepository
          commits(first: 10) { nodes { commit { authors(first: 5) { nodes { user { login } } } signature { isValid } } } }
          reviews(first: 10) { nodes { state authorCanPushToRepository author { login } } }
        }
        collaborators(first: 10) { edges { permission node { login } } }
      }
      organization(login: $owner) { team(slug: "ml") { members(first: 5) { nodes { login } } } }
      viewer { login }
    }`,
    { ...at, number },
  );
  expect(answer).toMatchObject({
    repository: {
      object: { text: 'a: 1\n', byteSize: 5, isBinary: false },
      folder: { entries: [{ name: 'churn', type: 'tree' }] },
      pullRequest: {
        author: { login: 'bob', databaseId: github.users.get('bob').id },
        mergeable: 'MERGEABLE',
        commits: { nodes: [{ commit: { authors: { nodes: [{ user: { login: 'bob' } }] }, signature: null } }] },
        reviews: { nodes: [{ state: 'APPROVED', authorCanPushToRepository: true }] },
      },
      collaborators: { edges: expect.arrayContaining([{ permission: 'MAINTAIN', node: { login: 'alice' } }]) },
    },
    organization: { team: { members: { nodes: [{ login: 'alice' }] } } },
    viewer: { login: 'weighin[bot]' },
  });
});
