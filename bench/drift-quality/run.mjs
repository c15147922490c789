/**
 * How often drift is told where there is none, and where there is some: by simulation, seeded, for the default, Evidently's preset and a
 * single Kolmogorov-Smirnov test a column. Goes on where an earlier run stopped; the table is written at the end.
 * usage: node bench/drift-quality/run.mjs [--runs 2000] [--out bench/drift-quality/cells.jsonl] [--processes 2] [--only TEXT]
 */
import { spawn } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { fileURLToPath } from 'node:url';
import { build } from 'rolldown';
import { tableOf } from './table.mjs';

const here = fileURLToPath(new URL('.', import.meta.url));
const option = (name, fallback) => (process.argv.includes(name) ? process.argv[process.argv.indexOf(name) + 1] : fallback);
const out = resolve(option('--out', join(here, 'cells.jsonl')));
const processes = Number(option('--processes', '2'));
const only = option('--only', null);

const folder = mkdtempSync(join(here, '..', '..', 'node_modules', '.bench-'));
try {
  await build({
    input: join(here, 'simulate.ts'),
    platform: 'node',
    output: { dir: folder, format: 'esm', entryFileNames: 'simulate.mjs' },
    logLevel: 'silent',
  });
  const words = (part) => [
    join(folder, 'simulate.mjs'),
    out,
    option('--runs', '2000'),
    '--part',
    `${part}/${processes}`,
    ...(only ? ['--only', only] : []),
  ];
  await Promise.all(Array.from({ length: processes }, (_, part) => run(words(part))));
  const lines = readFileSync(out, 'utf8')
    .trim()
    .split('\n')
    .map((line) => JSON.parse(line));
  writeFileSync(join(here, 'RESULTS.md'), tableOf(lines, readFileSync(join(here, 'ABOUT.md'), 'utf8').trim()));
} finally {
  rmSync(folder, { recursive: true, force: true });
}

function run(words) {
  return new Promise((done, failed) => {
    const child = spawn(process.execPath, words, { stdio: ['ignore', 'inherit', 'inherit'] });
    child.on('error', failed);
    child.on('close', (status) => (status === 0 ? done() : failed(new Error(`the simulation ended with ${status}`))));
  });
}
