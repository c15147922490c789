import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { root } from './project.mjs';

/**
 * package.json and package-lock.json for dist/: the native modules alone, at the versions and integrity of this repository's own
 * lock, so that an Action installs what was tested and nothing else.
 */
export function nativeManifests() {
  const { name, version, dependencies, engines } = JSON.parse(readFileSync(join(root, 'package.json'), 'utf8'));
  const { packages } = JSON.parse(readFileSync(join(root, 'package-lock.json'), 'utf8'));
  const manifest = { name: `${name}-dist`, version, private: true, type: 'module', engines, dependencies };

  const kept = new Map();
  const visit = (path) => {
    const found = packages[path];
    if (!found || kept.has(path)) return;
    const { dev: _dev, ...entry } = found;
    kept.set(path, entry);
    for (const needed of Object.keys({ ...found.dependencies, ...found.optionalDependencies })) visit(resolve(path, needed, packages));
  };
  for (const direct of Object.keys(dependencies)) visit(`node_modules/${direct}`);

  const lock = {
    name: manifest.name,
    version,
    lockfileVersion: 3,
    requires: true,
    packages: { '': manifest, ...Object.fromEntries([...kept].sort(([a], [b]) => (a < b ? -1 : 1))) },
  };
  return { manifest, lock };
}

/** Node's own search: the nearest node_modules on the way up. */
function resolve(from, needed, packages) {
  for (let base = from; ; base = base.slice(0, Math.max(0, base.lastIndexOf('/node_modules/')))) {
    const path = base ? `${base}/node_modules/${needed}` : `node_modules/${needed}`;
    if (packages[path] || !base) return path;
    if (!base.includes('/node_modules/')) return `node_modules/${needed}`;
  }
}
