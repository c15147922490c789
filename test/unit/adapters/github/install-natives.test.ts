import { existsSync, mkdirSync, writeFileSync } from 'node:fs';
import { mkdir, mkdtemp, readdir, readFile, readlink, realpath, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { beforeEach, expect, it } from 'vitest';
import { installNatives } from '../../../../shared/adapters/github/install-natives.ts';

let folder: string;
let dist: string;
let store: string;
let installs: number;
beforeEach(async () => {
  folder = await realpath(await mkdtemp(join(tmpdir(), 'weighin-natives-')));
  dist = join(folder, 'action', 'dist');
  store = join(folder, 'tools', 'weighin-natives', '0.1.0');
  installs = 0;
  await mkdir(dist, { recursive: true });
  await writeFile(join(dist, 'package.json'), JSON.stringify({ dependencies: { 'onnxruntime-node': '1', '@duckdb/node-api': '1' } }));
  await writeFile(join(dist, 'package-lock.json'), 'lock one');
});

const install = (npmCi = fakeNpm, arch = 'x64') =>
  installNatives({
    dist,
    store,
    platform: 'linux',
    arch,
    npmCi: (at) => {
      installs++;
      npmCi(at);
    },
  });
const fakeNpm = (at: string) => {
  for (const name of ['@duckdb/node-api', 'onnxruntime-node']) put(join(at, 'node_modules', name, 'package.json'));
  for (const platform of ['linux/x64', 'linux/arm64', 'darwin/arm64', 'win32/x64'])
    put(join(at, 'node_modules/onnxruntime-node/bin/napi-v6', platform, 'onnxruntime_binding.node'));
};
const put = (path: string) => {
  mkdirSync(join(path, '..'), { recursive: true });
  writeFileSync(path, '{}');
};

it('installs once, keeps one platform, and links the bundles to it', async () => {
  expect(await install()).toContain('installed in');
  expect(await readlink(join(dist, 'node_modules'))).toBe(join(store, 'node_modules'));
  const kept = await readdir(join(dist, 'node_modules/onnxruntime-node/bin/napi-v6'), { recursive: true });
  expect(kept.filter((name) => name.endsWith('.node'))).toEqual([join('linux', 'x64', 'onnxruntime_binding.node')]);
  expect(await readFile(join(store, 'package-lock.json'), 'utf8')).toBe('lock one');
  expect(await install()).toContain('here already');
  expect(installs).toBe(1);
});

it('links what the cache brought back, without the registry', async () => {
  await install();
  await rm(join(dist, 'node_modules'));
  expect(await install()).toContain('kept from an earlier run');
  expect(installs).toBe(1);
});

it.each([
  ['another lock', () => writeFile(join(dist, 'package-lock.json'), 'lock two'), 'x64'],
  ['another processor', () => Promise.resolve(), 'arm64'],
  ['an installation that was cut off', () => rm(join(store, 'complete')), 'x64'],
])('installs again for %s', async (_, change, arch) => {
  await install();
  await rm(join(dist, 'node_modules'));
  await change();
  await install(fakeNpm, arch);
  expect(installs).toBe(2);
});

it('replaces a link to a store that is gone', async () => {
  await install();
  await rm(store, { recursive: true });
  await install();
  expect(existsSync(join(dist, 'node_modules/onnxruntime-node/package.json'))).toBe(true);
});

it('does nothing in a checkout that has them, as in this repository', async () => {
  fakeNpm(join(folder, 'action'));
  expect(await install()).toContain('here already');
  expect(installs).toBe(0);
});

it('leaves nothing half-installed, and says what failed', async () => {
  const broken = (at: string) => {
    put(join(at, 'node_modules/@duckdb/node-api/package.json'));
    throw new Error('disk full');
  };
  await expect(install(broken)).rejects.toMatchObject({ code: 'NATIVES_NOT_INSTALLED', message: expect.stringContaining('disk full') });
  expect(existsSync(store)).toBe(false);
  expect(await readdir(join(folder, 'tools/weighin-natives'))).toEqual([]);
  expect(existsSync(join(dist, 'node_modules'))).toBe(false);
  const incomplete = (at: string) => put(join(at, 'node_modules/@duckdb/node-api/package.json'));
  await expect(install(incomplete)).rejects.toMatchObject({ code: 'NATIVES_NOT_FOUND' });
});
