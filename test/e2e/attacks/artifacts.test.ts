import { strToU8, zipSync } from 'fflate';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { canonicalBytes, canonicalJson, digestOf, digestOfDocument } from '../../../shared/digest/canonical-json.ts';
import { acceptedDocumentSchema } from '../../../shared/promotion/accepted-document.ts';
import { claimWorkflow, weighWorkflow } from '../../../shared/promotion/evidence-document.ts';
import { acceptedPath, knownReportPath, knownVersionPath } from '../../../shared/promotion/state-paths.ts';
import { versionRecordSchema } from '../../../shared/registry/version-record.ts';
import { decisionDigest } from '../../../shared/report/canonical-report.ts';
import { type Report, reportSchema } from '../../../shared/report/report.ts';
import { type AttackedTeam, openAttackedTeam } from '../../support/bot/attacked-team.ts';
import { versionFiles } from '../../support/bot/registered-team.ts';
import { addArtifact, type PlayedArtifact, type PlayedRun } from '../../support/github/operations/workflow-runs.ts';
import { better, worse } from '../../support/reports/reports.ts';

let team: AttackedTeam;
beforeAll(async () => {
  team = await openAttackedTeam([]);
});
afterAll(async () => {
  expect(team.github.unknown).toEqual([]);
  await team.close();
});

/** A pull request of ben's that changes the training. */
function propose(branch: string, files: Readonly<Record<string, string>> = { 'train.py': `print('${branch}')\n` }) {
  const { github } = team;
  const headSha = github.git.commit({ branch, base: 'main', files, by: 'ben' });
  return { branch, headSha, ...github.openPull({ branch, title: branch, by: 'ben' }) };
}
const reportOf = (report: Report) => ({ name: 'weighin-report-churn-1', files: { 'churn/report.json': canonicalBytes(report) } });

async function claim({ branch, headSha }: { readonly branch: string; readonly headSha: string }, ...artifacts: readonly PlayedArtifact[]) {
  const { github, bot } = team;
  const run = github.playRun({ path: claimWorkflow, event: 'pull_request', headBranch: branch, headSha, actor: 'ben', artifacts });
  await bot.settled();
  return run;
}

/** A run that hands over what a weigh run hands over for a new version, every digest of it right. */
async function handOver(version: number, played: Omit<PlayedRun, 'actor' | 'status'>, model = 'churn') {
  const { github, bot } = team;
  const run = github.playRun({ ...played, actor: 'ben', status: 'in_progress' });
  const files = versionFiles(github, team.config, version, github.git.head('main') ?? '');
  const { evidence } = acceptedDocumentSchema.parse(JSON.parse(files[acceptedPath('churn', version)] ?? ''));
  const plain = reportSchema.parse(JSON.parse(files[knownReportPath(evidence.report)] ?? ''));
  const report = { ...plain, decisionDigest: decisionDigest(plain) };
  const [said, decision] = [digestOf(canonicalBytes(report)), report.decisionDigest];
  const before = versionRecordSchema.parse(JSON.parse(files[knownVersionPath('churn', version)] ?? ''));
  const record = { ...before, evaluation: before.evaluation && { ...before.evaluation, report: said, decision } };
  const document = {
    ...evidence,
    run: { id: run.id, attempt: 1 },
    version: { number: version, record: digestOfDocument(record) },
    report: said,
    decision,
  };
  addArtifact(github.world, github.repository, run, {
    name: `weighin-evidence-${model}-1`,
    files: {
      [`${model}/evidence.json`]: canonicalJson(document),
      [`${model}/report.json`]: canonicalBytes(report),
      [`${model}/version.json`]: canonicalJson(record),
    },
  });
  github.finishRun(run.id);
  await bot.settled();
}
const known = (version: number) => team.github.git.files('weighin/state').includes(knownVersionPath('churn', version));
const gates = (sha: string) => team.github.checks(sha).find(({ name, app }) => name === 'weighin/churn' && app.slug === 'weighin');

