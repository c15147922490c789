const shiftNames = (shift) => (shift === null ? 'none' : shift.kind === 'mean' ? `${shift.sd} sd` : `${shift.points * 100} points`);
const titles = {
  independent: 'Independent columns, rows independent',
  correlated: 'Correlated columns (every pair ρ = .5)',
  'days-differ': 'Days differ (fourteen days of 1,000 rows against one of n; a mean moves by .08 sd a day, a share by 3 points)',
};

/** The table of bench/drift-quality/RESULTS.md, from one line a cell. */
export function tableOf(lines, facts) {
  const parts = [];
  for (const [scenario, title] of Object.entries(titles)) {
    for (const columns of [10, 100]) {
      const own = lines.filter((line) => line.scenario === scenario && line.columns === columns);
      if (own.length > 0) parts.push(`### ${title}, ${columns} columns\n\n${oneTable(own)}`);
    }
  }
  return `# How often drift is told, with and without any\n\n${facts}\n\n${parts.join('\n\n')}\n`;
}

function oneTable(lines) {
  const sizes = [...new Set(lines.map(({ n }) => n))].sort((a, b) => a - b);
  const moved = [...new Set(lines.map(({ shift }) => shiftNames(shift)))];
  const head = `| rows a side | ${moved.map((name) => (name === 'none' ? '**no drift**' : name)).join(' | ')} |\n|--:|${moved.map(() => '--:|').join('')}`;
  const rows = sizes.map((n) => {
    const found = moved.map((name) => cell(lines.find((line) => line.n === n && shiftNames(line.shift) === name)));
    return `| ${n.toLocaleString('en-US')} | ${found.join(' | ')} |`;
  });
  return [head, ...rows].join('\n');
}

/** Default · Evidently · KS. */
function cell(line) {
  if (!line) return '–';
  const share = (count) => (count / line.runs).toFixed(3).replace(/^0/, '');
  const { default: own, evidently, ks } = line.alarms;
  return `**${share(own)}** · ${share(evidently)} · ${share(ks)}`;
}
