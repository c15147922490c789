/**
 * Whole processes: a paired bootstrap of roc_auc on a file of predictions (columns y, candidate, baseline) by weighin and by
 * scikit-learn, milliseconds a resample, medians. The peer does fewer resamples (2,000 would take half an hour); its own clock
 * around the loop is what counts for it, the whole process for weighin.
 * usage: node bench/bootstrap.mjs PREDICTIONS.parquet [--resamples 2000] [--runs 5] [--peer "PYTHON evaluate_sklearn.py"] [--peer-resamples 20] [--peer-runs 5]
 */
import { spawnSync } from 'node:child_process';
import { mkdtempSync, rmSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { fileURLToPath } from 'node:url';
import { build } from 'rolldown';

const here = fileURLToPath(new URL('.', import.meta.url));
const [data, ...options] = process.argv.slice(2);
if (!data) throw new Error('usage: node bench/bootstrap.mjs PREDICTIONS.parquet [--resamples 2000] [--runs 5] [--peer "PYTHON SCRIPT.py"]');
const option = (name, fallback) => (options.includes(name) ? options[options.indexOf(name) + 1] : fallback);
const resamples = Number(option('--resamples', '2000'));

// Inside the checkout, so that the natives are found.
const folder = mkdtempSync(join(here, '..', 'node_modules', '.bench-'));
try {
  const entry = join(folder, 'bootstrap-one.mjs');
  await build({
    input: join(here, 'bootstrap-one.ts'),
    platform: 'node',
    external: [/^@duckdb\//],
    output: { dir: folder, format: 'esm', entryFileNames: 'bootstrap-one.mjs' },
    logLevel: 'silent',
  });
  const mine = [];
  const loop = [];
  let ours;
  for (let run = 0; run < Number(option('--runs', '5')); run++) {
    const begun = process.hrtime.bigint();
    ours = JSON.parse(spawn([process.execPath, entry, resolve(data), String(resamples)]));
    mine.push(Number(process.hrtime.bigint() - begun) / 1e6 / resamples);
    loop.push(ours.bootstrap / resamples);
  }
  console.log(`weighin ${show(mine)} whole process; the loop alone ${show(loop)}; processor ${(ours.processor / resamples).toFixed(2)} ms`);
  console.log(`        roc_auc ${ours.metrics.roc_auc.join(' and ')}, interval ${ours.interval.join(' … ')}`);

  const peer = option('--peer');
  if (peer) {
    const count = Number(option('--peer-resamples', '20'));
    const theirs = [];
    let found;
    for (let run = 0; run < Number(option('--peer-runs', '5')); run++) {
      found = JSON.parse(
        spawn([...peer.split(' '), resolve(data), String(count)])
          .trim()
          .split('\n')
          .at(-1),
      );
      theirs.push((found.bootstrap_s * 1000) / count);
    }
    console.log(`peer    ${show(theirs)} the loop alone\nratio   ${(median(theirs) / median(mine)).toFixed(1)} ×`);
    for (const [name, values] of Object.entries(ours.metrics)) {
      const apart = values.map((value, i) => Math.abs(value / found[name][i] - 1));
      console.log(`        ${name} differs by ${Math.max(...apart).toExponential(1)} relative`);
    }
  }
} finally {
  rmSync(folder, { recursive: true, force: true });
}

function spawn([command, ...args]) {
  const done = spawnSync(command, args, { encoding: 'utf8', maxBuffer: 1 << 26 });
  if (done.status !== 0) throw new Error(`${command} ${args.join(' ')} ended with ${done.status}: ${done.stderr}`);
  return done.stdout;
}

function median(values) {
  return values.toSorted((a, b) => a - b)[Math.floor(values.length / 2)];
}

function show(values) {
  return `${median(values).toFixed(2)} ms a resample (${values.map((value) => value.toFixed(2)).join(', ')})`;
}
