import { decidesOnReported } from '../../shared/card/evidence-words.ts';
import type { Config } from '../../shared/config/schema.ts';
import { claimWorkflow, weighWorkflow } from '../../shared/promotion/evidence-document.ts';
import type { Forge, PullSnapshot, WorkflowRun } from '../../shared/promotion/forge.ts';
import { commentMarker } from '../../shared/report/comment/render-comment.ts';
import type { Report } from '../../shared/report/report.ts';
import { verdicts } from '../../shared/verdict/verdict.ts';
import type { BotContext, Policy } from '../bot-context.ts';
import { type Evidence, measuredFor, readEvidence } from '../reports/read-evidence.ts';
import { checkWorkflow, readReports } from '../reports/read-reports.ts';
import type { ReportProblem } from '../reports/report-problem.ts';
import { readPolicy } from '../state/read-policy.ts';
import { ownComments } from './keep-one-comment.ts';
import { type PolicyChange, policyChanges, severityChanges } from './policy-changes.ts';
import { weighedOf } from './weighed-runs.ts';

/** One model of a pull request, by the best evidence that there is for its head. */
export interface ModelFinding {
  readonly report: Report;
  readonly standing: 'claimed' | 'run-verified' | 'attested';
  /** The run that made it. */
  readonly url: string;
  /** What the pull request's own run had claimed, where it was measured to be otherwise. */
  readonly claimedVerdict: Report['verdict'] | null;
}

export interface PullFindings {
  readonly pull: PullSnapshot;
  readonly policy: Policy;
  readonly claim: {
    /** none: no run of this head is known; running: its parts are not all there; done. */
    readonly state: 'none' | 'running' | 'done';
    readonly run: WorkflowRun | null;
  };
  readonly models: readonly ModelFinding[];
  /** Weigh runs whose measurement is shown. */
  readonly weighed: readonly number[];
  readonly problems: readonly ReportProblem[];
  readonly policyChanges: readonly PolicyChange[];
}

export interface FindingsRequest {
  /** Weigh runs that an earlier comment or check named; each is proved again. Without it our comment is asked. */
  readonly weighed?: readonly number[];
  /** Every run of this commit, and the worst of what they say: several pull requests have this head. */
  readonly allOfCommit?: boolean;
}

/** Runs of one commit that are read when it is the head of several pull requests. */
const mostRuns = 6;

/** Everything that is known about a pull request's head. Read from the API by its commit, never from what the runs say of themselves. */
export async function readPullFindings(context: BotContext, pull: PullSnapshot, request: FindingsRequest = {}): Promise<PullFindings> {
  const { forge } = context;
  const policy = await context.policy();
  const runs = await once(claimRuns, pull, () => readClaimRuns(forge, pull));
  const own = request.allOfCommit ? runs.slice(0, mostRuns) : runs.filter((run) => isOf(run, pull, forge.repository)).slice(0, 1);
  const [newest = null] = own;
  const state = newest === null ? 'none' : own.every(({ status }) => status === 'completed') ? 'done' : 'running';
  const problems: ReportProblem[] = [];
  const models = new Map<string, ModelFinding>();
  if (state === 'done')
    for (const run of own) {
      const { claimed, problems: found } = await readReports(forge, run);
      problems.push(...found);
      for (const report of claimed) keepWorst(models, { report, standing: 'claimed', url: run.url, claimedVerdict: null });
    }

  const evidence = await measuredEvidence(context, pull, request.weighed, problems);
  for (const { report, level, document } of evidence) {
    const claimed = models.get(report.model)?.report.verdict ?? null;
    models.set(report.model, {
      report,
      standing: decidesOnReported(report.training) ? 'claimed' : level,
      url: `${forge.repository.url}/actions/runs/${document.run.id}`,
      claimedVerdict: claimed !== null && claimed !== report.verdict ? claimed : null,
    });
  }
  const unread = await once(ownChanges, pull, () => readChanges(context, pull, policy.config));
  if (unread.workflow && models.size > 0) problems.unshift(unread.workflow);
  return {
    pull,
    policy,
    claim: { state, run: newest },
    models: [...models.values()],
    weighed: [...new Set(evidence.map(({ document }) => document.run.id))].sort((a, b) => a - b),
    problems,
    policyChanges: unread.changes,
  };
}

/** One reading of a pull request is one moment: comment and checks of it ask once. */
const claimRuns = new WeakMap<PullSnapshot, Promise<readonly WorkflowRun[]>>();
const ownChanges = new WeakMap<PullSnapshot, ReturnType<typeof readChanges>>();

function once<Value>(kept: WeakMap<PullSnapshot, Promise<Value>>, pull: PullSnapshot, read: () => Promise<Value>): Promise<Value> {
  const found = kept.get(pull) ?? read();
  kept.set(pull, found);
  return found;
}

/** Such a run did nothing: it waits for somebody's leave, or another took its place. */
const unplayed = ['action_required', 'skipped', 'cancelled'];

