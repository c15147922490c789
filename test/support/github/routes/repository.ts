import { noOid } from '../git/bare-repository.ts';
import { signatureOf, writeSignedCommit } from '../operations/commits.ts';
import { branchAt, moveRefs, resolveRevision } from '../operations/refs.ts';
import { rulesOf } from '../operations/rules.ts';
import { commitJson, differenceJson, gitCommitJson } from '../payloads/commit.ts';
import { pullSummaryJson } from '../payloads/pull.ts';
import { apiOf, fullRepository, htmlOf } from '../payloads/repository.ts';
import { invalid, notFound, Refusal } from '../refusal.ts';
import type { Repository } from '../state.ts';
import type { World } from '../world.ts';
import { type Asked, list, ok, optionalText, type Route, route, text } from './route.ts';

const read = { contents: 'read' } as const;

export const repositoryRoutes: readonly Route[] = [
  route('GET /repos/:owner/:repo', { metadata: 'read' }, ({ world, repository }) => ok(fullRepository(world, repository))),
  route('GET /repositories/:id', { metadata: 'read' }, ({ world, params }) => {
    const found = world.repositories.find(({ id }) => id === Number(params['id']));
    if (!found) throw notFound();
    return ok(fullRepository(world, found));
  }),
  route('GET /repos/:owner/:repo/contents', read, contents),
  route('GET /repos/:owner/:repo/contents/*path', read, contents),
  route('PUT /repos/:owner/:repo/contents/*path', { contents: 'write' }, (asked) => changeContents(asked, false)),
  route('DELETE /repos/:owner/:repo/contents/*path', { contents: 'write' }, (asked) => changeContents(asked, true)),
  route('GET /repos/:owner/:repo/branches', read, ({ world, repository }) =>
    list(
      repository.git.refsUnder(`${repository.refs}heads/`).map(({ ref, oid }) => {
        const name = ref.slice(`${repository.refs}heads/`.length);
        return { name, commit: { sha: oid, url: `${apiOf(world, repository)}/commits/${oid}` }, protected: isProtected(repository, name) };
      }),
    ),
  ),
  route('GET /repos/:owner/:repo/branches/:branch/protection', { administration: 'read' }, () => {
    throw new Refusal(404, 'Branch not protected');
  }),
  route('GET /repos/:owner/:repo/branches/*branch', read, ({ world, repository, params }) => {
    const name = params['branch'] ?? '';
    const commit = repository.git.commit(branchAt(repository, name) ?? '');
    if (!commit) throw new Refusal(404, 'Branch not found');
    const url = `${apiOf(world, repository)}/branches/${name}`;
    return ok({
      name,
      commit: commitJson(world, repository, commit),
      _links: { self: url, html: `${htmlOf(world, repository)}/tree/${name}` },
      protected: isProtected(repository, name),
      protection: { enabled: false, required_status_checks: { enforcement_level: 'off', contexts: [], checks: [] } },
      protection_url: `${url}/protection`,
    });
  }),
  route('GET /repos/:owner/:repo/tags', read, ({ world, repository }) =>
    list(
      repository.git.refsUnder(`${repository.refs}tags/`).map(({ ref, oid }) => {
        const name = ref.slice(`${repository.refs}tags/`.length);
        const sha = repository.git.commitOf(oid)?.oid ?? oid;
        return {
          name,
          commit: { sha, url: `${apiOf(world, repository)}/commits/${sha}` },
          zipball_url: `${apiOf(world, repository)}/zipball/refs/tags/${name}`,
          tarball_url: `${apiOf(world, repository)}/tarball/refs/tags/${name}`,
          node_id: 'REF_1',
        };
      }),
    ),
  ),
  route('GET /repos/:owner/:repo/compare/*basehead', read, compare),
  route('GET /repos/:owner/:repo/commits', read, ({ world, repository, query }) => {
    const at = resolveRevision(repository, query.get('sha') ?? repository.defaultBranch);
    const commit = at === null ? null : repository.git.commitOf(at);
    if (!commit) throw notFound();
    const path = query.get('path');
    const oids = repository.git.history(commit.oid, path === null ? {} : { path });
    return list(oids.flatMap((oid) => repository.git.commit(oid) ?? []).map((one) => commitJson(world, repository, one)));
  }),
  route('GET /repos/:owner/:repo/commits/:sha/pulls', { pull_requests: 'read' }, ({ world, repository, params }) =>
    list(
      [...repository.pulls.values()]
        .filter((pull) => pull.merged?.sha === params['sha'] || repository.git.isAncestor(params['sha'] ?? '', pull.headSha))
        .filter((pull) => pull.merged?.sha === params['sha'] || !repository.git.isAncestor(params['sha'] ?? '', pull.baseSha))
        .map((pull) => pullSummaryJson(world, repository, pull)),
    ),
  ),
  route('GET /repos/:owner/:repo/commits/*ref', read, ({ world, repository, params, headers }) => {
    const commit = repository.git.commitOf(resolveRevision(repository, params['ref'] ?? '') ?? '');
    if (!commit) throw new Refusal(422, `No commit found for SHA: ${params['ref']}`);
    if (String(headers['accept']).includes('sha'))
      return { bytes: Buffer.from(commit.oid), headers: { 'content-type': 'application/vnd.github.sha' } };
    const changed = repository.git.differences(commit.parents[0] ?? null, commit.oid);
    const additions = changed.reduce((sum, one) => sum + one.additions, 0);
    const deletions = changed.reduce((sum, one) => sum + one.deletions, 0);
    return ok({
      ...commitJson(world, repository, commit),
      stats: { total: additions + deletions, additions, deletions },
      files: changed.map((one) => differenceJson(world, repository, commit.oid, one)),
    });
  }),
];

