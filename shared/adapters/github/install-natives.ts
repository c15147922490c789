import { spawnSync } from 'node:child_process';
import { createHash } from 'node:crypto';
import { existsSync, realpathSync } from 'node:fs';
import { copyFile, lstat, mkdir, readdir, readFile, rename, rm, symlink, writeFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { InfrastructureError } from '../../errors.ts';

export interface NativeModules {
  /** Folder of the bundles, with a package.json and a package-lock.json of the native modules alone. */
  readonly dist: string;
  /** Where they are kept between runs; belongs to one version of Weighin. */
  readonly store: string;
  readonly platform: string;
  readonly arch: string;
  readonly npmCi?: (folder: string) => void;
}

/**
 * Makes the native modules resolvable from `dist`: nothing where they are already, a link where an earlier run kept them,
 * else `npm ci` by the release's own lock. Modules of other platforms are thrown away before the store is cached (288 MB, 35 of
 * them used on Linux). Returns what it did, as a line for the log.
 */
export async function installNatives({ dist, store, platform, arch, npmCi = runNpmCi }: NativeModules): Promise<string> {
  const manifest: unknown = JSON.parse(await readFile(join(dist, 'package.json'), 'utf8'));
  const wanted = dependencyNames(manifest);
  if (resolvable(dist, wanted)) return 'Native modules are here already.';

  const lock = await readFile(join(dist, 'package-lock.json'));
  const stamp = createHash('sha256').update(lock).update(`${platform}-${arch}`).digest('hex');
  const kept = await isKept(store, stamp);
  if (!kept) await fill(store, stamp, { dist, platform, arch, npmCi });

  const link = join(dist, 'node_modules');
  // What stands there did not resolve: a link to a store that is gone, or an installation that was cut off.
  if (await lstat(link).catch(() => null)) await rm(link, { recursive: true, force: true });
  await symlink(join(store, 'node_modules'), link, platform === 'win32' ? 'junction' : 'dir');
  if (!resolvable(dist, wanted))
    throw new InfrastructureError(
      'NATIVES_NOT_FOUND',
      `${wanted.join(' and ')} are installed in ${store}, yet Node does not find them from ${dist}.`,
    );
  return kept ? `Native modules are kept from an earlier run in ${store}.` : `Native modules are installed in ${store}.`;
}

/** Fills a draft beside the store and renames it: a store is whole or not there. */
async function fill(store: string, stamp: string, { dist, platform, arch, npmCi }: Required<Omit<NativeModules, 'store'>>) {
  const draft = `${store}.${process.pid}.draft`;
  await rm(draft, { recursive: true, force: true });
  await mkdir(draft, { recursive: true });
  try {
    for (const file of ['package.json', 'package-lock.json']) await copyFile(join(dist, file), join(draft, file));
    npmCi(draft);
    await prune(join(draft, 'node_modules', 'onnxruntime-node', 'bin'), platform, arch);
    await writeFile(join(draft, 'complete'), stamp);
    await rm(store, { recursive: true, force: true });
    await rename(draft, store);
  } catch (cause) {
    // Another job on the same machine may have been quicker.
    if (await isKept(store, stamp)) return;
    if (cause instanceof InfrastructureError) throw cause;
    throw new InfrastructureError('NATIVES_NOT_INSTALLED', `The native modules can't be put in ${store} (${String(cause)}).`, { cause });
  } finally {
    await rm(draft, { recursive: true, force: true });
  }
}

/** ONNX Runtime carries every platform's library in one package: `bin/napi-v6/<platform>/<arch>`. */
async function prune(bin: string, platform: string, arch: string) {
  for (const abi of await list(bin))
    for (const os of await list(join(bin, abi)))
      for (const cpu of await list(join(bin, abi, os)))
        if (os !== platform || cpu !== arch) await rm(join(bin, abi, os, cpu), { recursive: true, force: true });
}

function runNpmCi(folder: string) {
  // The packages' scripts fetch GPU libraries from outside the registry; the CPU's are in the packages.
  const { status, error } = spawnSync('npm', ['ci', '--ignore-scripts', '--no-audit', '--no-fund', '--loglevel=error'], {
    cwd: folder,
    stdio: 'inherit',
    shell: process.platform === 'win32',
  });
  if (status !== 0)
    throw new InfrastructureError(
      'NATIVES_NOT_INSTALLED',
      `npm ci failed in ${dirname(folder)}${error ? ` (${error.message})` : ''}; its message above says why. The registry has to be in reach once a version.`,
    );
}

const isKept = async (store: string, stamp: string) => (await readFile(join(store, 'complete'), 'utf8').catch(() => '')) === stamp;

const list = (folder: string) => readdir(folder).catch(() => []);

/** Node's own search, by hand: asking Node itself would leave a "not found" in its cache for the second time. */
function resolvable(dist: string, names: readonly string[]): boolean {
  const folders: string[] = [];
  for (let folder = realpathSync(dist); !folders.includes(folder); folder = dirname(folder)) folders.push(folder);
  return names.every((name) => folders.some((folder) => existsSync(join(folder, 'node_modules', name, 'package.json'))));
}

function dependencyNames(manifest: unknown): readonly string[] {
  if (typeof manifest !== 'object' || manifest === null || !('dependencies' in manifest)) return [];
  return typeof manifest.dependencies === 'object' && manifest.dependencies !== null ? Object.keys(manifest.dependencies) : [];
}
