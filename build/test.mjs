import { spawnSync } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { build } from './build.mjs';
import { installIfNeeded } from './install.mjs';
import { root, stop } from './project.mjs';

/**
 * `npm test`: install if needed, build, types, style, tests. `--full` adds the tests that need tools from outside npm
 * (they fail, never skip, where one is missing). The last line counts: `N passed, N failed`.
 */
const full = process.argv.includes('--full');
const filters = process.argv.slice(2).filter((argument) => argument !== '--full');

installIfNeeded();
await build();

for (const [tool, ...args] of [
  ['typescript/bin/tsc', '--noEmit'],
  ['@biomejs/biome/bin/biome', 'check', '.'],
]) {
  const { status } = spawnSync(process.execPath, [join(root, 'node_modules', tool), ...args], { cwd: root, stdio: 'inherit' });
  if (status !== 0) {
    console.log('0 passed, 1 failed');
    process.exit(1);
  }
}

const folder = mkdtempSync(join(tmpdir(), 'weighin-test-'));
const results = join(folder, 'results.json');
const { status } = spawnSync(
  process.execPath,
  [
    join(root, 'node_modules/vitest/vitest.mjs'),
    'run',
    '--reporter=default',
    '--reporter=json',
    `--outputFile.json=${results}`,
    ...filters,
  ],
  { cwd: root, stdio: 'inherit', env: { ...process.env, ...(full ? { WEIGHIN_TEST_FULL: '1' } : {}) } },
);
let counts;
try {
  counts = JSON.parse(readFileSync(results, 'utf8'));
} catch {
  stop('The tests ended without a result.');
} finally {
  rmSync(folder, { recursive: true, force: true });
}
// A file that does not load has no test to count: it is one failure of its own.
const broken = counts.testResults.filter((file) => file.status === 'failed' && file.assertionResults.length === 0).length;
const failed = counts.numFailedTests + broken;
console.log(`${counts.numPassedTests} passed, ${failed} failed`);
process.exit(status !== 0 || failed > 0 || counts.numPassedTests === 0 ? 1 : 0);
