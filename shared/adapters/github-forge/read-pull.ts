import { z } from 'zod';
import type { PullSnapshot, Review } from '../../promotion/forge.ts';
import { actorAccount, actorFields, commitFacts, commitFields, ghost } from './accounts.ts';
import { askGraphql } from './graphql.ts';
import { readAnswer, readPages } from './read-answer.ts';
import type { Transport } from './transport.ts';

const mostFiles = 300;
const pageInfo = z.object({ hasNextPage: z.boolean(), endCursor: z.string().nullish() });
const filesSchema = z.object({ totalCount: z.number(), nodes: z.array(z.object({ path: z.string(), changeType: z.string() })), pageInfo });
const reviewSchema = z.object({
  fullDatabaseId: z.union([z.string(), z.number()]),
  author: actorAccount.nullish(),
  state: z.string(),
  commit: z.object({ oid: z.string() }).nullish(),
  submittedAt: z.string().nullish(),
  createdAt: z.string(),
  authorCanPushToRepository: z.boolean(),
});
const reviewsSchema = z.object({ nodes: z.array(reviewSchema), pageInfo });
const pullSchema = z.object({
  id: z.string(),
  number: z.number(),
  title: z.string(),
  body: z.string(),
  state: z.string(),
  isDraft: z.boolean(),
  createdAt: z.string(),
  updatedAt: z.string(),
  baseRefName: z.string(),
  headRefName: z.string(),
  headRefOid: z.string(),
  isCrossRepository: z.boolean(),
  headRepositoryOwner: z.object({ login: z.string() }).nullish(),
  author: actorAccount.nullish(),
  merged: z.boolean(),
  mergedAt: z.string().nullish(),
  mergedBy: actorAccount.nullish(),
  mergeCommit: z.object({ oid: z.string() }).nullish(),
  mergeable: z.string(),
  isMergeQueueEnabled: z.boolean().nullish(),
  isInMergeQueue: z.boolean().nullish(),
  files: filesSchema.nullish(),
  commits: z.object({ totalCount: z.number(), nodes: z.array(z.object({ commit: commitFacts })) }),
  reviews: reviewsSchema.nullish(),
});
type Pull = z.output<typeof pullSchema>;
const answerSchema = z.object({ repository: z.object({ pullRequest: pullSchema.nullable() }) });

const files = 'files(first:100,after:$files){totalCount nodes{path changeType} pageInfo{hasNextPage endCursor}}';
const reviews =
  'reviews(first:100,after:$reviews){nodes{fullDatabaseId author{...actor} state commit{oid} submittedAt createdAt authorCanPushToRepository} pageInfo{hasNextPage endCursor}}';
const actor = `fragment actor on Actor{${actorFields}}`;
const query = `query($owner:String!,$repo:String!,$number:Int!,$files:String,$reviews:String){repository(owner:$owner,name:$repo){pullRequest(number:$number){
id number title body state isDraft createdAt updatedAt baseRefName headRefName headRefOid isCrossRepository headRepositoryOwner{login} author{...actor}
merged mergedAt mergedBy{...actor} mergeCommit{oid} mergeable isMergeQueueEnabled isInMergeQueue ${files} commits(first:100){totalCount nodes{commit{${commitFields}}}} ${reviews}}}} ${actor}`;

