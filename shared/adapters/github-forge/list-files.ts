import { z } from 'zod';
import type { TreeFile } from '../../promotion/forge.ts';
import { forgeAnswered } from './forge-error.ts';
import { askGraphql } from './graphql.ts';
import { readAnswer } from './read-answer.ts';
import { isCommit, refName } from './ref-name.ts';
import type { Transport } from './transport.ts';

/** `registry/<model>/stages/<file>` and `events/<model>/<stage>/<file>` are read whole by the first request. */
const depth = 4;
const entryFields = (levels: number): string =>
  `entries{name mode oid size${levels > 1 ? ` object{...on Tree{${entryFields(levels - 1)}}}` : ''}}`;

const entrySchema = z.object({
  name: z.string(),
  mode: z.number(),
  oid: z.string(),
  size: z.number(),
  get object() {
    return z.object({ entries: z.array(entrySchema).nullish() }).nullish();
  },
});
type Entry = z.output<typeof entrySchema>;
const treeSchema = z.object({ oid: z.string().nullish(), entries: z.array(entrySchema).nullish() }).nullish();
const commitSchema = z.object({ file: z.object({ object: treeSchema }).nullish(), tree: treeSchema }).nullish();
const answerSchema = z.object({
  repository: z.object({ object: commitSchema, ref: z.object({ target: commitSchema }).nullish() }),
});

/** Files below a folder of one commit. Deeper folders than the first request reads are fetched by their object ids, and kept. */
export async function listFiles(transport: Transport, ref: string, folder: string): Promise<readonly TreeFile[]> {
  const path = folder.replaceAll(/^\/+|\/+$/g, '');
  // The whole of a repository may be large: GraphQL names only its tree.
  const inside = path === '' ? 'tree{oid}' : `file(path:$path){object{...on Tree{oid ${entryFields(depth)}}}}`;
  const at = isCommit(ref) ? 'object(oid:$ref){...inside}' : 'ref(qualifiedName:$ref){target{...inside}}';
  const declared = `$owner:String!,$repo:String!,$ref:${isCommit(ref) ? 'GitObjectID' : 'String'}!${path === '' ? '' : ',$path:String!'}`;
  const variables = {
    owner: transport.owner,
    repo: transport.repo,
    ref: isCommit(ref) ? ref : refName(ref, 'heads'),
    ...(path === '' ? {} : { path }),
  };
  const query = `query(${declared}){repository(owner:$owner,name:$repo){${at}}} fragment inside on Commit{${inside}}`;
  const { data } = await askGraphql(transport, 'a folder', query, variables, { answers: ['NOT_FOUND'] });
  const { repository } = readAnswer(answerSchema, data, 'a folder');
  const commit = repository.object ?? repository.ref?.target;
  if (path === '') return commit?.tree?.oid ? treeFiles(transport, commit.tree.oid, '') : [];
  return entryFiles(transport, commit?.file?.object?.entries ?? [], `${path}/`);
}

async function entryFiles(transport: Transport, entries: readonly Entry[], prefix: string): Promise<TreeFile[]> {
  const files: TreeFile[] = [];
  for (const { name, mode, oid, size, object } of entries) {
    const kind = modeOf(mode);
    if (kind !== null) files.push({ path: prefix + name, oid, bytes: size, mode: kind });
    else if (object?.entries) files.push(...(await entryFiles(transport, object.entries, `${prefix}${name}/`)));
    else files.push(...(await treeFiles(transport, oid, `${prefix}${name}/`)));
  }
  return files;
}

const restTree = z.object({
  truncated: z.boolean().nullish(),
  tree: z.array(z.object({ path: z.string(), mode: z.string(), type: z.string(), sha: z.string(), size: z.number().nullish() })),
});

/** By REST, in one request unless the tree is too large for it: then folder by folder. */
async function treeFiles(transport: Transport, oid: string, prefix: string): Promise<readonly TreeFile[]> {
  const whole = await readTree(transport, oid, true);
  if (!whole.truncated) return filesOf(whole.tree, prefix);
  const level = await readTree(transport, oid, false);
  const files = filesOf(level.tree, prefix);
  for (const { path, type, sha } of level.tree) if (type === 'tree') files.push(...(await treeFiles(transport, sha, `${prefix}${path}/`)));
  return files;
}

async function readTree(transport: Transport, oid: string, recursive: boolean): Promise<z.output<typeof restTree>> {
  const key = `tree ${oid} ${recursive}`;
  const kept = restTree.safeParse(transport.memory.objects.get(key));
  if (kept.success) return kept.data;
  const answer = await transport.get('GET /repos/{owner}/{repo}/git/trees/{tree_sha}', {
    tree_sha: oid,
    ...(recursive ? { recursive: '1' } : {}),
  });
  if (answer === null) throw forgeAnswered('a folder', 'a tree that a commit names is not there');
  const tree = readAnswer(restTree, answer.data, 'a folder');
  transport.memory.objects.set(key, tree, JSON.stringify(tree).length);
  return tree;
}

const filesOf = (tree: z.output<typeof restTree>['tree'], prefix: string): TreeFile[] =>
  tree.flatMap(({ path, mode, sha, size }) => {
    const kind = modeOf(Number.parseInt(mode, 8));
    return kind === null ? [] : [{ path: prefix + path, oid: sha, bytes: size ?? 0, mode: kind }];
  });

/** null for a folder. */
function modeOf(mode: number): TreeFile['mode'] | null {
  if (mode === 0o120000) return 'link';
  if (mode === 0o160000) return 'submodule';
  if (mode === 0o040000) return null;
  return mode === 0o100755 ? 'executable' : 'file';
}
