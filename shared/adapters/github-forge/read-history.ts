import { z } from 'zod';
import type { CommitFacts } from '../../promotion/forge.ts';
import { commitFacts, commitFields } from './accounts.ts';
import { forgeAnswered } from './forge-error.ts';
import { askGraphql } from './graphql.ts';
import { readAnswer } from './read-answer.ts';
import { isCommit, refName } from './ref-name.ts';
import type { Transport } from './transport.ts';

const mostPages = 50;
const commitSchema = z
  .object({
    history: z
      .object({ nodes: z.array(commitFacts), pageInfo: z.object({ hasNextPage: z.boolean(), endCursor: z.string().nullish() }) })
      .nullish(),
  })
  .nullish();
const answerSchema = z.object({ repository: z.object({ object: commitSchema, ref: z.object({ target: commitSchema }).nullish() }) });

export async function readHistory(transport: Transport, ref: string, path: string): Promise<readonly CommitFacts[]> {
  const at = isCommit(ref) ? 'object(oid:$ref){...past}' : 'ref(qualifiedName:$ref){target{...past}}';
  const declared = `$owner:String!,$repo:String!,$ref:${isCommit(ref) ? 'GitObjectID' : 'String'}!,$path:String!,$after:String`;
  const query = `query(${declared}){repository(owner:$owner,name:$repo){${at}}} fragment past on Commit{history(first:100,path:$path,after:$after){nodes{${commitFields}} pageInfo{hasNextPage endCursor}}}`;
  const commits: CommitFacts[] = [];
  let after: string | null = null;
  for (let page = 0; page < mostPages; page++) {
    const variables = { owner: transport.owner, repo: transport.repo, ref: isCommit(ref) ? ref : refName(ref, 'heads'), path, after };
    const { data } = await askGraphql(transport, 'a history', query, variables, { answers: ['NOT_FOUND'] });
    const { repository } = readAnswer(answerSchema, data, 'a history');
    const history = (repository.object ?? repository.ref?.target)?.history;
    if (!history) return commits;
    commits.push(...history.nodes);
    if (!history.pageInfo.hasNextPage) return commits;
    after = history.pageInfo.endCursor ?? null;
  }
  throw forgeAnswered('a history', `more than ${mostPages * 100} commits touch ${path}`);
}
