import { afterAll, beforeAll, expect, it } from 'vitest';
import { canonicalBytes, canonicalJson, digestOf } from '../../../../shared/digest/canonical-json.ts';
import { acceptedDocumentSchema } from '../../../../shared/promotion/accepted-document.ts';
import { weighWorkflow } from '../../../../shared/promotion/evidence-document.ts';
import { acceptedPath, eventsPath, knownReportPath, knownVersionPath, stateBranch } from '../../../../shared/promotion/state-paths.ts';
import { decisionDigest } from '../../../../shared/report/canonical-report.ts';
import { reportSchema } from '../../../../shared/report/report.ts';
import { openAcceptingBot } from '../../../support/bot/accepting-bot.ts';
import { openRegisteredTeam, type RegisteredTeam, versionFiles } from '../../../support/bot/registered-team.ts';
import { addArtifact } from '../../../support/github/operations/workflow-runs.ts';

let team: RegisteredTeam;
let work: Awaited<ReturnType<typeof openAcceptingBot>>;
beforeAll(async () => {
  team = await openRegisteredTeam({ stages: { production: { approvals: 1 }, canary: { approvals: 1 } } });
  const { github } = team;
  work = await openAcceptingBot(github);
  const desk = github.openIssue({ title: 'Release', by: 'anna' }).number;
  github.comment(desk, '/promote churn@v1 canary', 'anna');
  await work({ kind: 'sweep' });
});
afterAll(() => team.close());

/** What a weigh run hands over of a version for a promotion: anyone who can write can dispatch it, with any two of them. */
async function weighed(version: number, promotion: string) {
  const { github } = team;
  const main = github.git.head('main') ?? '';
  const kept = versionFiles(github, team.config, version, main);
  const { evidence } = acceptedDocumentSchema.parse(JSON.parse(kept[acceptedPath('churn', version)] ?? ''));
  const plain = reportSchema.parse(JSON.parse(kept[knownReportPath(evidence.report)] ?? ''));
  const report = canonicalBytes({ ...plain, decisionDigest: decisionDigest(plain) });
  const record = github.git.file(stateBranch, knownVersionPath('churn', version)) ?? '';
  const run = github.playRun({
    path: weighWorkflow,
    name: 'weighin-weigh',
    event: 'repository_dispatch',
    headBranch: 'main',
    headSha: main,
    actor: 'ben',
    status: 'in_progress',
  });
  const document = {
    ...evidence,
    purpose: 'promote',
    pull: null,
    claimedRun: null,
    promotion,
    run: { id: run.id, attempt: 1 },
    version: { number: version, record: digestOf(new TextEncoder().encode(record)) },
    report: digestOf(report),
    decision: decisionDigest(plain),
  };
  addArtifact(github.world, github.repository, run, {
    name: 'weighin-evidence-churn-1',
    files: { 'churn/evidence.json': canonicalJson(document), 'churn/report.json': report, 'churn/version.json': record },
  });
  github.finishRun(run.id);
  await work({ kind: 'run', id: run.id });
}
const eventsOf = (stage: string, generation: number) => team.github.git.file(stateBranch, eventsPath('churn', stage, generation)) ?? '';

it('is not taken for a promotion of other bytes', async () => {
  expect(eventsOf('canary', 1)).toContain('promotion.planned');
  await weighed(2, 'churn.canary.1');
  expect(eventsOf('canary', 1)).not.toContain('promotion.weighed');
});

it('is not taken for a promotion that nobody asked for', async () => {
  await weighed(1, 'churn.canary.7');
  await weighed(1, 'churn.nowhere.1');
  expect([eventsOf('canary', 7), eventsOf('nowhere', 1)]).toEqual(['', '']);
});

it('is taken for the promotion of these very bytes', async () => {
  await weighed(1, 'churn.canary.1');
  expect(eventsOf('canary', 1)).toContain('promotion.weighed');
});
