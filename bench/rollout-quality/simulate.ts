import { appendFileSync, existsSync, readFileSync } from 'node:fs';
import { drawRun } from './draw-run.ts';
import { type Judge, judgeArgo, judgeArgoConsecutive, judgeFlagger, judgeKayenta, judgePlain } from './judge-peers.ts';
import { judgeWeighin, withHardLimit } from './judge-weighin.ts';
import { scenarios } from './scenarios.ts';

/**
 * Plays scenarios and writes one line of JSON each to a file, so that a long simulation goes on where it was stopped.
 * usage: simulate.mjs OUT.jsonl HEALTHY_RUNS WORSE_RUNS
 */
const [out = '', healthyRuns = '2000', worseRuns = '500'] = process.argv.slice(2);
const judges: Readonly<Record<string, Judge>> = {
  plain: judgePlain,
  'argo 0': judgeArgo(0),
  'argo 3': judgeArgo(3),
  'argo row 4': judgeArgoConsecutive(4),
  'flagger 1m 5': judgeFlagger(1, 5),
  'flagger 5m 10': judgeFlagger(5, 10),
  'kayenta sliding': judgeKayenta('sliding'),
  'kayenta growing': judgeKayenta('growing'),
};
const done = new Set(
  existsSync(out)
    ? readFileSync(out, 'utf8')
        .trim()
        .split('\n')
        .filter(Boolean)
        .map((line) => JSON.parse(line).key)
    : [],
);

for (const [index, scenario] of scenarios.entries()) {
  const key = `${scenario.name} ${scenario.perHour}`;
  if (done.has(key)) continue;
  const runs = Number(scenario.healthy ? healthyRuns : worseRuns);
  const begun = performance.now();
  const found = Object.fromEntries(
    ['weighin', 'weighin hardMax', ...Object.keys(judges)].map((name) => [
      name,
      { rollback: 0, pause: 0, requestsStopped: 0, minutesStopped: 0, requestsAll: 0 },
    ]),
  );
  for (let run = 0; run < runs; run++) {
    const drawn = drawRun(scenario, 1_000_003 * (index + 1) + run);
    const served = [0];
    for (const { m } of drawn.minutes) served.push(served.at(-1)! + m);
    const own = judgeWeighin(drawn);
    const verdicts = [
      ['weighin', own],
      ['weighin hardMax', withHardLimit(drawn, own)],
      ...Object.entries(judges).map(([name, judge]) => [name, judge(drawn)] as const),
    ] as const;
    for (const [name, { stopped, minute }] of verdicts) {
      const cell = found[name]!;
      if (stopped) cell[stopped]++;
      if (stopped === 'rollback') {
        cell.requestsStopped += served[minute]!;
        cell.minutesStopped += minute;
      }
      // Who does not roll back has served the whole rollout.
      cell.requestsAll += stopped === 'rollback' ? served[minute]! : served.at(-1)!;
    }
  }
  const seconds = Math.round((performance.now() - begun) / 100) / 10;
  const { name, perHour, healthy, clump } = scenario;
  appendFileSync(out, `${JSON.stringify({ key, name, perHour, healthy, clump, runs, found, seconds })}\n`);
  process.stderr.write(
    `${key}: ${Object.entries(found)
      .map(([judge, { rollback }]) => `${judge} ${(rollback / runs).toFixed(3)}`)
      .join(', ')} (${seconds} s)\n`,
  );
}
