import { stringify } from 'yaml';
import { policyDigest } from '../../../shared/config/policy-digest.ts';
import { type Config, configSchema } from '../../../shared/config/schema.ts';
import { canonicalJson, digestOf, digestOfDocument } from '../../../shared/digest/canonical-json.ts';
import type { AcceptedDocument } from '../../../shared/promotion/accepted-document.ts';
import { claimWorkflow } from '../../../shared/promotion/evidence-document.ts';
import { acceptedPath, knownReportPath, knownVersionPath, stateBranch } from '../../../shared/promotion/state-paths.ts';
import type { VersionRecord } from '../../../shared/registry/version-record.ts';
import { canonicalReport } from '../../../shared/report/canonical-report.ts';
import { type GitHub, type GitHubOptions, openGitHub } from '../github/open-github.ts';
import { gate } from '../reports/parts.ts';
import { evaluation, report as reportOf } from '../reports/reports.ts';

export interface TeamOptions extends GitHubOptions {
  /** Of weighin.yaml, beside the model; `stages` of the model churn. */
  readonly stages?: object;
  readonly top?: object;
  /** Of the model churn. */
  readonly model?: object;
  /** How many versions a weigh run has handed over. */
  readonly versions?: number;
}

export interface RegisteredTeam {
  readonly github: GitHub;
  readonly config: Config;
  /** anna asks, dora and ben may approve, alice trained, chris reads only. */
  readonly promotionPull: () => number;
  readonly check: (sha: string) => { readonly conclusion: string | null; readonly summary: string | null } | undefined;
  readonly ownComments: (number: number) => readonly string[];
  readonly state: (path: string) => unknown;
  readonly stageFile: (stage?: string) => unknown;
  close(): Promise<void>;
}

const shaOf = (text: string) => digestOf(new TextEncoder().encode(text));

/**
 * A team whose versions are measured and accepted already, so that promotions can be played without training anything: weighin.yaml on main,
 * records, proofs and reports on `weighin/state` as the bot would have written them.
 */
export async function openRegisteredTeam({ stages, top, model, versions = 2, ...options }: TeamOptions = {}): Promise<RegisteredTeam> {
  const github = await openGitHub({ owner: 'acme', repo: 'churn', ...options });
  for (const [login, role] of [
    ['anna', 'write'],
    ['ben', 'write'],
    ['dora', 'maintain'],
    ['alice', 'write'],
    ['chris', 'read'],
  ] as const)
    github.users.add({ login, role });
  const written = {
    version: 1,
    mode: 'enforce',
    ...top,
    models: {
      churn: {
        task: 'binary',
        data: { source: 'data/customers.csv', label: 'churned' },
        training: { command: 'python train.py' },
        evaluation: { gates: [{ metric: 'roc_auc', min: 0.8 }] },
        stages: stages ?? { production: { approvals: 1 } },
        ...model,
      },
    },
  };
  const config = configSchema.parse(written);
  const main = github.git.commit({
    branch: 'main',
    files: { 'weighin.yaml': stringify(written), 'train.py': 'print(1)\n', [claimWorkflow]: 'name: weighin\n' },
    message: 'Begin',
  });
  const files: Record<string, string> = {};
  for (let number = 1; number <= versions; number++) Object.assign(files, versionFiles(github, config, number, main));
  if (versions > 0) github.git.commit({ branch: stateBranch, files, message: 'Accept versions', by: github.app.botLogin });
  const json = (text: string | null): unknown => (text === null ? null : JSON.parse(text));
  return {
    github,
    config,
    promotionPull: () =>
      [...github.repository.pulls.values()].findLast(({ headBranch }) => headBranch.startsWith('weighin/promote/'))?.issue.number ?? 0,
    check: (sha) => {
      const run = github.checks(sha).find(({ name, app }) => name === 'weighin/promotion' && app?.slug === github.app.slug);
      return run && { conclusion: run.conclusion, summary: run.summary ?? null };
    },
    ownComments: (number) =>
      github
        .comments(number)
        .filter(({ author }) => author.login === github.app.botLogin)
        .map(({ body }) => body),
    state: (path) => json(github.git.file(stateBranch, path)),
    stageFile: (stage = 'production') => json(github.git.file('main', `registry/churn/stages/${stage}.json`)),
    close: () => github.close(),
  };
}

/** What the bot keeps of a version that a weigh run handed over; `production` is the number of the version that it was compared with. */
export function versionFiles(github: GitHub, config: Config, number: number, commit: string): Record<string, string> {
  const policy = policyDigest(config, 'churn');
  const baseline = number === 1 ? null : shaOf(`model ${number - 1}`);
  const bare = reportOf({
    evidence: 'measured',
    evaluation: evaluation({
      baseline:
        baseline === null
          ? null
          : { stage: 'production', version: number - 1, digest: baseline, createdAt: '2026-11-01T08:00:00.000Z', ageDays: 1 },
    }),
    gates: [gate({ id: 'roc_auc.min', metric: 'roc_auc', status: 'pass' })],
    policy: { digest: policy, file: 'weighin.yaml' },
    source: { repository: 'acme/churn', commit, dirty: false, pull: null, changed: [] },
  });
  const subject = shaOf(`model ${number}`);
  const report = canonicalReport({
    ...bare,
    training: bare.training && { ...bare.training, model: { ...bare.training.model, digest: subject } },
  });
  const text = new TextDecoder().decode(report.bytes);
  const { decisionDigest } = JSON.parse(text) as { decisionDigest: string };
  const alice = github.users.get('alice').id;
  const record: VersionRecord = {
    schema: 'weighin/version@1',
    model: 'churn',
    number,
    createdAt: github.clock.iso(),
    trust: 'measured',
    subject: { digest: subject, bytes: 1000, format: 'onnx', opset: 21, signature: null },
    source: {
      repositoryId: github.repository.id,
      repository: 'acme/churn',
      commit,
      base: null,
      tree: null,
      pull: 57,
      authors: [alice],
      actors: [alice],
      builder: 'actions',
    },
    training: { command: 'python train.py', trainer: null, params: shaOf('params'), seed: 42, environment: shaOf('environment') },
    dataset: { digest: shaOf('data'), contract: null, split: shaOf('split'), heldout: false },
    evaluation: { report: digestOf(report.bytes), decision: decisionDigest, policy, baseline, verdict: 'pass' },
    attestation: null,
  };
  const accepted: AcceptedDocument = {
    schema: 'weighin/accepted@1',
    level: 'run-verified',
    record: digestOfDocument(record),
    evidence: {
      schema: 'weighin/evidence@1',
      purpose: 'register',
      model: 'churn',
      subject,
      pull: null,
      headSha: commit,
      run: { id: 7000 + number, attempt: 1 },
      claimedRun: null,
      promotion: null,
      version: { number, record: digestOfDocument(record) },
      report: digestOf(report.bytes),
      decision: decisionDigest,
    },
    at: github.clock.iso(),
    by: 'weighin[bot]/0.1.0',
  };
  return {
    [knownVersionPath('churn', number)]: canonicalJson(record),
    [acceptedPath('churn', number)]: canonicalJson(accepted),
    [knownReportPath(digestOf(report.bytes))]: text,
  };
}
