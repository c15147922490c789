import type { Difference } from '../git/bare-repository.ts';
import type { Commit } from '../git/commit.ts';
import type { Repository } from '../state.ts';
import { accountOfEmail, type World } from '../world.ts';
import { nodeId, simpleUser } from './account.ts';
import { apiOf, htmlOf } from './repository.ts';

const verification = (repository: Repository, oid: string, at: string) =>
  repository.verified.has(oid)
    ? { verified: true, reason: 'valid', signature: '-----BEGIN PGP SIGNATURE-----', payload: 'tree', verified_at: at }
    : { verified: false, reason: 'unsigned', signature: null, payload: null, verified_at: null };

/** `git-commit`: the object alone. */
export function gitCommitJson(world: World, repository: Repository, commit: Commit) {
  const url = apiOf(world, repository);
  return {
    sha: commit.oid,
    node_id: nodeId('C', Number.parseInt(commit.oid.slice(0, 8), 16)),
    url: `${url}/git/commits/${commit.oid}`,
    html_url: `${htmlOf(world, repository)}/commit/${commit.oid}`,
    author: { ...commit.author },
    committer: { ...commit.committer },
    tree: { sha: commit.tree, url: `${url}/git/trees/${commit.tree}` },
    message: commit.message,
    parents: commit.parents.map((sha) => ({
      sha,
      url: `${url}/git/commits/${sha}`,
      html_url: `${htmlOf(world, repository)}/commit/${sha}`,
    })),
    verification: verification(repository, commit.oid, commit.committer.date),
  };
}

/** `commit`: with the accounts behind its addresses. */
export function commitJson(world: World, repository: Repository, commit: Commit) {
  const url = apiOf(world, repository);
  const [author, committer] = [accountOfEmail(world, commit.author.email), accountOfEmail(world, commit.committer.email)];
  return {
    sha: commit.oid,
    node_id: nodeId('C', Number.parseInt(commit.oid.slice(0, 8), 16)),
    commit: {
      author: { ...commit.author },
      committer: { ...commit.committer },
      message: commit.message,
      tree: { sha: commit.tree, url: `${url}/git/trees/${commit.tree}` },
      url: `${url}/git/commits/${commit.oid}`,
      comment_count: 0,
      verification: verification(repository, commit.oid, commit.committer.date),
    },
    url: `${url}/commits/${commit.oid}`,
    html_url: `${htmlOf(world, repository)}/commit/${commit.oid}`,
    comments_url: `${url}/commits/${commit.oid}/comments`,
    author: author ? simpleUser(world, author) : null,
    committer: committer ? simpleUser(world, committer) : null,
    parents: commit.parents.map((sha) => ({
      sha,
      url: `${url}/commits/${sha}`,
      html_url: `${htmlOf(world, repository)}/commit/${sha}`,
    })),
  };
}

/** As webhooks carry it. */
export function pushedCommitJson(world: World, repository: Repository, commit: Commit) {
  const username = (email: string) => accountOfEmail(world, email)?.login;
  const changed = repository.git.differences(commit.parents[0] ?? null, commit.oid);
  return {
    ...headCommitJson(commit),
    distinct: true,
    url: `${htmlOf(world, repository)}/commit/${commit.oid}`,
    author: { name: commit.author.name, email: commit.author.email, ...named(username(commit.author.email)) },
    committer: { name: commit.committer.name, email: commit.committer.email, ...named(username(commit.committer.email)) },
    added: changed.filter(({ status }) => status === 'added').map(({ path }) => path),
    removed: changed.filter(({ status }) => status === 'removed').map(({ path }) => path),
    modified: changed.filter(({ status }) => status === 'modified' || status === 'renamed').map(({ path }) => path),
  };
}
const named = (username: string | undefined) => (username === undefined ? {} : { username });

export function headCommitJson(commit: Commit) {
  return {
    id: commit.oid,
    tree_id: commit.tree,
    message: commit.message,
    timestamp: commit.committer.date,
    author: { name: commit.author.name, email: commit.author.email },
    committer: { name: commit.committer.name, email: commit.committer.email },
  };
}

export function differenceJson(world: World, repository: Repository, at: string, difference: Difference) {
  const url = apiOf(world, repository);
  const entry = repository.git.commit(at)?.tree;
  const sha = entry ? repository.git.entryAt(entry, difference.path)?.oid : undefined;
  const path = difference.path.split('/').map(encodeURIComponent).join('/');
  return {
    sha: sha ?? '0'.repeat(40),
    filename: difference.path,
    status: difference.status,
    additions: difference.additions,
    deletions: difference.deletions,
    changes: difference.additions + difference.deletions,
    blob_url: `${htmlOf(world, repository)}/blob/${at}/${path}`,
    raw_url: `${htmlOf(world, repository)}/raw/${at}/${path}`,
    contents_url: `${url}/contents/${path}?ref=${at}`,
    ...(difference.previous === undefined ? {} : { previous_filename: difference.previous }),
  };
}
