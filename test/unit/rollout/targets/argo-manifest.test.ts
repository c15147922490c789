import { describe, expect, it } from 'vitest';
import { parseAllDocuments } from 'yaml';
import type { RolloutConfig, TargetConfigOf } from '../../../../shared/config/rollout-schema.ts';
import { createArgoManifest } from '../../../../shared/rollout/targets/argo-manifest.ts';
import { changedLines } from './changed-lines.ts';
import { refusal, v12, wish } from './wishes.ts';

const file = 'deploy/churn.yaml';
const own = `apiVersion: argoproj.io/v1alpha1
kind: Rollout
metadata:
  name: churn
  namespace: models
spec:
  replicas: 5
  template:
    spec:
      containers:
      - name: proxy
        image: envoyproxy/envoy:v1.31
      - name: serve
        image: "ghcr.io:443/acme/churn:v11"   # by Weighin
        env:
        - {name: MODEL_URI, value: 's3://m/v11'}
  strategy:
    canary:
      maxSurge: "25%"
      # Somebody's own plan.
      steps:   # of Argo
      - setWeight: 20
      # wait
      - pause: {}
      stableService: churn # stays
`;
const target: TargetConfigOf<'argo-rollouts'> = { kind: 'argo-rollouts', manifest: file, image: 'ghcr.io:443/acme/{model}:{version}' };
const guarded: RolloutConfig = {
  strategy: 'canary',
  guard: { driver: 'server', maxSilence: '60s' },
  metrics: [{ name: 'error_rate', max: 0.01 }],
};

const rendering =
  (change: Partial<TargetConfigOf<'argo-rollouts'>> = {}, text = own, definition = guarded) =>
  (desired = wish({ candidate: v12, percent: 5 })) =>
    createArgoManifest({ ...target, ...change }, definition, 'careful').render([{ file, text }], desired, null);
const text = (files: ReturnType<ReturnType<typeof rendering>>) => files[0]?.text ?? '';

describe('led by Weighin', () => {
  it('is the image, one weight and a pause without end', () => {
    expect(changedLines(own, text(rendering()())).sort()).toEqual(
      [
        '+         - pause: {}',
        '+         - setWeight: 5',
        '+         image: "ghcr.io:443/acme/churn:v12"   # by Weighin',
        '-         image: "ghcr.io:443/acme/churn:v11"   # by Weighin',
        '-       - pause: {}',
        '-       - setWeight: 20',
        '-       # wait',
      ].sort(),
    );
  });

  it('has no steps without a candidate, so that stable goes out without stopping', () => {
    expect(changedLines(own, text(rendering()(wish({ stable: v12 })))).sort()).toEqual(
      [
        '+         image: "ghcr.io:443/acme/churn:v12"   # by Weighin',
        '+       steps: []',
        '-         image: "ghcr.io:443/acme/churn:v11"   # by Weighin',
        '-       - pause: {}',
        '-       - setWeight: 20',
        '-       # wait',
        '-       steps:   # of Argo',
      ].sort(),
    );
  });

  it('starts a pod of a candidate without traffic where a router keeps traffic away', () => {
    const routed = own.replace('      maxSurge', '      trafficRouting: {nginx: {stableIngress: churn}}\n      maxSurge');
    expect(text(rendering({}, routed)(wish({ candidate: v12 })))).toContain(
      'setCanaryScale:\n            replicas: 1\n        - setWeight: 0\n',
    );
    expect(text(rendering()(wish({ candidate: v12 })))).not.toContain('setCanaryScale');
  });

  it('exchanges a variable in place of the image', () => {
    const changed = changedLines(own, text(rendering({ image: undefined, env: 'MODEL_URI', uri: 's3://m/{version}' })()));
    expect(changed).toContain("+         - {name: MODEL_URI, value: 's3://m/v12'}");
    expect(changed.join('\n')).not.toContain('image');
  });

  it('finds the pods of a workloadRef in the same file', () => {
    const deployment =
      'apiVersion: apps/v1\nkind: Deployment\nmetadata: {name: churn}\nspec:\n  template:\n    spec:\n      containers:\n      - image: ghcr.io:443/acme/churn:v11 # one\n';
    const reference =
      'apiVersion: argoproj.io/v1alpha1\nkind: Rollout\nmetadata: {name: churn}\nspec:\n  workloadRef: {apiVersion: apps/v1, kind: Deployment, name: churn}\n  strategy:\n    canary: {}\n';
    const both = text(rendering({}, `${deployment}---\n${reference}`)());
    expect(both).toContain('      - image: ghcr.io:443/acme/churn:v12 # one\n');
    expect(parseAllDocuments(both)).toHaveLength(2);
    expect(refusal(() => rendering({}, reference)())).toMatchObject({ code: 'MANIFEST_NO_PLACE', location: { file, line: 5 } });
  });

  it.each<[string, Partial<TargetConfigOf<'argo-rollouts'>>, string, number]>([
    [own.replace('canary:', 'blueGreen:'), {}, 'MANIFEST_NO_PLACE', 17],
    [own, { image: 'ghcr.io/other/{model}:{version}' }, 'MANIFEST_NO_PLACE', 10],
    [own.replace('envoyproxy/envoy:v1.31', 'ghcr.io:443/acme/churn:old'), {}, 'MANIFEST_SEVERAL', 13],
    [own, { image: undefined, env: 'MODEL', uri: 's3://m/{version}' }, 'MANIFEST_NO_PLACE', 10],
    [
      own.replace("value: 's3://m/v11'", 'valueFrom: {configMapKeyRef: {name: a, key: b}}'),
      { image: undefined, env: 'MODEL_URI', uri: 's3://{version}' },
      'MANIFEST_NO_PLACE',
      10,
    ],
    [
      own.replace('        image: envoyproxy', '        env:\n        - {name: MODEL_URI, value: x}\n        image: envoyproxy'),
      { image: undefined, env: 'MODEL_URI', uri: 's3://{version}' },
      'MANIFEST_SEVERAL',
      18,
    ],
  ])('says what is missing, and where (%#)', (manifest, change, code, line) => {
    const error = refusal(() => rendering(change, manifest)());
    expect([error.code, error.location?.file, error.location?.line]).toEqual([code, file, line]);
    expect(error.hint.length).toBeGreaterThan(10);
  });

  it('needs to know what differs between versions, and whole weights', () => {
    expect(refusal(() => rendering({ image: undefined })()).code).toBe('TARGET_NAMES_NO_VERSION');
    expect(refusal(() => rendering()(wish({ candidate: v12, percent: 0.5 }))).code).toBe('WEIGHT_NOT_WHOLE');
  });
});

