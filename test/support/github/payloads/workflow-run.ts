import type { Artifact, Repository, WorkflowRun } from '../state.ts';
import type { World } from '../world.ts';
import { nodeId, simpleUser } from './account.ts';
import { headCommitJson } from './commit.ts';
import { apiOf, htmlOf, minimalRepository } from './repository.ts';

export function workflowRunJson(world: World, repository: Repository, run: WorkflowRun) {
  const url = `${apiOf(world, repository)}/actions/runs/${run.id}`;
  const commit = repository.git.commit(run.headSha);
  return {
    id: run.id,
    name: run.name,
    node_id: nodeId('WFR', run.id),
    check_suite_id: run.id + 1,
    check_suite_node_id: nodeId('CS', run.id + 1),
    head_branch: run.headBranch,
    head_sha: run.headSha,
    path: run.path,
    run_number: run.number,
    event: run.event,
    display_title: run.name,
    status: run.status,
    conclusion: run.conclusion,
    workflow_id: run.workflowId,
    url,
    html_url: `${htmlOf(world, repository)}/actions/runs/${run.id}`,
    // Empty for a fork's, always: the run's own head decides which pull request it was of.
    pull_requests: pullsOf(world, repository, run),
    created_at: run.createdAt,
    updated_at: run.updatedAt,
    actor: simpleUser(world, run.actor),
    run_attempt: run.attempt,
    referenced_workflows: [],
    run_started_at: run.createdAt,
    triggering_actor: simpleUser(world, run.triggeringActor),
    jobs_url: `${url}/jobs`,
    logs_url: `${url}/logs`,
    check_suite_url: `${apiOf(world, repository)}/check-suites/${run.id + 1}`,
    artifacts_url: `${url}/artifacts`,
    cancel_url: `${url}/cancel`,
    rerun_url: `${url}/rerun`,
    previous_attempt_url: run.attempt > 1 ? `${url}/attempts/${run.attempt - 1}` : null,
    workflow_url: `${apiOf(world, repository)}/actions/workflows/${run.workflowId}`,
    head_commit: commit ? headCommitJson(commit) : null,
    repository: minimalRepository(world, repository),
    head_repository: run.headRepository ? minimalRepository(world, run.headRepository) : null,
  };
}

function pullsOf(world: World, repository: Repository, run: WorkflowRun) {
  const repo = { id: repository.id, url: apiOf(world, repository), name: repository.name };
  return [...repository.pulls.values()]
    .filter(
      (pull) =>
        run.headRepository === repository &&
        pull.issue.state === 'open' &&
        pull.headSha === run.headSha &&
        pull.headRepository === repository,
    )
    .map((pull) => ({
      url: `${apiOf(world, repository)}/pulls/${pull.issue.number}`,
      id: pull.id,
      number: pull.issue.number,
      head: { ref: pull.headBranch, sha: pull.headSha, repo },
      base: { ref: pull.base, sha: pull.baseSha, repo },
    }));
}

export function workflowJson(world: World, repository: Repository, run: WorkflowRun) {
  const url = `${apiOf(world, repository)}/actions/workflows/${run.workflowId}`;
  return {
    id: run.workflowId,
    node_id: nodeId('W', run.workflowId),
    name: run.name,
    path: run.path,
    state: 'active',
    created_at: repository.createdAt,
    updated_at: repository.createdAt,
    url,
    html_url: `${htmlOf(world, repository)}/blob/${repository.defaultBranch}/${run.path}`,
    badge_url: `${htmlOf(world, repository)}/workflows/${encodeURIComponent(run.name)}/badge.svg`,
  };
}

export function artifactJson(world: World, repository: Repository, artifact: Artifact) {
  const url = `${apiOf(world, repository)}/actions/artifacts/${artifact.id}`;
  const run = repository.runs.find(({ id }) => id === artifact.run);
  return {
    id: artifact.id,
    node_id: nodeId('A', artifact.id),
    name: artifact.name,
    size_in_bytes: artifact.zip.length,
    url,
    archive_download_url: `${url}/zip`,
    expired: artifact.expired,
    digest: artifact.digest,
    created_at: artifact.createdAt,
    expires_at: artifact.createdAt,
    updated_at: artifact.createdAt,
    workflow_run: run
      ? {
          id: run.id,
          repository_id: repository.id,
          head_repository_id: run.headRepository?.id ?? repository.id,
          head_branch: run.headBranch ?? '',
          head_sha: run.headSha,
        }
      : null,
  };
}
