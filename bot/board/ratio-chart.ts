import { at, html, type Markup, nothing } from '../../shared/report/html/markup.ts';
import { formatPercent } from '../../shared/words/format-number.ts';
import type { BoardMetric } from './board.ts';
import { answerWords } from './standing-words.ts';

const width = 340;
const height = 44;
const bar = 30;
/** Times as many bad answers as stable at the left edge, that part of them at the right one: the same for every metric and at every moment. */
const edge = 4;
/** What nobody can have measured ends at the edge too. */
const drawn = (ratio: number) => Math.min(1e9, Math.max(1e-9, ratio));
const x = (ratio: number) => at(Math.min(width - 4, Math.max(4, width / 2 - (Math.log(drawn(ratio)) / Math.log(edge)) * (width / 2 - 16))));

/** `×1.40` */
export const timesWords = (ratio: number): string => (Number.isFinite(ratio) ? `×${ratio.toFixed(ratio >= 10 ? 0 : 2)}` : '×∞');
/** `×1.2`: as it was written. */
const limitWords = (ratio: number) => `×${Number(ratio.toFixed(2))}`;

/**
 * Bad answers of the candidate over stable's, with the interval that holds at every look, against the ratio that stops it. As in reports,
 * right is better and what lies beyond the limit is shaded; one scale of logarithms throughout, so that nothing jumps while it is watched.
 */
export function ratioChart({ name, ratio, bounds, minRatio, answer }: BoardMetric): Markup {
  if (ratio === null || bounds === null) return nothing;
  const { role } = answerWords[answer];
  const told = `${name}: ${timesWords(ratio)} as many bad answers as stable, interval ${timesWords(bounds.lower)} to ${timesWords(bounds.upper)}, limit ${limitWords(minRatio)}`;
  const [better, worse] = [x(bounds.lower), x(bounds.upper)];
  const middle = bar / 2;
  // An interval that goes on beyond the picture ends in an arrow.
  const onLeft =
    bounds.upper > edge &&
    html`<path class="tip ${role}" d="M${at(worse + 7)} ${middle - 5}L${worse} ${middle}L${at(worse + 7)} ${middle + 5}"/>`;
  const onRight =
    bounds.lower < 1 / edge &&
    html`<path class="tip ${role}" d="M${at(better - 7)} ${middle - 5}L${better} ${middle}L${at(better - 7)} ${middle + 5}"/>`;
  const limit = x(minRatio);
  const ticks = [3, 2, 1, 0.5, 1 / 3].filter((tick) => Math.abs(x(tick) - limit) > 22);
  return html`<svg class="ratio-chart" viewBox="0 0 ${width} ${height}" role="img" aria-label="${told}"><title>${told}</title>
<rect class="beyond" x="0" y="0" width="${limit}" height="${bar}"/><line class="zero" x1="${x(1)}" x2="${x(1)}" y1="0" y2="${bar}"/><line class="limit" x1="${limit}" x2="${limit}" y1="0" y2="${bar}"/>
<line class="ci ${role}" x1="${worse}" x2="${better}" y1="${middle}" y2="${middle}"/>${onLeft}${onRight}<circle class="pt ${role}" cx="${x(ratio)}" cy="${middle}" r="4.5"/>
<text class="tick" x="${limit}" y="${height - 3}">${limitWords(minRatio)}</text>${ticks.map((tick) => html`<text class="tick" x="${x(tick)}" y="${height - 3}">${tick === 0.5 ? '×½' : tick < 0.4 ? '×⅓' : `×${tick}`}</text>`)}</svg>`;
}

/** How near the evidence is to what stops it: 0 … 1 and beyond, as a short bar. */
export function strengthBar(strength: number): Markup {
  const share = Math.min(1, Math.max(0, strength));
  const role = strength >= 1 ? 'fail' : strength >= 0.6 ? 'warn' : 'inconclusive';
  return html`<svg class="meter" viewBox="0 0 100 6" preserveAspectRatio="none" aria-hidden="true"><rect class="rest" width="100" height="6"/><rect class="full ${role}" width="${at(share * 100)}" height="6"/></svg>`;
}

/** How both arms answer, bucket by bucket: grey stable, blue candidate. */
export function distributionChart({ name, distribution }: BoardMetric): Markup {
  if (!distribution) return nothing;
  const { candidate, stable, share } = distribution;
  const shares = (counts: readonly number[]) => {
    const total = counts.reduce((sum, count) => sum + count, 0);
    return counts.map((count) => (total === 0 ? 0 : count / total));
  };
  const [own, others] = [shares(candidate), shares(stable)];
  const most = Math.max(...own, ...others, 1e-9);
  const slot = width / Math.max(1, own.length);
  const column = (value: number, index: number, side: 0 | 1, role: string) => {
    const tall = (value / most) * (height - 2);
    const wide = Math.min(16, slot * 0.4);
    return html`<rect class="${role}" x="${at(index * slot + slot / 2 - wide + side * wide)}" y="${at(height - tall)}" width="${at(wide)}" height="${at(tall)}"/>`;
  };
  const told = `${name}: ${formatPercent(share)} of predictions lie elsewhere than stable’s, chance taken out`;
  return html`<svg class="shape-chart" viewBox="0 0 ${width} ${height}" role="img" aria-label="${told}"><title>${told}</title>${others.map((value, index) => column(value, index, 0, 'base-bar'))}${own.map((value, index) => column(value, index, 1, 'cand-bar'))}</svg>`;
}
