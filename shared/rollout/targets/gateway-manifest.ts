import type { TargetConfigOf } from '../../config/rollout-schema.ts';
import { UserError } from '../../errors.ts';
import type { DesiredTraffic, ServedVersion } from '../engine/traffic.ts';
import { editManifest, type ManifestChange } from './edit-manifest.ts';
import { fillNames } from './fill-names.ts';
import { isList, isObject, type Manifest, type ManifestPath, type Plain, readManifest, valueAt } from './manifest-file.ts';
import { findDocument, type ManifestKind, onlySource } from './manifest-kind.ts';

/**
 * Gateway API's HTTPRoute: two backends by weight, one Service a version. Every rule that routes to a version of the model is changed;
 * other rules, their matches and filters stay. `mirror` is a RequestMirror filter beside a backend that is stable's alone.
 */
export function createGatewayManifest(config: TargetConfigOf<'gateway-api'>, rollout: string): ManifestKind {
  return {
    kind: 'gateway-api',
    mirrors: true,
    tellsPercent: true,
    sources: [config.manifest],
    glob: false,
    livePaths: [config.manifest],
    into: null,
    render(sources, desired) {
      const manifest = readManifest(onlySource(sources));
      const document = findDocument(manifest, 'gateway.networking.k8s.io', 'HTTPRoute');
      const serviceOf = (version: ServedVersion) =>
        fillNames(config.service, { model: desired.model, stage: desired.stage, version }, `target.service of rollouts.${rollout}`);
      const isOurs = servicesOf(config.service, desired, rollout);
      const rules = asList(valueAt(manifest.values[document], ['spec', 'rules']));
      let edited = manifest;
      let routed = 0;
      for (const index of rules.keys()) {
        const path = ['spec', 'rules', index];
        const refs = asList(valueAt(rules[index], ['backendRefs']));
        if (!refs.some((ref) => isOurs(valueAt(ref, ['name'])))) continue;
        routed += 1;
        edited = weighBackends(edited, document, [...path, 'backendRefs'], desired, serviceOf, isOurs);
        edited = mirrorRequests(edited, document, path, desired, serviceOf, isOurs);
      }
      if (routed === 0)
        throw new UserError(
          'MANIFEST_NO_PLACE',
          `No rule of ${manifest.file} routes to a Service of a version, such as ${serviceOf(desired.stable)}.`,
          'Name the Service of the version that runs now in its backendRefs, or set `target.service` to how your Services are called.',
          manifest.at(document, ['spec', 'rules']),
        );
      return [{ file: config.manifest, text: edited.text }];
    },
  };
}

function weighBackends(
  manifest: Manifest,
  document: number,
  path: ManifestPath,
  desired: DesiredTraffic,
  serviceOf: (version: ServedVersion) => string,
  isOurs: (name: Plain | undefined) => boolean,
): Manifest {
  const refs = asList(valueAt(manifest.values[document], path));
  const own = refs.flatMap((ref, index) => (isOurs(valueAt(ref, ['name'])) ? [index] : []));
  const stranger = refs.findIndex((ref, index) => !own.includes(index) && valueAt(ref, ['weight']) !== 0);
  if (stranger >= 0)
    throw new UserError(
      'MANIFEST_SEVERAL',
      `${manifest.file} sends a part of this rule to ${String(valueAt(refs[stranger], ['name']) ?? 'another backend')}, so a candidate's share would be another than was approved.`,
      'Give that backend a rule of its own, or weight 0.',
      manifest.at(document, [...path, stranger]),
    );
  const stableName = serviceOf(desired.stable);
  const kept = own.find((index) => valueAt(refs[index], ['name']) === stableName) ?? own[0] ?? 0;
  const base = refs[kept];
  const split = desired.candidate !== null && !desired.mirror;
  const [stableWeight, candidateWeight] = weights(desired.percent);
  const weighted = isObject(base) && base['weight'] !== undefined;
  const changes: ManifestChange[] = [{ is: 'set', path: [...path, kept, 'name'], value: stableName }];
  if (split) changes.push({ is: 'set', path: [...path, kept, 'weight'], value: stableWeight });
  else if (weighted && base['weight'] === 0) changes.push({ is: 'set', path: [...path, kept, 'weight'], value: 1 });
  if (split && desired.candidate && isObject(base))
    changes.push({ is: 'add', path: [...path, kept], value: { ...base, name: serviceOf(desired.candidate), weight: candidateWeight } });
  // Highest first: the item that was added stands right behind the kept one and moves those after it by one.
  for (const index of own.filter((one) => one !== kept).reverse())
    changes.push({ is: 'remove', path: [...path, index > kept && split ? index + 1 : index] });
  return editManifest(manifest, document, changes);
}

