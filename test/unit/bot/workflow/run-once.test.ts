import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import type { BotContext, Hint, Log } from '../../../../bot/bot-context.ts';
import { advisoryLines } from '../../../../bot/workflow/advisory.ts';
import { type RunOnceParts, runOnce } from '../../../../bot/workflow/run-once.ts';
import { InfrastructureError } from '../../../../shared/errors.ts';
import { privateKey, startStubApi, stubRoutes } from '../../../support/bot/stub-api.ts';

const silent: Log = { info() {}, warn() {}, error() {} };
let api: Awaited<ReturnType<typeof startStubApi>>;
let looked: (readonly Hint[])[];
let work: (hints: readonly Hint[]) => Promise<void>;
const waits: number[] = [];

beforeEach(async () => {
  api = await startStubApi({ ...stubRoutes(), 'GET /repos/acme/churn': () => ({ body: {} }) });
  looked = [];
  work = async () => {};
  waits.length = 0;
});
afterEach(() => api.close());

const run = (event: string, payload: object, change: Partial<RunOnceParts> = {}) =>
  runOnce({
    env: { GITHUB_REPOSITORY: 'acme/churn', GITHUB_API_URL: api.baseUrl, GITHUB_EVENT_NAME: event },
    payload,
    appId: undefined,
    privateKey: undefined,
    token: 'ghs_of-the-job',
    version: '0.0.0-test',
    log: silent,
    openForge: async ({ octokit, owner, repo, appId }) => {
      await octokit.request('GET /repos/{owner}/{repo}', { owner, repo });
      return { identity: { login: appId === null ? 'github-actions[bot]' : 'weighin[bot]' } } as BotContext['forge'];
    },
    createContext: (forge) => ({ forge }) as BotContext,
    async handleWork(_context, hints) {
      looked.push(hints);
      await work(hints);
    },
    wait: async (milliseconds) => void waits.push(milliseconds),
    random: () => 0,
    ...change,
  });
const comment = { id: 9, user: { id: 5, login: 'ada', type: 'User' }, body: '/why', created_at: 't', updated_at: 't' };

describe('runOnce', () => {
  it.each<[string, object, unknown]>([
    ['issue_comment', { action: 'created', issue: { number: 3 }, comment }, { kind: 'comment', number: 3 }],
    ['pull_request_target', { action: 'synchronize', number: 3 }, { kind: 'pull', number: 3 }],
    ['workflow_run', { action: 'completed', workflow_run: { id: 5, event: 'pull_request' } }, { kind: 'run', id: 5 }],
    [
      'workflow_run',
      { action: 'completed', workflow_run: { id: 5, event: 'pull_request_review', pull_requests: [{ number: 3 }] } },
      { kind: 'pull', number: 3 },
    ],
  ])('looks first where %s points, then at everything', async (event, payload, hint) => {
    await run(event, payload);
    expect(looked).toEqual([[expect.objectContaining(hint as object), { kind: 'sweep' }]]);
  });

  it.each<[string, object]>([
    ['schedule', { schedule: '*/15 * * * *' }],
    ['repository_dispatch', { action: 'weighin-bot' }],
    ['issue_comment', { action: 'edited', issue: { number: 3 }, comment }],
    ['workflow_run', { action: 'completed', workflow_run: { id: 5, event: 'pull_request_review', pull_requests: [] } }],
  ])('sweeps for %s', async (event, payload) => {
    await run(event, payload);
    expect(looked).toEqual([[{ kind: 'sweep' }]]);
  });

  it('writes with the job’s own token where there is no App, and says that', async () => {
    expect(await run('schedule', {})).toEqual({ writesAs: 'github-actions[bot]', app: false });
    expect(api.calls.map(({ authorization }) => authorization)).toEqual(['token ghs_of-the-job']);
    expect(advisoryLines({ app: false }).join(' ')).toContain('Promotion is advisory');
    expect(advisoryLines({ app: true }).join(' ')).not.toContain('Promotion is advisory');
  });

  it('writes as the App where there is one, with a token for this repository alone', async () => {
    expect(await run('schedule', {}, { appId: '123', privateKey })).toEqual({ writesAs: 'weighin[bot]', app: true });
    const minted = api.calls.find(({ route }) => route.endsWith('/access_tokens'));
    expect(minted?.body).toMatchObject({ repositories: ['churn'], permissions: { contents: 'write' } });
    expect(api.calls.find(({ route }) => route === 'GET /repos/acme/churn')?.authorization).toBe('token ghs_ATokenThatNobodyMaySee123');
  });

  it('never falls back to the job’s token where an App was meant', async () => {
    await expect(run('schedule', {}, { appId: '123' })).rejects.toMatchObject({ code: 'HALF_AN_APP' });
    await expect(run('schedule', {}, { privateKey })).rejects.toMatchObject({ code: 'HALF_AN_APP' });
    await expect(run('schedule', {}, { appId: 'weighin', privateKey })).rejects.toMatchObject({ code: 'APP_ID_INVALID' });
    delete api.routes['GET /repos/acme/churn/installation'];
    await expect(run('schedule', {}, { appId: '123', privateKey })).rejects.toMatchObject({ code: 'APP_NOT_INSTALLED' });
    expect(looked).toEqual([]);
  });

  it('waits as long as GitHub asks, if that is not long, and gives up else', async () => {
    const limited = (retryAfterSeconds: number) => Object.assign(new InfrastructureError('FORGE_LIMITED', 'slow'), { retryAfterSeconds });
    let failures = 1;
    work = async () => {
      if (failures-- > 0) throw limited(30);
    };
    await run('pull_request_target', { action: 'opened', number: 3 });
    expect(waits).toEqual([30_000]);
    expect(looked[1]).toEqual(looked[0]);
    work = async () => {
      throw limited(1800);
    };
    await expect(run('schedule', {})).rejects.toMatchObject({ code: 'FORGE_LIMITED' });
  });

  it('says that it is no job, and that it has no token', async () => {
    await expect(run('schedule', {}, { env: {} })).rejects.toMatchObject({ code: 'NOT_A_JOB' });
    await expect(run('schedule', {}, { token: '' })).rejects.toMatchObject({ code: 'NO_TOKEN' });
  });
});
