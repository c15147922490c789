import { mergeabilityOf } from '../operations/mergeability.ts';
import { canPush } from '../operations/pulls.ts';
import { branchAt } from '../operations/refs.ts';
import { hasQueue, standingReviews } from '../operations/rules.ts';
import { nodeId } from '../payloads/account.ts';
import { commentJson, issueJson } from '../payloads/issue.ts';
import { htmlOf } from '../payloads/repository.ts';
import type { Issue, IssueComment, Pull, QueueEntry, Repository, Review } from '../state.ts';
import { objectNode, refNode } from './git.ts';
import { type Arguments, connection, type Node, type Viewer } from './node.ts';
import { actor } from './people.ts';
import { repositoryNode } from './repository.ts';

export function issueNode(viewer: Viewer, repository: Repository, issue: Issue): Node {
  const { world } = viewer;
  const url = `${htmlOf(world, repository)}/${issue.pull ? 'pull' : 'issues'}/${issue.number}`;
  return {
    __typename: 'Issue',
    id: nodeId('I', issue.id),
    databaseId: issue.id,
    number: issue.number,
    title: issue.title,
    body: issue.body ?? '',
    bodyText: issue.body ?? '',
    state: issue.state.toUpperCase(),
    url,
    author: actor(world, issue.author),
    locked: issue.locked,
    createdAt: issue.createdAt,
    updatedAt: issue.updatedAt,
    closedAt: issue.closedAt,
    closed: issue.state === 'closed',
    labels: (args: Arguments) =>
      connection('labels', issueJson(world, repository, issue).labels, args, ({ id, name }) => ({ id: nodeId('LA', id), name })),
    comments: (args: Arguments) =>
      connection(
        'comments',
        repository.comments.filter(({ number }) => number === issue.number),
        args,
        (one) => commentNode(viewer, repository, one),
      ),
    repository: () => repositoryNode(viewer, repository),
  };
}

export function pullNode(viewer: Viewer, repository: Repository, pull: Pull): Node {
  const { world } = viewer;
  const { git } = repository;
  const { issue, merged } = pull;
  const base = issue.state === 'open' ? (branchAt(repository, pull.base) ?? pull.baseSha) : pull.baseSha;
  const from = () => git.mergeBase(base, pull.headSha);
  const entry = (repository.queues.get(pull.base) ?? []).find((one) => one.pull === pull);
  const changed = () => git.differences(from(), pull.headSha);
  const commits = () => [...git.history(pull.headSha, from() ? { not: from() ?? '' } : {})].reverse();
  return {
    ...issueNode(viewer, repository, issue),
    __typename: 'PullRequest',
    id: nodeId('PR', pull.id),
    databaseId: pull.id,
    fullDatabaseId: String(pull.id),
    state: merged ? 'MERGED' : issue.state.toUpperCase(),
    isDraft: pull.draft,
    merged: merged !== null,
    mergedAt: merged?.at ?? null,
    mergedBy: merged ? actor(world, merged.by) : null,
    mergeCommit: () => (merged ? objectNode(viewer, repository, merged.sha) : null),
    mergeable: () => {
      const { mergeable } = mergeabilityOf(world, repository, pull);
      return mergeable === null ? 'UNKNOWN' : mergeable ? 'MERGEABLE' : 'CONFLICTING';
    },
    mergeStateStatus: () => mergeabilityOf(world, repository, pull).state.toUpperCase(),
    isInMergeQueue: entry !== undefined,
    isMergeQueueEnabled: hasQueue(repository, pull.base),
    mergeQueueEntry: () => (entry ? queueEntryNode(viewer, repository, entry) : null),
    autoMergeRequest: null,
    isCrossRepository: pull.headRepository !== repository,
    baseRefName: pull.base,
    baseRefOid: base,
    baseRef: () => refNode(viewer, repository, pull.base),
    headRefName: pull.headBranch,
    headRefOid: pull.headSha,
    headRef: () => refNode(viewer, pull.headRepository, pull.headBranch),
    headRepository: () => repositoryNode(viewer, pull.headRepository),
    headRepositoryOwner: actor(world, pull.headRepository.owner),
    baseRepository: () => repositoryNode(viewer, repository),
    changedFiles: () => changed().length,
    additions: () => changed().reduce((sum, { additions }) => sum + additions, 0),
    deletions: () => changed().reduce((sum, { deletions }) => sum + deletions, 0),
    files: (args: Arguments) =>
      connection('files', changed(), args, ({ path, status, additions, deletions }) => ({
        path,
        additions,
        deletions,
        changeType: status === 'removed' ? 'DELETED' : status.toUpperCase(),
        viewerViewedState: 'UNVIEWED',
      })),
    commits: (args: Arguments) =>
      connection('commits', commits(), args, (oid) => ({
        id: `PRC_${oid}`,
        commit: objectNode(viewer, repository, oid),
        pullRequest: pullNode(viewer, repository, pull),
      })),
    reviews: (args: Arguments) => {
      const states = args['states'] as readonly string[] | null | undefined;
      const found = pull.reviews.filter(({ state }) => states == null || states.includes(state));
      return connection('reviews', found, args, (review) => reviewNode(viewer, repository, pull, review));
    },
    latestReviews: (args: Arguments) =>
      connection('latestReviews', latest(pull), args, (review) => reviewNode(viewer, repository, pull, review)),
    reviewDecision: () => {
      const standing = standingReviews(world, repository, pull);
      if (standing.some(({ state }) => state === 'CHANGES_REQUESTED')) return 'CHANGES_REQUESTED';
      return standing.some(({ state }) => state === 'APPROVED') ? 'APPROVED' : null;
    },
  };
}

