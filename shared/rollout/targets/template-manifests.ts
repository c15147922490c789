import Handlebars from 'handlebars';
import type { TargetConfigOf } from '../../config/rollout-schema.ts';
import { UserError } from '../../errors.ts';
import { type DesiredTraffic, nameOfVersion, type ServedVersion } from '../engine/traffic.ts';
import { isObject, type ManifestFile, readManifest, valueAt } from './manifest-file.ts';
import type { ManifestKind } from './manifest-kind.ts';

/**
 * A team's own Handlebars files, for whatever follows Git. Strict: a name that is not there is an error and not an empty text. They call
 * the built-in helpers and `replicas` alone, reach no prototype and include nothing. What comes out must be Kubernetes manifests.
 */
export function createTemplateManifests(config: TargetConfigOf<'template'>, rollout: string): ManifestKind {
  const folder = config.into.replace(/^(?:\.?\/)+|\/+$/g, '');
  if (folder.split('/').some((part) => part === '..' || (part === '' && folder !== '')))
    throw new UserError(
      'TARGET_INVALID',
      `target.into of rollouts.${rollout} is no folder of a branch: ${folder}`,
      'Write it from the top of the branch, such as clusters/production.',
    );
  return {
    kind: 'template',
    mirrors: true,
    tellsPercent: true,
    sources: typeof config.files === 'string' ? [config.files] : config.files,
    glob: true,
    livePaths: [],
    into: folder,
    render(sources, desired) {
      const files = renderAll(sources, desired, config.values, folder);
      if (files.length === 0)
        throw new UserError(
          'TEMPLATE_EMPTY',
          `The templates of rollouts.${rollout} give nothing at all.`,
          'At least stable has to be in them.',
          { file: sources[0]?.file ?? '' },
        );
      // A template that forgets the share would say 5 % and do what it always does.
      const { candidate } = desired;
      const ignores = (what: string, hint: string) =>
        new UserError('TEMPLATE_IGNORES', `Nothing in the templates of rollouts.${rollout} depends on ${what}.`, hint, {
          file: sources[0]?.file ?? '',
        });
      if (
        candidate &&
        !desired.mirror &&
        same(
          renderAll(sources, { ...desired, percent: 0 }, config.values, folder),
          renderAll(sources, { ...desired, percent: 100 }, config.values, folder),
        )
      )
        throw ignores('percent', 'Weigh a route by {{percent}} and {{stable.percent}}, or pods by {{replicas 10 percent}}.');
      if (candidate && desired.mirror && same(files, renderAll(sources, { ...desired, mirror: false }, config.values, folder)))
        throw ignores('mirror', 'Copy requests to the candidate inside {{#if mirror}} … {{/if}}, or use another strategy than shadow.');
      return files;
    },
  };
}

const same = (some: readonly ManifestFile[], others: readonly ManifestFile[]) =>
  some.length === others.length && some.every(({ file, text }, index) => file === others[index]?.file && text === others[index]?.text);

function renderAll(
  sources: readonly ManifestFile[],
  desired: DesiredTraffic,
  values: TargetConfigOf<'template'>['values'],
  folder: string,
): readonly ManifestFile[] {
  const files = new Map<string, string>();
  for (const source of sources) {
    const name = (source.file.split('/').at(-1) ?? '').replace(/\.(?:hbs|handlebars)$/, '');
    const file = `${folder === '' ? '' : `${folder}/`}${/\.(?:ya?ml|json)$/.test(name) ? name : `${name}.yaml`}`;
    if (files.has(file))
      throw new UserError(
        'TEMPLATE_INVALID',
        `Two templates are written to ${file}.`,
        'Give each its own file name; the folder does not count.',
        { file: source.file },
      );
    const text = renderOne(source, desired, values);
    files.set(file, text);
    if (text.trim() !== '') checkManifests({ file, text }, source.file);
  }
  return [...files].map(([file, text]) => ({ file, text })).filter(({ text }) => text.trim() !== '');
}

