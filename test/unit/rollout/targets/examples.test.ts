import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { parseAllDocuments } from 'yaml';
import { z } from 'zod';
import { openManifestTarget } from '../../../../shared/adapters/rollout-targets/open-manifest-target.ts';
import { loadConfig } from '../../../../shared/config/load-config.ts';
import { rolloutPlan } from '../../../../shared/rollout/engine/rollout-plan.ts';
import { type DesiredTraffic, isAsDesired } from '../../../../shared/rollout/engine/traffic.ts';
import { changedLines } from './changed-lines.ts';
import { openMemoryGit } from './memory-git.ts';
import { v12, wish } from './wishes.ts';

const examples = join(import.meta.dirname, '../../../../examples');
const live = 'weighin/live';

/** An example as a repository of its own, and its rollout's target with what the target gives out. */
async function openExample(name: string, rollout = 'careful') {
  const root = join(examples, name);
  const loaded = await loadConfig('weighin.yaml', { root });
  const definition = loaded.config.rollouts?.[rollout];
  const config = definition?.target;
  if (
    !definition ||
    !(config?.kind === 'kserve' || config?.kind === 'argo-rollouts' || config?.kind === 'gateway-api' || config?.kind === 'template')
  )
    throw new Error(`${name} has no rollout ${rollout} with manifests`);
  const files = readdirSync(root, { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isFile())
    .map((entry) =>
      join(entry.parentPath, entry.name)
        .slice(root.length + 1)
        .replaceAll('\\', '/'),
    );
  const git = openMemoryGit(Object.fromEntries(files.map((file) => [file, readFileSync(join(root, file), 'utf8')])));
  const applied: string[] = [];
  const applies = config.apply !== undefined;
  const target = openManifestTarget(
    config,
    { name: rollout, definition },
    {
      forge: git.forge,
      env: {},
      cwd: root,
      runProcess: async ({ input = '' }) => {
        applied.push(input);
        return { exitCode: 0, signal: null, timedOut: false, seconds: 0 };
      },
    },
  );
  /** Texts by path as the cluster gets them, without the two lines above. */
  async function move(desired: DesiredTraffic): Promise<Readonly<Record<string, string>>> {
    await target.apply(desired);
    expect(isAsDesired(desired, await target.observe(desired))).toBe(true);
    if (applies) return { stdin: applied.at(-1) ?? '' };
    return Object.fromEntries(git.paths(live).map((path) => [path, (git.text(live, path) ?? '').split('\n').slice(2).join('\n')]));
  }
  return { loaded, definition, root, move, own: (path: string) => readFileSync(join(root, path), 'utf8') };
}
const canary = (revision: number, percent: number) => wish({ revision, candidate: v12, percent });

describe.each(['rollout-kserve', 'rollout-argo', 'rollout-gateway', 'rollout-gitops'])('examples/%s', (name) => {
  it('has a configuration that says all, plans its rollouts and waits for nothing', async () => {
    const { loaded, own } = await openExample(name);
    expect([loaded.notices, loaded.blocked]).toEqual([[], []]);
    for (const [rollout, definition] of Object.entries(loaded.config.rollouts ?? {})) {
      const { steps } = rolloutPlan(rollout, definition, { every: 10_000 });
      expect(steps.at(-1)?.weight).toBe(100);
    }
    expect(own('README.md')).toContain('weighin/live');
  });

  it('carries out a rollout that comes back and one that ends, step by step', async () => {
    const { definition, move } = await openExample(name);
    const { steps } = rolloutPlan('careful', definition);
    let revision = 0;
    const before = await move(wish({ revision: ++revision }));
    for (const round of [1, 2]) {
      for (const { weight } of [{ weight: 0 }, ...steps]) {
        expect(JSON.stringify(await move(canary(++revision, weight)))).toContain('v12');
        if (round === 1 && weight >= 50) break;
      }
      if (round === 1) {
        const after = await move(wish({ revision: ++revision }));
        // Of KServe the 0 that keeps the bad version from traffic while stable starts anew; of all others nothing.
        const left = Object.entries(after).flatMap(([path, text]) => changedLines(before[path] ?? '', text));
        expect(left).toEqual(name === 'rollout-kserve' ? ['+     canaryTrafficPercent: 0'] : []);
        expect(Object.keys(after)).toEqual(Object.keys(before));
      }
    }
    const promoted = await move(wish({ revision: ++revision, stable: v12 }));
    expect(JSON.stringify(promoted)).not.toMatch(/v11|canaryTrafficPercent|setWeight/);
  });
});

it('exchanges two lines of the InferenceService and adds one', async () => {
  const { move, own } = await openExample('rollout-kserve');
  expect(changedLines(own('deploy/churn.yaml'), (await move(canary(1, 25)))['deploy/churn.yaml'] ?? '')).toEqual([
    '+     canaryTrafficPercent: 25',
    '-     labels: {version: v11}',
    '+     labels: {version: v12}',
    '-       storageUri: s3://models/churn/v11   # the version that ran when this was written',
    '+       storageUri: s3://models/churn/v12   # the version that ran when this was written',
  ]);
});

it('exchanges label, image and steps of the Rollout, or writes the plan and lets Argo judge', async () => {
  const { move, own } = await openExample('rollout-argo');
  expect(
    changedLines(own('deploy/churn.yaml'), (await move(canary(1, 25)))['deploy/churn.yaml'] ?? '').map((line) => line.trimEnd()),
  ).toEqual([
    '-       labels: {app: churn, version: v11}',
    '+       labels: {app: churn, version: v12}',
    '-           image: ghcr.io/acme/churn:v11',
    '+           image: ghcr.io/acme/churn:v12',
    "-       steps: []   # Weighin's",
    '+       steps:',
    '+         - setWeight: 25',
    '+         - pause: {}',
  ]);
  const judged = await (await openExample('rollout-argo', 'argo-judges')).move(canary(1, 5));
  expect(Object.keys(judged).sort()).toEqual(['deploy/churn-analysis.yaml', 'deploy/churn.yaml']);
  expect(judged['deploy/churn-analysis.yaml']).toContain('weighin_serving_errors_total{model="churn",version="{{args.version}}"}[5m]');
});

it('weighs the one rule of the route that is about the model', async () => {
  const { move, own } = await openExample('rollout-gateway');
  const { stdin = '' } = await move(canary(1, 10));
  expect(changedLines(own('deploy/route.yaml'), stdin)).toEqual([
    '+           weight: 90',
    '+         - name: churn-v12',
    '+           port: 80',
    '+           weight: 10',
  ]);
});

/** There is no schema of Kubernetes' own kinds here: what `features` asks of them, written down by hand. */
describe('Deployment, Service and autoscaler of examples/rollout-gitops', () => {
  const labels = (version: string) => z.strictObject({ app: z.literal('churn'), version: z.literal(version) });
  const meta = (version: string) =>
    z.strictObject({ name: z.literal(`churn-${version}`), namespace: z.literal('models'), labels: labels(version) });
  const probe = (path: string, delay: number, period: number) =>
    z.strictObject({
      httpGet: z.strictObject({ path: z.literal(path), port: z.literal(8000) }),
      initialDelaySeconds: z.literal(delay),
      periodSeconds: z.literal(period),
    });
  const deployment = (version: string) =>
    z.strictObject({
      apiVersion: z.literal('apps/v1'),
      kind: z.literal('Deployment'),
      metadata: meta(version),
      spec: z.strictObject({
        replicas: z.literal(3),
        selector: z.strictObject({ matchLabels: labels(version) }),
        template: z.strictObject({
          metadata: z.strictObject({ labels: labels(version), annotations: z.record(z.string(), z.string()) }),
          spec: z.strictObject({
            terminationGracePeriodSeconds: z.literal(30),
            securityContext: z.object({ runAsNonRoot: z.literal(true) }),
            containers: z.tuple([
              z.strictObject({
                name: z.literal('serve'),
                image: z.literal(`ghcr.io/acme/churn:${version}`),
                env: z.tuple([z.strictObject({ name: z.literal('MODEL_URI'), value: z.literal(`churn@${version}`) })]),
                args: z.array(z.string()),
                ports: z.tuple([z.strictObject({ name: z.literal('http'), containerPort: z.literal(8000) })]),
                resources: z.strictObject({
                  requests: z.strictObject({ cpu: z.literal('500m'), memory: z.literal('1Gi') }),
                  limits: z.strictObject({ cpu: z.literal('2000m'), memory: z.literal('4Gi') }),
                }),
                livenessProbe: probe('/health', 30, 10),
                readinessProbe: probe('/ready', 10, 5),
                securityContext: z.object({ allowPrivilegeEscalation: z.literal(false) }),
              }),
            ]),
          }),
        }),
      }),
    });
  const service = (version: string) =>
    z.strictObject({
      apiVersion: z.literal('v1'),
      kind: z.literal('Service'),
      metadata: meta(version),
      spec: z.strictObject({
        type: z.literal('LoadBalancer'),
        selector: labels(version),
        ports: z.tuple([z.strictObject({ name: z.literal('http'), port: z.literal(80), targetPort: z.literal(8000) })]),
      }),
    });
  const autoscaler = (version: string) =>
    z.strictObject({
      apiVersion: z.literal('autoscaling/v2'),
      kind: z.literal('HorizontalPodAutoscaler'),
      metadata: meta(version),
      spec: z.strictObject({
        scaleTargetRef: z.strictObject({
          apiVersion: z.literal('apps/v1'),
          kind: z.literal('Deployment'),
          name: z.literal(`churn-${version}`),
        }),
        minReplicas: z.literal(3),
        maxReplicas: z.literal(20),
        metrics: z.tuple([
          z.strictObject({
            type: z.literal('Resource'),
            resource: z.strictObject({
              name: z.literal('cpu'),
              target: z.strictObject({ type: z.literal('Utilization'), averageUtilization: z.literal(70) }),
            }),
          }),
          z.strictObject({
            type: z.literal('Pods'),
            pods: z.strictObject({
              metric: z.strictObject({ name: z.literal('http_requests_per_second') }),
              target: z.strictObject({ type: z.literal('AverageValue'), averageValue: z.literal('1000') }),
            }),
          }),
        ]),
      }),
    });
  const read = (text: string | undefined) => {
    const parsed = parseAllDocuments(text ?? '');
    return Array.isArray(parsed) ? parsed.map((document): unknown => document.toJS()) : [];
  };
  const of = (version: string) => [deployment(version), service(version), autoscaler(version)];

  it('stand once for each version, as they should be', async () => {
    const { move } = await openExample('rollout-gitops');
    const both = read((await move(canary(1, 5)))['clusters/production/versions.yaml']);
    expect(z.tuple([...of('v11'), ...of('v12')] as never).safeParse(both).error?.issues ?? []).toEqual([]);
    const alone = read((await move(wish({ revision: 2 })))['clusters/production/versions.yaml']);
    expect(z.tuple(of('v11') as never).safeParse(alone).error?.issues ?? []).toEqual([]);
  });

  it('differ between versions by name, label, image and address alone', async () => {
    const { move } = await openExample('rollout-gitops');
    const both = (await move(canary(1, 5)))['clusters/production/versions.yaml'] ?? '';
    const middle = both.indexOf('---\napiVersion: apps/v1', 10);
    const [stable, candidate] = [both.slice(0, middle), both.slice(middle)];
    expect(stable.replaceAll('v11', 'v12')).toBe(candidate);
    const kinds = changedLines(stable, candidate).map(
      (line) =>
        line
          .slice(2)
          .trim()
          .replace(/v1[12]/, 'vN')
          .split(':')[0],
    );
    expect([...new Set(kinds)].sort()).toEqual(['image', 'labels', 'matchLabels', 'name', 'scaleTargetRef', 'selector', 'value']);
  });

  it('share the route by weight', async () => {
    const { move } = await openExample('rollout-gitops');
    const route = async (desired: DesiredTraffic) => (await move(desired))['clusters/production/route.yaml'] ?? '';
    expect((await route(canary(1, 5))).match(/name: churn-v\d+, port: 80, weight: \d+/g)).toEqual([
      'name: churn-v11, port: 80, weight: 95',
      'name: churn-v12, port: 80, weight: 5',
    ]);
    expect(await route(wish({ revision: 2, candidate: v12, mirror: true }))).toContain('RequestMirror');
    expect((await route(wish({ revision: 3 }))).match(/weight: \d+/g)).toEqual(['weight: 100']);
  });
});
