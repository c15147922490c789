import { z } from 'zod';
import type { ForgeGit } from '../../promotion/forge.ts';
import { commitFiles } from './commit-files.ts';
import { askGraphql } from './graphql.ts';
import { listFiles } from './list-files.ts';
import { readAnswer } from './read-answer.ts';
import { fileTooLarge, readBlob } from './read-blob.ts';
import { readHistory } from './read-history.ts';
import { readTexts } from './read-texts.ts';
import { isCommit, refName } from './ref-name.ts';
import type { Transport } from './transport.ts';
import { createBranch, createOrphanBranch, createTag, deleteBranch } from './write-refs.ts';

export const createGitHubGit = (transport: Transport, repositoryId: string): ForgeGit => ({
  read: (wanted) => readTexts(transport, wanted),
  list: (ref, folder) => listFiles(transport, ref, folder),
  readBytes: (ref, path, limit) => readBytes(transport, ref, path, limit),
  history: (ref, path) => readHistory(transport, ref, path),
  head: async (branch) => {
    const answer = await transport.get('GET /repos/{owner}/{repo}/git/ref/{ref}', { ref: `heads/${branch}` });
    return answer === null ? null : readAnswer(refSchema, answer.data, 'a branch').object.sha;
  },
  createBranch: (name, at) => createBranch(transport, name, at),
  commit: (change) => commitFiles(transport, change),
  createOrphanBranch: (name, message, files) => createOrphanBranch(transport, name, message, files),
  deleteBranch: (name, expectedHead) => deleteBranch(transport, repositoryId, name, expectedHead),
  createTag: (name, at, message) => createTag(transport, name, at, message),
});

const refSchema = z.object({ object: z.object({ sha: z.string() }) });
const fileSchema = z
  .object({ mode: z.number(), size: z.number(), object: z.object({ oid: z.string().nullish(), byteSize: z.number().nullish() }).nullish() })
  .nullish();
const commitSchema = z.object({ file: fileSchema }).nullish();
const answerSchema = z.object({ repository: z.object({ object: commitSchema, ref: z.object({ target: commitSchema }).nullish() }) });

/** The object is looked up first, so that a large one is refused by its size and a known one isn't fetched again. */
async function readBytes(transport: Transport, ref: string, path: string, limit: number): Promise<Uint8Array | null> {
  const at = isCommit(ref) ? 'object(oid:$ref){...entry}' : 'ref(qualifiedName:$ref){target{...entry}}';
  const { data } = await askGraphql(
    transport,
    'a file',
    `query($owner:String!,$repo:String!,$ref:${isCommit(ref) ? 'GitObjectID' : 'String'}!,$path:String!){repository(owner:$owner,name:$repo){${at}}} fragment entry on Commit{file(path:$path){mode size object{...on Blob{oid byteSize}}}}`,
    { owner: transport.owner, repo: transport.repo, ref: isCommit(ref) ? ref : refName(ref, 'heads'), path },
    { answers: ['NOT_FOUND'] },
  );
  const { repository } = readAnswer(answerSchema, data, 'a file');
  const file = (repository.object ?? repository.ref?.target)?.file;
  if (!file?.object?.oid || (file.mode !== 0o100644 && file.mode !== 0o100755)) return null;
  if ((file.object.byteSize ?? file.size) > limit) throw fileTooLarge(path, limit);
  return readBlob(transport, file.object.oid, limit);
}
