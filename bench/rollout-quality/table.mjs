const names = {
  weighin: '**Weighin**',
  'weighin hardMax': 'with `hardMax` .05',
  plain: 'plain rule, hourly',
  'argo 0': 'Argo, failureLimit 0',
  'argo 3': 'Argo, failureLimit 3',
  'argo row 4': 'Argo, 4 in a row',
  'flagger 1m 5': 'Flagger, 1 min, 5',
  'flagger 5m 10': 'Flagger, 5 min, 10',
  'kayenta sliding': 'Kayenta, each hour',
  'kayenta growing': 'Kayenta, growing',
};
const judges = Object.keys(names);
const number = (value) => Math.round(value).toLocaleString('en-US');
const share = (count, runs) => (count === runs ? '1' : (count / runs).toFixed(3).replace(/^0/, ''));

/** bench/rollout-quality/RESULTS.md, from one line a scenario. */
export function tableOf(lines, facts) {
  const healthy = lines.filter((line) => line.healthy);
  const rates = [...new Set(lines.map(({ perHour }) => perHour))];
  const parts = [
    `## Healthy candidates: share rolled back\n\nEvery one is a false rollback. After the slash: paused.\n\n${table(
      ['requests an hour', 'case', ...judges.map((judge) => names[judge])],
      healthy.map((line) => [
        number(line.perHour),
        line.name,
        ...judges.map((judge) => {
          const { rollback, pause } = line.found[judge];
          return `${share(rollback, line.runs)}${pause > 0 ? ` / ${share(pause, line.runs)}` : ''}`;
        }),
      ]),
    )}`,
    ...rates.map((rate) => {
      const worse = lines.filter((line) => line.perHour === rate && !line.healthy);
      const usual = healthy.find((line) => line.perHour === rate && line.name === 'healthy');
      const holds = judges.filter((judge) => usual && usual.found[judge].rollback / usual.runs <= 0.05);
      return `## Worse candidates, ${number(rate)} requests an hour\n\nHold 5 % of false rollbacks here: ${holds.map((judge) => names[judge].replaceAll('**', '')).join('; ')}.\n\n${table(
        ['case', ...judges.map((judge) => names[judge])],
        worse.map((line) => [line.name, ...judges.map((judge) => cell(line.found[judge], line.runs, holds.includes(judge)))]),
      )}`;
    }),
    goals(lines),
  ];
  return `# Rollbacks, wanted and not\n\n${facts}\n\n${parts.join('\n\n')}\n`;
}

/** Share caught · mean requests of the candidate, missed runs counted whole · mean minutes of the runs that were caught. */
function cell({ rollback, requestsAll, minutesStopped }, runs, holds) {
  const text = `${share(rollback, runs)} · ${number(requestsAll / runs)}${rollback > 0 ? ` · ${Math.round(minutesStopped / rollback)} min` : ''}`;
  return holds ? text : `<sub>${text}</sub>`;
}

function goals(lines) {
  const noisy = lines.filter((line) => line.healthy && line.found.plain.rollback / line.runs > 0.2);
  const worst = noisy.map(
    (line) =>
      `${line.name} at ${number(line.perHour)}: ${share(line.found.weighin.rollback, line.runs)} (plain ${share(line.found.plain.rollback, line.runs)})`,
  );
  const triples = lines.filter((line) => line.name === '×3');
  const races = triples.map((line) => {
    const usual = lines.find((other) => other.perHour === line.perHour && other.name === 'healthy');
    const rivals = judges
      .filter((judge) => !judge.startsWith('weighin') && usual.found[judge].rollback / usual.runs <= 0.05)
      .map((judge) => ({ judge, requests: line.found[judge].requestsAll / line.runs }))
      .sort((a, b) => a.requests - b.requests);
    const own = line.found.weighin.requestsAll / line.runs;
    const best = rivals[0];
    return `${number(line.perHour)} an hour: ${number(own)}; ${best ? `best rival ${number(best.requests)} (${names[best.judge]})` : 'no rival holds 5 %'}`;
  });
  return `## The goals\n\n- At most 1 % false rollbacks where the plain rule has over 20 %:\n${worst.map((text) => `  - ${text}`).join('\n')}\n- ×3 caught with no more requests than any rival that holds 5 % at the same traffic:\n${races.map((text) => `  - ${text}`).join('\n')}`;
}

function table(head, rows) {
  const line = (cells) => `| ${cells.join(' | ')} |`;
  return [line(head), `|${head.map(() => ':--|').join('')}`, ...rows.map(line)].join('\n');
}
