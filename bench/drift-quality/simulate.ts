import { appendFileSync, existsSync, readFileSync } from 'node:fs';
import { cellName, cells } from './cells.ts';
import { createDrawer } from './draw-cell.ts';
import { judgeDefault } from './judge-default.ts';
import { judgeEvidently, judgeKs } from './judge-peers.ts';

/**
 * Plays cells and writes one line of JSON each to a file, so that a long simulation goes on where it was stopped.
 * usage: simulate.mjs OUT.jsonl RUNS [--part K/M] [--only TEXT]
 */
const [out = '', runsText = '2000', ...options] = process.argv.slice(2);
const option = (name: string) => (options.includes(name) ? options[options.indexOf(name) + 1] : undefined);
const runs = Number(runsText);
const [part = 0, parts = 1] = (option('--part') ?? '0/1').split('/').map(Number);
const only = option('--only');

const judges = { default: judgeDefault, evidently: judgeEvidently, ks: judgeKs };
const done = new Set(
  existsSync(out)
    ? readFileSync(out, 'utf8')
        .trim()
        .split('\n')
        .filter(Boolean)
        .map((line) => (JSON.parse(line) as { cell: string }).cell)
    : [],
);

for (const [index, cell] of cells.entries()) {
  const name = cellName(cell);
  if (index % parts !== part || done.has(name) || (only !== undefined && !name.includes(only))) continue;
  const begun = performance.now();
  const draw = createDrawer(cell);
  const alarms = { default: 0, evidently: 0, ks: 0 };
  for (let run = 0; run < runs; run++) {
    const tables = draw(1_000_003 * (index + 1) + run);
    for (const [method, judge] of Object.entries(judges)) if (judge(tables)) alarms[method as keyof typeof alarms]++;
  }
  const seconds = (performance.now() - begun) / 1000;
  appendFileSync(out, `${JSON.stringify({ cell: name, ...cell, runs, alarms, seconds: Math.round(seconds * 10) / 10 })}\n`);
  process.stderr.write(
    `${name}: default ${share(alarms.default)}, Evidently ${share(alarms.evidently)}, KS ${share(alarms.ks)} (${seconds.toFixed(1)} s)\n`,
  );
}

function share(count: number): string {
  return (count / runs).toFixed(3);
}
