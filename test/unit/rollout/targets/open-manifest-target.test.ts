import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { runProcess } from '../../../../shared/adapters/process/run-process.ts';
import { type ManifestTargetConfig, openManifestTarget } from '../../../../shared/adapters/rollout-targets/open-manifest-target.ts';
import { InfrastructureError } from '../../../../shared/errors.ts';
import { isAsDesired } from '../../../../shared/rollout/engine/traffic.ts';
import { ownFolder } from '../../../support/own-folder.ts';
import { openMemoryGit } from './memory-git.ts';
import { v12, wish } from './wishes.ts';

const live = 'weighin/live';
const file = 'deploy/route.yaml';
const route =
  'apiVersion: gateway.networking.k8s.io/v1\nkind: HTTPRoute\nmetadata: {name: churn}\nspec:\n  rules:\n  - backendRefs:\n    - {name: churn-v11, port: 80} # ours\n';
const gateway: ManifestTargetConfig = { kind: 'gateway-api', manifest: file, service: '{model}-{version}' };
const definition = { strategy: 'canary' as const, guard: { driver: 'server' as const, maxSilence: '60s' } };
const canary = wish({ revision: 7, candidate: v12, percent: 30 });

function opened(config: ManifestTargetConfig = gateway, main: Readonly<Record<string, string>> = { [file]: route }, cwd = '/') {
  const git = openMemoryGit(main);
  const open = (env: Readonly<Record<string, string>> = {}) =>
    openManifestTarget(
      config,
      { name: 'careful', definition },
      { forge: git.forge, runProcess, env: { PATH: process.env['PATH'] ?? '', ...env }, cwd },
    );
  return { git, target: open(), open };
}

