import { execFileSync } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { type ManifestTargetConfig, openManifestTarget } from '../../shared/adapters/rollout-targets/open-manifest-target.ts';
import type { Forge } from '../../shared/promotion/forge.ts';
import { isAsDesired } from '../../shared/rollout/engine/traffic.ts';
import { type GitHub, openGitHub } from '../support/github/open-github.ts';
import { forgeOf } from './forge.ts';
import { v12, wish } from './rollout-target.ts';

let github: GitHub;
let forge: Forge;
const definition = { strategy: 'canary' as const, guard: { driver: 'server' as const, maxSilence: '60s' } };
const open = (config: ManifestTargetConfig) =>
  openManifestTarget(
    config,
    { name: 'careful', definition },
    { forge, env: {}, cwd: '/', runProcess: () => Promise.reject(new Error('no command')) },
  );
const example = (file: string) => readFileSync(join(import.meta.dirname, '../../examples', file), 'utf8');
const git = (...words: string[]) => execFileSync('git', ['--git-dir', github.git.path, ...words], { encoding: 'utf8' });

beforeAll(async () => {
  github = await openGitHub({ owner: 'acme', repo: 'churn' });
  github.users.add({ login: 'alice', role: 'write' });
  const files = {
    'deploy/churn.yaml': example('rollout-kserve/deploy/churn.yaml'),
    'templates/versions.yaml.hbs': example('rollout-gitops/deploy/versions.yaml.hbs'),
    'templates/route.yaml.hbs': example('rollout-gitops/deploy/route.yaml.hbs'),
  };
  github.git.commit({ branch: 'main', by: 'alice', message: 'Begin', files });
  ({ forge } = await forgeOf(github));
});
afterAll(async () => {
  expect(github.unknown).toEqual([]);
  await github.close();
});

const kserve: ManifestTargetConfig = { kind: 'kserve', manifest: 'deploy/churn.yaml', split: 'percent' };
const values = { namespace: 'models', image: 'ghcr.io/acme/churn', gateway: 'public', serviceType: 'ClusterIP' };
const template: ManifestTargetConfig = { kind: 'template', files: 'templates/*.hbs', into: 'clusters/staging', values };

it('writes a branch of its own on a real forge, a commit a change, few requests each', async () => {
  const [target, other] = [open(kserve), open(template)];
  const canary = wish(2, { candidate: v12, percent: 5 });
  await target.apply(wish(1));
  const before = github.requests.length;
  await target.apply(canary);
  expect(github.requests.length - before).toBe(3);
  await other.apply(wish(2, { stage: 'staging', candidate: v12, percent: 5 }));
  await target.apply(wish(3, { stable: v12 }));
  expect(git('log', '--format=%s', 'weighin/live').trim().split('\n')).toEqual([
    'churn production: v12 alone',
    'churn staging: v11, v12 at 5 %',
    'churn production: v11, v12 at 5 %',
    'churn production: v11 alone',
  ]);
  expect(git('log', '--format=%B', 'weighin/live').match(/\[skip ci\]/g)).toHaveLength(4);
  expect(git('ls-tree', '-r', '--name-only', 'weighin/live').trim().split('\n')).toEqual([
    'clusters/staging/route.yaml',
    'clusters/staging/versions.yaml',
    'deploy/churn.yaml',
  ]);
  expect(git('show', 'weighin/live:deploy/churn.yaml')).toContain(
    '      storageUri: s3://models/churn/v12   # the version that ran when this was written\n',
  );
  expect(git('rev-list', '--count', 'main').trim()).toBe('1');
});

it('asks once at a tick', async () => {
  const other = open(template);
  const desired = wish(2, { stage: 'staging', candidate: v12, percent: 5 });
  expect(isAsDesired(desired, await other.observe(desired))).toBe(true);
  for (const target of [open(kserve), other]) {
    const before = github.requests.length;
    await target.observe(desired);
    expect(github.requests.length - before).toBe(1);
  }
});

it('lets two guards write at once, and both stages end as they should', async () => {
  const targets = Array.from({ length: 3 }, () => open(kserve));
  const staging = open(template);
  const last = wish(9, { stable: v12 });
  await Promise.all([
    ...targets.map((target) => target.apply(last)),
    staging.apply(wish(5, { stage: 'staging', candidate: v12, percent: 50 })),
  ]);
  expect(isAsDesired(last, await targets[0]!.observe(last))).toBe(true);
  expect(git('show', 'weighin/live:clusters/staging/route.yaml')).toContain('weight: 50');
});

it('says who did not let it write, and leaves what is there', async () => {
  const before = git('rev-parse', 'weighin/live');
  github.faults.add({ match: /graphql/, status: 403, message: 'Resource not accessible by integration', times: 3 });
  await expect(open(kserve).apply(wish(10, { stable: v12, candidate: v12, percent: 5 }))).rejects.toMatchObject({
    name: 'InfrastructureError',
    code: 'TARGET_REFUSED',
  });
  expect(git('rev-parse', 'weighin/live')).toBe(before);
});
