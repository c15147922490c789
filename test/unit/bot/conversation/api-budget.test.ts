import { afterAll, beforeAll, beforeEach, expect, it } from 'vitest';
import type { BotContext } from '../../../../bot/bot-context.ts';
import { updatePullConversation } from '../../../../bot/conversation/update-pull-conversation.ts';
import { writeGateChecks } from '../../../../bot/conversation/write-gate-checks.ts';
import { writePromotionCheck } from '../../../../bot/conversation/write-promotion-check.ts';
import { writeRegistryCheck } from '../../../../bot/conversation/write-registry-check.ts';
import { readEvidence } from '../../../../bot/reports/read-evidence.ts';
import { canonicalJson } from '../../../../shared/digest/canonical-json.ts';
import type { Forge } from '../../../../shared/promotion/forge.ts';
import { forgeOf } from '../../../conformance/forge.ts';
import { type GitHub, openGitHub } from '../../../support/github/open-github.ts';
import { better, worse } from '../../../support/reports/reports.ts';
import { evidenceOf, evidenceZip, measured } from '../reports/measured.ts';
import { config, waiting } from './promotion-facts.ts';

/** What a comment and a check cost, counted on GitHub's own side: a budget that is exceeded fails. */

let github: GitHub;
let forge: Forge;
let head: string;
let number: number;
let claimRun: number;

beforeAll(async () => {
  github = await openGitHub({ owner: 'acme', repo: 'churn' });
  github.users.add({ login: 'alice', role: 'write' });
  const workflow = { '.github/workflows/weighin.yml': 'on: pull_request\n', '.github/workflows/weighin-weigh.yml': 'on: workflow_run\n' };
  github.git.commit({ branch: 'main', by: 'alice', files: { 'weighin.yaml': 'version: 1\n', ...workflow } });
  head = github.git.commit({ branch: 'new', base: 'main', by: 'alice', files: { 'train.py': 'x\n' } });
  ({ number } = github.openPull({ branch: 'new', title: 'New', by: 'alice' }));
  claimRun = github.playRun({
    path: '.github/workflows/weighin.yml',
    event: 'pull_request',
    headBranch: 'new',
    headSha: head,
    actor: 'alice',
    conclusion: 'failure',
    artifacts: [{ name: 'weighin-report-churn-1', files: { 'churn/report.json': canonicalJson(worse()) } }],
  }).id;
});
beforeEach(async () => {
  ({ forge } = await forgeOf(github));
  start = github.requests.length;
});
afterAll(async () => {
  expect(github.unknown).toEqual([]);
  await github.close();
});

let start = 0;
/** Requests since the last look, by their route. */
function spent(): readonly string[] {
  const routes = github.requests.slice(start).map(({ method, route, path }) => route ?? `${method} ${path}`);
  start = github.requests.length;
  return routes;
}

function contextOf(): BotContext {
  const policy = { commit: head, config: config(), problem: null, file: 'weighin.yaml', folder: '', template: null };
  return {
    forge,
    by: 'weighin[bot]/0.1.0',
    log: { info() {}, warn() {}, error() {} },
    notify() {},
    mode: 'server',
    // Read once for everything that one look does.
    policy: async () => policy,
    verifyNewEvidence: async () => 'none',
    verifyEvidence: async () => 'unknown',
  };
}

it('updates a comment in 6 requests with nothing known before, the pull request itself among them', async () => {
  const own = await forge.comments.create(number, '<!-- weighin:comment config=weighin.yaml -->\nold');
  spent();
  await updatePullConversation(contextOf(), number);
  expect(spent().length, 'requests').toBeLessThanOrEqual(6);
  expect(github.comments(number).map(({ id }) => id)).toEqual([own.id]);
  expect(github.comments(number)[0]?.body).toContain('### ❌ churn: stopped.');
});

