import type { ObjectStore } from '../../registry/object-store.ts';
import { findVersion } from '../../registry/read-versions.ts';
import type { VersionRecord } from '../../registry/version-record.ts';
import { statusOf } from '../github/retry-request.ts';
import { renderRelease } from './render-release.ts';
import type { Ask, Repository } from './write-commit.ts';

/** A model or report larger than this is not copied to the release: the store has it. */
const largestAsset = 50_000_000;
/** So many earlier versions are looked at for a release that is missing. */
const furthestBack = 20;

export interface ReleasesToPublish extends Repository {
  readonly ask: Ask;
  readonly store: ObjectStore;
  readonly version: { readonly model: string; readonly number: number };
}

/**
 * Publishes the release of a version, and before it those of the versions just before it that a crash left without one: oldest first,
 * so that the missing ones are always the last. A release is drafted, filled and then published; a draft that was left is filled again.
 */
export async function publishReleases(wanted: ReleasesToPublish): Promise<void> {
  const { model, number } = wanted.version;
  const missing = [number];
  for (let before = number - 1; before >= Math.max(1, number - furthestBack); before--) {
    if ((await publishedId(wanted, `${model}@v${before}`)) !== undefined) break;
    missing.unshift(before);
  }
  for (const each of missing) {
    const version = await findVersion(wanted.store, model, each);
    if (version) await publishRelease(wanted, version.record);
  }
}

/** By the tag alone a draft is not found. */
async function publishedId({ ask, owner, repo }: ReleasesToPublish, tag: string): Promise<number | undefined> {
  try {
    return (await ask((github) => github.request('GET /repos/{owner}/{repo}/releases/tags/{tag}', { owner, repo, tag }))).data.id;
  } catch (cause) {
    if (statusOf(cause) === 404) return undefined;
    throw cause;
  }
}

/** Other runs may register at the same moment and make up for the same version: who finds the draft gone or the name taken looks again. */
const tries = 4;

async function publishRelease(wanted: ReleasesToPublish, record: VersionRecord): Promise<void> {
  const { store } = wanted;
  const tag = `${record.model}@v${record.number}`;
  const report = record.evaluation ? await store.read(blobKey(record.evaluation.report)) : undefined;
  const text = { name: `${record.model} v${record.number}`, body: renderRelease(record, report) };
  for (let attempt = 1; (await publishedId(wanted, tag)) === undefined; attempt++) {
    let draft: Draft | undefined;
    try {
      draft = (await findDraft(wanted, tag)) ?? (await createDraft(wanted, tag, text));
      return await fillAndPublish(wanted, record, report, draft, text);
    } catch (cause) {
      if (attempt >= tries || (statusOf(cause) !== 422 && statusOf(cause) !== 404)) throw cause;
      const published = await publishedId(wanted, tag);
      if (published === undefined) continue;
      if (draft && draft.id !== published) await removeDraft(wanted, draft.id);
      return;
    }
  }
}

async function removeDraft({ ask, owner, repo }: ReleasesToPublish, id: number): Promise<void> {
  try {
    await ask((github) => github.request('DELETE /repos/{owner}/{repo}/releases/{release_id}', { owner, repo, release_id: id }));
  } catch (gone) {
    if (statusOf(gone) !== 404) throw gone;
  }
}

async function fillAndPublish(
  wanted: ReleasesToPublish,
  record: VersionRecord,
  report: Uint8Array | undefined,
  draft: Draft,
  text: { readonly name: string; readonly body: string },
): Promise<void> {
  const { ask, owner, repo, store } = wanted;
  const model = record.subject.bytes <= largestAsset ? await store.read(blobKey(record.subject.digest)) : undefined;
  const files: readonly (readonly [name: string, bytes: Uint8Array | undefined])[] = [
    ['version.json', await store.read(`models/${record.model}/versions/${record.number}.json`)],
    ['report.json', report],
    [`${record.model}-v${record.number}.${record.subject.format === 'onnx' ? 'onnx' : 'model'}`, model],
  ];
  for (const [name, bytes] of files)
    if (bytes && bytes.byteLength > 0 && bytes.byteLength <= largestAsset) await attach(wanted, draft, name, bytes);
  await ask((github) =>
    github.request('PATCH /repos/{owner}/{repo}/releases/{release_id}', {
      owner,
      repo,
      release_id: draft.id,
      ...text,
      draft: false,
      // "Latest" is the team's software, not the last model that was trained.
      make_latest: 'false',
    }),
  );
}

/** A file of which only a part arrived blocks its name until it is removed. */
async function attach({ ask, owner, repo }: ReleasesToPublish, draft: Draft, name: string, bytes: Uint8Array): Promise<void> {
  const there = draft.assets.find((asset) => asset.name === name);
  if (there?.state === 'uploaded') return;
  if (there)
    await ask((github) => github.request('DELETE /repos/{owner}/{repo}/releases/assets/{asset_id}', { owner, repo, asset_id: there.id }));
  const upload = ask((github) =>
    github.request({
      method: 'POST',
      // The draft's own address for files, on another host; {?name,label} at its end is a template.
      url: `${draft.upload_url.replace(/\{.*$/, '')}?name=${encodeURIComponent(name)}`,
      headers: { 'content-type': 'application/octet-stream' },
      data: Buffer.from(bytes),
    }),
  );
  // 422: another run that fills the same draft was faster.
  await upload.catch((cause: unknown) => {
    if (statusOf(cause) !== 422) throw cause;
  });
}

interface Draft {
  readonly id: number;
  readonly upload_url: string;
  readonly assets: readonly { readonly id: number; readonly name: string; readonly state: string }[];
}

async function findDraft({ ask, owner, repo }: ReleasesToPublish, tag: string): Promise<Draft | undefined> {
  const { data } = await ask((github) => github.request('GET /repos/{owner}/{repo}/releases', { owner, repo, per_page: 30 }));
  const found = data.find((release) => release.draft && release.tag_name === tag);
  return found;
}

async function createDraft(
  { ask, owner, repo }: ReleasesToPublish,
  tag: string,
  text: { readonly name: string; readonly body: string },
): Promise<Draft> {
  const { data } = await ask((github) =>
    github.request('POST /repos/{owner}/{repo}/releases', { owner, repo, tag_name: tag, ...text, draft: true, make_latest: 'false' }),
  );
  return data;
}

const blobKey = (digest: string) => `blobs/sha256/${digest.slice('sha256:'.length)}`;
