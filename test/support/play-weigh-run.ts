import { execFileSync } from 'node:child_process';
import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import {
  claimWorkflow,
  evidenceArtifact,
  type WeighRequest,
  weighDispatch,
  weighWorkflow,
} from '../../shared/promotion/evidence-document.ts';
import { weighin } from './built-cli.ts';
import type { GitHub } from './github/open-github.ts';
import { addArtifact } from './github/operations/workflow-runs.ts';
import { ownFolder } from './own-folder.ts';
import { playWeighJobs, type WeighJobs, type WeighJobsRequest } from './weigh-jobs.ts';

export interface PlayedWeighRun extends WeighJobs {
  /** Of the weigh run itself, which the double now knows, with its artifacts. */
  readonly run: number;
}

/** What each job's token may do, as the workflow says it. */
const permissions = {
  resolve: { actions: 'read', contents: 'read', pull_requests: 'read' },
  rows: { contents: 'read' },
  judge: { contents: 'read' },
  attest: { contents: 'write', id_token: 'write', attestations: 'write' },
  store: { contents: 'write', id_token: 'write', attestations: 'write' },
} as const;

/**
 * Plays weighin-weigh.yml in the double: after a run of weighin.yml, or for a request that the bot dispatched. The jobs are processes of the
 * built action; what they keep becomes the run's artifacts, and the run ends (`workflow_run` completed).
 */
export async function playWeighRun(
  github: GitHub,
  cause: { readonly run: number } | { readonly dispatch: WeighRequest; readonly by?: string },
  options: Pick<WeighJobsRequest, 'meddle'> = {},
): Promise<PlayedWeighRun> {
  const { repository } = github;
  const claimed = 'run' in cause ? github.run(cause.run) : null;
  const headBranch = repository.defaultBranch;
  const run = github.playRun({
    path: weighWorkflow,
    name: 'weighin-weigh',
    event: claimed ? 'workflow_run' : 'repository_dispatch',
    headBranch,
    headSha: github.git.head(headBranch) ?? '',
    actor: claimed?.actor.login ?? ('by' in cause && cause.by ? cause.by : github.app.botLogin),
    status: 'in_progress',
  });
  const played = await playWeighJobs({
    event: run.event,
    payload: claimed
      ? { action: 'completed', workflow_run: { id: claimed.id } }
      : { action: weighDispatch, client_payload: 'dispatch' in cause ? cause.dispatch : null },
    apiUrl: github.apiUrl,
    token: (job) => github.token.workflow(permissions[job]),
    repository: `${repository.owner.login}/${repository.name}`,
    gitPath: github.git.path,
    run: { id: run.id, attempt: run.attempt },
    ...options,
  });
  for (const [model, folder] of played.evidence)
    addArtifact(github.world, repository, run, { name: evidenceArtifact(model, run.attempt), files: filesBelow(folder) });
  github.finishRun(run.id, [...played.jobs.values()].every(({ status }) => status === 0) ? 'success' : 'failure');
  return { ...played, run: run.id };
}

export interface ClaimedRunRequest {
  readonly branch: string;
  readonly actor: string;
  readonly event?: string;
  /** What the pull request's code makes of what it leaves behind. */
  readonly forge?: (files: Record<string, Uint8Array>) => Record<string, Uint8Array>;
  readonly path?: string;
  readonly fork?: boolean;
}

/** Plays weighin.yml on a branch: trains in a clone of it as a laptop would, and leaves the two artifacts that its action leaves. */
export async function playClaimedRun(
  github: GitHub,
  request: ClaimedRunRequest,
): Promise<{ readonly run: number; readonly headSha: string }> {
  const { branch, actor, event = 'pull_request', path = claimWorkflow, fork = false } = request;
  const where = fork ? github.forkOf(actor) : github.repository;
  const folder = ownFolder('claimed');
  const git = (...words: string[]) =>
    execFileSync('git', words, { cwd: folder, encoding: 'utf8', stdio: ['ignore', 'pipe', 'pipe'] }).trim();
  git('init', '--quiet');
  git('fetch', '--quiet', github.git.path, `${where.refs}heads/${branch}`);
  git('checkout', '--quiet', 'FETCH_HEAD');
  const headSha = git('rev-parse', 'HEAD');
  // What the workflow gives the step: the token reads, which is all that the job may.
  const { owner, name } = github.repository;
  const env = {
    GITHUB_REPOSITORY: `${owner.login}/${name}`,
    GITHUB_API_URL: github.apiUrl,
    GITHUB_TOKEN: github.token.workflow({ contents: 'read' }),
  };
  const { status, stderr } = await weighin(['run'], { cwd: folder, env });
  const runs = join(folder, '.weighin/runs');
  const models = existsSync(runs) ? readdirSync(runs) : [];
  if (models.length === 0) throw new Error(`the claimed run left nothing (${status}): ${stderr}`);
  const kept: Record<string, Uint8Array> = {};
  const reports: Record<string, Uint8Array> = {};
  for (const [name, bytes] of Object.entries(filesBelow(runs))) {
    if (/^[^/]+\/(?:training\.json|training\/.+|contract\.json|evaluation\.json)$/.test(name)) kept[name] = bytes;
    if (/^[^/]+\/(?:report\.json|comment\.md)$/.test(name)) reports[name] = bytes;
  }
  const { forge = (files) => files } = request;
  const subject = models.join('+');
  const run = github.playRun({
    path,
    name: 'weighin',
    event,
    headBranch: branch,
    headSha,
    headRepo: where,
    actor,
    conclusion: status === 0 ? 'success' : 'failure',
    artifacts: [
      { name: `weighin-files-${subject}-1`, files: forge(kept) },
      { name: `weighin-report-${subject}-1`, files: forge(reports) },
    ],
  });
  return { run: run.id, headSha };
}

/** Path → bytes, in order. */
function filesBelow(folder: string): Record<string, Uint8Array> {
  const names = readdirSync(folder, { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isFile())
    .map((entry) => join(entry.parentPath, entry.name).slice(folder.length + 1))
    .sort();
  return Object.fromEntries(names.map((name) => [name, readFileSync(join(folder, name))]));
}
