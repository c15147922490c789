import { z } from 'zod';
import type { MergeAnswer } from '../../promotion/forge.ts';
import { forgeRefused, plainMessage } from './forge-error.ts';
import type { ForgeStart } from './forge-memory.ts';
import { askGraphql, type GraphqlProblem } from './graphql.ts';
import { readAnswer } from './read-answer.ts';
import type { Answer, Transport } from './transport.ts';
import { writeOnce } from './write-once.ts';

type Method = ForgeStart['mergeMethods'][number];
type Request = { readonly head: string; readonly title: string; readonly message: string };

const route = 'PUT /repos/{owner}/{repo}/pulls/{pull_number}/merge';
const mergedSchema = z.object({ sha: z.string() });
const messageSchema = z.object({ message: z.string() });

/** Merges by the first way that the repository allows: squash, else a merge commit, else rebase. What stands on main afterwards is the same. */
export async function mergePull(transport: Transport, methods: readonly Method[], number: number, request: Request): Promise<MergeAnswer> {
  for (const [index, method] of methods.entries()) {
    const answer = await mergeBy(transport, method, number, request);
    const forbidden =
      !answer.merged && answer.reason !== 'QUEUE_REQUIRED' && /(?:squash|merge commit|rebase)\S*\b.*\bnot allowed/i.test(answer.message);
    if (!forbidden || index === methods.length - 1) return answer;
  }
  return { merged: false, reason: 'REFUSED', message: 'The repository allows no way of merging.' };
}

const mergeBy = (transport: Transport, method: Method, number: number, { head, title, message }: Request): Promise<MergeAnswer> =>
  writeOnce<MergeAnswer>(transport, {
    send: async () => {
      const parameters = {
        pull_number: number,
        sha: head,
        merge_method: method,
        ...(method === 'rebase' ? {} : { commit_title: title, commit_message: message }),
      };
      return answerOf(await transport.send(route, parameters, { expect: [405, 409, 422], again: false }));
    },
    arrived: async () => {
      const sha = await mergedAs(transport, number);
      return sha === undefined ? null : { merged: true, sha };
    },
  });

function answerOf(answer: Answer): MergeAnswer {
  if (answer.status === 200) return { merged: true, sha: readAnswer(mergedSchema, answer.data, 'a merge').sha };
  const message = plainMessage(readAnswer(messageSchema, answer.data, 'a merge').message);
  if (answer.status === 409) return { merged: false, reason: 'HEAD_MOVED', message };
  if (/merge queue/i.test(message)) return { merged: false, reason: 'QUEUE_REQUIRED', message };
  const ruled = answer.status === 422 || /rule violation|protected branch|required status|approving review|not authorized/i.test(message);
  return { merged: false, reason: ruled ? 'REFUSED' : 'NOT_MERGEABLE', message };
}

const pullSchema = z.object({ merged: z.boolean(), merge_commit_sha: z.string().nullish() });

/** undefined while it is not merged. */
async function mergedAs(transport: Transport, number: number): Promise<string | null | undefined> {
  const answer = await transport.get('GET /repos/{owner}/{repo}/pulls/{pull_number}', { pull_number: number });
  const pull = readAnswer(pullSchema, answer?.data, 'a pull request');
  return pull.merged ? (pull.merge_commit_sha ?? null) : undefined;
}

const queueSchema = z.object({
  repository: z.object({ pullRequest: z.object({ id: z.string(), headRefOid: z.string(), isInMergeQueue: z.boolean() }).nullable() }),
});

async function readQueued(transport: Transport, number: number) {
  const { data } = await askGraphql(
    transport,
    'a pull request',
    'query($owner:String!,$repo:String!,$number:Int!){repository(owner:$owner,name:$repo){pullRequest(number:$number){id headRefOid isInMergeQueue}}}',
    { owner: transport.owner, repo: transport.repo, number },
    { answers: ['NOT_FOUND'] },
  );
  const pull = readAnswer(queueSchema, data, `pull request ${number}`).repository.pullRequest;
  if (!pull) throw forgeRefused('GraphQL pullRequest', { status: 404, headers: {}, data: null, message: `no pull request ${number}` });
  transport.memory.nodes.set(number, pull.id);
  return pull;
}

const queueProblems = ['UNPROCESSABLE', 'STALE_DATA', 'NOT_FOUND'];
const nodeOf = async (transport: Transport, number: number): Promise<string> =>
  transport.memory.nodes.get(number) ?? (await readQueued(transport, number)).id;

export async function enqueuePull(transport: Transport, number: number, head: string): Promise<MergeAnswer> {
  const pullRequestId = await nodeOf(transport, number);
  return writeOnce<MergeAnswer>(transport, {
    send: async () => {
      const { errors } = await askGraphql(
        transport,
        'enqueuePullRequest',
        'mutation($input:EnqueuePullRequestInput!){enqueuePullRequest(input:$input){mergeQueueEntry{id}}}',
        { input: { pullRequestId, expectedHeadOid: head } },
        { again: false, answers: queueProblems },
      );
      return errors[0] ? notQueued(transport, number, head, errors[0]) : { merged: true, sha: null };
    },
    arrived: async () => ((await readQueued(transport, number)).isInMergeQueue ? { merged: true, sha: null } : null),
  });
}

/** What stands there says more than the words of the error. */
async function notQueued(transport: Transport, number: number, head: string, problem: GraphqlProblem): Promise<MergeAnswer> {
  const pull = await readQueued(transport, number);
  const message = plainMessage(problem.message);
  if (pull.headRefOid !== head) return { merged: false, reason: 'HEAD_MOVED', message };
  if (pull.isInMergeQueue) return { merged: true, sha: null };
  return { merged: false, reason: 'NOT_MERGEABLE', message };
}

export async function dequeuePull(transport: Transport, number: number): Promise<void> {
  const id = await nodeOf(transport, number);
  const { errors } = await askGraphql(
    transport,
    'dequeuePullRequest',
    'mutation($input:DequeuePullRequestInput!){dequeuePullRequest(input:$input){mergeQueueEntry{id}}}',
    { input: { id } },
    { answers: queueProblems },
  );
  // Out of it already is fine.
  if (errors[0] && (await readQueued(transport, number)).isInMergeQueue) {
    throw forgeRefused('GraphQL dequeuePullRequest', { status: null, headers: {}, data: null, message: errors[0].message });
  }
}
