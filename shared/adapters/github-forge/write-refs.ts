import { z } from 'zod';
import type { FileText, ForgeGit } from '../../promotion/forge.ts';
import { headOf } from './commit-files.ts';
import { forgeRefused } from './forge-error.ts';
import { askGraphql } from './graphql.ts';
import { readAnswer } from './read-answer.ts';
import type { Answer, Transport } from './transport.ts';
import { writeOnce } from './write-once.ts';

const createRefRoute = 'POST /repos/{owner}/{repo}/git/refs';
const objectSchema = z.object({ sha: z.string() });

export async function createBranch(transport: Transport, name: string, at: string): Promise<'created' | 'taken'> {
  return writeOnce(transport, {
    send: async () => tookRef(await postRef(transport, `refs/heads/${name}`, at)),
    arrived: async () => ((await headOf(transport, name)) === at ? 'created' : null),
  });
}

/** A branch that grows from nothing: tree and commit are found by what they hold, so only the ref decides. */
export async function createOrphanBranch(
  transport: Transport,
  name: string,
  message: string,
  files: readonly FileText[],
): Promise<'created' | 'taken'> {
  const blobs = files.map(({ path, text }) => ({ path, mode: '100644', type: 'blob', content: text }));
  const tree = await transport.send('POST /repos/{owner}/{repo}/git/trees', { tree: blobs });
  const treeSha = readAnswer(objectSchema, tree.data, 'a tree').sha;
  // Without author and date GitHub signs it in the App's name.
  const commit = await transport.send('POST /repos/{owner}/{repo}/git/commits', { message, tree: treeSha, parents: [] });
  return createBranch(transport, name, readAnswer(objectSchema, commit.data, 'a commit').sha);
}

const nowhere = '0'.repeat(40);

/** Compare-and-swap; REST's DELETE of a ref takes no expected commit, so it is never used. */
export async function deleteBranch(transport: Transport, repositoryId: string, name: string, expectedHead: string): Promise<boolean> {
  return writeOnce(transport, {
    send: async () => {
      const refUpdates = [{ name: `refs/heads/${name}`, beforeOid: expectedHead, afterOid: nowhere }];
      const { errors } = await askGraphql(
        transport,
        'updateRefs',
        'mutation($input:UpdateRefsInput!){updateRefs(input:$input){clientMutationId}}',
        { input: { repositoryId, refUpdates } },
        { again: false, answers: ['STALE_DATA', 'NOT_FOUND', 'UNPROCESSABLE'] },
      );
      const [problem] = errors;
      if (!problem) return true;
      if (problem.type === 'STALE_DATA' || (await headOf(transport, name)) !== expectedHead) return false;
      throw forgeRefused('GraphQL updateRefs', { status: null, headers: {}, data: null, message: problem.message });
    },
    arrived: async () => ((await headOf(transport, name)) === null ? true : null),
  });
}

const tagSchema = z.object({
  repository: z.object({
    ref: z.object({ target: z.object({ oid: z.string(), target: z.object({ oid: z.string() }).nullish() }) }).nullish(),
  }),
});

/** Where a tag's name points (the tag object of an annotated one), and the commit behind it. */
async function readTag(transport: Transport, name: string): Promise<{ readonly object: string; readonly at: string } | null> {
  const { data } = await askGraphql(
    transport,
    'a tag',
    'query($owner:String!,$repo:String!,$ref:String!){repository(owner:$owner,name:$repo){ref(qualifiedName:$ref){target{oid ...on Tag{target{oid}}}}}}',
    { owner: transport.owner, repo: transport.repo, ref: `refs/tags/${name}` },
  );
  const target = readAnswer(tagSchema, data, 'a tag').repository.ref?.target;
  return target ? { object: target.oid, at: target.target?.oid ?? target.oid } : null;
}

export async function createTag(transport: Transport, name: string, at: string, message: string): ReturnType<ForgeGit['createTag']> {
  const made = await transport.send('POST /repos/{owner}/{repo}/git/tags', { tag: name, message, object: at, type: 'commit' });
  const { sha } = readAnswer(objectSchema, made.data, 'a tag');
  return writeOnce(transport, {
    send: async () => {
      if (tookRef(await postRef(transport, `refs/tags/${name}`, sha)) === 'created') return { created: true, at };
      return { created: false, at: (await readTag(transport, name))?.at ?? at };
    },
    arrived: async () => ((await readTag(transport, name))?.object === sha ? { created: true, at } : null),
  });
}

const postRef = (transport: Transport, ref: string, sha: string): Promise<Answer> =>
  transport.send(createRefRoute, { ref, sha }, { expect: [422], again: false });

const messageSchema = z.object({ message: z.string() });

function tookRef(answer: Answer): 'created' | 'taken' {
  if (answer.status === 201) return 'created';
  const { message } = readAnswer(messageSchema, answer.data, 'a new ref');
  if (/already exists/i.test(message)) return 'taken';
  throw forgeRefused(createRefRoute, { ...answer, message });
}
