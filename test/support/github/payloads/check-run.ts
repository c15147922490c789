import type { CheckRun, Repository } from '../state.ts';
import type { World } from '../world.ts';
import { integration, nodeId } from './account.ts';
import { apiOf, htmlOf } from './repository.ts';

/** GitHub finds the pull requests of a check by its commit: several may share it, and none of a fork is named. */
function pullsOf(world: World, repository: Repository, sha: string) {
  return [...repository.pulls.values()]
    .filter((pull) => pull.issue.state === 'open' && pull.headSha === sha && pull.headRepository === repository)
    .map((pull) => {
      const repo = { id: repository.id, url: apiOf(world, repository), name: repository.name };
      return {
        url: `${apiOf(world, repository)}/pulls/${pull.issue.number}`,
        id: pull.id,
        number: pull.issue.number,
        head: { ref: pull.headBranch, sha: pull.headSha, repo },
        base: { ref: pull.base, sha: pull.baseSha, repo },
      };
    });
}

export function checkRunJson(world: World, repository: Repository, run: CheckRun) {
  const url = `${apiOf(world, repository)}/check-runs/${run.id}`;
  return {
    id: run.id,
    name: run.name,
    node_id: nodeId('CR', run.id),
    head_sha: run.sha,
    external_id: run.externalId,
    url,
    html_url: `${htmlOf(world, repository)}/runs/${run.id}`,
    details_url: run.detailsUrl ?? 'https://weighin.example',
    status: run.status,
    conclusion: run.conclusion,
    started_at: run.startedAt,
    completed_at: run.completedAt,
    output: {
      title: run.title,
      summary: run.summary,
      text: run.text,
      annotations_count: run.annotations.length,
      annotations_url: `${url}/annotations`,
    },
    check_suite: { id: run.suite },
    app: integration(world, run.app),
    pull_requests: pullsOf(world, repository, run.sha),
  };
}

/** As webhooks carry it: with its suite. */
export function checkRunEventJson(world: World, repository: Repository, run: CheckRun) {
  const shown = checkRunJson(world, repository, run);
  const branch = repository.git.refsUnder(`${repository.refs}heads/`).find(({ oid }) => oid === run.sha);
  return {
    ...shown,
    check_suite: {
      id: run.suite,
      node_id: nodeId('CS', run.suite),
      head_branch: branch ? branch.ref.slice(`${repository.refs}heads/`.length) : null,
      head_sha: run.sha,
      status: run.status,
      conclusion: run.conclusion,
      url: `${apiOf(world, repository)}/check-suites/${run.suite}`,
      before: null,
      after: run.sha,
      pull_requests: shown.pull_requests,
      app: shown.app,
      created_at: run.startedAt,
      updated_at: run.completedAt ?? run.startedAt,
    },
  };
}
