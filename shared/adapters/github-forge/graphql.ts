import { z } from 'zod';
import { type Failure, forgeAnswered, forgeRefused, forgeUnreachable } from './forge-error.ts';
import { readAnswer } from './read-answer.ts';
import { lostAttempts, type Parameters, secondsBefore, type Transport } from './transport.ts';

export interface GraphqlAnswer {
  readonly data: unknown;
  readonly errors: readonly GraphqlProblem[];
}
export interface GraphqlProblem {
  readonly type: string;
  readonly message: string;
}

const answerSchema = z.object({
  data: z.unknown(),
  errors: z.array(z.object({ type: z.string().nullish(), message: z.string() })).nullish(),
});

/**
 * One GraphQL request. `answers` names the types of errors that are answers to this question (NOT_FOUND, STALE_DATA); any other is thrown.
 * Errors without a type are GitHub's own trouble ("Something went wrong…", a timeout), in other words a lost answer.
 */
export async function askGraphql(
  transport: Transport,
  what: string,
  query: string,
  variables: Parameters,
  { answers = [], again = true }: { readonly answers?: readonly string[]; readonly again?: boolean } = {},
): Promise<GraphqlAnswer> {
  const named = `GraphQL ${what}`;
  for (let lost = 1; ; lost++) {
    const { data: body, headers } = await transport.send(graphqlRoute(transport.baseUrl), { query, variables }, { again });
    const answer = readAnswer(answerSchema, body, named);
    const errors = (answer.errors ?? []).map(({ type, message }) => ({ type: type ?? '', message }));
    const failed = errors.find(({ type }) => !answers.includes(type));
    if (!failed) {
      if (answer.data === undefined) throw forgeAnswered(named, 'it holds no data');
      return { data: answer.data, errors };
    }
    const failure = { status: null, headers, data: null, message: failed.message };
    const trouble = failed.type === '' || failed.type === 'SERVICE_UNAVAILABLE' || failed.type === 'TIMEOUT';
    if (!trouble) throw forgeRefused(named, failed.type === 'FORBIDDEN' ? withPermission(failure, what) : failure);
    // A field that this server does not know, or a wrong argument, has no type either; asking again can't help.
    if (/doesn't exist on type|doesn't accept argument|Parse error|isn't a defined/i.test(failed.message))
      throw forgeRefused(named, failure);
    if (!again || lost >= lostAttempts) throw forgeUnreachable(named, failure);
    await transport.pause(secondsBefore(lost));
  }
}

/** REST names the missing permission in a header; GraphQL says only that there is one. */
const withPermission = (failure: Failure, what: string): Failure => ({
  ...failure,
  headers: { 'x-accepted-github-permissions': permissions.get(what) ?? 'contents=read', ...failure.headers },
});
const permissions = new Map([
  ['a pull request', 'pull_requests=read'],
  ['reviews', 'pull_requests=read'],
  ['deployments', 'deployments=read'],
  ['createCommitOnBranch', 'contents=write'],
  ['updateRefs', 'contents=write'],
  ['enqueuePullRequest', 'pull_requests=write'],
  ['dequeuePullRequest', 'pull_requests=write'],
]);

/** GitHub Enterprise Server has its REST API at `/api/v3` and GraphQL beside it. */
function graphqlRoute(baseUrl: string): string {
  const base = baseUrl.replace(/\/+$/, '');
  return base.endsWith('/api/v3') ? `POST ${base.replace(/\/api\/v3$/, '/api/graphql')}` : 'POST /graphql';
}
