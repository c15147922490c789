import { assertObjectKey } from '../../registry/object-key.ts';

/**
 * A key is one ref: the record of a version the tag `<model>@v<N>`, any other key a ref that no clone fetches.
 * Keys have letters, digits, `.`, `_`, `-` and `/`. A slash becomes `,` and a point `=`, which is injective, keeps lengths and prefixes,
 * makes no ref the folder of another, and leaves nothing that Git forbids (`..`, `.lock`, a leading point).
 */
const namespace = 'refs/weighin/store/';
const record = /^models\/([a-z0-9][a-z0-9-]{0,62})\/versions\/([1-9]\d*)\.json$/;
const recordTag = /^refs\/tags\/([a-z0-9][a-z0-9-]{0,62})@v([1-9]\d*)$/;
/** GitHub's limit of a ref's whole name. */
const longestRef = 255;

export interface StoredAt {
  /** `refs/…`, whole. */
  readonly ref: string;
  /** The one file of the commit that the ref points at. */
  readonly path: string;
  /** Where the ref is a version's tag. */
  readonly version: { readonly model: string; readonly number: number; readonly tag: string } | null;
}

export function refOfKey(key: string): StoredAt {
  assertObjectKey(key);
  const [, model, digits] = record.exec(key) ?? [];
  if (model && digits) {
    const tag = `${model}@v${digits}`;
    return { ref: `refs/tags/${tag}`, path: 'version.json', version: { model, number: Number(digits), tag } };
  }
  const ref = namespace + encode(key);
  if (ref.length > longestRef) throw new RangeError(`Too long for a ref: ${JSON.stringify(key)}`);
  return { ref, path: 'object', version: null };
}

/** The key that a ref stands for; undefined for refs that are not the store's. */
export function keyOfRef(ref: string): string | undefined {
  const [, model, digits] = recordTag.exec(ref) ?? [];
  if (model && digits) return `models/${model}/versions/${digits}.json`;
  return ref.startsWith(namespace) ? ref.slice(namespace.length).replaceAll(',', '/').replaceAll('=', '.') : undefined;
}

/** Beginnings of refs below which every key with this prefix lies; more may lie there. */
export function refPrefixes(prefix: string): readonly string[] {
  const own = namespace + encode(prefix);
  const tags = tagPrefix(prefix);
  return tags === undefined ? [own] : [own, tags];
}

function tagPrefix(prefix: string): string | undefined {
  if ('models/'.startsWith(prefix)) return 'refs/tags/';
  if (!prefix.startsWith('models/')) return undefined;
  const [model = '', ...rest] = prefix.slice('models/'.length).split('/');
  if (rest.length === 0) return `refs/tags/${model}`;
  const after = rest.join('/');
  if ('versions/'.startsWith(after)) return `refs/tags/${model}@v`;
  const digits = /^versions\/(\d+)/.exec(after)?.[1];
  return digits === undefined ? undefined : `refs/tags/${model}@v${digits}`;
}

const encode = (key: string) => key.replaceAll('/', ',').replaceAll('.', '=');
