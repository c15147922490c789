import { zipSync } from 'fflate';
import { expect, it } from 'vitest';
import type { BotContext } from '../../../../bot/bot-context.ts';
import { updatePullConversation } from '../../../../bot/conversation/update-pull-conversation.ts';
import { writeGateChecks } from '../../../../bot/conversation/write-gate-checks.ts';
import { writePromotionCheck } from '../../../../bot/conversation/write-promotion-check.ts';
import { readEvidence } from '../../../../bot/reports/read-evidence.ts';
import { canonicalBytes } from '../../../../shared/digest/canonical-json.ts';
import { better, worse } from '../../../support/reports/reports.ts';
import { bot, fakeForge, headSha, mainSha, pull, run, weighRun } from '../fake-forge.ts';
import { evidenceArtifactOf, measured } from '../reports/measured.ts';
import { config, waiting } from './promotion-facts.ts';

/** Every method of the port is one request unless it says otherwise: what a comment costs is counted there. */

const claim = { name: 'weighin-report-churn-1', zip: zipSync({ 'churn/report.json': canonicalBytes(worse()) }) };
const old = { id: 1, author: bot, body: '<!-- weighin:comment config=weighin.yaml -->\nold' };

function setUp() {
  const fake = fakeForge({
    runs: [run(), weighRun()],
    artifacts: { 42: [claim], 43: [evidenceArtifactOf(measured(better()))] },
    pulls: [pull()],
  });
  fake.comments.set(57, [{ ...old }]);
  const policy = { commit: mainSha, config: config(), problem: null, file: 'weighin.yaml', folder: '', template: null };
  const context: BotContext = {
    forge: fake.forge,
    by: 'weighin[bot]/0.1.0',
    log: { info() {}, warn() {}, error() {} },
    notify() {},
    mode: 'server',
    // Read once for everything that one look does.
    policy: async () => policy,
    verifyNewEvidence: async () => 'none',
    verifyEvidence: async () => 'unknown',
  };
  return { ...fake, context };
}

it('updates a comment in 6 requests, the pull request itself among them, with nothing known before', async () => {
  const { context, calls } = setUp();
  await updatePullConversation(context, 57);
  expect(calls.sort()).toEqual(['actions.artifacts', 'actions.download', 'actions.runs', 'comments.edit', 'comments.list', 'pulls.read']);
});

it('updates it in 4 after the weigh run was taken in', async () => {
  const { context, calls, forge } = setUp();
  await updatePullConversation(context, 57);
  await readEvidence(forge, weighRun());
  calls.length = 0;
  await updatePullConversation(context, 57);
  expect(calls.sort()).toEqual(['actions.runs', 'comments.edit', 'comments.list', 'pulls.read']);
});

it('writes nothing in 3 where nothing changed', async () => {
  const { context, calls } = setUp();
  await updatePullConversation(context, 57);
  calls.length = 0;
  await updatePullConversation(context, 57);
  expect(calls.sort()).toEqual(['actions.runs', 'comments.list', 'pulls.read']);
});

it('writes the checks of the same look in 4 more, the lines of the configuration among them', async () => {
  const { context, calls } = setUp();
  const snapshot = pull();
  await updatePullConversation(context, snapshot);
  calls.length = 0;
  await writeGateChecks(context, snapshot);
  expect(calls.sort()).toEqual(['checks.list', 'checks.write', 'git.read', 'pulls.open']);
});

it('writes weighin/promotion in 2, and in 1 where it stands already', async () => {
  const { context, calls } = setUp();
  const check = { sha: headSha, kind: 'promotion', unmet: waiting } as const;
  await writePromotionCheck(context, check);
  expect(calls).toEqual(['checks.list', 'checks.write']);
  await writePromotionCheck(context, check);
  expect(calls).toEqual(['checks.list', 'checks.write', 'checks.list']);
});
