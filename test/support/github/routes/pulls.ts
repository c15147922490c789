import { addReview, mergePull, openPull, tell, tellReview } from '../operations/pulls.ts';
import { closePull } from '../operations/refs.ts';
import { commitJson, differenceJson } from '../payloads/commit.ts';
import { pullJson, pullSummaryJson, reviewJson } from '../payloads/pull.ts';
import { invalid, Refusal } from '../refusal.ts';
import type { Repository, Review } from '../state.ts';
import type { World } from '../world.ts';
import { byId, created, list, ok, optionalText, pullOf, type Route, route, text } from './route.ts';

const read = { pull_requests: 'read' } as const;
const write = { pull_requests: 'write' } as const;

/** `branch` or `owner:branch` of a pull request's head. */
function headOf(world: World, repository: Repository, head: string): { readonly repository: Repository; readonly branch: string } {
  const colon = head.indexOf(':');
  if (colon < 0) return { repository, branch: head };
  const owner = head.slice(0, colon).toLowerCase();
  const found = world.repositories.find((one) => one.git === repository.git && one.owner.login.toLowerCase() === owner);
  if (!found) throw invalid('PullRequest', 'head', 'invalid');
  return { repository: found, branch: head.slice(colon + 1) };
}

export const pullRoutes: readonly Route[] = [
  route('GET /repos/:owner/:repo/pulls', read, ({ world, repository, query }) => {
    const state = query.get('state') ?? 'open';
    const [head, base] = [query.get('head'), query.get('base')];
    const oldestFirst = query.get('direction') === 'asc';
    const found = [...repository.pulls.values()]
      .filter((pull) => state === 'all' || pull.issue.state === state)
      .filter((pull) => base === null || pull.base === base)
      // A head without an owner is no filter: GitHub answers with every pull request.
      .filter(
        (pull) => !head?.includes(':') || head.toLowerCase() === `${pull.headRepository.owner.login}:${pull.headBranch}`.toLowerCase(),
      )
      .sort(
        (a, b) =>
          (query.get('sort') === 'updated' ? b.issue.updatedAt.localeCompare(a.issue.updatedAt) : 0) || b.issue.number - a.issue.number,
      );
    return list((oldestFirst ? found.reverse() : found).map((pull) => pullSummaryJson(world, repository, pull)));
  }),
  route('POST /repos/:owner/:repo/pulls', write, (asked) => {
    const { world, repository, by } = asked;
    const head = headOf(world, repository, text(asked, 'head', 'PullRequest'));
    const pull = openPull(
      world,
      repository,
      {
        title: text(asked, 'title', 'PullRequest'),
        body: optionalText(asked, 'body') ?? null,
        base: text(asked, 'base', 'PullRequest'),
        headRepository: head.repository,
        headBranch: head.branch,
        draft: asked.body['draft'] === true,
      },
      by,
    );
    return created(pullJson(world, repository, pull));
  }),
  route('GET /repos/:owner/:repo/pulls/:number', read, (asked) => {
    const pull = pullOf(asked);
    if (String(asked.headers['accept']).includes('diff')) {
      const from = asked.repository.git.mergeBase(pull.baseSha, pull.headSha);
      return { bytes: Buffer.from(asked.repository.git.patch(from, pull.headSha)) };
    }
    return ok(pullJson(asked.world, asked.repository, pull));
  }),
  route('PATCH /repos/:owner/:repo/pulls/:number', write, (asked) => {
    const { world, repository, by } = asked;
    const pull = pullOf(asked);
    const { issue } = pull;
    const changes: Record<string, { from: string }> = {};
    for (const field of ['title', 'body'] as const) {
      const value = optionalText(asked, field);
      if (value === undefined || value === issue[field]) continue;
      if (field === 'body' && Array.from(value).length > 65_536)
        throw invalid('PullRequest', 'body', 'custom', 'body is too long (maximum is 65536 characters)');
      changes[field] = { from: issue[field] ?? '' };
      issue[field] = value;
    }
    const base = optionalText(asked, 'base');
    if (base !== undefined && base !== pull.base) {
      changes['base'] = { from: pull.base };
      pull.base = base;
    }
    issue.updatedAt = world.clock.iso();
    if (Object.keys(changes).length > 0) tell(world, repository, pull, 'edited', by, { changes });
    const state = optionalText(asked, 'state');
    if (state === 'closed' && issue.state === 'open') closePull(world, repository, pull, by);
    if (state === 'open' && issue.state === 'closed') {
      if (pull.merged) throw invalid('PullRequest', 'state', 'invalid', 'state cannot be changed. The pull request is merged.');
      Object.assign(issue, { state: 'open', closedAt: null, closedBy: null });
      tell(world, repository, pull, 'reopened', by);
    }
    return ok(pullJson(world, repository, pull));
  }),
  route('GET /repos/:owner/:repo/pulls/:number/files', read, (asked) => {
    const { world, repository } = asked;
    const pull = pullOf(asked);
    const from = repository.git.mergeBase(pullSummaryJson(world, repository, pull).base.sha, pull.headSha);
    return list(
      repository.git
        .differences(from, pull.headSha)
        .slice(0, 3000)
        .map((one) => differenceJson(world, repository, pull.headSha, one)),
    );
  }),
  route('GET /repos/:owner/:repo/pulls/:number/commits', read, (asked) => {
    const { world, repository } = asked;
    const pull = pullOf(asked);
    const from = repository.git.mergeBase(pullSummaryJson(world, repository, pull).base.sha, pull.headSha);
    const oids = [...repository.git.history(pull.headSha, from ? { not: from } : {})].reverse().slice(0, 250);
    return list(oids.flatMap((oid) => repository.git.commit(oid) ?? []).map((one) => commitJson(world, repository, one)));
  }),
  route('GET /repos/:owner/:repo/pulls/:number/merge', read, (asked) => {
    if (!pullOf(asked).merged) throw new Refusal(404, 'Not Found');
    return { status: 204 };
  }),
  route('PUT /repos/:owner/:repo/pulls/:number/merge', { contents: 'write' }, (asked) => {
    const { world, repository, by } = asked;
    const [sha, title, message, method] = ['sha', 'commit_title', 'commit_message', 'merge_method'].map((name) =>
      optionalText(asked, name),
    );
    const merged = mergePull(
      world,
      repository,
      pullOf(asked),
      {
        ...(sha === undefined ? {} : { sha }),
        ...(title === undefined ? {} : { title }),
        ...(message === undefined ? {} : { message }),
        ...(method === undefined ? {} : { method }),
      },
      by,
    );
    return ok({ sha: merged, merged: true, message: 'Pull Request successfully merged' });
  }),
  route('GET /repos/:owner/:repo/pulls/:number/comments', read, () => list([])),
  route('GET /repos/:owner/:repo/pulls/:number/reviews', read, (asked) => {
    const pull = pullOf(asked);
    return list(pull.reviews.map((review) => reviewJson(asked.world, asked.repository, pull, review)));
  }),
  route('POST /repos/:owner/:repo/pulls/:number/reviews', write, (asked) => {
    const states: Record<string, Review['state']> = { APPROVE: 'APPROVED', REQUEST_CHANGES: 'CHANGES_REQUESTED', COMMENT: 'COMMENTED' };
    const pull = pullOf(asked);
    const commit = optionalText(asked, 'commit_id');
    const draft = { state: states[optionalText(asked, 'event') ?? ''] ?? 'PENDING', body: optionalText(asked, 'body') ?? '' };
    const review = addReview(asked.world, asked.repository, pull, commit === undefined ? draft : { ...draft, commit }, asked.by);
    return ok(reviewJson(asked.world, asked.repository, pull, review));
  }),
  route('PUT /repos/:owner/:repo/pulls/:number/reviews/:id/dismissals', write, (asked) => {
    const pull = pullOf(asked);
    const review = byId(pull.reviews, asked.params['id']);
    text(asked, 'message');
    review.state = 'DISMISSED';
    review.updatedAt = asked.world.clock.iso();
    tellReview(asked.world, asked.repository, pull, review, 'dismissed', asked.by);
    return ok(reviewJson(asked.world, asked.repository, pull, review));
  }),
];
