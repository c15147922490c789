/**
 * How often a healthy candidate is rolled back, and how many requests a bad one gets before it is: by simulation, seeded, for the default
 * rule, for models of Argo Rollouts', Flagger's and Kayenta's, and for the plain one. Goes on where an earlier run stopped.
 * usage: nice -n 19 node bench/rollout-quality/run.mjs [--healthy 2000] [--worse 500] [--out bench/rollout-quality/scenarios.jsonl]
 */
import { spawnSync } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { fileURLToPath } from 'node:url';
import { build } from 'rolldown';
import { tableOf } from './table.mjs';

const here = fileURLToPath(new URL('.', import.meta.url));
const option = (name, fallback) => (process.argv.includes(name) ? process.argv[process.argv.indexOf(name) + 1] : fallback);
const out = resolve(option('--out', join(here, 'scenarios.jsonl')));

const folder = mkdtempSync(join(here, '..', '..', 'node_modules', '.bench-'));
try {
  await build({
    input: join(here, 'simulate.ts'),
    platform: 'node',
    output: { dir: folder, format: 'esm', entryFileNames: 'simulate.mjs' },
    logLevel: 'silent',
  });
  const words = [join(folder, 'simulate.mjs'), out, option('--healthy', '2000'), option('--worse', '500')];
  const { status } = spawnSync(process.execPath, words, { stdio: ['ignore', 'inherit', 'inherit'] });
  if (status !== 0) throw new Error(`the simulation ended with ${status}`);
} finally {
  rmSync(folder, { recursive: true, force: true });
}
const lines = readFileSync(out, 'utf8')
  .trim()
  .split('\n')
  .map((line) => JSON.parse(line));
writeFileSync(join(here, 'RESULTS.md'), tableOf(lines, readFileSync(join(here, 'ABOUT.md'), 'utf8').trim()));
