import { spawnSync } from 'node:child_process';
import { createHash } from 'node:crypto';
import { existsSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { root, stop } from './project.mjs';

/** Installs exactly what package-lock.json says, unless that is what the last installation did. */
export function installIfNeeded() {
  const [major = 0, minor = 0] = process.versions.node.split('.').map(Number);
  if (major < 20 || (major === 20 && minor < 19)) stop(`Weighin needs Node 20.19 or newer; this is ${process.version}.`);

  const stamp = join(root, 'node_modules', '.weighin-install');
  const wanted = createHash('sha256')
    .update(readFileSync(join(root, 'package-lock.json')))
    .update(`${process.platform}-${process.arch}`)
    .digest('hex');
  if (existsSync(stamp) && readFileSync(stamp, 'utf8') === wanted) return;

  console.error('Installing the packages of package-lock.json (once; about half a minute) …');
  const { status, error } = spawnSync('npm', ['ci', '--no-audit', '--no-fund', '--loglevel=error'], {
    cwd: root,
    // npm writes "added N packages" to stdout: keep stdout for the job's own output.
    stdio: ['ignore', 2, 2],
    // The package's script fetches GPU libraries from outside the registry; the CPU library is already in the package.
    env: { ...process.env, ONNXRUNTIME_NODE_INSTALL: 'skip', ONNXRUNTIME_NODE_INSTALL_CUDA: 'skip' },
    shell: process.platform === 'win32',
  });
  if (status !== 0) stop(`npm ci failed${error ? ` (${error.message})` : ''}. Its message above says why; then run this command again.`);
  writeFileSync(stamp, wanted);
}