describe('weighin/live', () => {
  it('gets a branch of its own, then one commit a change, and none for a wish that is so', async () => {
    const { git, target, open } = opened();
    await target.apply(wish({ revision: 3 }));
    await target.apply(canary);
    await target.apply(canary);
    // A revision rises with planned looks too: no commit for a number.
    await open().apply({ ...canary, revision: 9 });
    expect(git.messages.map((message) => message.split('\n')[0])).toEqual([
      'churn production: v11 alone',
      'churn production: v11, v12 at 30 %',
    ]);
    for (const message of git.messages) expect(message).toMatch(/\n\[skip ci\]$/);
    const [people, record, ...body] = (git.text(live, file) ?? '').split('\n');
    expect(people).toBe('# churn production: v11, 30 % to v12. Weighin writes this file: edit deploy/route.yaml of the default branch.');
    expect(record).toMatch(/^# weighin: \{"kind":"gateway-api".*"revision":7/);
    expect(body.join('\n')).toBe(
      `${route.replace('port: 80}', 'port: 80, weight: 70}')}    - name: churn-v12\n      port: 80\n      weight: 30\n`,
    );
    expect(git.text('main', file)).toBe(route);
  });

  it('follows the manifest of the default branch with the next wish', async () => {
    const { git, target } = opened();
    await target.apply(canary);
    git.put('main', { [file]: route.replace('port: 80', 'port: 8000') });
    await target.apply({ ...canary, revision: 8, percent: 50 });
    expect(git.text(live, file)).toContain('port: 8000');
  });

  it('is written on top of what somebody else wrote meanwhile, and never over a newer wish', async () => {
    const { git, target, open } = opened();
    await target.apply(wish({ revision: 3 }));
    git.beforeWrite(() => git.put(live, { 'other.yaml': 'a: 1' }));
    await target.apply(canary);
    expect(git.text(live, 'other.yaml')).toBe('a: 1');
    const other = openMemoryGit({ [file]: route });
    const newer = openManifestTarget(gateway, { name: 'careful', definition }, { forge: other.forge, runProcess, env: {}, cwd: '/' });
    await newer.apply(wish({ revision: 12 }));
    git.beforeWrite(() => git.put(live, { [file]: other.text(live, file) ?? '' }));
    await expect(open().apply({ ...canary, revision: 10, percent: 50 })).rejects.toMatchObject({ code: 'TARGET_REFUSED' });
    expect(git.text(live, file)).toContain('"revision":12');
  });

  it('gives up on a branch that never stands still', async () => {
    const { git, target } = opened();
    await target.apply(wish());
    let count = 0;
    const disturb = () => {
      git.put(live, { 'other.yaml': `a: ${++count}` });
      git.beforeWrite(disturb);
    };
    git.beforeWrite(disturb);
    await expect(target.apply(canary)).rejects.toMatchObject({ name: 'InfrastructureError', code: 'TARGET_UNREACHABLE' });
    expect(count).toBe(5);
  });

  it('tells of a change by hand, and puts it right', async () => {
    const { git, target } = opened();
    await target.apply(canary);
    const text = git.text(live, file) ?? '';
    git.put(live, { [file]: text.replace('weight: 30', 'weight: 90') });
    expect(isAsDesired(canary, await target.observe(canary))).toBe(false);
    await target.apply(canary);
    expect(git.text(live, file)).toBe(text);
    expect(isAsDesired(canary, await target.observe(canary))).toBe(true);
  });

  it('knows nothing before the first wish, and nothing of what it did not write', async () => {
    const { git, target } = opened();
    const unknown = { stable: null, candidate: null, percent: null, mirror: null };
    expect(await target.observe(canary)).toEqual(unknown);
    git.put(live, { [file]: `${'#'.repeat(20)}\n# weighin: {"kind":"gateway-api","percent":"x"}\n${route}` });
    expect(await target.observe(canary)).toEqual(unknown);
    git.put(live, { [file]: `# x\n# weighin: ${'['.repeat(5000)}\n` });
    expect(await target.observe(canary)).toEqual(unknown);
  });

  it('leaves a file alone that shows another stage', async () => {
    const { git, target, open } = opened();
    await target.apply(canary);
    const before = git.text(live, file);
    await expect(open().apply(wish({ stage: 'staging' }))).rejects.toMatchObject({ code: 'MANIFEST_TAKEN', location: { file } });
    expect(git.text(live, file)).toBe(before);
  });

  it('writes nothing where the manifest is not there or not right', async () => {
    for (const [main, code] of [
      [{ 'README.md': 'x' }, 'MANIFEST_NOT_FOUND'],
      [{ [file]: 'a: [' }, 'MANIFEST_NOT_YAML'],
      [{ [file]: 'a: 1' }, 'MANIFEST_KIND'],
    ] as const) {
      const { git, target } = opened(gateway, main);
      await expect(target.apply(canary)).rejects.toMatchObject({ name: 'UserError', code, location: { file } });
      expect(git.messages).toEqual([]);
    }
  });

  it('removes what templates do not give any more, and what is not its own stays', async () => {
    const template: ManifestTargetConfig = { kind: 'template', files: ['deploy/*.hbs'], into: 'prod', values: {} };
    const config = (name: string, data: string) => `apiVersion: v1\nkind: ConfigMap\nmetadata: {name: ${name}}\ndata: {a: "${data}"}\n`;
    const { git, target } = opened(template, {
      'deploy/route.hbs': config('route', '{{percent}}'),
      'deploy/candidate.hbs': `{{#if candidate}}${config('candidate', '{{candidate.version}}')}{{/if}}`,
    });
    git.put(live, { 'prod/by-hand.yaml': 'a: 1' });
    await target.apply(canary);
    expect(git.paths(live).sort()).toEqual(['prod/by-hand.yaml', 'prod/candidate.yaml', 'prod/route.yaml']);
    await target.apply(wish({ revision: 8 }));
    expect(git.paths(live).sort()).toEqual(['prod/by-hand.yaml', 'prod/route.yaml']);
    await expect(opened(template, { 'deploy/a.txt': '' }).target.apply(canary)).rejects.toMatchObject({ code: 'MANIFEST_NOT_FOUND' });
  });
});

describe('apply', () => {
  const folder = ownFolder('apply');
  const applying = (apply: string) => opened({ ...gateway, apply }, { [file]: route }, folder);

  it('gets the manifest on standard input, the versions and no token', async () => {
    const { git, open } = applying('cat > seen.yaml; env > env.txt');
    const target = open({ GITHUB_TOKEN: 'ghs_secret', WEIGHIN_ADMIN_TOKEN: 'secret', KUBECONFIG: 'kube' });
    expect(await target.observe(canary)).toEqual({ stable: null, candidate: null, percent: null, mirror: null });
    await target.apply(canary);
    expect(await readFile(join(folder, 'seen.yaml'), 'utf8')).toContain('churn-v12');
    const env = await readFile(join(folder, 'env.txt'), 'utf8');
    expect(env).toMatch(/^KUBECONFIG=kube$/m);
    expect(env).toMatch(/^WEIGHIN_CANDIDATE=v12$/m);
    expect(env).not.toContain('secret');
    expect(isAsDesired(canary, await target.observe(canary))).toBe(true);
    expect(git.paths(live)).toEqual([]);
    await expect(target.apply(wish({ revision: 6 }))).rejects.toMatchObject({ code: 'TARGET_REFUSED' });
  });

  it('goes back to stable with GitHub away, by the manifest that it has read', async () => {
    const { git, target } = applying('cat > seen.yaml');
    await target.apply(canary);
    git.breakOff(0);
    await target.apply(wish({ revision: 8 }));
    expect(await readFile(join(folder, 'seen.yaml'), 'utf8')).toBe(route);
    await expect(applyingAway().apply(canary)).rejects.toMatchObject({ code: 'TARGET_UNREACHABLE' });
    function applyingAway() {
      const other = applying('true');
      other.git.breakOff(0);
      return other.target;
    }
  });

  it('says what the command said in its last lines, without what a terminal would obey', async () => {
    const { target } = applying("for i in 1 2 3 4 5 6 7; do echo line $i; done; printf '\\033[31mno\\033[0m such host' >&2; exit 3");
    const error: unknown = await target.apply(canary).catch((reason: unknown) => reason);
    expect(error).toBeInstanceOf(InfrastructureError);
    expect(error).toMatchObject({ code: 'TARGET_REFUSED' });
    const { message } = error as InfrastructureError;
    expect(message).toMatch(/exited with 3: .*line 7/);
    expect(message).toContain('no such host');
    expect(message).not.toContain('line 1 ');
    expect(message).not.toContain('\u001b');
    expect(await target.observe(canary)).toMatchObject({ percent: null });
  });

  it('does not wait for a command that does not read', async () => {
    const { target } = applying('exec <&-; true');
    await target.apply(canary);
    expect(await target.observe(canary)).toMatchObject({ percent: 30 });
  });
});