it('creates one in 7, since it looks once more for a twin', async () => {
  for (const { id } of github.comments(number)) await forge.comments.remove(id);
  spent();
  await updatePullConversation(contextOf(), number);
  expect(spent().length, 'requests').toBeLessThanOrEqual(7);
  expect(github.comments(number)).toHaveLength(1);
});

it('stays in 6 after the weigh run was taken in, and in 3 where nothing changed', async () => {
  const context = contextOf();
  const report = measured(better());
  const draft = {
    path: '.github/workflows/weighin-weigh.yml',
    event: 'workflow_run',
    headBranch: 'main',
    headSha: github.git.head('main') ?? '',
    actor: 'alice',
  };
  const weigh = github.playRun({ ...draft, status: 'in_progress' });
  const document = evidenceOf(report, {
    headSha: head,
    pull: number,
    run: { id: weigh.id, attempt: 1 },
    claimedRun: { id: claimRun, attempt: 1 },
  });
  const { addArtifact } = await import('../../../support/github/operations/workflow-runs.ts');
  addArtifact(github.world, github.repository, weigh, { name: 'weighin-evidence-churn-1', zip: evidenceZip(report, document) });
  github.finishRun(weigh.id);
  await updatePullConversation(context, number);
  const run = await forge.actions.run(weigh.id);
  const { evidence, problems } = await readEvidence(forge, run!);
  expect(problems).toEqual([]);
  expect(evidence).toHaveLength(1);
  spent();
  await updatePullConversation(context, number);
  expect(spent().length, 'requests').toBeLessThanOrEqual(6);
  expect(github.comments(number)[0]?.body).toContain('**measured by the weigh run, run-verified**');
  await updatePullConversation(context, number);
  expect(spent().length, 'requests').toBeLessThanOrEqual(3);
});

it('writes the checks of the same look in 4 more, the lines of the configuration among them', async () => {
  const context = contextOf();
  const snapshot = await forge.pulls.read(number);
  if (!snapshot) throw new Error('the pull request is open');
  await updatePullConversation(context, snapshot);
  spent();
  await writeGateChecks(context, snapshot);
  expect(spent().length, 'requests').toBeLessThanOrEqual(4);
  expect(github.checks(head).map(({ name, conclusion }) => [name, conclusion])).toEqual([['weighin/churn', 'success']]);
});

it('writes weighin/promotion in 2, and in 1 where it stands already', async () => {
  const context = contextOf();
  const check = { sha: head, kind: 'promotion', unmet: waiting } as const;
  await writePromotionCheck(context, check);
  expect(spent().length, 'requests').toBeLessThanOrEqual(2);
  await writePromotionCheck(context, check);
  expect(spent().length, 'requests').toBeLessThanOrEqual(1);
  expect(github.checks(head).find(({ name }) => name === 'weighin/promotion')).toMatchObject({
    conclusion: 'failure',
    title: 'fail: 2 conditions unmet: APPROVALS_MISSING, SOAK',
  });
});

it('says USE_ROLLBACK to GitHub’s Revert, NOT_THE_BOTS to another change of registry/, and passes the rest', async () => {
  const file = 'registry/churn/stages/production.json';
  const titles = [
    [
      'revert-12-promotion',
      'Revert "Promote churn@v12 to production"',
      file,
      'fail: USE_ROLLBACK, a revert would move the stage file alone',
    ],
    ['by-hand', 'Move production', file, 'fail: NOT_THE_BOTS, only Weighin changes registry/'],
    ['other', 'Registry of names', 'src/registry/names.py', 'pass: touches nothing under registry/'],
  ];
  for (const [branch = '', title = '', path = '', says] of titles) {
    const sha = github.git.commit({ branch, base: 'main', by: 'alice', files: { [path]: '{}\n' } });
    const opened = github.openPull({ branch, title, by: 'alice' });
    const snapshot = await forge.pulls.read(opened.number);
    if (snapshot) await writeRegistryCheck(contextOf(), snapshot);
    expect(github.checks(sha).map((check) => [check.name, check.title])).toEqual([['weighin/promotion', says]]);
  }
});
