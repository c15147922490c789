import { createHash } from 'node:crypto';
import { afterAll, beforeAll, expect, it } from 'vitest';
import type { Forge } from '../../shared/promotion/forge.ts';
import { type GitHub, openGitHub } from '../support/github/open-github.ts';
import { forgeOf } from './forge.ts';

let github: GitHub;
let forge: Forge;
let head: string;

beforeAll(async () => {
  github = await openGitHub({ owner: 'acme', repo: 'churn' });
  github.users.add({ login: 'alice', role: 'write' });
  github.users.add({ login: 'bob', role: 'write' });
  head = github.git.commit({ branch: 'main', by: 'alice', files: { 'weighin.yaml': 'version: 1\n' } });
  ({ forge } = await forgeOf(github));
});
afterAll(async () => {
  expect(github.unknown).toEqual([]);
  await github.close();
});

const path = '.github/workflows/weighin.yml';

it('says what a run was, and who asked for it', async () => {
  const played = github.playRun({ path, event: 'push', headBranch: 'main', headSha: head, actor: 'alice', triggeringActor: 'bob' });
  expect(await forge.actions.run(played.id)).toEqual({
    id: played.id,
    attempt: 1,
    path,
    event: 'push',
    headBranch: 'main',
    headSha: head,
    headRepository: { id: forge.repository.id, fullName: 'acme/churn' },
    status: 'completed',
    conclusion: 'success',
    actor: { id: github.users.get('alice').id, login: 'alice', type: 'User' },
    triggeringActor: { id: github.users.get('bob').id, login: 'bob', type: 'User' },
    createdAt: '2026-11-21T09:00:00Z',
    url: expect.stringContaining(`/actions/runs/${played.id}`),
  });
  expect(await forge.actions.run(1)).toBeNull();
});

it('lists runs of a workflow, newest first, narrowed', async () => {
  const weigh = '.github/workflows/weighin-weigh.yml';
  const one = github.playRun({ path: weigh, event: 'workflow_run', headBranch: 'main', headSha: head, actor: 'alice' });
  const two = github.playRun({ path: weigh, event: 'repository_dispatch', headBranch: 'main', headSha: head, actor: 'alice' });
  const ids = async (query: object) => (await forge.actions.runs({ workflow: 'weighin-weigh.yml', ...query })).map(({ id }) => id);
  expect(await ids({})).toEqual([two.id, one.id]);
  expect(await ids({ event: 'workflow_run' })).toEqual([one.id]);
  expect(await ids({ branch: 'other' })).toEqual([]);
  expect(await ids({ sha: head, event: 'repository_dispatch' })).toEqual([two.id]);
  expect((await forge.actions.runs({ workflow: weigh })).length).toBe(2);
  expect(await forge.actions.runs({ workflow: 'not-there.yml' })).toEqual([]);
});

it('fetches an artifact from where it lies, without its token, up to a limit', async () => {
  const run = github.playRun({
    path,
    event: 'push',
    headBranch: 'main',
    headSha: head,
    actor: 'alice',
    artifacts: [
      { name: 'weighin-report-churn-1', files: { 'report.json': '{"a":1}' } },
      { name: 'old', files: { a: 'b' }, expired: true },
    ],
  });
  const [report, old] = await forge.actions.artifacts(run.id);
  expect(report).toMatchObject({ name: 'weighin-report-churn-1', expired: false });
  expect(old).toMatchObject({ name: 'old', expired: true });
  const limit = report?.bytes ?? 0;
  const zip = await forge.actions.download(report?.id ?? 0, limit);
  expect(`sha256:${createHash('sha256').update(zip).digest('hex')}`).toBe(report?.digest);
  await expect(forge.actions.download(report?.id ?? 0, limit - 1)).rejects.toMatchObject({ name: 'UserError', code: 'ARTIFACT_TOO_LARGE' });
  await expect(forge.actions.download(old?.id ?? 0, limit)).rejects.toMatchObject({ name: 'UserError', code: 'ARTIFACT_GONE' });
  await expect(forge.actions.download(1, limit)).rejects.toMatchObject({ name: 'UserError', code: 'ARTIFACT_GONE' });
});

it('sends a dispatch, and refuses one that GitHub would not pass on', async () => {
  await forge.actions.dispatch('weighin-weigh', { rolloutId: 'churn.production.42' });
  expect(github.dispatches.at(-1)).toMatchObject({
    eventType: 'weighin-weigh',
    payload: { rolloutId: 'churn.production.42' },
    by: 'weighin[bot]',
  });
  const eleven = Object.fromEntries(Array.from({ length: 11 }, (_, index) => [`k${index}`, 1]));
  const refused = { code: 'DISPATCH_TOO_LARGE' };
  await expect(forge.actions.dispatch('x', eleven)).rejects.toMatchObject(refused);
  await expect(forge.actions.dispatch('x', { text: 'x'.repeat(65_536) })).rejects.toMatchObject(refused);
});

it('reads attestations of a digest; a server that keeps none says null', async () => {
  const digest = `sha256:${'ab'.repeat(32)}`;
  github.attest(digest, { mediaType: 'application/vnd.dev.sigstore.bundle.v0.3+json' });
  expect(await forge.actions.attestations(digest)).toEqual([{ mediaType: 'application/vnd.dev.sigstore.bundle.v0.3+json' }]);
  expect(await forge.actions.attestations(digest.slice(7))).toHaveLength(1);
  expect(await forge.actions.attestations(`sha256:${'cd'.repeat(32)}`)).toBeNull();
});

it('keeps deployments with their latest state, newest first', async () => {
  expect(await forge.deployments.list('churn/production')).toEqual([]);
  // A commit whose check failed: GitHub's own default would refuse it.
  github.postCheck({ sha: head, name: 'tests', conclusion: 'failure' });
  const asked = { ref: head, environment: 'churn/production', description: 'd'.repeat(200), payload: { rolloutId: 'churn.production.1' } };
  const first = await forge.deployments.create(asked);
  const second = await forge.deployments.create({ ...asked, payload: { rolloutId: 'churn.production.2' } });
  await forge.deployments.create({ ...asked, environment: 'churn/staging' });
  await forge.deployments.setState(first, 'in_progress', 'Shifting', 'https://example.com/log');
  await forge.deployments.setState(first, 'success', 'x'.repeat(200));
  await forge.deployments.setState(second, 'queued', 'Waits');
  expect(await forge.deployments.list('churn/production')).toEqual([
    { id: second, environment: 'churn/production', ref: head, payload: { rolloutId: 'churn.production.2' }, state: 'queued' },
    { id: first, environment: 'churn/production', ref: head, payload: { rolloutId: 'churn.production.1' }, state: 'success' },
  ]);
  expect(github.deployments('churn/production').flatMap(({ statuses }) => statuses.map(({ logUrl }) => logUrl))).toContain(
    'https://example.com/log',
  );
  // An active one is kept by GitHub; whoever comes second finds it gone.
  await forge.deployments.remove(first);
  await forge.deployments.remove(first);
  expect((await forge.deployments.list('churn/production')).map(({ id }) => id)).toEqual([second]);
});
