import type { ExperimentResult } from '../shared/rollout/ab/judge-experiment.ts';
import { adviceOf } from '../shared/rollout/ab/render-experiment.ts';
import { formatCount, formatFixed, formatPercent } from '../shared/words/format-number.ts';
import { visibleText } from '../shared/words/visible-text.ts';
import type { CommandIo } from './command.ts';

/** The advice first, then the arms. */
export function printExperiment(result: ExperimentResult, { colors, print }: CommandIo): void {
  const { verdict, control, treatments, metric } = result;
  const mark = verdict === 'promote' ? colors.green('✓') : verdict === 'inconclusive' ? colors.yellow('!') : colors.dim('·');
  // The same line as the comment's, without its Markdown.
  print(
    `${mark} ${visibleText(
      adviceOf(result)
        .markdown.replaceAll(/\*\*|`/g, '')
        .replaceAll(/\\(.)/g, '$1'),
    )}`,
  );
  const rows = [
    ['arm', 'users', visibleText(metric), 'difference', 'interval', 'relative', 'p', ''],
    [visibleText(control.name), formatCount(control.units), number(control.value), '', '', '', '', ''],
    ...treatments.map((each) => [
      visibleText(each.name),
      formatCount(each.units),
      number(each.treatment),
      number(each.difference),
      each.interval ? `${number(each.interval[0])} … ${number(each.interval[1])}` : '–',
      each.lift === null ? 'undefined' : `${each.lift < 0 ? '−' : '+'}${formatPercent(Math.abs(each.lift))}`,
      each.p === null ? '–' : each.p < 0.0001 ? '< .0001' : formatFixed(each.p, 4),
      each.verdict ?? (result.state === 'running' ? 'running' : ''),
    ]),
  ];
  const widths = rows[0]!.map((_, column) => Math.max(...rows.map((row) => row[column]!.length)));
  for (const [at, row] of rows.entries()) {
    const line = row.map((cell, column) => (column === 0 ? cell.padEnd(widths[0]!) : cell.padStart(widths[column]!))).join('  ');
    print(`  ${at === 0 ? colors.dim(line) : line}`.trimEnd());
  }
  for (const { name, guardrails } of treatments)
    for (const rail of guardrails)
      print(
        `  ${colors.dim(`guardrail ${visibleText(rail.name)} of ${visibleText(name)}: ${number(rail.difference)}, margin ${number(rail.margin)}: ${rail.outcome}`)}`,
      );
  if (verdict !== 'inconclusive') {
    const { p } = result.sampleRatio;
    print(`  ${colors.dim(`users split as planned${p === null ? '' : ` (p ${formatFixed(p, 3)})`}`)}`);
  }
}

const number = (value: number | null) => (value === null ? '–' : formatFixed(value, 4));
