import { parseAllDocuments } from 'yaml';
import { z } from 'zod';
import { type ManifestTargetConfig, openManifestTarget } from '../../shared/adapters/rollout-targets/open-manifest-target.ts';
import { openMemoryGit } from '../unit/rollout/targets/memory-git.ts';
import { type ActualTraffic, describeRolloutTarget } from './rollout-target.ts';

const live = 'weighin/live';
const definition = { strategy: 'canary' as const, guard: { driver: 'server' as const, maxSilence: '60s' } };
const versionIn = (text: string | undefined) => /v1[1-3]/.exec(text ?? '')?.[0] ?? '';

function open(config: ManifestTargetConfig, main: Readonly<Record<string, string>>, actual: (texts: readonly string[]) => ActualTraffic) {
  return async () => {
    const git = openMemoryGit(main);
    const parts = { forge: git.forge, runProcess: () => Promise.reject(new Error('no command')), env: {}, cwd: '/' };
    const again = () => openManifestTarget(config, { name: 'careful', definition }, parts);
    return {
      target: again(),
      again,
      actual: () => actual(git.paths(live).map((path) => git.text(live, path) ?? '')),
      breakOff: git.breakOff,
      mend: git.mend,
    };
  };
}
const documents = (texts: readonly string[]) =>
  texts.flatMap((text) => {
    const parsed = parseAllDocuments(text);
    return Array.isArray(parsed) ? parsed.map((document): unknown => document.toJS()) : [];
  });
const traits = { tells: true, mirrors: false, leases: false, keepsRevision: true };

const inferenceService = (storageUri: string) => `apiVersion: serving.kserve.io/v1beta1
kind: InferenceService
metadata:
  name: churn
spec:
  predictor:
    # Small: the model is.
    minReplicas: 2
    onnx:
      storageUri: ${storageUri} # exchanged by Weighin
`;
const kserve = z.object({
  spec: z.object({
    predictor: z.object({ canaryTrafficPercent: z.number().optional(), onnx: z.object({ storageUri: z.string() }) }),
    canary: z
      .array(z.object({ trafficPercent: z.number(), predictor: z.object({ onnx: z.object({ storageUri: z.string() }) }) }))
      .optional(),
  }),
});
/** The header says which version KServe has had at 100 % before, which serverless mode alone does not tell. */
const stableOf = (text: string) => `v${/"stable":\{"number":(\d+)/.exec(text)?.[1] ?? ''}`;

describeRolloutTarget(
  'kserve, canaryTrafficPercent',
  traits,
  open(
    { kind: 'kserve', manifest: 'deploy/churn.yaml', uri: 's3://models/{model}/{version}', split: 'percent' },
    { 'deploy/churn.yaml': inferenceService('s3://models/churn/v11') },
    (texts) => {
      const { predictor } = kserve.parse(documents(texts)[0]).spec;
      const [own, stable] = [versionIn(predictor.onnx.storageUri), stableOf(texts[0] ?? '')];
      const percent = predictor.canaryTrafficPercent ?? 100;
      const shares = own === stable ? { [stable]: 100 } : { [own]: percent, [stable]: 100 - percent };
      return { shares, mirrored: [], present: [own, stable], leaseSeconds: null };
    },
  ),
);

describeRolloutTarget(
  'kserve, spec.canary',
  traits,
  open(
    { kind: 'kserve', manifest: 'deploy/churn.yaml', split: 'canary' },
    { 'deploy/churn.yaml': inferenceService('s3://models/churn/v11') },
    (texts) => {
      const { predictor, canary = [] } = kserve.parse(documents(texts)[0]).spec;
      const shares: Record<string, number> = { [versionIn(predictor.onnx.storageUri)]: 100 };
      for (const { trafficPercent, predictor: other } of canary) {
        shares[versionIn(other.onnx.storageUri)] = trafficPercent;
        shares[versionIn(predictor.onnx.storageUri)] = 100 - trafficPercent;
      }
      return { shares, mirrored: [], present: Object.keys(shares), leaseSeconds: null };
    },
  ),
);

