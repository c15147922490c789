import type { Account } from '../accounts.ts';
import { commentJson, issueJson } from '../payloads/issue.ts';
import { invalid } from '../refusal.ts';
import type { Doer, Issue, IssueComment, Reaction, Repository } from '../state.ts';
import type { World } from '../world.ts';

/** @throws Refusal 422 for what is empty, or longer than GitHub keeps */
export function checkBody(body: unknown, resource = 'IssueComment'): string {
  if (typeof body !== 'string' || body.trim() === '') throw invalid(resource, 'body', 'missing_field', 'Body cannot be blank');
  if (Array.from(body).length > 65_536) throw invalid(resource, 'body', 'custom', 'body is too long (maximum is 65536 characters)');
  return body;
}

export function addComment(world: World, repository: Repository, issue: Issue, body: string, by: Doer): IssueComment {
  const comment: IssueComment = {
    id: world.nextId(),
    number: issue.number,
    author: by.account,
    app: by.app,
    body,
    createdAt: world.clock.iso(),
    updatedAt: world.clock.iso(),
    reactions: [],
  };
  repository.comments.push(comment);
  issue.updatedAt = world.clock.iso();
  tellComment(world, repository, comment, 'created', by);
  return comment;
}

/** An edit is always seen by `updated_at`: the clock moves a second where it would not be. */
export function editComment(world: World, repository: Repository, comment: IssueComment, body: string, by: Doer): void {
  const from = comment.body;
  if (world.clock.iso() <= comment.updatedAt) world.clock.advance({ seconds: 1 });
  comment.body = body;
  comment.updatedAt = world.clock.iso();
  tellComment(world, repository, comment, 'edited', by, { changes: { body: { from } } });
}

export function removeComment(world: World, repository: Repository, comment: IssueComment, by: Doer): void {
  repository.comments = repository.comments.filter((one) => one !== comment);
  tellComment(world, repository, comment, 'deleted', by);
}

function tellComment(
  world: World,
  repository: Repository,
  comment: IssueComment,
  action: string,
  by: Doer,
  more: Record<string, unknown> = {},
): void {
  const issue = repository.issues.get(comment.number);
  if (!issue) return;
  const body = { issue: issueJson(world, repository, issue), comment: commentJson(world, repository, comment), ...more };
  world.emit(repository, 'issue_comment', action, body, by);
}

/** GitHub keeps one reaction of a kind of each account: who comes second is told that it was there. */
export function react(
  world: World,
  reactions: Reaction[],
  content: string,
  account: Account,
): { readonly reaction: Reaction; readonly made: boolean } {
  const there = reactions.find((reaction) => reaction.content === content && reaction.account.id === account.id);
  if (there) return { reaction: there, made: false };
  const reaction = { id: world.nextId(), account, content, createdAt: world.clock.iso() };
  reactions.push(reaction);
  return { reaction, made: true };
}
