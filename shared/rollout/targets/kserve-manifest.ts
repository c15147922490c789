import type { TargetConfigOf } from '../../config/rollout-schema.ts';
import { UserError } from '../../errors.ts';
import { type DesiredTraffic, nameOfVersion, type ServedVersion } from '../engine/traffic.ts';
import { editManifest, type ManifestChange } from './edit-manifest.ts';
import { fillNames } from './fill-names.ts';
import { isList, isObject, type Manifest, type ManifestPath, type Plain, readManifest, valueAt } from './manifest-file.ts';
import { findDocument, type ManifestKind, onlySource, type WrittenManifests, wholePercent } from './manifest-kind.ts';

const predictor = ['spec', 'predictor'] as const;
const canaryPercent = [...predictor, 'canaryTrafficPercent'] as const;

/**
 * KServe's InferenceService. `percent`: the predictor holds the candidate's URI and `canaryTrafficPercent`, and KServe keeps the revision
 * that had everything before (serverless mode). `canary`: the predictor stays stable's, the candidate is the entry of `spec.canary`
 * (Standard mode, KServe 0.20, kserve#5672).
 */
export function createKserveManifest(config: TargetConfigOf<'kserve'>, rollout: string): ManifestKind {
  return {
    kind: 'kserve',
    mirrors: false,
    tellsPercent: true,
    sources: [config.manifest],
    glob: false,
    livePaths: [config.manifest],
    into: null,
    render(sources, desired, before) {
      const manifest = readManifest(onlySource(sources));
      const document = findDocument(manifest, 'serving.kserve.io', 'InferenceService');
      const place = findUri(manifest, document);
      const template = config.uri ?? ownTemplate(manifest, document, place);
      const uriOf = (version: ServedVersion) =>
        fillNames(template, { model: desired.model, stage: desired.stage, version }, `target.uri of rollouts.${rollout}`);
      const changes =
        config.split === 'percent'
          ? [
              ...percentChanges(desired, place, uriOf, earlier(before)),
              ...labelChange(manifest, document, desired.candidate ?? desired.stable),
            ]
          : [
              ...canaryChanges(desired, place, uriOf, manifest.values[document] ?? null, earlier(before)),
              ...labelChange(manifest, document, desired.stable),
            ];
      return [{ file: config.manifest, text: editManifest(manifest, document, changes).text }];
    },
  };
}

/** A label `version` of the pods, where there is one: by it Prometheus tells the arms apart. */
function labelChange(manifest: Manifest, document: number, version: ServedVersion): ManifestChange[] {
  const path = [...predictor, 'labels', 'version'];
  return valueAt(manifest.values[document], path) === undefined ? [] : [{ is: 'set', path, value: nameOfVersion(version) }];
}

interface Earlier {
  readonly wish: WrittenManifests['wish'];
  readonly value: Plain;
}

function earlier(before: WrittenManifests | null): Earlier | null {
  const [file] = before?.files ?? [];
  if (!before || !file) return null;
  try {
    const manifest = readManifest(file);
    return { wish: before.wish, value: manifest.values[findDocument(manifest, 'serving.kserve.io', 'InferenceService')] ?? null };
  } catch (error) {
    // Somebody else wrote there: then nothing is known of before.
    if (error instanceof UserError) return null;
    throw error;
  }
}

function percentChanges(
  desired: DesiredTraffic,
  place: ManifestPath,
  uriOf: (version: ServedVersion) => string,
  before: Earlier | null,
): ManifestChange[] {
  const { stable, candidate, percent } = desired;
  const uri: ManifestChange = { is: 'set', path: place, value: uriOf(candidate ?? stable) };
  if (candidate) return [uri, { is: 'set', path: canaryPercent, value: wholePercent(percent, 'canaryTrafficPercent') }];
  return [uri, pinsStable(desired, before) ? { is: 'set', path: canaryPercent, value: 0 } : { is: 'remove', path: canaryPercent }];
}

/**
 * Whether the way back to stable keeps `canaryTrafficPercent: 0`. Without the field KServe gives 100 % to the latest revision that is
 * ready (`latestRevision: true`), which is the bad candidate until stable's own pods are up again: a rollback from 5 % would send
 * everything there first. With 0 the revision that had everything before takes it back at once. After 100 % that revision is the
 * candidate itself, so the field goes. The 0 is no weight: the next candidate writes its own, and a promotion removes it (kserve#2130).
 */
function pinsStable({ stable }: DesiredTraffic, before: Earlier | null): boolean {
  if (before?.wish.stable.number !== stable.number) return false;
  if (before.wish.candidate) return before.wish.percent < 100;
  return valueAt(before.value, canaryPercent) === 0;
}

