import type { Issue, IssueComment, Reaction, Repository } from '../state.ts';
import { roleOf, type World } from '../world.ts';
import { integration, nodeId, simpleUser } from './account.ts';
import { apiOf, htmlOf } from './repository.ts';

const contents = ['+1', '-1', 'laugh', 'hooray', 'confused', 'heart', 'rocket', 'eyes'] as const;

function rollup(url: string, reactions: readonly Reaction[]) {
  const count = (content: string) => reactions.filter((reaction) => reaction.content === content).length;
  return {
    url: `${url}/reactions`,
    total_count: reactions.length,
    ...(Object.fromEntries(contents.map((content) => [content, count(content)])) as Record<(typeof contents)[number], number>),
  };
}
export const isReaction = (content: unknown): content is string => contents.some((known) => known === content);

export const reactionJson = (world: World, reaction: Reaction) => ({
  id: reaction.id,
  node_id: nodeId('REA', reaction.id),
  user: simpleUser(world, reaction.account),
  content: reaction.content,
  created_at: reaction.createdAt,
});

export function association(world: World, repository: Repository, account: { readonly id: number; readonly login: string }): string {
  if (repository.owner.id === account.id) return 'OWNER';
  const own = repository.roles.get(account.login.toLowerCase());
  const found = [...world.accounts.values()].find(({ id }) => id === account.id);
  if (own && own.base !== 'none') return 'COLLABORATOR';
  return found && ['write', 'maintain', 'admin'].includes(roleOf(world, repository, found).base) ? 'MEMBER' : 'NONE';
}

export function issueJson(world: World, repository: Repository, issue: Issue) {
  const url = `${apiOf(world, repository)}/issues/${issue.number}`;
  const html = `${htmlOf(world, repository)}/${issue.pull ? 'pull' : 'issues'}/${issue.number}`;
  const pull = repository.pulls.get(issue.number);
  return {
    url,
    repository_url: apiOf(world, repository),
    labels_url: `${url}/labels{/name}`,
    comments_url: `${url}/comments`,
    events_url: `${url}/events`,
    html_url: html,
    id: issue.id,
    node_id: nodeId('I', issue.id),
    number: issue.number,
    title: issue.title,
    user: simpleUser(world, issue.author),
    labels: issue.labels.map((name, index) => label(world, repository, name, issue.id * 100 + index)),
    state: issue.state,
    locked: issue.locked,
    assignee: null,
    assignees: [],
    milestone: null,
    comments: repository.comments.filter(({ number }) => number === issue.number).length,
    created_at: issue.createdAt,
    updated_at: issue.updatedAt,
    closed_at: issue.closedAt,
    author_association: association(world, repository, issue.author),
    active_lock_reason: null,
    body: issue.body,
    ...(pull
      ? {
          draft: pull.draft,
          pull_request: {
            url: `${apiOf(world, repository)}/pulls/${issue.number}`,
            html_url: html,
            diff_url: `${html}.diff`,
            patch_url: `${html}.patch`,
            merged_at: pull.merged?.at ?? null,
          },
        }
      : {}),
    reactions: rollup(url, issue.reactions),
    timeline_url: `${url}/timeline`,
    performed_via_github_app: issue.app ? integration(world, issue.app) : null,
    state_reason: issue.stateReason,
    closed_by: issue.closedBy ? simpleUser(world, issue.closedBy) : null,
  };
}

export function label(world: World, repository: Repository, name: string, id: number) {
  return {
    id,
    node_id: nodeId('LA', id),
    url: `${apiOf(world, repository)}/labels/${encodeURIComponent(name)}`,
    name,
    color: 'ededed',
    default: false,
    description: '',
  };
}

export function commentJson(world: World, repository: Repository, comment: IssueComment) {
  const url = `${apiOf(world, repository)}/issues/comments/${comment.id}`;
  const pull = repository.issues.get(comment.number)?.pull === true;
  return {
    url,
    html_url: `${htmlOf(world, repository)}/${pull ? 'pull' : 'issues'}/${comment.number}#issuecomment-${comment.id}`,
    issue_url: `${apiOf(world, repository)}/issues/${comment.number}`,
    id: comment.id,
    node_id: nodeId('IC', comment.id),
    user: simpleUser(world, comment.author),
    created_at: comment.createdAt,
    updated_at: comment.updatedAt,
    author_association: association(world, repository, comment.author),
    body: comment.body,
    reactions: rollup(url, comment.reactions),
    performed_via_github_app: comment.app ? integration(world, comment.app) : null,
  };
}