describe('led by Argo', () => {
  const definition: RolloutConfig = {
    strategy: 'canary',
    guard: { driver: 'target', maxSilence: '60s' },
    steps: [
      { weight: 5, hold: '1h' },
      { weight: 100, hold: '1d' },
    ],
    source: { prometheus: 'http://prometheus.monitoring:9090', delay: '15s' },
    metrics: [
      {
        name: 'error_rate',
        bad: 'sum(increase(errors_total{version="$version"}[$window]))',
        total: 'sum(increase(requests_total{version="$version"}[$window]))',
        max: 0.01,
      },
      { name: 'slow_share', histogram: 'request_seconds{version="$version"}', le: 0.1, max: 0.02 },
      { name: 'vs_stable', of: 'error_rate', test: 'sequential', minRatio: 1.2 },
    ],
  };
  const led = rendering({}, own, definition);

  it('has the steps of the plan with their holds, and the analysis beside them', () => {
    const rendered = text(led());
    expect(rendered).toContain(
      '        - setWeight: 5\n        - pause:\n            duration: 3600s\n        - setWeight: 100\n        - pause:\n            duration: 86400s\n',
    );
    expect(rendered).toContain('templateName: churn-weighin');
    expect(changedLines(text(led()), text(led(wish({ candidate: v12, percent: 75 }))))).toEqual([]);
    expect(text(led(wish()))).not.toContain('analysis:');
  });

  it('asks Argo for what Argo can judge, and names the rest', () => {
    const [, analysis] = led();
    expect(analysis?.file).toBe('deploy/churn-analysis.yaml');
    expect(analysis?.text).toMatch(/^# Not judged here.*vs_stable\.\n/);
    const [document] = parseAllDocuments(analysis?.text ?? '');
    expect(document?.toJS()).toMatchObject({
      metadata: { name: 'churn-weighin', namespace: 'models' },
      spec: {
        metrics: [
          {
            name: 'error_rate',
            failureCondition: 'len(result) > 0 && !isNaN(result[0]) && result[0] > 0.01',
            inconclusiveLimit: 5,
            provider: {
              prometheus: {
                address: 'http://prometheus.monitoring:9090',
                query:
                  '(sum(increase(errors_total{version="{{args.version}}"}[5m]))) / ((sum(increase(requests_total{version="{{args.version}}"}[5m]))) > 0)',
              },
            },
          },
          {
            name: 'slow_share',
            provider: { prometheus: { query: expect.stringContaining('request_seconds_bucket{version="{{args.version}}",le=~') } },
          },
        ],
      },
    });
  });

  it('has to be told where Prometheus is and what to count', () => {
    const { source: _, ...nowhere } = definition;
    expect(refusal(() => rendering({}, own, nowhere)()).code).toBe('ANALYSIS_NOT_POSSIBLE');
    expect(refusal(() => rendering({}, own, { ...definition, metrics: [{ name: 'error_rate', hardMax: 0.5 }] })()).code).toBe(
      'ANALYSIS_NOT_POSSIBLE',
    );
  });
});