function canaryChanges(
  desired: DesiredTraffic,
  place: ManifestPath,
  uriOf: (version: ServedVersion) => string,
  base: Plain,
  before: Earlier | null,
): ManifestChange[] {
  const { stable, candidate, percent } = desired;
  const names = namesBefore(before);
  const baseName = valueAt(base, [...predictor, 'name']);
  const stableName = names.has(stable.number) ? names.get(stable.number) : typeof baseName === 'string' ? baseName : undefined;
  const changes: ManifestChange[] = [
    { is: 'set', path: place, value: uriOf(stable) },
    // A promoted candidate keeps its name, so KServe keeps its pods: only the pointer moves.
    ...(stableName === undefined ? [] : [{ is: 'set' as const, path: [...predictor, 'name'], value: stableName }]),
    { is: 'remove', path: canaryPercent },
  ];
  if (!candidate) return [...changes, { is: 'remove', path: ['spec', 'canary'] }];
  const name = names.get(candidate.number) ?? nameOfVersion(candidate);
  const [, , implementation = ''] = place;
  const own = withValue(valueAt(base, [...predictor, implementation]) ?? null, place.slice(3), uriOf(candidate));
  // The CRD of 0.20 requires a container's name there, which KServe fills in by itself in the predictor: it calls it so.
  const model = isObject(own) && own['name'] === undefined ? { name: 'kserve-container', ...own } : own;
  const labels = valueAt(base, [...predictor, 'labels']);
  const entry = {
    trafficPercent: wholePercent(percent, 'trafficPercent'),
    predictor: {
      name: name === stableName ? `${name}-candidate` : name,
      ...(isObject(labels) && labels['version'] !== undefined ? { labels: { ...labels, version: nameOfVersion(candidate) } } : {}),
      [implementation]: model,
    },
  };
  return [...changes, { is: 'set', path: ['spec', 'canary'], value: [entry] }];
}

/** How KServe calls the Deployment of a version, by number: `predictor.name`; undefined for one that has none. */
function namesBefore(before: Earlier | null): ReadonlyMap<number, string | undefined> {
  const names = new Map<number, string | undefined>();
  if (!before) return names;
  const { wish, value } = before;
  const read = (path: ManifestPath) => {
    const name = valueAt(value, path);
    return typeof name === 'string' ? name : undefined;
  };
  names.set(wish.stable.number, read([...predictor, 'name']));
  const candidate = read(['spec', 'canary', 0, 'predictor', 'name']);
  if (wish.candidate && candidate !== undefined) names.set(wish.candidate.number, candidate);
  return names;
}

function withValue(value: Plain, path: ManifestPath, text: string): Plain {
  const [key, ...rest] = path;
  if (key === undefined) return text;
  if (isList(value)) return value.map((item, index) => (index === key ? withValue(item, rest, text) : item));
  return isObject(value) ? { ...value, [key]: withValue(value[key] ?? null, rest, text) } : value;
}

/** Where the predictor says which model it loads: `model.storageUri`, `sklearn.storageUri` …, or STORAGE_URI of a container of its own. */
function findUri(manifest: Manifest, document: number): ManifestPath {
  const found: ManifestPath[] = [];
  const predictorValue = valueAt(manifest.values[document], predictor);
  if (isObject(predictorValue))
    for (const [name, value] of Object.entries(predictorValue)) {
      if (isObject(value) && typeof value['storageUri'] === 'string') found.push([...predictor, name, 'storageUri']);
      if (name === 'containers' && isList(value))
        for (const [index, container] of value.entries())
          for (const [at, variable] of asList(valueAt(container, ['env'])).entries())
            if (valueAt(variable, ['name']) === 'STORAGE_URI' && typeof valueAt(variable, ['value']) === 'string')
              found.push([...predictor, name, index, 'env', at, 'value']);
    }
  const [place, second] = found;
  if (!place)
    throw new UserError(
      'MANIFEST_NO_PLACE',
      `The predictor of ${manifest.file} has no storageUri, so there is no place for the model's address.`,
      'Write `storageUri:` into `predictor.model` (or sklearn, onnx …), or STORAGE_URI into the `env` of its container. `storage:` and `storageUris:` are not moved.',
      manifest.at(document, predictor),
    );
  if (second)
    throw new UserError(
      'MANIFEST_SEVERAL',
      `The predictor of ${manifest.file} names ${found.length} models: ${found.map((path) => path.slice(2).join('.')).join(' and ')}.`,
      'Leave one of them.',
      manifest.at(document, second),
    );
  return place;
}

/** The manifest's own address with the version in it left open, where exactly one version stands there. */
function ownTemplate(manifest: Manifest, document: number, place: ManifestPath): string {
  const uri = String(valueAt(manifest.values[document], place) ?? '');
  for (const [pattern, name] of [
    [/(?<![A-Za-z0-9])v\d+(?![A-Za-z0-9])/g, '{version}'],
    [/(?<![A-Za-z0-9])[0-9a-f]{64}(?![A-Za-z0-9])/g, '{digest}'],
  ] as const)
    if (uri.match(pattern)?.length === 1 && !/[{}]/.test(uri)) return uri.replace(pattern, name);
  throw new UserError(
    'MANIFEST_NO_PLACE',
    `The address of the model in ${manifest.file} does not show which part of it is the version.`,
    'Write `uri:` beside `target.manifest`, such as s3://models/{model}/{version}.',
    manifest.at(document, place),
  );
}

const asList = (value: Plain | undefined): readonly Plain[] => (isList(value) ? value : []);
