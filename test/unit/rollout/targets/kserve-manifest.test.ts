import { describe, expect, it } from 'vitest';
import type { DesiredTraffic } from '../../../../shared/rollout/engine/traffic.ts';
import { createKserveManifest } from '../../../../shared/rollout/targets/kserve-manifest.ts';
import type { WrittenManifests } from '../../../../shared/rollout/targets/manifest-kind.ts';
import { changedLines } from './changed-lines.ts';
import { openKnative } from './knative.ts';
import { refusal, v10, v11, v12, v13, wish } from './wishes.ts';

const file = 'deploy/churn.yaml';
const own = `# Served by KServe. Ask the platform team.
apiVersion: "serving.kserve.io/v1beta1"
kind: "InferenceService"
metadata:
  name: "churn"
spec:
  predictor:
    minReplicas: 2
    onnx:
      # which model
      storageUri: "s3://models/churn/v11"
---
# Not ours.
apiVersion: v1
kind: ConfigMap
metadata: {name: other}
`;

function rendering(config: { readonly uri?: string; readonly split?: 'percent' | 'canary' } = {}, text = own) {
  const kind = createKserveManifest({ kind: 'kserve', manifest: file, split: 'percent', ...config }, 'careful');
  return (desired: DesiredTraffic, before: WrittenManifests | null = null) => kind.render([{ file, text }], desired, before)[0]?.text ?? '';
}
/** One wish after another, each knowing the one before. */
function following(render: ReturnType<typeof rendering>) {
  let before: WrittenManifests | null = null;
  return (desired: DesiredTraffic) => {
    const text = render(desired, before);
    before = { wish: desired, files: [{ file, text }] };
    return text;
  };
}

describe('canaryTrafficPercent', () => {
  it('is one line beside the address, and no other line changes', () => {
    const render = rendering();
    expect(changedLines(own, render(wish({ candidate: v12, percent: 5 }))).sort()).toEqual([
      '+       storageUri: "s3://models/churn/v12"',
      '+     canaryTrafficPercent: 5',
      '-       storageUri: "s3://models/churn/v11"',
    ]);
    expect(render(wish())).toBe(own);
  });

  it('leaves no weight of a candidate that was promoted, nor one that stood in the manifest', () => {
    const weighted = own.replace('    minReplicas: 2\n', '    minReplicas: 2\n    canaryTrafficPercent: 40 # by hand\n');
    const write = following(rendering({}, weighted));
    expect(changedLines(weighted, write(wish({ candidate: v12, percent: 100 })))).toContain('+     canaryTrafficPercent: 100 # by hand');
    expect(changedLines(weighted, write(wish({ stable: v12 }))).sort()).toEqual([
      '+       storageUri: "s3://models/churn/v12"',
      '-       storageUri: "s3://models/churn/v11"',
      '-     canaryTrafficPercent: 40 # by hand',
    ]);
  });

  const addresses = (number: number) => `s3://models/churn/v${number}`;

  it('never gives a candidate more than was wished, on the way back neither, while pods are still starting', () => {
    const [knative, write] = [openKnative(), following(rendering())];
    knative.apply(write(wish()));
    knative.becomeReady();
    for (const candidate of [v12, v13]) {
      expect(knative.apply(write(wish({ candidate, percent: 5 })))).toEqual({ [addresses(11)]: 100 });
      expect(knative.becomeReady()).toEqual({ [addresses(11)]: 95, [addresses(candidate.number)]: 5 });
      expect(knative.apply(write(wish({ candidate, percent: 50 })))).toEqual({ [addresses(11)]: 50, [addresses(candidate.number)]: 50 });
      expect(knative.apply(write(wish()))).toEqual({ [addresses(11)]: 100 });
      expect(knative.apply(write(wish()))).toEqual({ [addresses(11)]: 100 });
      expect(knative.becomeReady()).toEqual({ [addresses(11)]: 100 });
    }
    // The next one goes all the way, and what was left for the way back goes with it.
    knative.apply(write(wish({ candidate: v12, percent: 5 })));
    knative.becomeReady();
    expect(knative.apply(write(wish({ candidate: v12, percent: 100 })))).toEqual({ [addresses(12)]: 100 });
    const promoted = write(wish({ stable: v12 }));
    expect(promoted).not.toContain('canaryTrafficPercent');
    expect(knative.apply(promoted)).toEqual({ [addresses(12)]: 100 });
  });

  it('comes back from 100 % too, and moves stable itself', () => {
    const [knative, write] = [openKnative(), following(rendering())];
    knative.apply(write(wish()));
    knative.becomeReady();
    knative.apply(write(wish({ candidate: v12, percent: 100 })));
    expect(knative.becomeReady()).toEqual({ [addresses(12)]: 100 });
    knative.apply(write(wish()));
    expect(knative.becomeReady()).toEqual({ [addresses(11)]: 100 });
    // /rollback to an older one while a candidate has traffic: that is not the version which KServe still keeps.
    knative.apply(write(wish({ candidate: v12, percent: 30 })));
    knative.becomeReady();
    knative.apply(write(wish({ stable: v10 })));
    expect(knative.becomeReady()).toEqual({ [addresses(10)]: 100 });
  });

  it('shows why: without the 0, a candidate at 5 % would have everything until stable is up again', () => {
    const knative = openKnative();
    const render = rendering();
    knative.apply(render(wish()));
    knative.becomeReady();
    knative.apply(render(wish({ candidate: v12, percent: 5 })));
    knative.becomeReady();
    expect(knative.apply(render(wish(), null))).toEqual({ [addresses(12)]: 100 });
  });

  it('takes whole percents only', () => {
    expect(refusal(() => rendering()(wish({ candidate: v12, percent: 2.5 }))).code).toBe('WEIGHT_NOT_WHOLE');
  });
});

