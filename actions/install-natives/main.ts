import { dirname } from 'node:path';
import { fileURLToPath } from 'node:url';
import * as core from '@actions/core';
import { installNatives } from '../../shared/adapters/github/install-natives.ts';
import { InfrastructureError } from '../../shared/errors.ts';

try {
  const store = process.env['WEIGHIN_NATIVES'];
  if (!store) throw new InfrastructureError('NATIVES_NOT_INSTALLED', 'WEIGHIN_NATIVES does not say where the native modules are kept.');
  const dist = dirname(fileURLToPath(import.meta.url));
  core.info(await installNatives({ dist, store, platform: process.platform, arch: process.arch }));
} catch (error) {
  core.setFailed(error instanceof InfrastructureError ? `${error.code}: ${error.message}` : String(error));
  process.exitCode = 3;
}