async function readClaimRuns(forge: Forge, { head }: PullSnapshot): Promise<readonly WorkflowRun[]> {
  const runs = await forge.actions.runs({ workflow: claimWorkflow, event: 'pull_request', sha: head.sha });
  return runs.filter(
    ({ path, event, headSha, conclusion }) =>
      path === claimWorkflow && event === 'pull_request' && headSha === head.sha && !(conclusion !== null && unplayed.includes(conclusion)),
  );
}

function isOf(run: WorkflowRun, { head }: PullSnapshot, repository: { readonly owner: string; readonly name: string }): boolean {
  const from = run.headRepository?.fullName.toLowerCase();
  const owner = head.owner?.toLowerCase();
  if (run.headBranch !== head.branch || !from || !owner) return false;
  return head.fork ? from.startsWith(`${owner}/`) : from === `${repository.owner}/${repository.name}`.toLowerCase();
}

function keepWorst(models: Map<string, ModelFinding>, finding: ModelFinding) {
  const known = models.get(finding.report.model);
  if (!known || verdicts.indexOf(finding.report.verdict) > verdicts.indexOf(known.report.verdict))
    models.set(finding.report.model, finding);
}

async function namedByComment(forge: Forge, number: number): Promise<readonly number[]> {
  const [own] = ownComments(await forge.comments.list(number), forge, commentMarker);
  return weighedOf(own?.body ?? null);
}

/** What weigh runs measured of exactly this head: as this process saw them, or proved again where an earlier comment names them. */
async function measuredEvidence(
  { forge, verifyNewEvidence }: BotContext,
  { head, number }: PullSnapshot,
  hinted: readonly number[] | undefined,
  problems: ReportProblem[],
): Promise<readonly Evidence[]> {
  const isOurs = ({ document }: Evidence) => document.purpose === 'pull' && document.headSha === head.sha;
  const known = measuredFor(forge, head.sha).filter(isOurs);
  const seen = new Set(known.map(({ document }) => document.run.id));
  const found = [...known];
  const named = hinted ?? (known.length > 0 ? [] : await namedByComment(forge, number));
  for (const id of named.filter((run) => !seen.has(run)).slice(0, 3)) {
    const run = await forge.actions.run(id);
    if (run?.path !== weighWorkflow) continue;
    const read = await readEvidence(forge, run, verifyNewEvidence);
    problems.push(...read.problems);
    found.push(...read.evidence.filter(isOurs));
  }
  // The latest measurement of a model counts; of one commit in two pull requests, the one that names this one.
  const byModel = new Map<string, Evidence>();
  for (const evidence of found.sort((a, b) => a.document.run.id - b.document.run.id)) {
    const other = byModel.get(evidence.document.model);
    if (!other || other.document.pull !== number || evidence.document.pull === number) byModel.set(evidence.document.model, evidence);
  }
  return [...byModel.values()];
}

/** What the pull request changes of its own judge. Asked for only where its files say that it may. */
async function readChanges(
  { forge }: BotContext,
  pull: PullSnapshot,
  base: Config | null,
): Promise<{ readonly workflow: ReportProblem | null; readonly changes: readonly PolicyChange[] }> {
  const { files, moreFiles, head } = pull;
  const onDefault = pull.base === forge.repository.defaultBranch;
  // The run of an untouched workflow is the base's own: GitHub runs the merge of both.
  const workflow = moreFiles || !onDefault || files.includes(claimWorkflow) ? await checkWorkflow(forge, head.sha) : null;
  if (!base) return { workflow, changes: [] };
  const contracts = Object.values(base.models).flatMap(({ data }) => (data?.contract ? [data.contract] : []));
  const touchedContracts = files.filter((file) => contracts.some((contract) => file === contract || file.endsWith(`/${contract}`)));
  const template = base.conversation.template;
  const touchesConfig =
    moreFiles || files.some((file) => /(?:^|\/)weighin\.ya?ml$/.test(file) || (/\.ya?ml$/.test(file) && (base.include ?? '').length > 0));
  const touchesTemplate = template !== undefined && files.includes(template);
  if (!touchesConfig && !touchesTemplate && touchedContracts.length === 0) return { workflow, changes: [] };

  const paths = ['weighin.yaml', ...touchedContracts];
  const [theirs, ours] = await forge.git.read([
    { ref: head.sha, paths },
    { ref: forge.repository.defaultBranch, paths },
  ]);
  const changes: PolicyChange[] = [];
  if (touchesConfig) {
    const { config, problem } = await readPolicy(forge, head.sha, theirs?.files.get('weighin.yaml') ?? null);
    if (config) changes.push(...policyChanges(base, config));
    else changes.push({ key: 'weighin.yaml', before: 'readable', after: problem });
  }
  for (const path of touchedContracts)
    changes.push(...severityChanges(path, ours?.files.get(path) ?? null, theirs?.files.get(path) ?? null));
  if (touchesTemplate && template !== undefined) changes.push({ key: template, before: 'the default branch’s', after: 'another template' });
  return { workflow, changes };
}
