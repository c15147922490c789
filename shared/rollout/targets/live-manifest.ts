import { createHash } from 'node:crypto';
import { z } from 'zod';
import type { ObservedTraffic } from '../engine/traffic.ts';
import { nameOfVersion } from '../engine/traffic.ts';
import type { ManifestFile } from './manifest-file.ts';
import type { ManifestKind, ManifestWish, WrittenManifests } from './manifest-kind.ts';

const mark = '# weighin: ';
const version = z.strictObject({ number: z.number().int().positive(), digest: z.string().regex(/^sha256:[0-9a-f]{64}$/) });
const recordSchema = z.strictObject({
  kind: z.string(),
  model: z.string(),
  stage: z.string(),
  rolloutId: z.string(),
  revision: z.number().int().nonnegative(),
  stable: version,
  candidate: version.nullable(),
  percent: z.number(),
  mirror: z.boolean(),
  /** Of the text below the two lines, so that a change by hand is seen. */
  text: z.string(),
});

/** A file of the live branch as it was found: what it was written for, and what stands below. */
export interface LiveManifest extends ManifestFile {
  readonly kind: string;
  readonly wish: ManifestWish;
  /** Somebody changed it since. */
  readonly touched: boolean;
}

const digestOf = (text: string) => createHash('sha256').update(text).digest('hex');

/** Two lines of comment above the manifest: one for people, one that says which wish this is. Comments change nothing in a cluster. */
export function withRecord({ kind }: Pick<ManifestKind, 'kind'>, wish: ManifestWish, { text }: ManifestFile, from: string): string {
  const { model, stage, rolloutId, revision, stable, candidate, percent, mirror } = wish;
  const share = candidate
    ? mirror
      ? `copies go to ${nameOfVersion(candidate)}`
      : `${percent} % to ${nameOfVersion(candidate)}`
    : 'nothing else';
  const record = { kind, model, stage, rolloutId, revision, stable, candidate, percent, mirror, text: digestOf(text) };
  const body = text.startsWith('\uFEFF') ? text.slice(1) : text;
  return `# ${model} ${stage}: ${nameOfVersion(stable)}, ${share}. Weighin writes this file: edit ${from} of the default branch.\n${mark}${JSON.stringify({ ...record, text: digestOf(body) })}\n${body}`;
}

/** null: not written by Weighin, or no record that can be read. */
export function readLiveManifest(file: string, text: string): LiveManifest | null {
  const first = text.indexOf('\n') + 1;
  const second = text.indexOf('\n', first) + 1;
  if (first === 0 || second === 0 || !text.startsWith(mark, first)) return null;
  let data: unknown;
  try {
    data = JSON.parse(text.slice(first + mark.length, second));
  } catch {
    return null;
  }
  const parsed = recordSchema.safeParse(data);
  if (!parsed.success) return null;
  const { kind, text: digest, ...wish } = parsed.data;
  const body = text.slice(second);
  return { file, kind, wish, text: body, touched: digestOf(body) !== digest };
}

/** Whether two wishes ask for the same traffic, whatever their revisions. */
export const sameTraffic = (one: ManifestWish, other: ManifestWish): boolean =>
  one.stable.digest === other.stable.digest &&
  one.stable.number === other.stable.number &&
  one.candidate?.digest === other.candidate?.digest &&
  one.candidate?.number === other.candidate?.number &&
  one.mirror === other.mirror &&
  (one.candidate === null || one.percent === other.percent);

/** What files of one wish say; nothing is known where they are not there, or are of several wishes. */
export function observeManifests(kind: Pick<ManifestKind, 'tellsPercent'>, files: readonly LiveManifest[]): ObservedTraffic {
  const [first] = files;
  if (!first || files.some(({ wish }) => !sameTraffic(wish, first.wish)))
    return { stable: null, candidate: null, percent: null, mirror: null };
  const { stable, candidate, percent, mirror } = first.wish;
  // By hand is not as wished, whatever was meant by it: the next apply writes it anew.
  if (files.some(({ touched }) => touched)) return { stable: 'changed by hand', candidate: null, percent: null, mirror: null };
  return {
    stable: nameOfVersion(stable),
    candidate: candidate && nameOfVersion(candidate),
    percent: kind.tellsPercent ? (candidate ? percent : 0) : null,
    mirror,
  };
}

/** What a rollout comes from; null where that is not clear. */
export function writtenBefore(files: readonly LiveManifest[]): WrittenManifests | null {
  const [first] = files;
  return first && files.every(({ wish }) => sameTraffic(wish, first.wish)) ? { wish: first.wish, files } : null;
}
