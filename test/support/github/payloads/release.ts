import { createHash } from 'node:crypto';
import type { Release, ReleaseAsset, Repository } from '../state.ts';
import type { World } from '../world.ts';
import { nodeId, simpleUser } from './account.ts';
import { apiOf, htmlOf } from './repository.ts';

export function releaseJson(world: World, repository: Repository, release: Release) {
  const url = `${apiOf(world, repository)}/releases/${release.id}`;
  const tag = encodeURIComponent(release.tag);
  return {
    url,
    html_url: `${htmlOf(world, repository)}/releases/tag/${tag}`,
    assets_url: `${url}/assets`,
    upload_url: `${world.addresses.uploads}/repos/${repository.owner.login}/${repository.name}/releases/${release.id}/assets{?name,label}`,
    tarball_url: release.draft ? null : `${apiOf(world, repository)}/tarball/${tag}`,
    zipball_url: release.draft ? null : `${apiOf(world, repository)}/zipball/${tag}`,
    id: release.id,
    node_id: nodeId('RE', release.id),
    tag_name: release.tag,
    target_commitish: release.target,
    name: release.name,
    body: release.body,
    draft: release.draft,
    prerelease: release.prerelease,
    immutable: false,
    created_at: release.createdAt,
    published_at: release.publishedAt,
    author: simpleUser(world, release.author),
    assets: release.assets.map((asset) => assetJson(world, repository, release, asset)),
  };
}

export function assetJson(world: World, repository: Repository, release: Release, asset: ReleaseAsset) {
  return {
    url: `${apiOf(world, repository)}/releases/assets/${asset.id}`,
    browser_download_url: `${htmlOf(world, repository)}/releases/download/${encodeURIComponent(release.tag)}/${encodeURIComponent(asset.name)}`,
    id: asset.id,
    node_id: nodeId('RA', asset.id),
    name: asset.name,
    label: asset.label,
    state: 'uploaded' as const,
    content_type: asset.contentType,
    size: asset.content.length,
    digest: `sha256:${createHash('sha256').update(asset.content).digest('hex')}`,
    download_count: 0,
    created_at: asset.createdAt,
    updated_at: asset.createdAt,
    uploader: simpleUser(world, asset.uploader),
  };
}
