import { afterAll, beforeAll, expect, it } from 'vitest';
import { parse, stringify } from 'yaml';
import { configSchema } from '../../../shared/config/schema.ts';
import { canonicalBytes } from '../../../shared/digest/canonical-json.ts';
import { claimWorkflow } from '../../../shared/promotion/evidence-document.ts';
import { promotionTag, stateBranch } from '../../../shared/promotion/state-paths.ts';
import { type AttackedTeam, openAttackedTeam } from '../../support/bot/attacked-team.ts';
import { versionFiles } from '../../support/bot/registered-team.ts';
import { better } from '../../support/reports/reports.ts';

let team: AttackedTeam;
beforeAll(async () => {
  team = await openAttackedTeam([], { versions: 1 });
});
afterAll(async () => {
  expect(team.github.unknown).toEqual([]);
  await team.close();
});

/** weighin.yaml on main with another minimum. */
function loosened(min: number): string {
  const written = parse(team.github.git.file('main', 'weighin.yaml') ?? '');
  written.models.churn.evaluation.gates[0].min = min;
  return stringify(written);
}

it('gate loosened by the PR', async () => {
  const { github, bot } = team;
  const headSha = github.git.commit({ branch: 'loose', base: 'main', files: { 'weighin.yaml': loosened(0.1) }, by: 'ben' });
  const { number } = github.openPull({ branch: 'loose', title: 'Loose', by: 'ben' });
  github.playRun({
    path: claimWorkflow,
    event: 'pull_request',
    headBranch: 'loose',
    headSha,
    actor: 'ben',
    artifacts: [{ name: 'weighin-report-churn-1', files: { 'churn/report.json': canonicalBytes(better()) } }],
  });
  await bot.settled();
  const gates = github.checks(headSha).find(({ name }) => name === 'weighin/churn');
  expect(gates).toMatchObject({ conclusion: 'failure', title: expect.stringContaining('POLICY_CHANGED') });
  expect(team.said(number)).toContain('This pull request changes policy');
  expect(team.said(number)).toMatch(/evaluation&#46;gates&#91;roc&#95;auc&#93;&#46;min.*`0\.8`.*`0\.1`/);
});

it('gate loosened one PR earlier', async () => {
  const { github, bot } = team;
  const first = await team.ask('production');
  github.review(first, 'dora', 'APPROVED');
  await bot.settled();
  github.mergePull(first, 'ben');
  await bot.settled();
  expect(team.live('production')).toMatchObject({ generation: 1, phase: 'succeeded' });
  github.git.commit({ branch: 'earlier', base: 'main', files: { 'weighin.yaml': loosened(0.2) }, by: 'ben' });
  const { number: loose } = github.openPull({ branch: 'earlier', title: 'Tidy up', by: 'ben' });
  github.mergePull(loose, 'ben', { method: 'squash' });
  await bot.settled();
  // And a harmless one after it, which nobody is to take for the one that did it.
  const tidied = `# Tidy\n${github.git.file('main', 'weighin.yaml')}`;
  github.git.commit({ branch: 'later', base: 'main', files: { 'weighin.yaml': tidied }, by: 'ben' });
  github.mergePull(github.openPull({ branch: 'later', title: 'Tidy up again', by: 'ben' }).number, 'ben', { method: 'squash' });
  await bot.settled();
  // Whoever can push can move a tag: what held at the last promotion is not asked of one.
  const moved = await fetch(`${github.apiUrl}/repos/acme/churn/git/refs/tags/${promotionTag('churn', 'production', 1)}`, {
    method: 'PATCH',
    headers: { authorization: `bearer ${github.token.user('ben')}`, 'content-type': 'application/json' },
    body: JSON.stringify({ sha: github.git.head('main'), force: true }),
  });
  expect(moved.status).toBe(200);
  // Weighed by the policy of today, which it passes.
  const config = configSchema.parse(parse(github.git.file('main', 'weighin.yaml') ?? ''));
  const files = versionFiles(github, config, 2, github.git.head('main') ?? '');
  github.git.commit({ branch: stateBranch, files, message: 'Accept a version', by: github.app.botLogin });
  await bot.settled();
  const number = await team.ask('production', 2);
  expect(number).not.toBe(first);
  const body = github.pull(number).issue.body ?? '';
  expect(body).toMatch(/evaluation&#46;gates&#91;roc&#95;auc&#93;&#46;min.*`0\.8` \| `0\.2`/);
  expect(body).toContain(`| \`0.2\` | pull request ${loose} |`);
});
