/**
 * Batch scoring: rows a second of weighin and of Python's onnxruntime on the same model and rows, alternating, medians.
 * usage: node bench/score.mjs MODEL.onnx FILE.parquet --columns a,b,c --peer "PYTHON score_onnxruntime.py" [--runs 5] [--json]
 * --columns names the columns of the model's one tensor; the model is then given one input a column, which is what the peer feeds.
 */
import { spawnSync } from 'node:child_process';
import { mkdtempSync, rmSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { fileURLToPath } from 'node:url';
import { build } from 'rolldown';

const here = fileURLToPath(new URL('.', import.meta.url));
const [model, data, ...options] = process.argv.slice(2);
if (!model || !data)
  throw new Error('usage: node bench/score.mjs MODEL.onnx FILE.parquet [--columns a,b] [--peer "PYTHON SCRIPT.py"] [--runs 5]');
const option = (name, fallback) => (options.includes(name) ? options[options.indexOf(name) + 1] : fallback);

// Inside the checkout, so that the natives are found.
const folder = mkdtempSync(join(here, '..', 'node_modules', '.bench-'));
try {
  const entry = join(folder, 'score-one.mjs');
  await build({
    input: join(here, 'score-one.ts'),
    platform: 'node',
    external: [/^@duckdb\//, 'onnxruntime-node'],
    output: { dir: folder, format: 'esm', entryFileNames: 'score-one.mjs' },
    logLevel: 'silent',
  });
  const columns = option('--columns');
  const scored = columns ? join(folder, 'columns.onnx') : resolve(model);
  if (columns) run([process.execPath, entry, 'columns', resolve(model), scored, columns]);

  const peer = option('--peer');
  const mine = [];
  const theirs = [];
  const fromFile = [];
  for (let round = 0; round < Number(option('--runs', '5')); round++) {
    const ours = JSON.parse(run([process.execPath, entry, 'score', scored, resolve(data)]));
    mine.push(ours.rows / ours.s);
    fromFile.push(ours.rows / ours.fromFile);
    if (!peer) continue;
    const found = JSON.parse(
      run([...peer.split(' '), scored, resolve(data)])
        .trim()
        .split('\n')
        .at(-1),
    );
    theirs.push(found.rows / found.s);
  }
  if (options.includes('--json')) console.log(JSON.stringify({ mine, theirs, fromFile }));
  else console.log(`weighin ${show(mine)}; reading the file included ${show(fromFile)}`);
  if (peer && !options.includes('--json')) console.log(`peer    ${show(theirs)}\nratio   ${(median(mine) / median(theirs)).toFixed(3)}`);
} finally {
  rmSync(folder, { recursive: true, force: true });
}

function run([command, ...args]) {
  const done = spawnSync(command, args, { encoding: 'utf8', maxBuffer: 1 << 26 });
  if (done.status !== 0) throw new Error(`${command} ${args.join(' ')} ended with ${done.status}: ${done.stderr}`);
  return done.stdout;
}

function median(values) {
  return values.toSorted((a, b) => a - b)[Math.floor(values.length / 2)];
}

function show(values) {
  return `${Math.round(median(values))} rows/s (${values.map((value) => Math.round(value / 1000)).join(', ')} thousand)`;
}