describe('spec.canary', () => {
  const canary = { split: 'canary' as const };
  it('holds the candidate beside a predictor that stays as it is', () => {
    expect(changedLines(own, rendering(canary)(wish({ candidate: v12, percent: 5 })))).toEqual([
      '+   canary:',
      '+     - trafficPercent: 5',
      '+       predictor:',
      '+         name: v12',
      '+         onnx:',
      '+           name: kserve-container',
      '+           storageUri: s3://models/churn/v12',
    ]);
    expect(rendering(canary)(wish())).toBe(own);
  });

  it('lets a promoted candidate keep its name, so that its pods live on, and the next one find its own', () => {
    const write = following(rendering(canary));
    write(wish({ candidate: v12, percent: 5 }));
    expect(changedLines(own, write(wish({ stable: v12 }))).sort()).toEqual([
      '+       storageUri: "s3://models/churn/v12"',
      '+     name: v12',
      '-       storageUri: "s3://models/churn/v11"',
    ]);
    const next = write(wish({ stable: v12, candidate: v13, percent: 5 }));
    expect(next).toContain('    name: v12\n');
    expect(next).toContain('        name: v13\n');
    // Rolled back, and again: nothing of v13, v12 as it was.
    expect(write(wish({ stable: v12 }))).not.toContain('v13');
    expect(write(wish({ stable: v12 }))).toContain('    name: v12\n');
  });

  it('replaces candidates that stood there by hand', () => {
    const text = own.replace(
      '  predictor:\n',
      '  canary:\n  - trafficPercent: 40\n    predictor: {name: mine, onnx: {name: kserve-container, storageUri: s3://other}}\n  predictor:\n',
    );
    expect(rendering(canary, text)(wish())).toBe(own);
    expect(rendering(canary, text)(wish({ candidate: v12, percent: 5 }))).not.toContain('mine');
  });

  it('gives two versions two names', () => {
    const text = own.replace('    minReplicas: 2\n', '    minReplicas: 2\n    name: v12\n');
    expect(rendering(canary, text)(wish({ candidate: v12, percent: 5 }))).toContain('name: v12-candidate');
  });
});

describe('where the address stands', () => {
  const predictor = (lines: string) =>
    `apiVersion: serving.kserve.io/v1beta1\nkind: InferenceService\nmetadata: {name: a}\nspec:\n  predictor:\n${lines}`;
  it.each([
    ['    model:\n      modelFormat: {name: sklearn}\n      storageUri: s3://m/v11\n', '      storageUri: s3://m/v12'],
    ['    sklearn: {storageUri: s3://m/v11}\n', '    sklearn: {storageUri: s3://m/v12}'],
    [
      '    containers:\n    - name: kserve-container\n      env:\n      - name: STORAGE_URI # loads it\n        value: "s3://m/v11"\n',
      '        value: "s3://m/v12"',
    ],
  ])('is found (%#)', (lines, line) => {
    expect(rendering({ uri: 's3://m/{version}' }, predictor(lines))(wish({ candidate: v12, percent: 5 })).split('\n')).toContain(line);
  });

  it.each([
    ['    model:\n      modelFormat: {name: sklearn}\n', 'MANIFEST_NO_PLACE', 5],
    ['    model:\n      storage: {path: a}\n', 'MANIFEST_NO_PLACE', 5],
    ['    sklearn: {storageUri: s3://m/v1}\n    onnx: {storageUri: s3://m/v1}\n', 'MANIFEST_SEVERAL', 7],
  ])('is missed with the line (%#)', (lines, code, line) => {
    const error = refusal(() => rendering({ uri: 's3://m/{version}' }, predictor(lines))(wish()));
    expect([error.code, error.location]).toEqual([code, { file, line, column: expect.any(Number) }]);
    expect(error.hint.length).toBeGreaterThan(10);
  });

  it('is taken from the manifest where weighin.yaml has none, if it shows one version', () => {
    const at = (uri: string) => rendering({}, predictor(`    onnx: {storageUri: "${uri}"}\n`));
    expect(at('gs://b/v2models/churn-v7/x')(wish())).toContain('gs://b/v2models/churn-v11/x');
    expect(at(`s3://blobs/sha256/${'0f'.repeat(32)}`)(wish())).toContain(`s3://blobs/sha256/${v11.digest.slice(7)}`);
    for (const uri of ['s3://models/churn/latest', 's3://v1/churn/v2', 's3://m/{x}/v1'])
      expect(refusal(() => at(uri)(wish())).code).toBe('MANIFEST_NO_PLACE');
  });

  it.each([
    ['apiVersion: apps/v1\nkind: Deployment\nmetadata: {name: a}\n', 'MANIFEST_KIND'],
    ['apiVersion: serving.kserve.io.example/v1\nkind: InferenceService\n', 'MANIFEST_KIND'],
    ['', 'MANIFEST_KIND'],
    [`${own}---\n${own}`, 'MANIFEST_SEVERAL'],
    ['just text', 'MANIFEST_KIND'],
    ['a: {', 'MANIFEST_NOT_YAML'],
  ])('is not looked for in another file (%#)', (text, code) => {
    const error = refusal(() => rendering({}, text)(wish()));
    expect([error.code, error.location?.file]).toEqual([code, file]);
  });
});
