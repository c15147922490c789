import { execFileSync } from 'node:child_process';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { claimWorkflow } from '../../shared/promotion/evidence-document.ts';
import { type RunningBotProcess, runBot } from '../support/bot/run-bot.ts';
import { weighin } from '../support/built-cli.ts';
import { openChurn } from '../support/churn-repository.ts';
import { type GitHub, openGitHub } from '../support/github/open-github.ts';
import { playClaimedRun, playWeighRun } from '../support/play-weigh-run.ts';

/**
 * One promotion from a training pull request to its rollback, over real HTTP with signed webhooks: the built server as a process, the
 * double with a real Git repository behind it, and the workflows' jobs as processes of the built actions. Every comment is a golden file.
 */
let top: string;
let github: GitHub;
let bot: RunningBotProcess;
beforeAll(async () => {
  top = mkdtempSync(join(tmpdir(), 'weighin-promotion-'));
  github = await openGitHub({ owner: 'acme', repo: 'churn' });
  github.users.add({ login: 'anna', role: 'write' });
  github.users.add({ login: 'boris', role: 'write' });
  github.users.add({ login: 'chris', role: 'read' });
  github.users.add({ login: 'dora', role: 'maintain' });
  const team = openChurn(join(top, 'team'), { rows: 2_000, mode: 'enforce' });
  team.edit('weighin.yaml', 'mode: enforce', `mode: enforce\nstore: ${join(top, 'store')}`);
  const files = Object.fromEntries(
    ['weighin.yaml', 'contracts/customers.odcs.yaml', 'data/customers.csv'].map((name) => [name, team.read(name)]),
  );
  github.git.commit({ branch: 'main', files: { ...files, [claimWorkflow]: 'name: weighin\n', '.gitignore': '.weighin/\n' } });
  bot = await runBot(github);
}, 120_000);
afterAll(async () => {
  await bot?.stop();
  await github?.close();
  rmSync(top, { recursive: true, force: true });
});

/** What changes from run to run: ids, digests, times, ports. */
const steady = (text: string) =>
  text
    .replaceAll(github.url, 'https://github.example')
    .replaceAll(/\b[0-9a-f]{64}\b/g, '<sha256>')
    .replaceAll(/\b[0-9a-f]{40}\b/g, '<commit>')
    .replaceAll(/`[0-9a-f]{6,12}`/g, '`<short>`')
    .replaceAll(/\b(?=[0-9a-f]*[0-9])[0-9a-f]{8}\b/g, '<short>')
    .replaceAll(/(runs\/|issuecomment-|comment=|weighed )\d+/g, '$1<id>')
    .replaceAll(/^\| latency .*$/gm, '| latency … |');
const own = (number: number) => github.comments(number).filter(({ author }) => author.login === github.app.botLogin);
const golden = (name: string, text: string) => expect(steady(text)).toMatchFileSnapshot(`golden/promotion/${name}.md`);
const promotionCheck = (sha: string) => github.checks(sha).find(({ name }) => name === 'weighin/promotion');
const stage = () => JSON.parse(github.git.file('main', 'registry/churn/stages/production.json') ?? 'null');
const live = () => JSON.parse(github.git.file('weighin/state', 'live/churn/production.json') ?? 'null');

/** A change of the training, reviewed and merged: the claim, the measurement, the version. */
async function train(branch: string, l2: number) {
  const config = github.git.file('main', 'weighin.yaml') ?? '';
  const changed = config.replace(/\{trainer: logistic-regression.*\}/, `{trainer: logistic-regression, params: {l2: ${l2}}}`);
  github.git.commit({ branch, base: 'main', files: { 'weighin.yaml': changed }, by: 'anna' });
  const { number } = github.openPull({ branch, title: `Penalty ${l2}`, by: 'anna' });
  const claimed = await playClaimedRun(github, { branch, actor: 'anna' });
  await bot.settled();
  return { number, claimed };
}

async function mergeAndRegister(branch: string, number: number) {
  const merged = github.mergePull(number, 'boris');
  await bot.settled();
  const pushed = await playClaimedRun(github, { branch: 'main', actor: 'boris', event: 'push' });
  await playWeighRun(github, pushed);
  await bot.settled();
  return { merged, branch };
}