it('forged artifact and forged report from training code', async () => {
  const { github, bot } = team;
  const pull = propose('forged');
  await claim(pull, reportOf({ ...better(), evidence: 'measured' }));
  expect(team.said(pull.number)).toContain('claimed: same runner as training');
  expect(team.said(pull.number)).not.toContain('measured by the weigh run');
  // The training writes the artifact of a weigh run, too, with every digest right.
  await handOver(9, { path: claimWorkflow, event: 'pull_request', headBranch: 'forged', headSha: pull.headSha });
  await handOver(9, { path: claimWorkflow, event: 'push', headBranch: 'main', headSha: github.git.head('main') ?? '' });
  expect(known(9)).toBe(false);
  github.comment(team.desk, '/promote churn@v9 production', 'anna');
  await bot.settled();
  expect(team.said(team.desk)).toContain('`VERSION_NOT_FOUND`');
  // A report that speaks for another model than its folder, and one that is no report.
  const other = propose('other');
  await claim(other, {
    name: 'weighin-report-churn-1',
    files: { 'churn/report.json': canonicalBytes({ ...better(), model: 'fraud' }), 'fraud/report.json': '{"verdict":"pass"}' },
  });
  expect(gates(other.headSha)?.conclusion).not.toBe('success');
});

it('workflow file changed in the PR', async () => {
  const { github } = team;
  const pull = propose('flow', { [claimWorkflow]: 'name: weighin\n# mine\n', [weighWorkflow]: 'name: weighin-weigh\n# mine\n' });
  await claim(pull, reportOf(better()));
  expect(team.said(pull.number)).toContain('WORKFLOW');
  const mine = { headBranch: 'flow', headSha: pull.headSha };
  const main = { headBranch: 'main', headSha: github.git.head('main') ?? '' };
  // By path, event, branch and repository, one of them another each time.
  await handOver(10, { path: weighWorkflow, name: 'weighin-weigh', event: 'pull_request', ...mine });
  await handOver(10, { path: weighWorkflow, name: 'weighin-weigh', event: 'push', ...mine });
  await handOver(10, { path: weighWorkflow, name: 'weighin-weigh', event: 'workflow_dispatch', ...main });
  await handOver(10, { path: '.github/workflows/mine.yml', name: 'weighin-weigh', event: 'workflow_run', ...main });
  await handOver(10, { path: weighWorkflow, event: 'workflow_run', ...main, headRepo: github.forkOf('ben') });
  await handOver(10, { path: weighWorkflow, event: 'workflow_run', ...main }, '../../x');
  await handOver(10, { path: weighWorkflow, event: 'workflow_run', ...main }, 'fraud');
  expect(known(10)).toBe(false);
  await handOver(10, { path: weighWorkflow, event: 'workflow_run', ...main });
  expect(known(10)).toBe(true);
});

it('two PRs with one SHA', async () => {
  const { github } = team;
  // Whichever of them is looked at last.
  for (const order of [
    [worse(), better()],
    [better(), worse()],
  ] as const) {
    const name = order[0].verdict;
    const pull = propose(`first-${name}`);
    await claim(pull, reportOf(order[0]));
    expect(gates(pull.headSha)?.conclusion).toBe(name === 'fail' ? 'failure' : 'success');
    // The same commit under another branch, whose run says otherwise.
    const branch = `second-${name}`;
    github.git.push(branch, pull.headSha, 'ben');
    const { number } = github.openPull({ branch, title: 'Twin', by: 'ben' });
    await claim({ branch, headSha: pull.headSha }, reportOf(order[1]));
    expect(gates(pull.headSha)).toMatchObject({ conclusion: 'failure', summary: expect.stringContaining('AMBIGUOUS_HEAD') });
    expect(gates(pull.headSha)?.summary).toContain(`${pull.number} and ${number}`);
  }
});

it('zip bomb, link, ..', async () => {
  const { bot } = team;
  const report = canonicalBytes(better());
  const name = 'weighin-report-churn-1';
  const hostile: readonly Uint8Array[] = [
    zipSync({ 'churn/report.json': new Uint8Array(60_000_000) }),
    zipSync({ 'churn/report.json': [strToU8('/proc/self/environ'), { os: 3, attrs: (0o120777 << 16) >>> 0 }] }),
    zipSync({ '../churn/report.json': report, 'churn/report.json': report }),
    zipSync({ 'churn/../../report.json': report, 'churn/report.json': report }),
    zipSync({ 'churn/report.json': report }).slice(0, -30),
  ];
  for (const [index, zip] of hostile.entries()) {
    const pull = propose(`zip-${index}`);
    await claim(pull, { name, zip });
    expect(gates(pull.headSha)?.conclusion, `${index}`).not.toBe('success');
    expect(team.said(pull.number), `${index}`).toContain('ARTIFACT_REFUSED');
    expect(team.said(pull.number), `${index}`).not.toContain('passes');
  }
  // Nobody else waits for it.
  const pull = propose('zip-good');
  await claim(pull, { name, zip: zipSync({ 'churn/report.json': report }) });
  expect(gates(pull.headSha)?.conclusion).toBe('success');
  expect(bot.log()).not.toMatch(/"level":"error"/);
});
