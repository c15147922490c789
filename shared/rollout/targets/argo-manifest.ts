import type { RolloutConfig, TargetConfigOf } from '../../config/rollout-schema.ts';
import { UserError } from '../../errors.ts';
import { type DesiredTraffic, nameOfVersion } from '../engine/traffic.ts';
import { argoAnalysis, argoPlan, templateName } from './argo-analysis.ts';
import { editManifest, type ManifestChange } from './edit-manifest.ts';
import { fillNames } from './fill-names.ts';
import {
  isList,
  isObject,
  type Manifest,
  type ManifestFile,
  type ManifestPath,
  type Plain,
  readManifest,
  valueAt,
} from './manifest-file.ts';
import { findDocument, isOfKind, type ManifestKind, onlySource, wholePercent } from './manifest-kind.ts';

const canary = ['spec', 'strategy', 'canary'] as const;

/**
 * Argo Rollouts' Rollout. Whoever guards leads: the canary's steps are one weight and a pause without end, written anew for each weight
 * (Argo begins a list of steps again when the list changes, and weighs its first step at once). Without a candidate there are no steps,
 * so that stable goes out without stopping and nothing of the last weight is left.
 * With guard driver `target` Argo leads: the plan's steps with their holds, and an AnalysisTemplate of the metrics.
 */
export function createArgoManifest(config: TargetConfigOf<'argo-rollouts'>, definition: RolloutConfig, rollout: string): ManifestKind {
  const leads = definition.guard?.driver === 'target';
  const analysisFile = config.manifest.replace(/(?:\.ya?ml)?$/, '-analysis.yaml');
  return {
    kind: 'argo-rollouts',
    mirrors: false,
    tellsPercent: !leads,
    sources: [config.manifest],
    glob: false,
    livePaths: leads ? [config.manifest, analysisFile] : [config.manifest],
    into: null,
    render(sources, desired) {
      const manifest = readManifest(onlySource(sources));
      const document = findDocument(manifest, 'argoproj.io', 'Rollout');
      const strategy = valueAt(manifest.values[document], ['spec', 'strategy']);
      if (!isObject(valueAt(strategy, ['canary'])))
        throw new UserError(
          'MANIFEST_NO_PLACE',
          `The Rollout of ${manifest.file} has no strategy.canary${isObject(strategy) && strategy['blueGreen'] !== undefined ? ' but blueGreen, which has no weights' : ''}.`,
          'Write `strategy: {canary: {}}`; a blue-green rollout of weighin.yaml moves from 0 to 100 % in it too.',
          manifest.at(document, ['spec', 'strategy']),
        );
      const [home, change] = versionChange(manifest, document, config, desired, rollout);
      const named = editManifest(manifest, home, [change, ...labelChange(manifest, home, desired)]);
      const own = desired.candidate && leads ? argoPlan(definition, rollout, templateOf(manifest, document)) : null;
      const steps = desired.candidate
        ? (own?.steps ?? weightSteps(desired.percent, valueAt(strategy, ['canary', 'trafficRouting']) !== undefined))
        : [];
      const changes: ManifestChange[] = [{ is: 'set', path: [...canary, 'steps'], value: steps }];
      if (leads)
        changes.push(
          own
            ? { is: 'set', path: [...canary, 'analysis'], value: own.analysis(desired) }
            : { is: 'remove', path: [...canary, 'analysis'] },
        );
      const files: ManifestFile[] = [{ file: config.manifest, text: editManifest(named, document, changes).text }];
      if (leads)
        files.push({
          file: analysisFile,
          text: argoAnalysis(definition, {
            rollout,
            model: desired.model,
            name: templateOf(manifest, document),
            namespace: namespaceOf(manifest, document),
          }),
        });
      return files;
    },
  };
}

/** A label `version` of the pods, where there is one: by it Prometheus tells the arms apart. */
function labelChange(manifest: Manifest, home: number, { candidate, stable }: DesiredTraffic): ManifestChange[] {
  const path = ['spec', 'template', 'metadata', 'labels', 'version'];
  return valueAt(manifest.values[home], path) === undefined ? [] : [{ is: 'set', path, value: nameOfVersion(candidate ?? stable) }];
}

const templateOf = (manifest: Manifest, document: number) => templateName(valueAt(manifest.values[document], ['metadata', 'name']));
const namespaceOf = (manifest: Manifest, document: number) => {
  const namespace = valueAt(manifest.values[document], ['metadata', 'namespace']);
  return typeof namespace === 'string' ? namespace : null;
};