const rollout = `apiVersion: argoproj.io/v1alpha1
kind: Rollout
metadata: {name: churn}
spec:
  selector: {matchLabels: {app: churn}}
  template:
    metadata: {labels: {app: churn}}
    spec:
      containers:
      - name: serve
        image: ghcr.io/acme/churn:v11
  strategy:
    canary:
      # Somebody's own plan.
      steps:
      - setWeight: 20
      - pause: {}
`;
const argo = z.object({
  spec: z.object({
    template: z.object({ spec: z.object({ containers: z.array(z.object({ image: z.string() })) }) }),
    strategy: z.object({ canary: z.object({ steps: z.array(z.object({ setWeight: z.number().optional() })) }) }),
  }),
});
describeRolloutTarget(
  'argo-rollouts',
  traits,
  open(
    { kind: 'argo-rollouts', manifest: 'deploy/churn.yaml', image: 'ghcr.io/acme/{model}:{version}' },
    { 'deploy/churn.yaml': rollout },
    (texts) => {
      const { template, strategy } = argo.parse(documents(texts)[0]).spec;
      const [own, stable] = [versionIn(template.spec.containers[0]?.image), stableOf(texts[0] ?? '')];
      const percent = strategy.canary.steps.find(({ setWeight }) => setWeight !== undefined)?.setWeight ?? 100;
      const shares = own === stable ? { [stable]: 100 } : { [own]: percent, [stable]: 100 - percent };
      return { shares, mirrored: [], present: [own, stable], leaseSeconds: null };
    },
  ),
);

const route = `apiVersion: gateway.networking.k8s.io/v1
kind: HTTPRoute
metadata:
  name: churn
spec:
  parentRefs:
  - name: public
  rules:
  - matches:
    - path: {type: PathPrefix, value: /predict}
    backendRefs:
    - name: churn-v11
      port: 80
`;
const refs = z.array(z.object({ name: z.string(), weight: z.number().default(1) }));
const http = z.object({
  spec: z.object({
    rules: z.array(
      z.object({
        backendRefs: refs,
        filters: z.array(z.object({ requestMirror: z.object({ backendRef: z.object({ name: z.string() }) }).optional() })).default([]),
      }),
    ),
  }),
});
function routed(value: unknown): ActualTraffic {
  const [rule] = http.parse(value).spec.rules;
  const total = rule?.backendRefs.reduce((sum, { weight }) => sum + weight, 0) ?? 0;
  const shares = Object.fromEntries((rule?.backendRefs ?? []).map(({ name, weight }) => [versionIn(name), (100 * weight) / total]));
  const mirrored = (rule?.filters ?? []).flatMap(({ requestMirror }) => (requestMirror ? [versionIn(requestMirror.backendRef.name)] : []));
  return { shares, mirrored, present: [...Object.keys(shares), ...mirrored], leaseSeconds: null };
}
describeRolloutTarget(
  'gateway-api',
  { ...traits, mirrors: true },
  open({ kind: 'gateway-api', manifest: 'deploy/route.yaml', service: '{model}-{version}' }, { 'deploy/route.yaml': route }, (texts) =>
    routed(documents(texts)[0]),
  ),
);

const routeTemplate = `apiVersion: gateway.networking.k8s.io/v1
kind: HTTPRoute
metadata: {name: {{model}} }
spec:
  rules:
  - backendRefs:
{{#each versions}}
    - {name: {{../model}}-{{version}}, port: 80, weight: {{percent}} }
{{/each}}
{{#if mirror}}
    filters:
    - {type: RequestMirror, requestMirror: {backendRef: {name: {{model}}-{{candidate.version}}, port: 80} } }
{{/if}}
`;
const candidateTemplate = `{{#if candidate}}
apiVersion: apps/v1
kind: Deployment
metadata: {name: {{model}}-{{candidate.version}} }
{{/if}}
`;
describeRolloutTarget(
  'template',
  { ...traits, mirrors: true },
  open(
    { kind: 'template', files: 'deploy/*.hbs', into: 'clusters/production', values: {} },
    { 'deploy/route.yaml.hbs': routeTemplate, 'deploy/candidate.yaml.hbs': candidateTemplate, 'README.md': 'no template' },
    (texts) => {
      const all = documents(texts);
      const found = all.find((value) => z.object({ kind: z.literal('HTTPRoute') }).safeParse(value).success);
      const { shares, mirrored } = routed(found);
      // What is deployed beside what is routed to, and stable, whose Deployment these templates leave to somebody else.
      const present = all.flatMap((value) => {
        const other = z.object({ kind: z.literal('Deployment'), metadata: z.object({ name: z.string() }) }).safeParse(value);
        return other.success ? [versionIn(other.data.metadata.name)] : [];
      });
      return { shares, mirrored, present: [...Object.keys(shares), ...present], leaseSeconds: null };
    },
  ),
);
