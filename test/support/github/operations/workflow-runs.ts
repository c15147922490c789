import { createHash } from 'node:crypto';
import { zipSync } from 'fflate';
import { workflowJson, workflowRunJson } from '../payloads/workflow-run.ts';
import type { Doer, Repository, WorkflowRun } from '../state.ts';
import { asApp, asUser, findAccount, type World } from '../world.ts';

export interface PlayedRun {
  /** `.github/workflows/weighin.yml` */
  readonly path: string;
  readonly name?: string;
  readonly event: string;
  readonly headBranch: string | null;
  readonly headSha: string;
  /** Whose repository the head is in; null: the fork is gone. */
  readonly headRepo?: Repository | null;
  readonly conclusion?: string;
  /** A login. */
  readonly actor: string;
  readonly triggeringActor?: string;
  /** `in_progress` leaves it running: `finishRun` ends it. */
  readonly status?: 'queued' | 'in_progress' | 'completed';
  readonly artifacts?: readonly PlayedArtifact[];
  readonly jobs?: readonly { readonly name: string; readonly conclusion: string | null }[];
  /** A person approved the run that waits, as it must for a pull request that a workflow's token opened. */
  readonly approved?: boolean;
}
export type PlayedArtifact =
  | { readonly name: string; readonly files: Readonly<Record<string, string | Uint8Array>>; readonly expired?: boolean }
  | { readonly name: string; readonly zip: Uint8Array; readonly expired?: boolean };

/** A run of a workflow, as if a runner had done it: its artifacts, and workflow_run `requested` and `completed`. */
export function playRun(world: World, repository: Repository, played: PlayedRun): WorkflowRun {
  const actor = findAccount(world, played.actor);
  const same = repository.runs.find(({ path }) => path === played.path);
  const run: WorkflowRun = {
    id: world.nextId() + 1_000_000,
    attempt: 1,
    number: repository.runs.filter(({ path }) => path === played.path).length + 1,
    workflowId: same?.workflowId ?? world.nextId(),
    path: played.path,
    name: played.name ?? same?.name ?? played.path.replace(/^.*\/|\.ya?ml$/g, ''),
    event: played.event,
    headBranch: played.headBranch,
    headSha: played.headSha,
    headRepository: played.headRepo === undefined ? repository : played.headRepo,
    status: 'queued',
    conclusion: null,
    actor,
    triggeringActor: findAccount(world, played.triggeringActor ?? played.actor),
    createdAt: world.clock.iso(),
    updatedAt: world.clock.iso(),
    jobs: (played.jobs ?? [{ name: 'weighin', conclusion: played.conclusion ?? 'success' }]).map((job) => ({ id: world.nextId(), ...job })),
  };
  repository.runs.push(run);
  if (waitsForApproval(repository, played)) {
    Object.assign(run, { status: 'completed', conclusion: 'action_required', jobs: [] });
    return run;
  }
  const by =
    actor.type === 'Bot' && actor.login === 'github-actions[bot]'
      ? asApp([...world.apps.values()].find(({ bot }) => bot === actor) ?? world.app)
      : asUser(actor);
  tellRun(world, repository, run, 'requested', by);
  run.status = 'in_progress';
  for (const artifact of played.artifacts ?? []) addArtifact(world, repository, run, artifact);
  if ((played.status ?? 'completed') === 'completed') finishRun(world, repository, run, played.conclusion ?? 'success', by);
  else run.status = played.status ?? 'in_progress';
  return run;
}

export function finishRun(world: World, repository: Repository, run: WorkflowRun, conclusion: string, by: Doer = asUser(run.actor)): void {
  run.status = 'completed';
  run.conclusion = conclusion;
  run.updatedAt = world.clock.iso();
  tellRun(world, repository, run, 'completed', by);
}

export function addArtifact(world: World, repository: Repository, run: WorkflowRun, artifact: PlayedArtifact): void {
  const bytes = (content: string | Uint8Array) => (typeof content === 'string' ? new TextEncoder().encode(content) : content);
  const zip =
    'zip' in artifact
      ? artifact.zip
      : zipSync(Object.fromEntries(Object.entries(artifact.files).map(([path, content]) => [path, bytes(content)])), {
          // The format's least date: the same files are the same bytes.
          mtime: new Date('1980-01-02T00:00:00Z'),
        });
  repository.artifacts.push({
    id: world.nextId(),
    run: run.id,
    name: artifact.name,
    zip,
    digest: `sha256:${createHash('sha256').update(zip).digest('hex')}`,
    createdAt: world.clock.iso(),
    expired: artifact.expired ?? false,
  });
}

function waitsForApproval(repository: Repository, { event, headSha, approved = false }: PlayedRun): boolean {
  if (approved || !event.startsWith('pull_request')) return false;
  return [...repository.pulls.values()].some((pull) => pull.openedByWorkflow && pull.headSha === headSha);
}

function tellRun(world: World, repository: Repository, run: WorkflowRun, action: 'requested' | 'completed', by: Doer): void {
  const body = { workflow_run: workflowRunJson(world, repository, run), workflow: workflowJson(world, repository, run) };
  world.emit(repository, 'workflow_run', action, body, { ...by, workflow: false });
}
