import { afterAll, beforeAll, expect, it } from 'vitest';
import { type AttackedTeam, openAttackedTeam } from '../../support/bot/attacked-team.ts';

let team: AttackedTeam;
beforeAll(async () => {
  team = await openAttackedTeam(['foreign', 'extra', 'twin']);
});
afterAll(async () => {
  expect(team.github.unknown).toEqual([]);
  await team.close();
});

/** Asked for and approved: the check is green. */
async function approved(stage: string) {
  const { github, bot } = team;
  const number = await team.ask(stage);
  github.review(number, 'dora', 'APPROVED');
  await bot.settled();
  expect(team.verdict(number).conclusion).toBe('success');
  return { number, branch: github.pull(number).headBranch, head: github.pull(number).headSha };
}

/** Closed as tampered with, and built anew on another branch, without the approval. */
async function rebuilt(stage: string, old: { readonly number: number; readonly branch: string }, why: string) {
  const { github, bot } = team;
  await bot.settled();
  expect(github.pull(old.number).issue.state).toBe('closed');
  expect(team.verdict(old.number)).toMatchObject({ conclusion: 'failure', summary: expect.stringContaining('TAMPERED') });
  expect(team.said(old.number)).toContain(`**TAMPERED.** ${why}`);
  const anew = team.pullOf(stage);
  expect(anew).not.toBe(old.number);
  expect(github.pull(anew).headBranch).not.toBe(old.branch);
  expect(team.verdict(anew)).toMatchObject({ conclusion: 'failure', summary: expect.stringContaining('0 of 1 approval') });
  const changed = github.git.files(github.pull(anew).headBranch).filter((path) => !github.git.files('main').includes(path));
  expect(changed.map((path) => path.replace(/^registry\/churn\//, '')).sort()).toEqual([
    `plans/${stage}-1.json`,
    `stages/${stage}.json`,
    'versions/v1.json',
  ]);
  expect(team.stageFile(stage)).toBeNull();
}

it('foreign commit on the promotion branch', async () => {
  const { github } = team;
  const old = await approved('foreign');
  const path = 'registry/churn/stages/foreign.json';
  const stage = github.git.file(old.branch, path) ?? '';
  // As the bot would have signed it, had it been the bot: a name and an address are what anybody writes.
  const author = { name: github.app.botLogin, email: `${github.app.botId}+${github.app.botLogin}@users.noreply.github.com` };
  github.git.commit({ branch: old.branch, files: { [path]: stage.replace('"number":1', '"number":2') }, by: 'ben', author });
  expect(team.verdict(old.number).conclusion).toBeNull();
  await rebuilt('foreign', old, 'Commit ');
});

it('extra file in the promotion PR', async () => {
  const { github } = team;
  const old = await approved('extra');
  // With a token of the App, out of a job that should never have had one: every commit is the bot's, and signed.
  const query = 'mutation ($input: CreateCommitOnBranchInput!) { createCommitOnBranch(input: $input) { commit { oid } } }';
  const input = {
    branch: { repositoryNameWithOwner: 'acme/churn', branchName: old.branch },
    expectedHeadOid: old.head,
    message: { headline: 'Promote churn@v1 to extra' },
    fileChanges: { additions: [{ path: 'train.py', contents: Buffer.from('import os\n').toString('base64') }] },
  };
  const answer = await fetch(github.graphqlUrl, {
    method: 'POST',
    headers: { authorization: `bearer ${github.token.installation()}`, 'content-type': 'application/json' },
    body: JSON.stringify({ query, variables: { input } }),
  });
  expect(await answer.json()).toMatchObject({ data: { createCommitOnBranch: { commit: { oid: github.git.head(old.branch) } } } });
  github.review(old.number, 'dora', 'APPROVED');
  await rebuilt('extra', old, 'It changes train.py, which is no part of the plan.');
});

it('identical twin promotions', async () => {
  const { github, bot } = team;
  // Two people at once, and one of them twice.
  github.deliveries.hold();
  for (const login of ['anna', 'ben', 'anna']) github.comment(team.desk, '/promote churn@v1 twin', login);
  await github.deliveries.release();
  await bot.settled();
  const ofTwin = () =>
    [...github.repository.pulls.values()].filter(({ headBranch }) => headBranch.startsWith('weighin/promote/churn.twin.'));
  expect(ofTwin()).toHaveLength(1);
  expect(team.ownComments(team.desk).filter((body) => body.includes('`PROMOTION_OPEN`'))).toHaveLength(2);

  // The same commit, proposed by a person: one check for both, and it is not green before the promotion is.
  const number = team.pullOf('twin');
  const { headSha } = github.pull(number);
  github.git.push('mine', headSha, 'ben');
  const twin = github.openPull({ branch: 'mine', title: 'Tidy up', by: 'ben' }).number;
  await bot.settled();
  expect(team.check(headSha)).toMatchObject({ conclusion: 'failure' });
  github.review(twin, 'dora', 'APPROVED');
  await bot.settled();
  expect(team.check(headSha)).toMatchObject({ conclusion: 'failure' });
  github.review(number, 'dora', 'APPROVED');
  await bot.settled();
  github.mergePull(twin, 'ben', { force: true });
  await bot.settled();
  // What was approved is what is merged, and it starts once.
  expect(team.live('twin')).toMatchObject({ generation: 1, revision: 1, phase: 'succeeded', stable: { number: 1 } });
  expect(github.deployments('churn/twin')).toHaveLength(1);
});
