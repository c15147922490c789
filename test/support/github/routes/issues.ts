import { addComment, checkBody, editComment, react, removeComment } from '../operations/comments.ts';
import { addIssue, tell } from '../operations/pulls.ts';
import { closePull } from '../operations/refs.ts';
import { commentJson, isReaction, issueJson, reactionJson } from '../payloads/issue.ts';
import { invalid, Refusal } from '../refusal.ts';
import type { Issue, Reaction } from '../state.ts';
import { atLeast, roleOf } from '../world.ts';
import { type Answer, type Asked, byId, created, issueOf, list, nothing, ok, optionalText, type Route, route, text } from './route.ts';

// GitHub takes either for what issues and pull requests share.
const read = { 'issues|pull_requests': 'read' } as const;
const write = { 'issues|pull_requests': 'write' } as const;

export const issueRoutes: readonly Route[] = [
  route('GET /repos/:owner/:repo/issues', read, ({ world, repository, query }) => {
    const state = query.get('state') ?? 'open';
    const labels = query.get('labels')?.split(',') ?? [];
    const creator = query.get('creator');
    const since = query.get('since');
    const found = [...repository.issues.values()]
      .filter((issue) => state === 'all' || issue.state === state)
      .filter((issue) => labels.every((label) => issue.labels.includes(label)))
      .filter((issue) => creator === null || issue.author.login === creator)
      .filter((issue) => since === null || issue.updatedAt >= since)
      .sort((a, b) => b.number - a.number);
    return list((query.get('direction') === 'asc' ? found.reverse() : found).map((issue) => issueJson(world, repository, issue)));
  }),
  route('POST /repos/:owner/:repo/issues', { issues: 'write' }, (asked) => {
    const { world, repository, by } = asked;
    const labels = Array.isArray(asked.body['labels']) ? asked.body['labels'].map((one) => String(one)) : [];
    const body = optionalText(asked, 'body') ?? null;
    if (body !== null && body !== '') checkBody(body, 'Issue');
    const issue = addIssue(world, repository, { title: text(asked, 'title', 'Issue'), body, labels, pull: false }, by);
    world.emit(repository, 'issues', 'opened', { issue: issueJson(world, repository, issue) }, by);
    return created(issueJson(world, repository, issue));
  }),
  route('GET /repos/:owner/:repo/issues/comments', read, ({ world, repository, query }) => {
    const since = query.get('since');
    const by = query.get('sort') === 'updated' ? 'updatedAt' : query.get('sort') === 'created' ? 'createdAt' : null;
    const found = repository.comments.filter((comment) => since === null || Date.parse(comment.updatedAt) >= Date.parse(since));
    if (by) found.sort((a, b) => (a[by] === b[by] ? a.id - b.id : a[by] < b[by] ? -1 : 1));
    if (by && query.get('direction') !== 'asc') found.reverse();
    return list(found.map((comment) => commentJson(world, repository, comment)));
  }),
  route('GET /repos/:owner/:repo/issues/comments/:id', read, (asked) =>
    ok(commentJson(asked.world, asked.repository, byId(asked.repository.comments, asked.params['id']))),
  ),
  route('PATCH /repos/:owner/:repo/issues/comments/:id', write, (asked) => {
    const comment = byId(asked.repository.comments, asked.params['id']);
    editComment(asked.world, asked.repository, comment, checkBody(asked.body['body']), mayChange(asked, comment.author.id));
    return ok(commentJson(asked.world, asked.repository, comment));
  }),
  route('DELETE /repos/:owner/:repo/issues/comments/:id', write, (asked) => {
    const comment = byId(asked.repository.comments, asked.params['id']);
    removeComment(asked.world, asked.repository, comment, mayChange(asked, comment.author.id));
    return nothing;
  }),
  ...reactionRoutes('/repos/:owner/:repo/issues/comments/:id', (asked) => byId(asked.repository.comments, asked.params['id']).reactions),
  route('GET /repos/:owner/:repo/issues/:number', read, (asked) => ok(issueJson(asked.world, asked.repository, issueOf(asked)))),
  route('PATCH /repos/:owner/:repo/issues/:number', write, (asked) => {
    const { world, repository, by } = asked;
    const issue = issueOf(asked);
    const title = optionalText(asked, 'title');
    const body = asked.body['body'];
    if (title !== undefined) issue.title = title;
    if (typeof body === 'string') issue.body = body === '' ? null : checkBody(body, 'Issue');
    if (Array.isArray(asked.body['labels'])) issue.labels = asked.body['labels'].map((one) => String(one));
    issue.updatedAt = world.clock.iso();
    if (title !== undefined || typeof body === 'string')
      world.emit(repository, 'issues', 'edited', { issue: issueJson(world, repository, issue) }, by);
    changeState(asked, issue);
    return ok(issueJson(world, repository, issue));
  }),
  route('GET /repos/:owner/:repo/issues/:number/comments', read, (asked) => {
    const issue = issueOf(asked);
    const since = asked.query.get('since');
    const found = asked.repository.comments.filter(
      (comment) => comment.number === issue.number && (since === null || Date.parse(comment.updatedAt) >= Date.parse(since)),
    );
    return list(found.map((comment) => commentJson(asked.world, asked.repository, comment)));
  }),
  route('POST /repos/:owner/:repo/issues/:number/comments', write, (asked) => {
    const issue = issueOf(asked);
    if (issue.locked && asked.token?.kind === 'user') throw new Refusal(403, 'Unable to create comment because issue is locked.');
    const comment = addComment(asked.world, asked.repository, issue, checkBody(asked.body['body']), asked.by);
    return created(commentJson(asked.world, asked.repository, comment));
  }),
  ...reactionRoutes('/repos/:owner/:repo/issues/:number', (asked) => issueOf(asked).reactions),
  route('GET /repos/:owner/:repo/issues/:number/labels', read, (asked) =>
    list(issueJson(asked.world, asked.repository, issueOf(asked)).labels),
  ),
  route('POST /repos/:owner/:repo/issues/:number/labels', write, (asked) => {
    const issue = issueOf(asked);
    const given = Array.isArray(asked.body['labels']) ? asked.body['labels'].map((one) => String(one)) : [];
    issue.labels = [...new Set([...issue.labels, ...given])];
    return ok(issueJson(asked.world, asked.repository, issue).labels);
  }),
  route('DELETE /repos/:owner/:repo/issues/:number/labels/:name', write, (asked) => {
    const issue = issueOf(asked);
    if (!issue.labels.includes(asked.params['name'] ?? '')) throw new Refusal(404, 'Label does not exist');
    issue.labels = issue.labels.filter((one) => one !== asked.params['name']);
    return ok(issueJson(asked.world, asked.repository, issue).labels);
  }),
];

