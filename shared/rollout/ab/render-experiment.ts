import { formatCount, formatFixed, formatMany, formatPercent } from '../../words/format-number.ts';
import { code, joinMarkdown, type Markdown, md } from '../../words/markdown.ts';
import type { ExperimentResult, TreatmentResult } from './judge-experiment.ts';

/** The comment at the end of an experiment, Markdown: one table and one line that says what to do. */
export function renderExperiment(result: ExperimentResult): string {
  const { control, treatments, metric } = result;
  const head = md`| arm | users | ${code(metric)} | against ${code(control.name)} | relative | |
|:--|--:|--:|--:|--:|:--|`;
  const rows = [
    md`| ${code(control.name)} | ${formatCount(control.units)} | ${rate(control.value)} | | | |`,
    ...treatments.map(
      (each) =>
        md`| ${code(each.name)} | ${formatCount(each.units)} | ${rate(each.treatment)} | ${differenceOf(each)} | ${liftOf(each)} | ${markOf(each)} |`,
    ),
  ];
  const rails = treatments.flatMap(({ name, guardrails }) =>
    guardrails.map(
      (rail) =>
        md`- ${code(rail.name)} of ${code(name)}: ${signedRate(rail.difference)}${rail.interval ? ` (${signedRate(rail.interval[0])} … ${signedRate(rail.interval[1])})` : ''}, margin ${rate(rail.margin)}: ${{ pass: 'no worse', fail: 'shown worse', inconclusive: 'not shown to be no worse' }[rail.outcome]}`,
    ),
  );
  const table = joinMarkdown([head, ...rows], '\n');
  const parts = [
    md`### ${code(result.name)}: ${stateOf(result)}`,
    table,
    ...(rails.length > 0 ? [joinMarkdown(rails, '\n')] : []),
    ...splitOf(result),
    adviceOf(result),
  ];
  return `${joinMarkdown(parts, '\n\n').markdown}\n`;
}

/** How users split, where that casts no doubt, and what an early stop means for the numbers above. */
function splitOf({ sampleRatio: { p, mismatch }, state, verdict }: ExperimentResult): readonly Markdown[] {
  if (verdict === null || mismatch || p === null) return [];
  const early =
    state === 'stopped early'
      ? ' It stopped early: the interval holds at every day that was looked at; the difference itself is likely nearer to 0.'
      : '';
  return [md`Users split as planned (sample-ratio test: p ${small(p)}).${early}`];
}

/** One line: promote, keep, or why neither can be said. */
export function adviceOf(result: ExperimentResult): Markdown {
  const { verdict, winner, control, treatments, sampleRatio, day, state } = result;
  const days = `${formatMany(day, 'day')}${state === 'stopped early' ? ', stopped early' : ''}`;
  const best = treatments.find(({ name }) => name === winner) ?? treatments[0]!;
  switch (verdict) {
    case null:
      return md`**Goes on:** ${days} in; nothing is decided before its time.`;
    case 'inconclusive':
      return md`**Inconclusive:** users did not split as planned (${sampleRatio.p === null ? '–' : `p ${small(sampleRatio.p)}`}), so some of one arm are missing and no difference is to be believed. Find out which.`;
    case 'promote':
      return md`**Promote ${code(best.name)}:** ${signedRate(best.difference)} against ${code(control.name)}${best.lift === null ? '' : ` (${liftOf(best)})`} after ${days}${best.guardrails.length > 0 ? ', and every guardrail holds' : ''}.`;
    case 'keep':
      return md`**Keep ${code(control.name)}:** after ${days} ${code(best.name)} is shown to bring ${whyKept(best)}.`;
    case 'keep (not shown)':
      return md`**Keep ${code(control.name)} (not shown):** after ${days} the difference may be ${best.interval ? `anything from ${signedRate(best.interval[0])} to ${signedRate(best.interval[1])}` : 'anything'}${best.guardrails.some(({ outcome }) => outcome === 'inconclusive') ? ', or a guardrail is not shown to hold' : ''}.`;
  }
}

function whyKept({ guardrails, interval }: TreatmentResult): string {
  if (guardrails.some(({ outcome }) => outcome === 'fail')) return 'harm to a guardrail';
  return interval ? `too little or harm: at most ${signedRate(Math.max(interval[0], interval[1]))}` : 'too little';
}

function stateOf({ state, day, plan, verdict }: ExperimentResult): string {
  const of = plan ? ` of ${plan.days} days` : formatMany(day, 'day').replace(/^\S+/, '');
  const days = plan ? `day ${day}${of}` : `${day}${of}`;
  return verdict === null ? `running, ${days}` : `${verdict} (${state}, ${days})`;
}

function differenceOf({ difference, interval }: TreatmentResult): Markdown {
  if (difference === null) return md`–`;
  return interval
    ? md`**${signedRate(difference)}** (${signedRate(interval[0])} … ${signedRate(interval[1])})`
    : md`**${signedRate(difference)}**`;
}

const markOf = ({ verdict }: TreatmentResult) => (verdict === 'promote' ? '✅ promote' : verdict === null ? '' : verdict);
const liftOf = ({ lift }: TreatmentResult) => (lift === null ? '–' : `${lift >= 0 ? '+' : '−'}${formatPercent(Math.abs(lift))}`);
const rate = (value: number | null) => (value === null ? '–' : formatFixed(value, 4));
const signedRate = (value: number | null) => (value === null ? '–' : `${value > 0 ? '+' : ''}${formatFixed(value, 4)}`);
const small = (p: number) => (p < 0.0001 ? 'below .0001' : formatFixed(p, 4));
