import { noOid } from '../git/bare-repository.ts';
import type { TreeEntry } from '../git/object-store.ts';
import { gitHubsSignature, signatureOf } from '../operations/commits.ts';
import { moveRefs, refAt } from '../operations/refs.ts';
import { nodeId } from '../payloads/account.ts';
import { gitCommitJson } from '../payloads/commit.ts';
import { apiOf } from '../payloads/repository.ts';
import { invalid, notFound, Refusal } from '../refusal.ts';
import type { Repository } from '../state.ts';
import type { World } from '../world.ts';
import { type Asked, created, list, nothing, ok, optionalText, type Route, route, text } from './route.ts';

const read = { contents: 'read' } as const;
const write = { contents: 'write' } as const;

export const gitRoutes: readonly Route[] = [
  route('POST /repos/:owner/:repo/git/blobs', write, (asked) => {
    refuseEmpty(asked);
    const encoding = optionalText(asked, 'encoding') === 'base64' ? 'base64' : 'utf8';
    const sha = asked.repository.git.writeBlob(Buffer.from(text(asked, 'content'), encoding));
    return created({ sha, url: `${apiOf(asked.world, asked.repository)}/git/blobs/${sha}` });
  }),
  route('GET /repos/:owner/:repo/git/blobs/:sha', read, (asked) => {
    const { repository, params } = asked;
    const object = repository.git.object(params['sha'] ?? '');
    if (object?.kind !== 'blob') throw notFound();
    if (String(asked.headers['accept']).includes('raw')) return { bytes: object.content };
    return ok({
      sha: params['sha'],
      node_id: nodeId('B', 1),
      size: object.content.length,
      url: `${apiOf(asked.world, repository)}/git/blobs/${params['sha']}`,
      content: `${object.content.toString('base64')}\n`,
      encoding: 'base64',
    });
  }),
  route('POST /repos/:owner/:repo/git/trees', write, (asked) => {
    refuseEmpty(asked);
    const { git } = asked.repository;
    const given = asked.body['tree'];
    if (!Array.isArray(given)) throw invalid('Tree', 'tree', 'missing_field');
    const base = optionalText(asked, 'base_tree');
    const root = base === undefined ? null : (git.commit(base)?.tree ?? base);
    if (root !== null && !git.tree(root)) throw new Refusal(404, 'base_tree is not a valid tree oid');
    const edits = new Map<string, { readonly oid: string; readonly mode: string } | null>();
    for (const item of given as { path: string; mode: string; sha?: string | null; content?: string }[]) {
      if (item.sha === null) edits.set(item.path, null);
      else {
        const oid = item.sha ?? git.writeBlob(item.content ?? '');
        if (!git.object(oid)) throw invalid('Tree', 'tree.sha', 'invalid', `tree.sha ${oid} is not a valid ${item.mode}`);
        edits.set(item.path, { oid, mode: item.mode });
      }
    }
    return created(treeJson(asked.world, asked.repository, git.editTree(root, edits), false));
  }),
  route('GET /repos/:owner/:repo/git/trees/*sha', read, (asked) => {
    const { git } = asked.repository;
    const named = asked.params['sha'] ?? '';
    const oid = /^[0-9a-f]{40}$/.test(named) ? named : refAt(asked.repository, `refs/heads/${named}`);
    const tree = oid === null ? null : git.tree(oid) ? oid : (git.commitOf(oid)?.tree ?? null);
    if (tree === null) throw notFound();
    return ok(treeJson(asked.world, asked.repository, tree, asked.query.has('recursive')));
  }),
  route('POST /repos/:owner/:repo/git/commits', write, (asked) => {
    refuseEmpty(asked);
    const { repository, world } = asked;
    const tree = text(asked, 'tree');
    const parents = Array.isArray(asked.body['parents']) ? (asked.body['parents'] as string[]) : [];
    if (!repository.git.tree(tree)) throw new Refusal(422, 'Tree SHA does not exist');
    if (parents.some((parent) => !repository.git.commit(parent)))
      throw new Refusal(422, 'Parent SHA does not exist or is not a commit object');
    const given = asked.body['author'] as { name: string; email: string; date?: string } | undefined;
    const author = given ? { date: world.clock.iso(), ...given } : signatureOf(world, asked.by);
    // What an App writes without naming an author is committed and signed by GitHub.
    const signed = asked.token?.kind !== 'user' && !given;
    const oid = repository.git.writeCommit({
      tree,
      parents,
      author,
      committer: signed ? gitHubsSignature(world) : author,
      message: text(asked, 'message'),
    });
    if (signed) repository.verified.add(oid);
    const commit = repository.git.commit(oid);
    return created(commit ? gitCommitJson(world, repository, commit) : null);
  }),
  route('GET /repos/:owner/:repo/git/commits/:sha', read, (asked) => {
    const commit = asked.repository.git.commit(asked.params['sha'] ?? '');
    if (!commit) throw notFound();
    return ok(gitCommitJson(asked.world, asked.repository, commit));
  }),
  route('POST /repos/:owner/:repo/git/tags', write, (asked) => {
    const { repository, world } = asked;
    const target = text(asked, 'object');
    const kind = repository.git.object(target)?.kind;
    if (!kind) throw invalid('Tag', 'object', 'invalid');
    const tagger = { ...signatureOf(world, asked.by), ...(asked.body['tagger'] as object | undefined) };
    const sha = repository.git.writeTag({ target, kind, name: text(asked, 'tag'), tagger, message: text(asked, 'message') });
    return created(tagJson(world, repository, sha));
  }),
  route('GET /repos/:owner/:repo/git/tags/:sha', read, (asked) => ok(tagJson(asked.world, asked.repository, asked.params['sha'] ?? ''))),
  route('GET /repos/:owner/:repo/git/matching-refs/*ref', read, (asked) => {
    const prefix = `refs/${asked.params['ref']}`;
    const found = asked.repository.git
      .refsUnder(asked.repository.refs)
      .map(({ ref, oid }) => ({ ref: ref.replace(asked.repository.refs, 'refs/'), oid }))
      .filter(({ ref }) => ref.startsWith(prefix) && !ref.startsWith('refs/forks/'));
    return list(found.map(({ ref, oid }) => refJson(asked.world, asked.repository, ref, oid)));
  }),
  route('GET /repos/:owner/:repo/git/ref/*ref', read, (asked) => {
    const ref = `refs/${asked.params['ref']}`;
    const oid = refAt(asked.repository, ref);
    if (oid === null) throw notFound();
    return ok(refJson(asked.world, asked.repository, ref, oid));
  }),
  route('POST /repos/:owner/:repo/git/refs', write, (asked) => {
    refuseEmpty(asked);
    const [ref, sha] = [text(asked, 'ref'), text(asked, 'sha')];
    if (!/^refs\/[^/]+\/.+/.test(ref)) throw new Refusal(422, "Reference name must start with 'refs/' and have at least two slashes");
    if (!asked.repository.git.object(sha)) throw new Refusal(422, 'Object does not exist');
    if (refAt(asked.repository, ref) !== null) throw new Refusal(422, 'Reference already exists');
    if (!moveRefs(asked.world, asked.repository, [{ ref, to: sha, from: noOid }], asked.by))
      throw new Refusal(422, 'Reference could not be created');
    return created(refJson(asked.world, asked.repository, ref, sha));
  }),
  route('PATCH /repos/:owner/:repo/git/refs/*ref', write, (asked) => {
    const [ref, sha] = [`refs/${asked.params['ref']}`, text(asked, 'sha')];
    const from = refAt(asked.repository, ref);
    if (from === null) throw new Refusal(422, 'Reference does not exist');
    if (!asked.repository.git.object(sha)) throw new Refusal(422, 'Object does not exist');
    if (asked.body['force'] !== true && !asked.repository.git.isAncestor(from, sha)) throw new Refusal(422, 'Update is not a fast forward');
    if (!moveRefs(asked.world, asked.repository, [{ ref, to: sha, from }], asked.by)) throw new Refusal(409, 'Reference cannot be updated');
    return ok(refJson(asked.world, asked.repository, ref, sha));
  }),
  route('DELETE /repos/:owner/:repo/git/refs/*ref', write, (asked) => {
    const ref = `refs/${asked.params['ref']}`;
    if (refAt(asked.repository, ref) === null) throw new Refusal(422, 'Reference does not exist');
    moveRefs(asked.world, asked.repository, [{ ref, to: noOid }], asked.by);
    return nothing;
  }),
];