function changeState(asked: Asked, issue: Issue): void {
  const { world, repository, by } = asked;
  const state = optionalText(asked, 'state');
  if (state === undefined || state === issue.state) return;
  if (state !== 'open' && state !== 'closed') throw invalid('Issue', 'state', 'invalid');
  const pull = repository.pulls.get(issue.number);
  if (pull && state === 'closed') {
    closePull(world, repository, pull, by);
    return;
  }
  issue.state = state;
  issue.stateReason = state === 'closed' ? (optionalText(asked, 'state_reason') ?? 'completed') : 'reopened';
  issue.closedAt = state === 'closed' ? world.clock.iso() : null;
  issue.closedBy = state === 'closed' ? by.account : null;
  if (pull) tell(world, repository, pull, 'reopened', by);
  else world.emit(repository, 'issues', state === 'closed' ? 'closed' : 'reopened', { issue: issueJson(world, repository, issue) }, by);
}

/** Whoever may write may change a stranger's comment too: nothing but the code keeps it from doing so. */
function mayChange(asked: Asked, author: number): Asked['by'] {
  const { world, repository, by, token } = asked;
  if (token?.kind === 'user' && by.account.id !== author && !atLeast(roleOf(world, repository, by.account).base, 'write'))
    throw new Refusal(403, 'Must have admin rights to Repository.');
  return by;
}

function reactionRoutes(path: string, reactionsOf: (asked: Asked) => Reaction[]): readonly Route[] {
  return [
    route(`GET ${path}/reactions`, read, (asked) => {
      const content = asked.query.get('content');
      return list(
        reactionsOf(asked)
          .filter((one) => content === null || one.content === content)
          .map((one) => reactionJson(asked.world, one)),
      );
    }),
    route(`POST ${path}/reactions`, write, (asked): Answer => {
      const content = asked.body['content'];
      if (!isReaction(content)) throw invalid('Reaction', 'content', 'invalid');
      const { reaction, made } = react(asked.world, reactionsOf(asked), content, asked.by.account);
      return { status: made ? 201 : 200, body: reactionJson(asked.world, reaction) };
    }),
    route(`DELETE ${path}/reactions/:reaction`, write, (asked) => {
      const reactions = reactionsOf(asked);
      const at = reactions.findIndex(({ id }) => id === Number(asked.params['reaction']));
      if (at < 0) throw new Refusal(404, 'Not Found');
      reactions.splice(at, 1);
      return nothing;
    }),
  ];
}
