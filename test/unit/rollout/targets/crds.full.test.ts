import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import type { RolloutConfig, TargetConfig } from '../../../../shared/config/rollout-schema.ts';
import type { DesiredTraffic } from '../../../../shared/rollout/engine/traffic.ts';
import { createManifestKind } from '../../../../shared/rollout/targets/create-manifest-kind.ts';
import { readManifest, valueAt } from '../../../../shared/rollout/targets/manifest-file.ts';
import { isOfKind, type WrittenManifests } from '../../../../shared/rollout/targets/manifest-kind.ts';
import { changedLines } from './changed-lines.ts';
import { readCrd, specs } from './crd-schema.ts';
import { refusal, v12, wish } from './wishes.ts';

/** Every example of a folder that holds a document of this kind. */
function examples(folder: string, group: string, kind: string) {
  return readdirSync(join(specs, folder), { recursive: true, encoding: 'utf8' })
    .filter((name) => name.endsWith('.yaml'))
    .sort()
    .map((name) => ({ file: name, text: readFileSync(join(specs, folder, name), 'utf8') }))
    .filter((source) => isYaml(source) && readManifest(source).values.some((value) => isOfKind(value, group, kind)));
}
/** Four of KServe's samples have a placeholder in braces where an image belongs. */
const isYaml = ({ text }: { text: string }) => !text.includes('image: {username}');

type Manifest = Extract<TargetConfig, { kind: 'kserve' | 'argo-rollouts' | 'gateway-api' | 'template' }>;
const guarded: RolloutConfig = { strategy: 'canary', guard: { driver: 'server', maxSilence: '60s' } };
const judged: RolloutConfig = {
  strategy: 'canary',
  guard: { driver: 'target', maxSilence: '60s' },
  source: { prometheus: 'http://prometheus:9090', delay: '15s' },
  metrics: [{ name: 'error_rate', bad: 'bad{v="$version"}[$window]', total: 'all{v="$version"}[$window]', max: 0.01 }],
};
const rollout: readonly DesiredTraffic[] = [
  wish(),
  wish({ candidate: v12 }),
  wish({ candidate: v12, percent: 5 }),
  wish({ candidate: v12, percent: 100 }),
  wish(),
  wish({ candidate: v12, percent: 30 }),
  wish({ stable: v12 }),
];

/** A whole rollout, one wish after the other; each text with what it was asked for. */
function play(config: Manifest, source: { file: string; text: string }, definition = guarded, wishes = rollout) {
  const kind = createManifestKind(config, definition, 'careful');
  let before: WrittenManifests | null = null;
  return wishes.map((desired) => {
    const files = kind.render([source], desired, before);
    before = { wish: desired, files };
    return { desired, files };
  });
}

/** Comments of the file, but those within what is written anew. */
const comments = (text: string) => text.split('\n').filter((line) => line.trimStart().startsWith('#'));

function expectValid(text: string, group: string, kind: string, validate: ReturnType<typeof readCrd>): void {
  const found = readManifest({ file: 'a.yaml', text }).values.filter((value) => isOfKind(value, group, kind));
  expect(found.length).toBeGreaterThan(0);
  for (const value of found) {
    validate(value);
    expect(validate.errors ?? [], text).toEqual([]);
  }
}