function mirrorRequests(
  manifest: Manifest,
  document: number,
  path: ManifestPath,
  desired: DesiredTraffic,
  serviceOf: (version: ServedVersion) => string,
  isOurs: (name: Plain | undefined) => boolean,
): Manifest {
  const filters = asList(valueAt(manifest.values[document], [...path, 'filters']));
  const left = filters.flatMap((filter, index) =>
    valueAt(filter, ['type']) === 'RequestMirror' && isOurs(valueAt(filter, ['requestMirror', 'backendRef', 'name'])) ? [index] : [],
  );
  const changes: ManifestChange[] =
    left.length > 0 && left.length === filters.length
      ? [{ is: 'remove', path: [...path, 'filters'] }]
      : [...left].reverse().map((index) => ({ is: 'remove', path: [...path, 'filters', index] }));
  if (desired.mirror && desired.candidate) {
    const base = asList(valueAt(manifest.values[document], [...path, 'backendRefs'])).find((ref) => isOurs(valueAt(ref, ['name'])));
    const { weight: _weight, filters: _filters, ...backend } = isObject(base) ? base : {};
    const filter = { type: 'RequestMirror', requestMirror: { backendRef: { ...backend, name: serviceOf(desired.candidate) } } };
    const others = filters.length - left.length;
    changes.push(
      others > 0
        ? { is: 'add', path: [...path, 'filters', others - 1], value: filter }
        : { is: 'set', path: [...path, 'filters'], value: [filter] },
    );
  }
  return editManifest(manifest, document, changes);
}

/** Whole numbers in the ratio of the shares: 95 and 5, and for 0.5 % 995 and 5. */
function weights(percent: number): readonly [number, number] {
  const scale = [1, 10, 100].find((one) => Number.isInteger(Number((percent * one).toPrecision(12)))) ?? 1000;
  const candidate = Math.round(percent * scale);
  return [100 * scale - candidate, candidate];
}

/** Whether a name is that of a Service of any version. */
function servicesOf(template: string, { model, stage }: DesiredTraffic, rollout: string): (name: Plain | undefined) => boolean {
  if (!/\{(?:version|number|digest)\}/.test(template))
    throw new UserError(
      'SERVICE_WITHOUT_VERSION',
      `target.service of rollouts.${rollout} is ${template}, the same for every version.`,
      'Let it hold {version}, {number} or {digest}: a Service routes to one version.',
    );
  const patterns: Readonly<Record<string, string>> = { version: 'v\\d+', number: '\\d+', digest: '[0-9a-f]{64}', model, stage };
  const literal = (text: string) => text.replaceAll(/[.*+?^${}()|[\]\\]/g, '\\$&');
  const source = template
    .split(/(\{\w+\})/)
    .map((part) => (Object.hasOwn(patterns, part.slice(1, -1)) && part.startsWith('{') ? patterns[part.slice(1, -1)] : literal(part)))
    .join('');
  const pattern = new RegExp(`^${source}$`);
  return (name) => typeof name === 'string' && pattern.test(name);
}

const asList = (value: Plain | undefined): readonly Plain[] => (isList(value) ? value : []);
