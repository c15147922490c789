import { noOid } from '../git/bare-repository.ts';
import { moveRefs, refAt, resolveRevision } from '../operations/refs.ts';
import { assetJson, releaseJson } from '../payloads/release.ts';
import { invalid, notFound } from '../refusal.ts';
import type { Release, ReleaseAsset, Repository } from '../state.ts';
import { blobAddress } from './actions.ts';
import { type Asked, byId, created, list, nothing, ok, optionalText, type Route, route, text } from './route.ts';

const read = { contents: 'read' } as const;
const write = { contents: 'write' } as const;

export const releaseRoutes: readonly Route[] = [
  route('GET /repos/:owner/:repo/releases', read, (asked) =>
    list(shownTo(asked).map((one) => releaseJson(asked.world, asked.repository, one))),
  ),
  route('GET /repos/:owner/:repo/releases/latest', read, (asked) => {
    const latest = shownTo(asked).find(({ draft, prerelease }) => !draft && !prerelease);
    if (!latest) throw notFound();
    return ok(releaseJson(asked.world, asked.repository, latest));
  }),
  // By its tag a draft is not found: it has none yet.
  route('GET /repos/:owner/:repo/releases/tags/*tag', read, ({ world, repository, params }) => {
    const found = repository.releases.find(({ tag, draft }) => tag === params['tag'] && !draft);
    if (!found) throw notFound();
    return ok(releaseJson(world, repository, found));
  }),
  route('POST /repos/:owner/:repo/releases', write, (asked) => {
    const { world, repository, by, body } = asked;
    const tag = text(asked, 'tag_name');
    const draft = body['draft'] === true;
    if (!draft && repository.releases.some((one) => one.tag === tag && !one.draft)) throw invalid('Release', 'tag_name', 'already_exists');
    const release: Release = {
      id: world.nextId(),
      tag,
      target: optionalText(asked, 'target_commitish') ?? repository.defaultBranch,
      name: optionalText(asked, 'name') ?? null,
      body: optionalText(asked, 'body') ?? null,
      draft,
      prerelease: body['prerelease'] === true,
      author: by.account,
      createdAt: world.clock.iso(),
      publishedAt: draft ? null : world.clock.iso(),
      assets: [],
    };
    if (!draft) placeTag(asked, release);
    repository.releases.push(release);
    return created(releaseJson(world, repository, release));
  }),
  route('GET /repos/:owner/:repo/releases/assets/:id', read, (asked) => {
    const { release, asset } = assetOf(asked);
    if (!String(asked.headers['accept']).includes('octet-stream')) return ok(assetJson(asked.world, asked.repository, release, asset));
    return { status: 302, headers: { location: blobAddress(asked.world, asset.content) } };
  }),
  route('PATCH /repos/:owner/:repo/releases/assets/:id', write, (asked) => {
    const { release, asset } = assetOf(asked);
    const name = optionalText(asked, 'name');
    if (name !== undefined && release.assets.some((one) => one !== asset && one.name === name))
      throw invalid('ReleaseAsset', 'name', 'already_exists');
    asset.name = name ?? asset.name;
    asset.label = optionalText(asked, 'label') ?? asset.label;
    return ok(assetJson(asked.world, asked.repository, release, asset));
  }),
  route('DELETE /repos/:owner/:repo/releases/assets/:id', write, (asked) => {
    const { release, asset } = assetOf(asked);
    release.assets.splice(release.assets.indexOf(asset), 1);
    return nothing;
  }),
  route('GET /repos/:owner/:repo/releases/:id', read, ({ world, repository, params }) =>
    ok(releaseJson(world, repository, byId(repository.releases, params['id']))),
  ),
  route('PATCH /repos/:owner/:repo/releases/:id', write, (asked) => {
    const { world, repository, params, body } = asked;
    const release = byId(repository.releases, params['id']);
    release.tag = optionalText(asked, 'tag_name') ?? release.tag;
    release.target = optionalText(asked, 'target_commitish') ?? release.target;
    release.name = optionalText(asked, 'name') ?? release.name;
    release.body = optionalText(asked, 'body') ?? release.body;
    if (typeof body['prerelease'] === 'boolean') release.prerelease = body['prerelease'];
    if (body['draft'] === false && release.draft) {
      if (repository.releases.some((one) => one !== release && one.tag === release.tag && !one.draft))
        throw invalid('Release', 'tag_name', 'already_exists');
      Object.assign(release, { draft: false, publishedAt: world.clock.iso() });
      placeTag(asked, release);
    }
    return ok(releaseJson(world, repository, release));
  }),
  route('DELETE /repos/:owner/:repo/releases/:id', write, ({ repository, params }) => {
    repository.releases.splice(repository.releases.indexOf(byId(repository.releases, params['id'])), 1);
    return nothing;
  }),
  route('GET /repos/:owner/:repo/releases/:id/assets', read, ({ world, repository, params }) => {
    const release = byId(repository.releases, params['id']);
    return list(release.assets.map((asset) => assetJson(world, repository, release, asset)));
  }),
  // Reached at /api/uploads.
  route('POST /repos/:owner/:repo/releases/:id/assets', write, (asked) => {
    const { world, repository, params, query, raw, by } = asked;
    const release = byId(repository.releases, params['id']);
    const name = query.get('name');
    if (name === null || name === '') throw invalid('ReleaseAsset', 'name', 'missing_field');
    if (release.assets.some((one) => one.name === name)) throw invalid('ReleaseAsset', 'name', 'already_exists');
    const asset: ReleaseAsset = {
      id: world.nextId(),
      name,
      label: query.get('label'),
      contentType: String(asked.headers['content-type'] ?? 'application/octet-stream'),
      content: raw,
      uploader: by.account,
      createdAt: world.clock.iso(),
    };
    release.assets.push(asset);
    return created(assetJson(world, repository, release, asset));
  }),
];

/** Drafts are shown to those alone who may push. */
function shownTo({ repository, token }: Asked): readonly Release[] {
  const writes = token !== null && token.kind !== 'app' && (token.kind === 'user' || token.permissions['contents'] === 'write');
  return repository.releases.filter(({ draft }) => writes || !draft).reverse();
}

function assetOf({ repository, params }: Asked): { readonly release: Release; readonly asset: ReleaseAsset } {
  for (const release of repository.releases) {
    const asset = release.assets.find(({ id }) => id === Number(params['id']));
    if (asset) return { release, asset };
  }
  throw notFound();
}

/** A release without its tag makes it. */
function placeTag({ world, repository, by }: Asked, release: Release): void {
  const ref = `refs/tags/${release.tag}`;
  if (refAt(repository, ref) !== null) return;
  const target = commitOf(repository, release.target);
  if (target === null) throw invalid('Release', 'target_commitish', 'invalid');
  moveRefs(world, repository, [{ ref, to: target, from: noOid }], by);
}
const commitOf = (repository: Repository, revision: string) =>
  repository.git.commitOf(resolveRevision(repository, revision) ?? '')?.oid ?? null;
