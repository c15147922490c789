import { describeStop, type JudgedLook, type JudgedMetric, type RolloutJudgement } from '../shared/rollout/judging/judge-observations.ts';
import { formatCount, formatFixed, formatMany, formatPercent } from '../shared/words/format-number.ts';
import { visibleText } from '../shared/words/visible-text.ts';
import type { CommandIo } from './command.ts';

const around = 2;

/** The verdict, then each metric's looks: all of them, or those around a decision and the last of each step. */
export function printJudgement(judgement: RolloutJudgement, { all }: { readonly all: boolean }, { colors, print }: CommandIo): void {
  const { verdict, firstRollback, firstPause, metrics, steps, notices } = judgement;
  const requests = steps.reduce((sum, step) => sum + step.requests, 0);
  if (firstRollback) {
    print(`${colors.red('✕')} ${colors.bold('rollback')}: it would have ${visibleText(describeStop(firstRollback))}`);
    if (firstPause && firstPause.look < firstRollback.look) print(`  before that ${visibleText(describeStop(firstPause))}`);
  } else if (firstPause) print(`${colors.yellow('!')} ${colors.bold('pause')}: it would have ${visibleText(describeStop(firstPause))}`);
  else print(`${colors.green('✓')} ${colors.bold(verdict)}: nothing would have stopped it in ${formatMany(requests, 'candidate request')}`);
  for (const metric of metrics) printMetric(metric, all, { colors, print });
  const unproven = steps.filter((step) => step.unproven);
  if (unproven.length > 0)
    print(
      `  ${colors.dim(`unproven for want of requests: ${unproven.map(({ step, requests: got }) => `step ${step} (${formatCount(got)})`).join(', ')}`)}`,
    );
  for (const notice of notices) print(`  ${colors.dim(visibleText(notice))}`);
}

type Column = readonly [title: string, text: (look: JudgedLook) => string];

function printMetric(metric: JudgedMetric, all: boolean, { colors, print }: Pick<CommandIo, 'colors' | 'print'>): void {
  const { name, limit, phi, looks, logThresholds } = metric;
  const facts = [
    limit === null ? 'no limit of its own' : `limit ${formatPercent(limit)}`,
    metric.decide === 'point' ? "judged by each step's point" : `counts divided by ${formatFixed(phi, 2).replace(/^\./, '0.')}`,
    ...(metric.decide === 'bound'
      ? [
          `ln E must reach ${formatFixed(logThresholds.absolute, 2)} against the limit, ${formatFixed(logThresholds.comparison, 2)} against stable`,
        ]
      : []),
  ];
  print('');
  print(`  ${colors.bold(visibleText(name))}  ${colors.dim(facts.join('; '))}`);
  const columns: readonly Column[] = [
    ['look', ({ look }) => String(look)],
    ['step', ({ step }) => String(step)],
    ['candidate', ({ candidate }) => `${formatCount(candidate.bad)} of ${formatCount(candidate.total)}`],
    ['stable', ({ stable }) => `${formatCount(stable.bad)} of ${formatCount(stable.total)}`],
    ...(metric.decide === 'bound'
      ? ([
          ['ln E limit', ({ evidence }) => number(evidence?.logEAbs)],
          ['ln E stable', ({ evidence }) => number(evidence?.logECmp)],
          ['Z', ({ evidence }) => number(evidence?.z)],
          ['bound', ({ evidence }) => number(evidence?.obfBound)],
          ['ratio', ({ evidence }) => number(evidence?.ratio)],
          ['95 %, at every look', ({ ratioBounds }) => (ratioBounds ? `${number(ratioBounds.lower)} … ${number(ratioBounds.upper)}` : '–')],
        ] satisfies readonly Column[])
      : []),
  ];
  const shown = all ? looks : worthALine(looks);
  const rows = shown.map((look) => columns.map(([, text]) => text(look)));
  const widths = columns.map(([title], i) => rows.reduce((most, row) => Math.max(most, row[i]!.length), title.length));
  const line = (cells: readonly string[]) => cells.map((cell, i) => cell.padStart(widths[i]!)).join('  ');
  print(`  ${colors.dim(line(columns.map(([title]) => title)))}`);
  for (const [i, look] of shown.entries()) {
    if (i > 0 && shown[i - 1]!.look !== look.look - 1) print(`  ${colors.dim('…'.padStart(widths[0]!))}`);
    print(`  ${line(rows[i]!)}  ${decisionOf(look, colors)}`.trimEnd());
  }
}

/** The first of each decision with what came before it, the end of each step, and the last. */
function worthALine(looks: readonly JudgedLook[]): readonly JudgedLook[] {
  const firsts = (['rollback', 'pause'] as const).map((decision) => looks.findIndex((look) => look.decision === decision));
  const isNear = (index: number) => firsts.some((first) => index <= first && index >= first - around);
  return looks.filter(({ step }, index) => looks[index + 1]?.step !== step || isNear(index));
}

function decisionOf({ decision, reason }: JudgedLook, colors: CommandIo['colors']): string {
  if (decision === 'continue') return '';
  const paint = decision === 'rollback' ? colors.red : colors.yellow;
  return paint(`${decision} (${reason ?? ''})`);
}

const number = (value: number | 'Infinity' | null | undefined): string => {
  if (value === null || value === undefined) return '–';
  if (value === 'Infinity') return '∞';
  const text = formatFixed(value, 2);
  return text.startsWith('.') ? `0${text}` : text.replace(/^−\./, '−0.');
};