const isProtected = (repository: Repository, branch: string): boolean => rulesOf(repository, `refs/heads/${branch}`).length > 0;

function contents({ world, repository, params, query, headers }: Asked) {
  const path = (params['path'] ?? '').replace(/^\/+|\/+$/g, '');
  const ref = query.get('ref') ?? repository.defaultBranch;
  const commit = repository.git.commitOf(resolveRevision(repository, ref) ?? '');
  if (!commit)
    throw query.has('ref') ? new Refusal(404, `No commit found for the ref ${ref}`) : new Refusal(404, 'This repository is empty.');
  const entry = repository.git.entryAt(commit.tree, path);
  if (!entry) throw notFound();
  if (entry.mode === '040000') {
    const items = repository.git.tree(entry.oid) ?? [];
    return ok(items.map((item) => contentJson(world, repository, path === '' ? item.name : `${path}/${item.name}`, ref, item, false)));
  }
  if (String(headers['accept']).includes('raw')) {
    return {
      bytes: repository.git.object(entry.oid)?.content ?? new Uint8Array(),
      headers: { 'content-type': 'application/vnd.github.raw; charset=utf-8' },
    };
  }
  return ok(contentJson(world, repository, path, ref, entry, true));
}

function contentJson(
  world: World,
  repository: Repository,
  path: string,
  ref: string,
  entry: { oid: string; mode: string },
  whole: boolean,
) {
  const type = entry.mode === '040000' ? 'dir' : entry.mode === '120000' ? 'symlink' : entry.mode === '160000' ? 'submodule' : 'file';
  const bytes = repository.git.object(entry.oid)?.content ?? Buffer.alloc(0);
  const url = `${apiOf(world, repository)}/contents/${path}?ref=${ref}`;
  const git = `${apiOf(world, repository)}/git/${type === 'dir' ? 'trees' : 'blobs'}/${entry.oid}`;
  const html = `${htmlOf(world, repository)}/blob/${ref}/${path}`;
  // Between 1 and 100 MB GitHub gives the content only as `raw`.
  const large = bytes.length > 1_000_000;
  return {
    name: path.split('/').at(-1) ?? '',
    path,
    sha: entry.oid,
    size: type === 'dir' ? 0 : bytes.length,
    url,
    html_url: html,
    git_url: git,
    download_url: type === 'file' ? `${htmlOf(world, repository)}/raw/${ref}/${path}` : null,
    type,
    ...(whole ? { content: large ? '' : `${bytes.toString('base64')}\n`, encoding: large ? 'none' : 'base64' } : {}),
    _links: { self: url, git, html },
  };
}

