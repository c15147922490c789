import { z } from 'zod';
import type { RefFiles } from '../../promotion/forge.ts';
import { askGraphql } from './graphql.ts';
import { readAnswer } from './read-answer.ts';
import { readBlob } from './read-blob.ts';
import { isCommit, refName } from './ref-name.ts';
import type { Transport } from './transport.ts';

type Wanted = readonly { readonly ref: string; readonly paths: readonly string[] }[];
/** GitHub's limits are on cost, not on aliases; more than this in one request is nothing that the bot does in a hurry. */
const mostFiles = 400;
/** GraphQL cuts longer texts: these are fetched by themselves. */
const longestText = 16 * 1_048_576;

/** Files at several refs by one request, every ref a snapshot: a branch's files are read from the commit that it stands at. */
export async function readTexts(transport: Transport, wanted: Wanted): Promise<readonly RefFiles[]> {
  const kept = wanted.map((entry) => keptTexts(transport, entry));
  const missing = wanted.filter((_, index) => kept[index] === null);
  const total = missing.reduce((sum, { paths }) => sum + paths.length, 0);
  // One after the other: a part of the refs is a snapshot too.
  const parts = total <= mostFiles ? [missing] : missing.map((entry) => [entry]);
  const asked: RefFiles[] = [];
  for (const part of parts) if (part.length > 0) asked.push(...(await askTexts(transport, part)));
  let next = 0;
  return kept.map((entry) => entry ?? asked[next++]!);
}

/** All of a commit's files that were read before, by any name of it. */
function keptTexts({ memory }: Transport, { ref, paths }: Wanted[number]): RefFiles | null {
  if (!isCommit(ref)) return null;
  const files = new Map<string, string | null>();
  for (const path of paths) {
    const kept = memory.objects.get(`${ref}:${path}`);
    if (typeof kept !== 'string' && kept !== null) return null;
    files.set(path, kept);
  }
  return files.size > 0 || memory.objects.get(`${ref}:`) === true ? { ref, commit: ref, files } : null;
}

const entrySchema = z
  .object({
    mode: z.number(),
    object: z
      .object({
        oid: z.string().nullish(),
        text: z.string().nullish(),
        isBinary: z.boolean().nullish(),
        isTruncated: z.boolean().nullish(),
      })
      .nullish(),
  })
  .nullish();
const commitSchema = z.object({ oid: z.string() }).catchall(z.unknown());
const targetSchema = z.union([commitSchema, z.object({ target: commitSchema }).transform(({ target }) => target)]);
const answerSchema = z.object({ repository: z.record(z.string(), z.unknown()) });

async function askTexts(transport: Transport, wanted: Wanted): Promise<RefFiles[]> {
  const { query, variables } = textsQuery(wanted);
  const { data } = await askGraphql(
    transport,
    'files',
    query,
    { owner: transport.owner, repo: transport.repo, ...variables },
    { answers: ['NOT_FOUND'] },
  );
  const { repository } = readAnswer(answerSchema, data, 'files');
  return Promise.all(wanted.map((entry, index) => readRef(transport, entry, repository, index)));
}

/** Every string is a variable: names of files and branches never become a part of the query. */
function textsQuery(wanted: Wanted): { readonly query: string; readonly variables: Record<string, string> } {
  const variables: Record<string, string> = {};
  const paths = [...new Set(wanted.flatMap((entry) => entry.paths))];
  const declared = ['$owner:String!', '$repo:String!', ...paths.map((_, index) => `$p${index}:String!`)];
  for (const [index, path] of paths.entries()) variables[`p${index}`] = path;
  const fields: string[] = [];
  const fragments = wanted.map(({ ref, paths: own }, index) => {
    if (isCommit(ref)) {
      declared.push(`$r${index}:GitObjectID!`);
      variables[`r${index}`] = ref;
      fields.push(`c${index}:object(oid:$r${index}){...files${index}}`);
    } else {
      for (const [kind, name] of [
        ['b', refName(ref, 'heads')],
        ['t', refName(ref, 'tags')],
      ] as const) {
        declared.push(`$${kind}${index}:String!`);
        variables[`${kind}${index}`] = name;
        fields.push(`${kind}${index}:ref(qualifiedName:$${kind}${index}){target{...files${index} ...on Tag{target{...files${index}}}}}`);
      }
    }
    const files = own.map((path, at) => `f${at}:file(path:$p${paths.indexOf(path)}){...entry}`);
    return `fragment files${index} on Commit{oid ${files.join(' ')}}`;
  });
  const entry = paths.length > 0 ? 'fragment entry on TreeEntry{mode object{...on Blob{oid text isBinary isTruncated}}}' : '';
  return {
    query: `query(${declared.join(',')}){repository(owner:$owner,name:$repo){${fields.join(' ')}}} ${fragments.join(' ')} ${entry}`,
    variables,
  };
}

async function readRef(
  transport: Transport,
  { ref, paths }: Wanted[number],
  repository: Record<string, unknown>,
  index: number,
): Promise<RefFiles> {
  const found = [`c${index}`, `b${index}`, `t${index}`]
    .map((alias) => repository[alias])
    .find((value) => value !== undefined && value !== null);
  const target = isCommit(ref) ? found : readAnswer(z.object({ target: z.unknown() }).nullish(), found, 'a ref')?.target;
  // A ref that points at something else than a commit, and an object id of no commit, stand at none.
  const commit = targetSchema.safeParse(target);
  if (!commit.success) return { ref, commit: null, files: new Map(paths.map((path) => [path, null])) };
  const { objects } = transport.memory;
  const files = new Map<string, string | null>();
  for (const [at, path] of paths.entries()) {
    const text = await textOf(transport, readAnswer(entrySchema, commit.data[`f${at}`], path));
    files.set(path, text);
    objects.set(`${commit.data.oid}:${path}`, text, (text ?? '').length);
  }
  objects.set(`${commit.data.oid}:`, true, 1);
  return { ref, commit: commit.data.oid, files };
}

/** A link's text is where it leads to: it is no file here. */
const isFile = (mode: number): boolean => mode === 0o100644 || mode === 0o100755;

async function textOf(transport: Transport, entry: z.output<typeof entrySchema>): Promise<string | null> {
  const object = entry?.object;
  if (!object || !isFile(entry.mode) || object.isBinary === true) return null;
  if (object.isTruncated !== true) return object.text ?? null;
  if (!object.oid) return null;
  try {
    return new TextDecoder('utf-8', { fatal: true, ignoreBOM: true }).decode(await readBlob(transport, object.oid, longestText));
  } catch (error) {
    if (error instanceof TypeError) return null;
    throw error;
  }
}
