import type { Replay } from '../shared/production/replay.ts';
import { formatCount, formatMany, formatPercent } from '../shared/words/format-number.ts';
import { clipText, visibleText } from '../shared/words/visible-text.ts';
import type { CommandIo } from './command.ts';
import { metricTable } from './metric-table.ts';

/** The verdict and what would change first, then what it is worth. */
export function printReplay(replay: Replay, io: Pick<CommandIo, 'colors' | 'print'>): void {
  const { colors, print } = io;
  const paint: Readonly<Record<string, (text: string) => string>> = { pass: colors.green, fail: colors.red, error: colors.red };
  const color = paint[replay.verdict] ?? colors.yellow;
  print(`Verdict: ${color(replay.verdict)}. ${visibleText(replay.headline)}`);
  const { rows, log, agreement, moved, scores } = replay;
  const who = log.answered.map(
    ({ version, variant, rows: count }) =>
      `${formatCount(count)} by ${visibleText(version)}${variant === null ? '' : ` (${visibleText(variant)})`}`,
  );
  if (log.from !== null && log.to !== null)
    print(`  ${colors.dim(`${minute(log.from)} … ${minute(log.to)} UTC: ${who.slice(0, 6).join(', ')}${who.length > 6 ? ' …' : ''}`)}`);
  const out = (
    [
      [rows.degraded, 'answered by a fallback'],
      [rows.shadow, 'by a shadow'],
      [rows.incomplete, 'without an input of the candidate'],
      [rows.unanswered, 'without an answer'],
      [rows.beyondMaximum, 'beyond evaluation.maxRows'],
    ] as const
  ).filter(([count]) => count > 0);
  if (out.length > 0) print(`  ${colors.dim(`left out: ${out.map(([count, why]) => `${formatCount(count)} ${why}`).join(', ')}`)}`);
  if (agreement) {
    const { interval } = agreement;
    const range = interval
      ? `, ${Math.round(interval.level * 100)} % interval ${formatPercent(interval.low)} … ${formatPercent(interval.high)}`
      : '';
    print(`  same decision  ${formatPercent(agreement.share)} (${formatMany(agreement.rows, 'answer')}${range})`);
  }
  for (const { from, to, rows: count, share } of moved.slice(0, 8))
    print(
      `  ${colors.yellow('moved')}          ${clipText(visibleText(from), 24)} → ${clipText(visibleText(to), 24)}  ${formatCount(count)} (${formatPercent(share)})`,
    );
  if (scores) {
    const { interval } = scores;
    const range = interval ? ` (${short(interval.low)} … ${short(interval.high)})` : '';
    print(`  mean           ${short(scores.meanProduction)} → ${short(scores.meanCandidate)}, ${short(scores.meanDifference)}${range}`);
    print(
      `  quantiles      ${scores.quantiles.map(({ share, production, candidate }) => `${share * 100} %: ${short(production)} → ${short(candidate)}`).join('   ')}`,
    );
    print(`  D              ${short(scores.d)}, p ${scores.pValue < 0.001 ? '< 0.001' : scores.pValue.toFixed(3)}`);
  }
  for (const gate of replay.gates) print(`  ${(paint[gate.status] ?? colors.yellow)(gate.status.padEnd(12))} ${visibleText(gate.message)}`);
  if (replay.metrics.length > 0) {
    print(`  ${colors.bold(formatMany(rows.labelled, 'answer'))} with a label`);
    // Slices stand in the JSON: the gates above name those that matter.
    const whole = replay.metrics.filter(({ slice }) => slice === null);
    print(metricTable(whole, ['production', 'candidate'], colors));
  }
  for (const { code, message } of replay.notices) print(`  ${colors.dim(code)} ${visibleText(message)}`);
}

const minute = (time: string) => time.slice(0, 16).replace('T', ' ');
const short = (value: number) => String(Number(value.toPrecision(4))).replace('-', '−');
