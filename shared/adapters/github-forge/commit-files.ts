import { createHash } from 'node:crypto';
import { z } from 'zod';
import type { BranchCommit, ForgeGit } from '../../promotion/forge.ts';
import { forgeRefused } from './forge-error.ts';
import { askGraphql, type GraphqlAnswer } from './graphql.ts';
import { readAnswer } from './read-answer.ts';
import type { Transport } from './transport.ts';
import { writeOnce } from './write-once.ts';

type CommitAnswer = Awaited<ReturnType<ForgeGit['commit']>>;

const mutation = 'mutation($input:CreateCommitOnBranchInput!){createCommitOnBranch(input:$input){commit{oid}}}';
const createdSchema = z.object({ createCommitOnBranch: z.object({ commit: z.object({ oid: z.string() }) }) });

/**
 * One signed commit on top of `expectedHead`, or none. GitHub compares and swaps, so sending it again is safe; but an answer that was lost
 * leaves our own commit on the branch, and then STALE_DATA would be a lie: it is looked for by what it says and holds.
 */
export async function commitFiles(transport: Transport, change: BranchCommit): Promise<CommitAnswer> {
  let lost = false;
  return writeOnce<CommitAnswer>(transport, {
    send: async () => {
      const answer = await askGraphql(
        transport,
        'createCommitOnBranch',
        mutation,
        { input: inputOf(transport, change) },
        { again: false, answers: ['STALE_DATA', 'NOT_FOUND', 'UNPROCESSABLE'] },
      );
      if (answer.errors.length === 0) {
        return { committed: true, oid: readAnswer(createdSchema, answer.data, 'a commit').createCommitOnBranch.commit.oid };
      }
      return notCommitted(transport, change, answer, lost);
    },
    arrived: async () => {
      lost = true;
      return findCommit(transport, change);
    },
  });
}

/** Whatever GitHub says, a branch that stands elsewhere is the reason; where it stands as expected, something else is wrong. */
async function notCommitted(transport: Transport, change: BranchCommit, answer: GraphqlAnswer, lost: boolean): Promise<CommitAnswer> {
  const [problem] = answer.errors;
  if (!lost && problem?.type === 'STALE_DATA') return { committed: false };
  const found = await findCommit(transport, change);
  if (found) return lost ? found : { committed: false };
  if ((await headOf(transport, change.branch)) !== change.expectedHead) return { committed: false };
  throw forgeRefused('GraphQL createCommitOnBranch', { status: null, headers: {}, data: null, message: problem?.message ?? '' });
}

function inputOf({ owner, repo }: Transport, { branch, expectedHead, message, write, remove = [] }: BranchCommit) {
  const [headline = '', ...rest] = message.split('\n');
  const body = rest.join('\n').trim();
  return {
    branch: { repositoryNameWithOwner: `${owner}/${repo}`, branchName: branch },
    expectedHeadOid: expectedHead,
    message: { headline, ...(body === '' ? {} : { body }) },
    fileChanges: {
      additions: write.map(({ path, text }) => ({ path, contents: Buffer.from(text, 'utf8').toString('base64') })),
      deletions: remove.map((path) => ({ path })),
    },
  };
}

const headSchema = z.object({ repository: z.object({ ref: z.object({ target: z.object({ oid: z.string() }) }).nullish() }) });

export async function headOf(transport: Transport, branch: string): Promise<string | null> {
  const { data } = await askGraphql(
    transport,
    'a branch',
    'query($owner:String!,$repo:String!,$ref:String!){repository(owner:$owner,name:$repo){ref(qualifiedName:$ref){target{oid}}}}',
    { owner: transport.owner, repo: transport.repo, ref: `refs/heads/${branch}` },
  );
  return readAnswer(headSchema, data, 'a branch').repository.ref?.target.oid ?? null;
}

const pastSchema = z.object({
  repository: z.object({
    ref: z
      .object({
        target: z.object({
          history: z.object({
            nodes: z.array(
              z.looseObject({ oid: z.string(), message: z.string(), parents: z.object({ nodes: z.array(z.object({ oid: z.string() })) }) }),
            ),
          }),
        }),
      })
      .nullish(),
  }),
});
const fileSchema = z.object({ oid: z.string() }).nullish();

/** Our commit among the branch's last ones: on the expected head, in our words, with the contents that we sent. */
async function findCommit(
  transport: Transport,
  { branch, expectedHead, message, write, remove = [] }: BranchCommit,
): Promise<CommitAnswer | null> {
  const expected = new Map<string, string | null>([
    ...write.map(({ path, text }) => [path, blobId(text)] as const),
    ...remove.map((path) => [path, null] as const),
  ]);
  const paths = [...expected.keys()].slice(0, 50);
  const files = paths.map((_, index) => `f${index}:file(path:$p${index}){oid}`).join(' ');
  const declared = paths.map((_, index) => `,$p${index}:String!`).join('');
  const { data } = await askGraphql(
    transport,
    'a commit that may have arrived',
    `query($owner:String!,$repo:String!,$ref:String!${declared}){repository(owner:$owner,name:$repo){ref(qualifiedName:$ref){target{...on Commit{history(first:10){nodes{oid message parents(first:1){nodes{oid}} ${files}}}}}}}}`,
    {
      owner: transport.owner,
      repo: transport.repo,
      ref: `refs/heads/${branch}`,
      ...Object.fromEntries(paths.map((path, index) => [`p${index}`, path])),
    },
    { answers: ['NOT_FOUND'] },
  );
  const past = readAnswer(pastSchema, data, 'a commit that may have arrived').repository.ref?.target.history.nodes ?? [];
  const ours = past.find(
    (commit) =>
      commit.parents.nodes[0]?.oid === expectedHead &&
      plain(commit.message) === plain(message) &&
      paths.every((path, index) => (readAnswer(fileSchema, commit[`f${index}`], path)?.oid ?? null) === expected.get(path)),
  );
  return ours ? { committed: true, oid: ours.oid } : null;
}

const plain = (message: string): string => message.replaceAll(/\s+/g, ' ').trim();

/** How Git names a file's contents. */
function blobId(text: string): string {
  const bytes = Buffer.from(text, 'utf8');
  return createHash('sha1').update(`blob ${bytes.length}\0`).update(bytes).digest('hex');
}