/** Before its first commit, which the contents API can make, GitHub writes no objects. */
function refuseEmpty({ repository }: Pick<Asked, 'repository'>): void {
  if (repository.knownRefs.size === 0) throw new Refusal(409, 'Git Repository is empty.');
}

function refJson(world: World, repository: Repository, ref: string, oid: string) {
  const kind = repository.git.object(oid)?.kind ?? 'commit';
  return {
    ref,
    node_id: nodeId('REF', 1),
    url: `${apiOf(world, repository)}/git/${ref}`,
    object: { type: kind, sha: oid, url: `${apiOf(world, repository)}/git/${kind}s/${oid}` },
  };
}

function tagJson(world: World, repository: Repository, sha: string) {
  const object = repository.git.object(sha);
  if (object?.kind !== 'tag') throw notFound();
  const content = object.content.toString();
  const [, target = '', type = '', tag = '', name = '', email = '', seconds = '0'] =
    /^object (\w+)\ntype (\w+)\ntag (.+)\ntagger (.*) <(.*)> (\d+)/.exec(content) ?? [];
  return {
    node_id: nodeId('T', 1),
    tag,
    sha,
    url: `${apiOf(world, repository)}/git/tags/${sha}`,
    message: content.slice(content.indexOf('\n\n') + 2).replace(/\n$/, ''),
    tagger: { name, email, date: new Date(Number(seconds) * 1000).toISOString() },
    object: { type, sha: target, url: `${apiOf(world, repository)}/git/${type}s/${target}` },
    verification: { verified: false, reason: 'unsigned', signature: null, payload: null, verified_at: null },
  };
}

function treeJson(world: World, repository: Repository, sha: string, recursive: boolean) {
  const { git } = repository;
  const url = apiOf(world, repository);
  const entries = recursive
    ? git.files(sha, true)
    : (git.tree(sha) ?? []).map(({ name, oid, mode }: TreeEntry) => ({ path: name, oid, mode }));
  return {
    sha,
    url: `${url}/git/trees/${sha}`,
    tree: entries.map(({ path, oid, mode }) => {
      const type = mode === '040000' ? 'tree' : mode === '160000' ? 'commit' : 'blob';
      return {
        path,
        mode,
        type,
        sha: oid,
        ...(type === 'blob' ? { size: git.object(oid)?.content.length ?? 0 } : {}),
        ...(type === 'commit' ? {} : { url: `${url}/git/${type}s/${oid}` }),
      };
    }),
    truncated: false,
  };
}