/** A candidate without traffic still needs a pod to be looked at, which Argo starts at weight 0 only where a router keeps traffic away. */
function weightSteps(percent: number, routed: boolean): readonly Plain[] {
  const weight = wholePercent(percent, 'setWeight');
  const preview = weight === 0 && routed ? [{ setCanaryScale: { replicas: 1 } }] : [];
  return [...preview, { setWeight: weight }, { pause: {} }];
}

/** What names the version, and the document that it stands in: the Rollout itself, or the Deployment that `workloadRef` points at. */
function versionChange(
  manifest: Manifest,
  document: number,
  config: TargetConfigOf<'argo-rollouts'>,
  desired: DesiredTraffic,
  rollout: string,
): readonly [number, ManifestChange] {
  const home = workloadOf(manifest, document);
  const path = ['spec', 'template', 'spec', 'containers'];
  const containers = asList(valueAt(manifest.values[home], path));
  const of = { model: desired.model, stage: desired.stage, version: desired.candidate ?? desired.stable };
  const fill = (text: string, key: string) => fillNames(text, of, `target.${key} of rollouts.${rollout}`);
  const noPlace = (message: string, hint: string) => new UserError('MANIFEST_NO_PLACE', message, hint, manifest.at(home, path));
  const several = (message: string, hint: string, at: ManifestPath) =>
    new UserError('MANIFEST_SEVERAL', message, hint, manifest.at(home, at));
  if (config.env !== undefined && config.uri !== undefined) {
    const places = containers.flatMap((container, index) =>
      asList(valueAt(container, ['env'])).flatMap((entry, at) =>
        valueAt(entry, ['name']) === config.env ? [[...path, index, 'env', at]] : [],
      ),
    );
    const [place, second] = places;
    if (!place)
      throw noPlace(
        `No container of ${manifest.file} has the variable ${config.env}.`,
        `Write {name: ${config.env}, value: …} into its env, or correct \`target.env\`.`,
      );
    if (second)
      throw several(
        `${places.length} variables of ${manifest.file} are called ${config.env}.`,
        'Leave it to the container that loads the model.',
        second,
      );
    if (typeof valueAt(manifest.values[home], [...place, 'value']) !== 'string')
      throw noPlace(`${config.env} of ${manifest.file} gets its value from elsewhere.`, 'Write `value:` there: the rollout exchanges it.');
    return [home, { is: 'set', path: [...place, 'value'], value: fill(config.uri, 'uri') }];
  }
  if (config.image === undefined)
    throw new UserError(
      'TARGET_NAMES_NO_VERSION',
      `target of rollouts.${rollout} does not say what differs between versions.`,
      'Write `image: ghcr.io/acme/{model}:{version}`, or `env: MODEL_URI` with `uri:`.',
    );
  const image = fill(config.image, 'image');
  const images = containers.map((container) => valueAt(container, ['image']));
  const same = images.flatMap((other, index) => (typeof other === 'string' && repositoryOf(other) === repositoryOf(image) ? [index] : []));
  const chosen = containers.length === 1 ? [0] : same;
  const [index, second] = chosen;
  if (index === undefined || typeof images[index] !== 'string')
    throw noPlace(
      containers.length === 0
        ? `${manifest.file} has no containers.`
        : `No container of ${manifest.file} has an image of ${repositoryOf(image)}.`,
      'Write the image that runs now, of the same repository as `target.image`.',
    );
  if (second !== undefined)
    throw several(
      `${chosen.length} containers of ${manifest.file} have an image of ${repositoryOf(image)}.`,
      'Give the version by `env:` and `uri:` instead.',
      [...path, second],
    );
  return [home, { is: 'set', path: [...path, index, 'image'], value: image }];
}

function workloadOf(manifest: Manifest, document: number): number {
  const reference = valueAt(manifest.values[document], ['spec', 'workloadRef']);
  if (!isObject(reference)) return document;
  const { name = null, kind = null } = reference;
  const found = manifest.values.findIndex(
    (value) => isOfKind(value, 'apps', String(kind)) && valueAt(value, ['metadata', 'name']) === name,
  );
  if (found >= 0) return found;
  throw new UserError(
    'MANIFEST_NO_PLACE',
    `The Rollout of ${manifest.file} points at ${String(kind)} ${String(name)}, which is not in this file.`,
    'Put both into one file, divided by ---.',
    manifest.at(document, ['spec', 'workloadRef']),
  );
}

/** `ghcr.io/acme/churn` of `ghcr.io/acme/churn:v11@sha256:…`; a port is no tag. */
const repositoryOf = (image: string) => (image.split('@')[0] ?? '').replace(/:[^/:]*$/, '');

const asList = (value: Plain | undefined): readonly Plain[] => (isList(value) ? value : []);
