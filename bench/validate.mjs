/**
 * Whole processes: 3 M rows × 20 columns validated by weighin and by Great Expectations with the same rules, medians.
 * usage: node bench/validate.mjs FLIGHTS.parquet [--runs 5] [--peer "PYTHON SCRIPT.py"] [--peer-runs 3] [--cli]
 * --cli measures `dist/cli.js validate` instead of the library alone.
 */
import { spawnSync } from 'node:child_process';
import { mkdtempSync, rmSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { fileURLToPath } from 'node:url';
import { build } from 'rolldown';

const here = fileURLToPath(new URL('.', import.meta.url));
const [data, ...options] = process.argv.slice(2);
if (!data) throw new Error('usage: node bench/validate.mjs FLIGHTS.parquet [--runs 5] [--peer "PYTHON SCRIPT.py"] [--peer-runs 3] [--cli]');
const option = (name, fallback) => (options.includes(name) ? options[options.indexOf(name) + 1] : fallback);
const contract = join(here, 'flights.odcs.yaml');

// Inside the checkout, so that the natives are found.
const folder = mkdtempSync(join(here, '..', 'node_modules', '.bench-'));
try {
  const entry = join(folder, 'validate-one.mjs');
  await build({
    input: join(here, 'validate-one.ts'),
    platform: 'node',
    external: [/^@duckdb\//],
    output: { dir: folder, format: 'esm', entryFileNames: 'validate-one.mjs' },
    logLevel: 'silent',
  });
  const ours = options.includes('--cli')
    ? [process.execPath, join(here, '..', 'dist', 'cli.js'), 'validate', '--data', resolve(data), '--contract', contract]
    : [process.execPath, entry, resolve(data), contract];
  const mine = measure(ours, Number(option('--runs', '5')));
  console.log(`weighin ${show(mine)}  ${mine.output.trim().slice(0, 300)}`);

  const peer = option('--peer');
  if (peer) {
    const theirs = measure([...peer.split(' '), resolve(data)], Number(option('--peer-runs', '3')));
    console.log(`peer    ${show(theirs)}  ${theirs.output.trim().split('\n').at(-1)?.slice(0, 300)}`);
    console.log(`ratio   ${(theirs.median / mine.median).toFixed(1)} ×`);
  }
} finally {
  rmSync(folder, { recursive: true, force: true });
}

function measure([command, ...args], runs) {
  const seconds = [];
  let output = '';
  for (let run = 0; run < runs; run++) {
    const begun = process.hrtime.bigint();
    const done = spawnSync(command, args, { encoding: 'utf8', maxBuffer: 1 << 26 });
    seconds.push(Number(process.hrtime.bigint() - begun) / 1e9);
    if (done.status !== 0) throw new Error(`${command} ${args.join(' ')} ended with ${done.status}: ${done.stderr}`);
    output = done.stdout;
  }
  seconds.sort((a, b) => a - b);
  return { seconds, median: seconds[Math.floor(seconds.length / 2)], output };
}

function show({ seconds, median }) {
  return `${median.toFixed(2)} s (${seconds.map((value) => value.toFixed(2)).join(', ')})`;
}
