import { mergeabilityOf } from '../operations/mergeability.ts';
import type { Pull, Repository, Review } from '../state.ts';
import type { World } from '../world.ts';
import { nodeId, simpleUser } from './account.ts';
import { association, label } from './issue.ts';
import { apiOf, fullRepository, htmlOf } from './repository.ts';

/** A pull request as lists and webhooks carry it. */
export function pullSummaryJson(world: World, repository: Repository, pull: Pull) {
  const { issue } = pull;
  const url = `${apiOf(world, repository)}/pulls/${issue.number}`;
  const html = `${htmlOf(world, repository)}/pull/${issue.number}`;
  const issueUrl = `${apiOf(world, repository)}/issues/${issue.number}`;
  const statuses = `${apiOf(world, repository)}/statuses/${pull.headSha}`;
  const base = issue.state === 'open' ? (repository.git.ref(`${repository.refs}heads/${pull.base}`) ?? pull.baseSha) : pull.baseSha;
  return {
    url,
    id: pull.id,
    node_id: nodeId('PR', pull.id),
    html_url: html,
    diff_url: `${html}.diff`,
    patch_url: `${html}.patch`,
    issue_url: issueUrl,
    number: issue.number,
    state: issue.state,
    locked: issue.locked,
    title: issue.title,
    user: simpleUser(world, issue.author),
    body: issue.body,
    created_at: issue.createdAt,
    updated_at: issue.updatedAt,
    closed_at: issue.closedAt,
    merged_at: pull.merged?.at ?? null,
    merge_commit_sha: pull.merged?.sha ?? (issue.state === 'open' ? pull.headSha : null),
    assignee: null,
    assignees: [],
    requested_reviewers: [],
    requested_teams: [],
    labels: issue.labels.map((name, index) => label(world, repository, name, issue.id * 100 + index)),
    milestone: null,
    draft: pull.draft,
    commits_url: `${url}/commits`,
    review_comments_url: `${url}/comments`,
    review_comment_url: `${apiOf(world, repository)}/pulls/comments{/number}`,
    comments_url: `${issueUrl}/comments`,
    statuses_url: statuses,
    head: {
      label: `${pull.headRepository.owner.login}:${pull.headBranch}`,
      ref: pull.headBranch,
      sha: pull.headSha,
      user: simpleUser(world, pull.headRepository.owner),
      repo: fullRepository(world, pull.headRepository),
    },
    base: {
      label: `${repository.owner.login}:${pull.base}`,
      ref: pull.base,
      sha: base,
      user: simpleUser(world, repository.owner),
      repo: fullRepository(world, repository),
    },
    _links: {
      self: { href: url },
      html: { href: html },
      issue: { href: issueUrl },
      comments: { href: `${issueUrl}/comments` },
      review_comments: { href: `${url}/comments` },
      review_comment: { href: `${apiOf(world, repository)}/pulls/comments{/number}` },
      commits: { href: `${url}/commits` },
      statuses: { href: statuses },
    },
    author_association: association(world, repository, issue.author),
    auto_merge: null,
    active_lock_reason: null,
  };
}

export function pullJson(world: World, repository: Repository, pull: Pull) {
  const { git } = repository;
  const summary = pullSummaryJson(world, repository, pull);
  const state = mergeabilityOf(world, repository, pull);
  const from = git.mergeBase(summary.base.sha, pull.headSha);
  const changed = git.differences(from, pull.headSha);
  return {
    ...summary,
    merged: pull.merged !== null,
    mergeable: state.mergeable,
    rebaseable: state.mergeable,
    mergeable_state: state.state,
    merged_by: pull.merged ? simpleUser(world, pull.merged.by) : null,
    comments: repository.comments.filter(({ number }) => number === pull.issue.number).length,
    review_comments: 0,
    maintainer_can_modify: false,
    commits: git.history(pull.headSha, from ? { not: from } : {}).length,
    additions: changed.reduce((sum, { additions }) => sum + additions, 0),
    deletions: changed.reduce((sum, { deletions }) => sum + deletions, 0),
    changed_files: changed.length,
  };
}

export function reviewJson(world: World, repository: Repository, pull: Pull, review: Review) {
  const html = `${htmlOf(world, repository)}/pull/${pull.issue.number}`;
  const url = `${apiOf(world, repository)}/pulls/${pull.issue.number}`;
  return {
    id: review.id,
    node_id: nodeId('PRR', review.id),
    user: simpleUser(world, review.author),
    body: review.body,
    commit_id: review.commit,
    submitted_at: review.submittedAt,
    state: review.state,
    html_url: `${html}#pullrequestreview-${review.id}`,
    pull_request_url: url,
    author_association: association(world, repository, review.author),
    _links: { html: { href: `${html}#pullrequestreview-${review.id}` }, pull_request: { href: url } },
  };
}