/** What a template may name. */
function viewOf(desired: DesiredTraffic, values: Readonly<Record<string, string | number | boolean>>) {
  const { model, stage, candidate, percent, mirror } = desired;
  const share = candidate && !mirror ? percent : 0;
  const of = (version: ServedVersion, role: 'stable' | 'candidate', own: number) => ({
    version: nameOfVersion(version),
    number: version.number,
    digest: version.digest.replace(/^sha256:/, ''),
    role,
    percent: own,
  });
  const stable = of(desired.stable, 'stable', Number((100 - share).toPrecision(12)));
  const other = candidate ? of(candidate, 'candidate', share) : null;
  return { model, stage, values, stable, candidate: other, percent: share, mirror, versions: other ? [stable, other] : [stable] };
}

function renderOne({ file, text }: ManifestFile, desired: DesiredTraffic, values: TargetConfigOf<'template'>['values']): string {
  const handlebars = Handlebars.create();
  handlebars.unregisterHelper('log');
  // A way around the names that are known here.
  handlebars.unregisterHelper('lookup');
  handlebars.registerHelper('replicas', (total: unknown, percent: unknown) => replicas(total, percent));
  try {
    // YAML is no HTML: nothing is escaped. What is filled in is names that were checked and values of weighin.yaml.
    const run = handlebars.compile(text, {
      strict: true,
      noEscape: true,
      knownHelpersOnly: true,
      knownHelpers: { replicas: true, log: false, lookup: false },
    });
    return run(bare(viewOf(desired, values)), { allowProtoPropertiesByDefault: false, allowProtoMethodsByDefault: false, partials: {} });
  } catch (error) {
    const message = error instanceof Error ? error.message : 'unknown error';
    const line = /line (\d+)/.exec(message)?.[1] ?? /- (\d+):\d+/.exec(message)?.[1];
    throw new UserError(
      'TEMPLATE_INVALID',
      `${file} can't be filled: ${(message.split('\n')[0] ?? '').replace(/:$/, '')}`,
      message.startsWith('Parse error')
        ? 'Look for {{#if}} and {{#each}} that are not closed, and for }}} : between a name and a closing brace of YAML belongs a blank.'
        : 'There are model, stage, percent, mirror, stable and candidate (version, number, digest, role, percent), versions, and values.',
      { file, ...(line ? { line: Number(line) } : {}) },
    );
  }
}

/** Without a prototype, so that `constructor` and its like are names that are not there. */
function bare(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(bare);
  if (typeof value !== 'object' || value === null) return value;
  const names = Object.entries(value).map(([name, inner]) => [name, bare(inner)]);
  // Handlebars writes the thing itself into its message: `"x" not defined in …`.
  return Object.assign(Object.create(null), Object.fromEntries(names), { [Symbol.toPrimitive]: () => 'what a template may name' });
}

/** Whole pods in the ratio of the shares: at least one for a share above 0, and never all of them for a share below 100. */
function replicas(total: unknown, percent: unknown): number {
  if (typeof total !== 'number' || typeof percent !== 'number' || !(total >= 0) || !(percent >= 0 && percent <= 100))
    throw new Error('replicas needs a number of pods and a percentage');
  if (percent === 0 || percent === 100) return Math.round((total * percent) / 100);
  return Math.max(1, Math.min(Math.max(1, total - 1), Math.round((total * percent) / 100)));
}

function checkManifests(rendered: ManifestFile, template: string): void {
  const refuse = (why: string) =>
    new UserError(
      'TEMPLATE_INVALID',
      `${template} gives ${why}.`,
      'Each document needs apiVersion, kind and metadata.name. Quote what YAML could take for something else.',
      { file: template },
    );
  let manifest: ReturnType<typeof readManifest>;
  try {
    manifest = readManifest(rendered);
  } catch (error) {
    if (!(error instanceof UserError)) throw error;
    throw refuse(`no YAML (line ${error.location?.line ?? 1} of what comes out: ${error.message})`);
  }
  for (const value of manifest.values) {
    if (value === null) continue;
    if (!isObject(value) || typeof value['apiVersion'] !== 'string' || typeof value['kind'] !== 'string')
      throw refuse('something that is no Kubernetes manifest');
    if (typeof valueAt(value, ['metadata', 'name']) !== 'string') throw refuse(`a ${value['kind']} without a name`);
  }
}