/** One request, unless there are more files or reviews than a page holds, or a file was renamed. */
export async function readPull(transport: Transport, number: number): Promise<PullSnapshot | null> {
  const { owner, repo, memory } = transport;
  const { data } = await askGraphql(
    transport,
    'a pull request',
    query,
    { owner, repo, number, files: null, reviews: null },
    { answers: ['NOT_FOUND'] },
  );
  const pull = readAnswer(answerSchema, data, `pull request ${number}`).repository.pullRequest;
  if (pull === null) return null;
  memory.nodes.set(number, pull.id);
  const { paths, more } = await changedPaths(transport, number, pull.files ?? null);
  const given = await allReviews(transport, number, pull.reviews ?? null);
  return {
    ...summaryOf(pull),
    title: pull.title,
    body: pull.body,
    createdAt: pull.createdAt,
    mergedAs:
      pull.merged && pull.mergeCommit
        ? { sha: pull.mergeCommit.oid, by: pull.mergedBy ?? null, at: pull.mergedAt ?? pull.updatedAt }
        : null,
    mergeable: pull.mergeable === 'MERGEABLE' ? 'yes' : pull.mergeable === 'CONFLICTING' ? 'conflict' : 'unknown',
    queue: { required: pull.isMergeQueueEnabled === true, queued: pull.isInMergeQueue === true },
    files: paths,
    moreFiles: more,
    commits: pull.commits.nodes.map(({ commit }) => commit),
    moreCommits: pull.commits.totalCount > pull.commits.nodes.length,
    reviews: given,
  };
}

function summaryOf(pull: Pull) {
  return {
    number: pull.number,
    state: pull.merged ? ('merged' as const) : pull.state === 'OPEN' ? ('open' as const) : ('closed' as const),
    draft: pull.isDraft,
    base: pull.baseRefName,
    head: { sha: pull.headRefOid, branch: pull.headRefName, owner: pull.headRepositoryOwner?.login ?? null, fork: pull.isCrossRepository },
    author: pull.author ?? null,
    updatedAt: pull.updatedAt,
  };
}

const restFile = z.object({ filename: z.string(), previous_filename: z.string().nullish() });

/**
 * Paths that a pull request touches. GraphQL names a moved file by its new path only, which would let one carry a file out of
 * `registry/` unseen: then REST is asked, which says both.
 */
async function changedPaths(transport: Transport, number: number, first: Pull['files'] | null) {
  const nodes = [...(first?.nodes ?? [])];
  const total = first?.totalCount ?? 0;
  if (nodes.every(({ changeType }) => changeType !== 'RENAMED' && changeType !== 'COPIED') && total <= nodes.length) {
    return { paths: nodes.map(({ path }) => path), more: false };
  }
  const pages = Math.ceil(mostFiles / 100);
  const listed = await readPages(
    transport,
    restFile,
    'GET /repos/{owner}/{repo}/pulls/{pull_number}/files',
    { pull_number: number },
    { pages },
  );
  const paths = (listed ?? []).flatMap(({ filename, previous_filename: previous }) => (previous ? [previous, filename] : [filename]));
  return { paths: paths.slice(0, mostFiles), more: total > (listed?.length ?? 0) || paths.length > mostFiles };
}

const moreSchema = z.object({ repository: z.object({ pullRequest: z.object({ reviews: reviewsSchema }) }) });
const moreReviews = `query($owner:String!,$repo:String!,$number:Int!,$reviews:String){repository(owner:$owner,name:$repo){pullRequest(number:$number){${reviews}}}} ${actor}`;

async function allReviews(transport: Transport, number: number, first: Pull['reviews'] | null): Promise<readonly Review[]> {
  const found = [...(first?.nodes ?? [])];
  for (let page = first?.pageInfo; page?.hasNextPage; ) {
    const variables = { owner: transport.owner, repo: transport.repo, number, reviews: page.endCursor ?? null };
    const { data } = await askGraphql(transport, 'reviews', moreReviews, variables);
    const next = readAnswer(moreSchema, data, `reviews of ${number}`).repository.pullRequest.reviews;
    found.push(...next.nodes);
    page = next.pageInfo;
  }
  return found.flatMap((review) => {
    const state = reviewStates.get(review.state);
    // A pending one is seen by its author alone.
    if (!state) return [];
    return {
      id: Number(review.fullDatabaseId),
      person: review.author ?? ghost,
      state,
      commit: review.commit?.oid ?? null,
      at: review.submittedAt ?? review.createdAt,
      canPush: review.authorCanPushToRepository,
    };
  });
}

const reviewStates = new Map<string, Review['state']>([
  ['APPROVED', 'approved'],
  ['CHANGES_REQUESTED', 'changes-requested'],
  ['DISMISSED', 'dismissed'],
  ['COMMENTED', 'commented'],
]);