function changeContents(asked: Asked, removing: boolean) {
  const { world, repository, params, by } = asked;
  const path = params['path'] ?? '';
  const branch = optionalText(asked, 'branch') ?? repository.defaultBranch;
  const head = branchAt(repository, branch);
  if (head === null && repository.knownRefs.size > 0) throw new Refusal(404, `Branch ${branch} not found`);
  const tree = head === null ? null : (repository.git.commit(head)?.tree ?? null);
  const there = tree === null ? null : repository.git.entryAt(tree, path);
  const sha = optionalText(asked, 'sha');
  if (there && sha === undefined) throw new Refusal(422, 'Invalid request.\n\n"sha" wasn\'t supplied.');
  if (sha !== undefined && there?.oid !== sha) throw new Refusal(409, `${path} does not match ${sha}`);
  if (removing && !there) throw notFound();
  const content = removing ? null : Buffer.from(text(asked, 'content'), 'base64');
  const given = asked.body['author'] as { name: string; email: string } | undefined;
  const oid = writeSignedCommit(
    world,
    repository,
    {
      parents: head === null ? [] : [head],
      files: new Map([[path, content]]),
      message: text(asked, 'message'),
      author: { ...signatureOf(world, by), ...given },
    },
    by,
  );
  if (!moveRefs(world, repository, [{ ref: `refs/heads/${branch}`, to: oid, from: head ?? noOid }], by))
    throw new Refusal(409, `is at ${branchAt(repository, branch)} but expected ${head}`);
  const commit = repository.git.commit(oid);
  const entry = commit ? repository.git.entryAt(commit.tree, path) : null;
  return {
    status: there || removing ? 200 : 201,
    body: {
      content: entry ? contentJson(world, repository, path, branch, entry, false) : null,
      commit: commit ? gitCommitJson(world, repository, commit) : null,
    },
  };
}

function compare({ world, repository, params }: Asked) {
  const [from = '', to = ''] = (params['basehead'] ?? '').split('...');
  const commitFor = (named: string) => {
    const [owner, branch] = named.includes(':') ? [named.split(':')[0], named.slice(named.indexOf(':') + 1)] : [undefined, named];
    const where =
      owner === undefined ? repository : world.repositories.find((one) => one.owner.login === owner && one.git === repository.git);
    return where ? repository.git.commitOf(resolveRevision(where, branch) ?? '') : null;
  };
  const [base, head] = [commitFor(from), commitFor(to)];
  if (!base || !head) throw notFound();
  const middle = repository.git.mergeBase(base.oid, head.oid);
  if (middle === null) throw new Refusal(404, `No common ancestor between ${from} and ${to}.`);
  const ahead = repository.git.history(head.oid, { not: middle });
  const behind = repository.git.history(base.oid, { not: head.oid });
  const mergeBase = repository.git.commit(middle);
  if (!mergeBase) throw invalid('Compare', 'base', 'invalid');
  const url = `${apiOf(world, repository)}/compare/${from}...${to}`;
  const html = `${htmlOf(world, repository)}/compare/${from}...${to}`;
  return ok({
    url,
    html_url: html,
    permalink_url: html,
    diff_url: `${html}.diff`,
    patch_url: `${html}.patch`,
    base_commit: commitJson(world, repository, base),
    merge_base_commit: commitJson(world, repository, mergeBase),
    status: ahead.length === 0 ? (behind.length === 0 ? 'identical' : 'behind') : behind.length === 0 ? 'ahead' : 'diverged',
    ahead_by: ahead.length,
    behind_by: behind.length,
    total_commits: ahead.length,
    commits: [...ahead]
      .reverse()
      .slice(0, 250)
      .flatMap((oid) => repository.git.commit(oid) ?? [])
      .map((one) => commitJson(world, repository, one)),
    files: repository.git
      .differences(middle, head.oid)
      .slice(0, 300)
      .map((one) => differenceJson(world, repository, head.oid, one)),
  });
}