const latest = (pull: Pull): readonly Review[] =>
  pull.reviews.filter((one, _, all) => all.findLast(({ author }) => author.id === one.author.id) === one);

function reviewNode(viewer: Viewer, repository: Repository, pull: Pull, review: Review): Node {
  return {
    id: nodeId('PRR', review.id),
    databaseId: review.id,
    fullDatabaseId: String(review.id),
    author: actor(viewer.world, review.author),
    state: review.state,
    body: review.body,
    url: `${htmlOf(viewer.world, repository)}/pull/${pull.issue.number}#pullrequestreview-${review.id}`,
    commit: () => objectNode(viewer, repository, review.commit),
    submittedAt: review.submittedAt,
    createdAt: review.submittedAt,
    updatedAt: review.updatedAt,
    authorCanPushToRepository: canPush(viewer.world, repository, review),
    authorAssociation: 'MEMBER',
  };
}

export function commentNode(viewer: Viewer, repository: Repository, comment: IssueComment): Node {
  const { html_url: url } = commentJson(viewer.world, repository, comment);
  return {
    __typename: 'IssueComment',
    id: nodeId('IC', comment.id),
    databaseId: comment.id,
    fullDatabaseId: String(comment.id),
    author: actor(viewer.world, comment.author),
    body: comment.body,
    url,
    createdAt: comment.createdAt,
    updatedAt: comment.updatedAt,
    lastEditedAt: comment.updatedAt === comment.createdAt ? null : comment.updatedAt,
    includesCreatedEdit: comment.updatedAt !== comment.createdAt,
    isMinimized: false,
    viewerDidAuthor: viewer.token.doer.account.id === comment.author.id,
  };
}

export function queueEntryNode(viewer: Viewer, repository: Repository, entry: QueueEntry): Node {
  const queue = repository.queues.get(entry.pull.base) ?? [];
  return {
    id: nodeId('MQE', entry.id),
    position: queue.indexOf(entry) + 1,
    state: 'AWAITING_CHECKS',
    enqueuedAt: entry.enqueuedAt,
    enqueuer: actor(viewer.world, entry.by.account),
    jump: false,
    solo: false,
    estimatedTimeToMerge: null,
    baseCommit: () => objectNode(viewer, repository, entry.baseSha),
    headCommit: () => objectNode(viewer, repository, entry.groupSha),
    pullRequest: () => pullNode(viewer, repository, entry.pull),
  };
}
