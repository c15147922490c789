import { afterEach, expect, it } from 'vitest';
import { canonicalBytes, canonicalJson, digestOf } from '../../../../shared/digest/canonical-json.ts';
import { acceptedDocumentSchema } from '../../../../shared/promotion/accepted-document.ts';
import { claimWorkflow, weighWorkflow } from '../../../../shared/promotion/evidence-document.ts';
import { acceptedPath, knownReportPath, knownVersionPath, stateBranch } from '../../../../shared/promotion/state-paths.ts';
import { versionRecordSchema } from '../../../../shared/registry/version-record.ts';
import { decisionDigest } from '../../../../shared/report/canonical-report.ts';
import { reportSchema } from '../../../../shared/report/report.ts';
import { openAcceptingBot } from '../../../support/bot/accepting-bot.ts';
import { openRegisteredTeam, type RegisteredTeam, versionFiles } from '../../../support/bot/registered-team.ts';
import { addArtifact } from '../../../support/github/operations/workflow-runs.ts';

let team: RegisteredTeam;
afterEach(async () => {
  expect(team.github.unknown).toEqual([]);
  await team.close();
});

/** A weigh run registered version 2, after a run of weighin.yml that this event started. */
async function born(event: string, pull: number | null) {
  team = await openRegisteredTeam({ stages: { staging: { approvals: 1 }, production: { approvals: 1, after: 'staging' } }, versions: 1 });
  const { github } = team;
  const work = await openAcceptingBot(github);
  const main = github.git.head('main') ?? '';
  const claimed = github.playRun({ path: claimWorkflow, event, headBranch: 'main', headSha: main, actor: 'anna' });
  const kept = versionFiles(github, team.config, 2, main);
  const { evidence } = acceptedDocumentSchema.parse(JSON.parse(kept[acceptedPath('churn', 2)] ?? ''));
  const plain = reportSchema.parse(JSON.parse(kept[knownReportPath(evidence.report)] ?? ''));
  const report = canonicalBytes({ ...plain, decisionDigest: decisionDigest(plain) });
  const before = versionRecordSchema.parse(JSON.parse(kept[knownVersionPath('churn', 2)] ?? ''));
  const record = canonicalJson({
    ...before,
    source: { ...before.source, pull },
    evaluation: before.evaluation && { ...before.evaluation, report: digestOf(report), decision: decisionDigest(plain) },
  });
  const run = github.playRun({
    path: weighWorkflow,
    event: 'workflow_run',
    headBranch: 'main',
    headSha: main,
    actor: 'anna',
    status: 'in_progress',
  });
  const document = {
    ...evidence,
    claimedRun: { id: claimed.id, attempt: 1 },
    run: { id: run.id, attempt: 1 },
    version: { number: 2, record: digestOf(new TextEncoder().encode(record)) },
    report: digestOf(report),
    decision: decisionDigest(plain),
  };
  addArtifact(github.world, github.repository, run, {
    name: 'weighin-evidence-churn-1',
    files: { 'churn/evidence.json': canonicalJson(document), 'churn/report.json': report, 'churn/version.json': record },
  });
  github.finishRun(run.id);
  await work({ kind: 'run', id: run.id });
  expect(github.git.file(stateBranch, knownVersionPath('churn', 2))).toBe(record);
  const number = team.promotionPull();
  return number === 0 ? null : github.pull(number);
}

it('brings a retraining, which changed no file, as a promotion to the first stage', async () => {
  const pull = await born('repository_dispatch', null);
  expect(pull?.issue.title).toBe('Promote churn@v2 to staging');
  expect(pull?.issue.body).toContain('retrained; no file changed');
});

it('leaves it to people to promote what a pull request brought, and what somebody pushed', async () => {
  expect(await born('push', 57)).toBeNull();
  await team.close();
  expect(await born('push', null)).toBeNull();
});
