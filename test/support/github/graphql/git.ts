import { webFlow } from '../accounts.ts';
import type { Commit, Signature } from '../git/commit.ts';
import type { TreeEntry } from '../git/object-store.ts';
import { refAt, resolveRevision } from '../operations/refs.ts';
import { nodeId } from '../payloads/account.ts';
import { htmlOf } from '../payloads/repository.ts';
import type { Repository } from '../state.ts';
import { accountOfEmail } from '../world.ts';
import { type Arguments, connection, type Node, type Viewer } from './node.ts';
import { userOf } from './people.ts';

export const gitNodeId = (repository: Repository, oid: string): string => `${nodeId('G', repository.id)}_${oid}`;

/** `main:weighin.yaml`, `main:` (its tree), `main`, `refs/heads/main` or a commit; null where there is none. */
export function objectAt(viewer: Viewer, repository: Repository, expression: string): Node | null {
  const colon = expression.indexOf(':');
  const oid = resolveRevision(repository, colon < 0 ? expression : expression.slice(0, colon));
  if (oid === null) return null;
  if (colon < 0) return objectNode(viewer, repository, oid);
  const commit = repository.git.commitOf(oid);
  const entry = commit ? repository.git.entryAt(commit.tree, expression.slice(colon + 1)) : null;
  return entry ? objectNode(viewer, repository, entry.oid) : null;
}

export function objectNode(viewer: Viewer, repository: Repository, oid: string): Node | null {
  const object = repository.git.object(oid);
  if (!object) return null;
  const git: Node = {
    id: gitNodeId(repository, oid),
    oid,
    abbreviatedOid: oid.slice(0, 7),
    commitUrl: `${htmlOf(viewer.world, repository)}/commit/${oid}`,
    repository: { id: nodeId('R', repository.id), nameWithOwner: `${repository.owner.login}/${repository.name}` },
  };
  if (object.kind === 'blob') {
    const { content } = object;
    const isBinary = content.subarray(0, 8000).includes(0);
    // GitHub cuts a blob's text at 512 kB, and says so.
    const isTruncated = !isBinary && content.length > 512_000;
    return {
      __typename: 'Blob',
      ...git,
      byteSize: content.length,
      isBinary,
      isTruncated,
      text: isBinary ? null : content.toString('utf8', 0, 512_000),
    };
  }
  if (object.kind === 'tree') return { __typename: 'Tree', ...git, entries: () => entries(viewer, repository, oid, '') };
  if (object.kind === 'commit') return { ...git, ...commitNode(viewer, repository, repository.git.commit(oid) as Commit) };
  const text = object.content.toString();
  const target = /^object ([0-9a-f]{40})$/m.exec(text)?.[1] ?? '';
  return {
    __typename: 'Tag',
    ...git,
    name: /^tag (.+)$/m.exec(text)?.[1] ?? '',
    message: text.slice(text.indexOf('\n\n') + 2),
    target: () => objectNode(viewer, repository, target),
  };
}

const entries = (viewer: Viewer, repository: Repository, tree: string, above: string): readonly Node[] =>
  (repository.git.tree(tree) ?? []).map((entry) =>
    entryNode(viewer, repository, entry, above === '' ? entry.name : `${above}/${entry.name}`),
  );

const entryNode = (viewer: Viewer, repository: Repository, { name, oid, mode }: TreeEntry, path: string): Node => ({
  name,
  oid,
  path,
  mode: Number.parseInt(mode, 8),
  type: mode === '040000' ? 'tree' : mode === '160000' ? 'commit' : 'blob',
  size: mode === '040000' ? 0 : (repository.git.object(oid)?.content.length ?? 0),
  isGenerated: false,
  extension: name.includes('.') ? `.${name.split('.').at(-1)}` : '',
  object: () => (mode === '160000' ? null : objectNode(viewer, repository, oid)),
});

export function commitNode(viewer: Viewer, repository: Repository, commit: Commit): Node {
  const { world } = viewer;
  const { git } = repository;
  const [headline = ''] = commit.message.split('\n');
  const person = ({ name, email, date }: Signature): Node => {
    const account = accountOfEmail(world, email);
    // The schema says `User`: an App's commits name none, and neither do GitHub's own.
    return { name, email, date, user: account?.type === 'User' && account !== webFlow ? userOf(world, account) : null };
  };
  const coAuthors = [...commit.message.matchAll(/^co-authored-by:\s*(.*?)\s*<(.+?)>\s*$/gim)].map(([, name = '', email = '']) =>
    person({ name, email, date: commit.author.date }),
  );
  const authors = [person(commit.author), ...coAuthors];
  return {
    __typename: 'Commit',
    id: gitNodeId(repository, commit.oid),
    oid: commit.oid,
    abbreviatedOid: commit.oid.slice(0, 7),
    url: `${htmlOf(world, repository)}/commit/${commit.oid}`,
    message: commit.message,
    messageHeadline: headline,
    messageBody: commit.message.slice(headline.length).replace(/^\n+/, ''),
    committedDate: commit.committer.date,
    authoredDate: commit.author.date,
    author: person(commit.author),
    committer: person(commit.committer),
    authors: (args: Arguments) => connection('authors', authors, args, (one) => one),
    signature: repository.verified.has(commit.oid)
      ? {
          __typename: 'GpgSignature',
          isValid: true,
          state: 'VALID',
          wasSignedByGitHub: true,
          email: commit.committer.email,
          signer: null,
          verifiedAt: commit.committer.date,
        }
      : null,
    committedViaWeb: repository.verified.has(commit.oid),
    tree: () => objectNode(viewer, repository, commit.tree),
    file: ({ path }: Arguments) => {
      const entry = git.entryAt(commit.tree, String(path));
      if (!entry) return null;
      const size = entry.mode === '040000' ? 0 : (git.object(entry.oid)?.content.length ?? 0);
      const mode = Number.parseInt(entry.mode, 8);
      return { name: entry.name, path, oid: entry.oid, mode, size, object: () => objectNode(viewer, repository, entry.oid) };
    },
    parents: (args: Arguments) => connection('parents', commit.parents, args, (oid) => objectNode(viewer, repository, oid)),
    history: (args: Arguments) => {
      const path = typeof args['path'] === 'string' ? args['path'] : null;
      const oids = git.history(commit.oid, path === null ? {} : { path });
      return connection('history', oids, args, (oid) => objectNode(viewer, repository, oid));
    },
    // No legacy statuses; checks are asked by REST.
    statusCheckRollup: null,
    status: null,
  };
}

export function refNode(viewer: Viewer, repository: Repository, qualified: string): Node | null {
  const name = qualified.startsWith('refs/') ? qualified : `refs/heads/${qualified}`;
  const oid = refAt(repository, name);
  if (oid === null) return null;
  const prefix = /^refs\/[^/]+\//.exec(name)?.[0] ?? 'refs/';
  return {
    id: `REF_${repository.id}:${name}`,
    name: name.slice(prefix.length),
    prefix,
    target: () => objectNode(viewer, repository, oid),
  };
}