describe('KServe: InferenceService', () => {
  const validate = readCrd('kserve/serving.kserve.io_inferenceservices.yaml', 'v1beta1');
  const group = 'serving.kserve.io';
  const all = examples('kserve/samples/v1beta1', group, 'InferenceService');
  /** Their own address in one place; the others load what they serve from their image. */
  const withAddress = all.filter(({ text }) => /storageUri:|name: STORAGE_URI/.test(text.replaceAll(/^\s*#.*$/gm, '')));

  it('refuses what the API server would drop', () => {
    expect(
      validate({
        apiVersion: 'serving.kserve.io/v1beta1',
        kind: 'InferenceService',
        metadata: {},
        spec: { predictor: { canaryTraffic: 5 } },
      }),
    ).toBe(false);
    expect(validate({ spec: { predictor: {}, canary: [{ predictor: {}, trafficPercent: 101 }] } })).toBe(false);
    expect(validate({ spec: { predictor: {}, canary: [{ predictor: { name: 'v12' } }] } })).toBe(false);
  });

  it.each(['autoscale', 'torchserve-custom', 'gpu', 'metrics'])('says that custom/torchserve/%s.yaml is none, with the line', (name) => {
    const text = readFileSync(join(specs, 'kserve/samples/v1beta1/custom/torchserve', `${name}.yaml`), 'utf8');
    expect(refusal(() => readManifest({ file: name, text }))).toMatchObject({
      code: 'MANIFEST_NOT_YAML',
      location: { file: name, line: 1 + text.split('\n').findIndex((line) => line.includes('{username}')) },
    });
  });

  it('has samples to edit', () => {
    expect(withAddress.length).toBeGreaterThanOrEqual(16);
  });

  describe.each(['percent', 'canary'] as const)('split %s', (split) => {
    it.each(withAddress.map((source) => [source.file, source] as const))('%s', (file, source) => {
      expectValid(source.text, group, 'InferenceService', validate);
      for (const { desired, files } of play({ kind: 'kserve', manifest: file, uri: 's3://models/{model}/{version}', split }, source)) {
        const text = files[0]?.text ?? '';
        expectValid(text, group, 'InferenceService', validate);
        expect(comments(text)).toEqual(comments(source.text));
        const lines = changedLines(source.text, text);
        expect(
          lines.filter((line) => line.startsWith('-')).every((line) => /storageUri|value: |canaryTrafficPercent/.test(line)),
          lines.join('\n'),
        ).toBe(true);
        if (split === 'percent') expect(lines.filter((line) => line.startsWith('+')).length).toBeLessThanOrEqual(2);
        if (!desired.candidate && split === 'canary') expect(text).not.toContain('canary:');
      }
    });
  });

  it.each(all.filter((one) => !withAddress.includes(one)).map((source) => [source.file, source] as const))(
    '%s has no place for an address',
    (file, source) => {
      expect(() => play({ kind: 'kserve', manifest: file, uri: 's3://m/{version}', split: 'percent' }, source)).toThrow(/no storageUri/);
    },
  );
});

describe('Argo Rollouts', () => {
  const validate = readCrd('argo-rollouts/rollout-crd.yaml', 'v1alpha1');
  const validateAnalysis = readCrd('argo-rollouts/analysis-template-crd.yaml', 'v1alpha1');
  const group = 'argoproj.io';
  const all = examples('argo-rollouts/examples', group, 'Rollout');
  const strategyOf = (text: string) => readManifest({ file: 'a', text }).values.filter((value) => isOfKind(value, group, 'Rollout'));
  const canaries = all.filter(({ text }) => {
    const rollouts = strategyOf(text);
    const canary = valueAt(rollouts[0], ['spec', 'strategy', 'canary']);
    return rollouts.length === 1 && typeof canary === 'object' && canary !== null;
  });
  const config = (manifest: string) => ({ kind: 'argo-rollouts' as const, manifest, image: 'argoproj/rollouts-demo:{version}' });

  it('has examples to edit', () => {
    expect(canaries.length).toBeGreaterThanOrEqual(8);
    expect(validate({ spec: { strategy: { canary: { steps: [{ setWeigh: 5 }] } } } })).toBe(false);
  });

  it.each(canaries.map((source) => [source.file, source] as const))('%s', (file, source) => {
    expectValid(source.text, group, 'Rollout', validate);
    const own = comments(source.text);
    for (const { files } of play(config(file), source)) {
      const text = files[0]?.text ?? '';
      expectValid(text, group, 'Rollout', validate);
      // The steps are Weighin's; what was said about them goes with them.
      expect(comments(text).every((line) => own.includes(line))).toBe(true);
      const lines = changedLines(source.text, text).filter((line) => line.startsWith('- '));
      const steps = stepLines(source.text);
      expect(
        lines.filter((line) => !/image:/.test(line) && !steps.includes(line.slice(2))),
        text,
      ).toEqual([]);
    }
  });

  it.each(canaries.map((source) => [source.file, source] as const))('%s, judged by Argo', (file, source) => {
    for (const { files } of play(config(file), source, judged)) {
      expectValid(files[0]?.text ?? '', group, 'Rollout', validate);
      expectValid(files[1]?.text ?? '', group, 'AnalysisTemplate', validateAnalysis);
    }
  });

  it('refuses what it can not move', () => {
    for (const source of all.filter((one) => !canaries.includes(one) && strategyOf(one.text).length === 1))
      expect(() => play(config(source.file), source), source.file).toThrow(/strategy\.canary|No container|no containers/);
  });

  /** From `steps:` to what stands no deeper. */
  function stepLines(text: string): readonly string[] {
    const lines = text.split('\n');
    const start = lines.findIndex((line) => /^\s+steps:/.test(line));
    if (start < 0) return [];
    const depth = lines[start]?.search(/\S/) ?? 0;
    const after = lines
      .slice(start + 1)
      .findIndex(
        (line) =>
          line.trim() !== '' && line.search(/\S/) <= depth && !line.trimStart().startsWith('-') && !line.trimStart().startsWith('#'),
      );
    return lines.slice(start, after < 0 ? lines.length : start + 1 + after);
  }
});

describe('Gateway API: HTTPRoute', () => {
  const validate = readCrd('gateway-api/httproutes.yaml', 'v1');
  const group = 'gateway.networking.k8s.io';
  /** Their first backend, called as a Service of v11 would be. */
  const renamed = examples('gateway-api/examples', group, 'HTTPRoute').flatMap((source) => {
    const name = /backendRefs:[\s\S]*?name: ([a-z0-9-]+)/.exec(source.text)?.[1];
    const text = name ? source.text.replace(`name: ${name}\n`, 'name: churn-v11\n') : '';
    // A split by hand between two is what Weighin replaces: both are versions then.
    return name ? [{ file: source.file, text: text.replaceAll('name: foo-v2', 'name: churn-v10') }] : [];
  });
  const single = renamed.filter(
    ({ file, text }) => readManifest({ file, text }).values.filter((value) => isOfKind(value, group, 'HTTPRoute')).length === 1,
  );

  it('has examples to edit', () => {
    expect(single.length).toBeGreaterThanOrEqual(14);
    expect(validate({ spec: { rules: [{ backendRefs: [{ name: 'a', wait: 5 }] }] } })).toBe(false);
  });

  it.each(single.map((source) => [source.file, source] as const))('%s', (file, source) => {
    expectValid(source.text, group, 'HTTPRoute', validate);
    const wishes = [...rollout, wish({ candidate: v12, mirror: true }), wish({ candidate: v12, percent: 0.5 })];
    for (const { desired, files } of play({ kind: 'gateway-api', manifest: file, service: '{model}-{version}' }, source, guarded, wishes)) {
      const text = files[0]?.text ?? '';
      expectValid(text, group, 'HTTPRoute', validate);
      expect(comments(text)).toEqual(comments(source.text));
      if (!desired.candidate && !desired.mirror)
        expect(text.match(/churn-v\d+/g)?.every((name) => name === `churn-v${desired.stable.number}`)).toBe(true);
    }
  });
});

describe('examples of this repository', () => {
  const source = (file: string) => ({ file, text: readFileSync(join(import.meta.dirname, '../../../../examples', file), 'utf8') });
  const cases: readonly (readonly [string, Manifest, string, ReturnType<typeof readCrd>, string])[] = [
    [
      'rollout-kserve/deploy/churn.yaml',
      { kind: 'kserve', manifest: 'a.yaml', split: 'percent' },
      'serving.kserve.io',
      readCrd('kserve/serving.kserve.io_inferenceservices.yaml', 'v1beta1'),
      'InferenceService',
    ],
    [
      'rollout-kserve/deploy/churn.yaml',
      { kind: 'kserve', manifest: 'a.yaml', split: 'canary' },
      'serving.kserve.io',
      readCrd('kserve/serving.kserve.io_inferenceservices.yaml', 'v1beta1'),
      'InferenceService',
    ],
    [
      'rollout-argo/deploy/churn.yaml',
      { kind: 'argo-rollouts', manifest: 'a.yaml', image: 'ghcr.io/acme/churn:{version}' },
      'argoproj.io',
      readCrd('argo-rollouts/rollout-crd.yaml', 'v1alpha1'),
      'Rollout',
    ],
    [
      'rollout-gateway/deploy/route.yaml',
      { kind: 'gateway-api', manifest: 'a.yaml', service: '{model}-{version}' },
      'gateway.networking.k8s.io',
      readCrd('gateway-api/httproutes.yaml', 'v1'),
      'HTTPRoute',
    ],
    [
      'rollout-gitops/deploy/route.yaml.hbs',
      { kind: 'template', files: '*', into: '', values: { namespace: 'models', gateway: 'public' } },
      'gateway.networking.k8s.io',
      readCrd('gateway-api/httproutes.yaml', 'v1'),
      'HTTPRoute',
    ],
  ];
  it.each(cases)('%s', (file, config, group, validate, kind) => {
    for (const { files } of play(config, source(file))) expectValid(files[0]?.text ?? '', group, kind, validate);
  });
});