it('takes a model from a pull request to production and back', { timeout: 240_000 }, async () => {
  // 1. A pull request, its claim, its measurement: one comment, edited in place.
  const first = await train('first', 30);
  const [comment, ...more] = own(first.number);
  expect(more).toEqual([]);
  await golden('1-claimed', comment?.body ?? '');
  await playWeighRun(github, first.claimed);
  await bot.settled();
  expect(own(first.number)).toHaveLength(1);
  await golden('2-measured', own(first.number)[0]?.body ?? '');
  expect(promotionCheck(github.pull(first.number).headSha)?.conclusion).toBe('success');

  // 2. Merged, weighed on the default branch: version 1, known to Git.
  await mergeAndRegister('first', first.number);
  expect(github.git.files('weighin/state')).toContain('versions/churn/1.json');

  // 3. Asked for by somebody who may not, then by somebody who may.
  github.comment(first.number, '/promote churn@v1 production', 'chris');
  await bot.settled();
  await golden('3-not-allowed', own(first.number).at(-1)?.body ?? '');
  github.comment(first.number, '/promote churn@v1 to production --reason "first model"', 'anna');
  await bot.settled();
  await golden('4-promote', own(first.number).at(-1)?.body ?? '');
  const promotion = [...github.repository.pulls.values()].at(-1);
  const number = promotion?.issue.number ?? 0;
  expect(github.pull(number).headBranch).toBe('weighin/promote/churn.production.1');
  await golden('5-promotion-pull', github.pull(number).issue.body ?? '');
  expect(promotionCheck(github.pull(number).headSha)).toMatchObject({ conclusion: 'failure' });

  // 4. Four eyes: the approval of whoever asked, or started the run that made it, counts for nothing.
  github.review(number, 'anna', 'APPROVED');
  github.review(number, 'boris', 'APPROVED');
  await bot.settled();
  expect(promotionCheck(github.pull(number).headSha)).toMatchObject({ conclusion: 'failure' });
  github.comment(number, '/why', 'boris');
  await bot.settled();
  await golden('6-why', own(number).at(-1)?.body ?? '');
  github.review(number, 'dora', 'APPROVED');
  await bot.settled();
  expect(promotionCheck(github.pull(number).headSha)).toMatchObject({ conclusion: 'success' });

  // 5. Merged: stage file, live state, tag, deployment, comment.
  github.mergePull(number, 'boris');
  await bot.settled();
  expect(stage()).toMatchObject({ generation: 1, version: { number: 1 } });
  expect(live()).toMatchObject({ generation: 1, phase: 'succeeded', stable: { number: 1 } });
  await golden('7-started', own(number).at(-1)?.body ?? '');
  expect(github.repository.deployments.map(({ environment }) => environment)).toEqual(['churn/production']);

  // 6. A second version the same way, and back.
  const second = await train('second', 1);
  await playWeighRun(github, second.claimed);
  await bot.settled();
  await golden('8-against-production', own(second.number)[0]?.body ?? '');
  await mergeAndRegister('second', second.number);
  github.comment(second.number, '/promote churn@v2 production', 'anna');
  await bot.settled();
  const next = [...github.repository.pulls.values()].at(-1)?.issue.number ?? 0;
  await golden('9-second-promotion', github.pull(next).issue.body ?? '');
  github.review(next, 'dora', 'APPROVED');
  await bot.settled();
  github.mergePull(next, 'boris');
  await bot.settled();
  expect(live()).toMatchObject({ generation: 2, stable: { number: 2 } });

  github.comment(next, '/rollback churn production --reason "latency"', 'boris');
  await bot.settled();
  await golden('10-rollback', own(next).at(-1)?.body ?? '');
  expect(live()).toMatchObject({ stable: { number: 1 }, holds: [{ reason: 'latency' }] });
  const revert = [...github.repository.pulls.values()].at(-1)?.issue.number ?? 0;
  await golden('11-revert-pull', github.pull(revert).issue.body ?? '');
  github.review(revert, 'dora', 'APPROVED');
  await bot.settled();
  expect(promotionCheck(github.pull(revert).headSha)).toMatchObject({ conclusion: 'success' });
  github.mergePull(revert, 'anna');
  await bot.settled();
  expect(stage()).toMatchObject({ generation: 3, operation: 'rollback', version: { number: 1 } });
  expect(live()).toMatchObject({ generation: 3, phase: 'succeeded', stable: { number: 1 } });

  // 7. All of it read back from a clone, by nobody's leave.
  const clone = join(top, 'clone');
  execFileSync('git', ['clone', '--quiet', github.git.path, clone]);
  for (const [name, words, code] of [
    ['status', ['status'], 0],
    ['history', ['history', 'churn', 'production'], 0],
    ['audit', ['audit'], 0],
  ] as const) {
    const { status, stdout, stderr } = await weighin(words, { cwd: clone });
    expect(status, stderr).toBe(code);
    await golden(`12-${name}`, stdout);
  }

  expect(github.unknown).toEqual([]);
  expect(bot.log()).not.toMatch(/"level":"?(error|50)/);
});
