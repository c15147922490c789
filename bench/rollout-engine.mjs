/**
 * 1,000 rollouts reduced at one tick, each with a reading of two metrics whose buckets are whole: milliseconds, of several ticks and processes.
 * usage: node bench/rollout-engine.mjs [--rollouts 1000] [--ticks 30] [--runs 3]
 */
import { spawnSync } from 'node:child_process';
import { mkdtempSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { build } from 'rolldown';

const here = fileURLToPath(new URL('.', import.meta.url));
const options = process.argv.slice(2);
const option = (name, fallback) => (options.includes(name) ? options[options.indexOf(name) + 1] : fallback);

const folder = mkdtempSync(join(here, '..', 'node_modules', '.bench-'));
try {
  await build({
    input: join(here, 'rollout-engine-one.ts'),
    platform: 'node',
    output: { dir: folder, format: 'esm', entryFileNames: 'rollout-engine-one.mjs', chunkFileNames: '[name]-[hash].mjs' },
    logLevel: 'silent',
  });
  for (let run = 0; run < Number(option('--runs', '3')); run++) {
    const args = [join(folder, 'rollout-engine-one.mjs'), option('--rollouts', '1000'), option('--ticks', '30')];
    const done = spawnSync(process.execPath, args, { encoding: 'utf8' });
    if (done.status !== 0) throw new Error(`The measurement ended with ${done.status}: ${done.stderr}`);
    const { rollouts, ticks, cpuMs, medianMs, slowestMs, coldestMs, fromGitMs, bytes } = JSON.parse(done.stdout);
    const ms = (value) => `${value.toFixed(1)} ms`;
    console.log(
      `${rollouts} rollouts, ${ticks} ticks: median ${ms(medianMs)} (${ms(cpuMs)} of processor time), slowest ${ms(slowestMs)}, first ${ms(coldestMs)}; checked as from Git ${ms(fromGitMs)}, ${bytes} bytes each`,
    );
  }
} finally {
  rmSync(folder, { recursive: true, force: true });
}
