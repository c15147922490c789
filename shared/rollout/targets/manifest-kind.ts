import { UserError } from '../../errors.ts';
import type { DesiredTraffic } from '../engine/traffic.ts';
import { type Manifest, type ManifestFile, type Plain, valueAt } from './manifest-file.ts';

/** What a manifest shows, of what was wished. `revision` and `rolloutId` say whose wish it was. */
export type ManifestWish = Pick<
  DesiredTraffic,
  'model' | 'stage' | 'rolloutId' | 'revision' | 'stable' | 'candidate' | 'percent' | 'mirror'
>;

/** What was written last, as far as it is known: some kinds go another way depending on where they come from. */
export interface WrittenManifests {
  readonly wish: ManifestWish;
  readonly files: readonly ManifestFile[];
}

/** A kind of manifest: which files it starts from, and what they become. Pure. */
export interface ManifestKind {
  readonly kind: string;
  readonly mirrors: boolean;
  /** false: something else moves the weight on from what is written, so that the files don't tell it. */
  readonly tellsPercent: boolean;
  /** Paths of the default branch; `glob` where they are patterns. */
  readonly sources: readonly string[];
  readonly glob: boolean;
  /** Where it writes on the live branch. */
  readonly livePaths: readonly string[];
  /** Folder of the live branch where it may write whatever its sources give; null: nothing but `livePaths`. */
  readonly into: string | null;
  /**
   * Files of the live branch, their paths with them. A file that is left out is not wanted there.
   * @throws UserError where a file is not what it should be; nothing is written then
   */
  render(sources: readonly ManifestFile[], desired: DesiredTraffic, before: WrittenManifests | null): readonly ManifestFile[];
}

/**
 * The one document of a kind in a manifest, whatever its version of the API.
 * @throws UserError MANIFEST_KIND, MANIFEST_SEVERAL
 */
export function findDocument(manifest: Manifest, group: string, kind: string): number {
  const found = manifest.values.flatMap((value, index) => (isOfKind(value, group, kind) ? [index] : []));
  const [first, second] = found;
  if (first === undefined) {
    const there = manifest.values.map((value) => valueAt(value, ['kind'])).filter((name) => typeof name === 'string');
    throw new UserError(
      'MANIFEST_KIND',
      `${manifest.file} has no ${kind} of ${group}${there.length > 0 ? `; it holds ${[...new Set(there)].slice(0, 5).join(', ')}` : ''}.`,
      'Name the file that holds it in `target.manifest`.',
      { file: manifest.file, line: 1 },
    );
  }
  if (second !== undefined)
    throw new UserError(
      'MANIFEST_SEVERAL',
      `${manifest.file} has ${found.length} of kind ${kind}, so it is not clear which one a rollout moves.`,
      'Give each a file of its own.',
      manifest.at(second, ['kind']),
    );
  return first;
}

export const isOfKind = (value: Plain, group: string, kind: string): boolean => {
  const version = valueAt(value, ['apiVersion']);
  return valueAt(value, ['kind']) === kind && typeof version === 'string' && version.split('/').slice(0, -1).join('/') === group;
};

/** For fields that take whole percents. @throws UserError WEIGHT_NOT_WHOLE */
export function wholePercent(percent: number, field: string): number {
  if (Number.isInteger(percent)) return percent;
  throw new UserError(
    'WEIGHT_NOT_WHOLE',
    `${field} takes whole percents; ${percent} is none.`,
    'Use whole weights in `steps:`, and with /canary set.',
  );
}

/** The one file of a kind that edits. */
export function onlySource(sources: readonly ManifestFile[]): ManifestFile {
  const [source] = sources;
  if (!source) throw new Error('a manifest was rendered without its file');
  return source;
}
