import { at, html, type Markup, nothing, prose } from '../../shared/report/html/markup.ts';
import { formatCount, formatMany, formatPercent } from '../../shared/words/format-number.ts';
import { clipText } from '../../shared/words/visible-text.ts';
import type { Advice, BoardMetric, BoardRollout, GuardSign, TrackStep } from './board.ts';
import { age, spanWords } from './moment-words.ts';
import { distributionChart, ratioChart, strengthBar, timesWords } from './ratio-chart.ts';
import { answerWords, tag } from './standing-words.ts';

/** A rollout: what it does, who guards it, where traffic goes, the steps, and each metric against its limit. `id` is unique in the page. */
export function renderRollout(rollout: BoardRollout, now: string, id: string): Markup {
  const { strategy, candidate, stable, says, traffic, steps, metrics, checks, guard, trouble, outcome } = rollout;
  const failed = checks.filter(({ ok }) => !ok);
  return html`<div class="rollout" role="group" aria-labelledby="${id}-name">
<h4 id="${id}-name">${stable === null ? `v${candidate}` : html`<span class="base-name">v${stable}</span> <span aria-hidden="true">→</span><span class="unseen">to</span> <span class="cand-name">v${candidate}</span>`} <small>${strategy}</small></h4>
${guard && guardSign(guard, now)}
<p class="says" role="status" aria-live="polite">${says}</p>
${trouble && troubleBox(trouble, now, rollout.phase !== 'paused')}
${outcome && html`<p><b>The comparison says: ${outcome.recommends === 'promote' ? `promote v${candidate}` : `keep v${stable}`}.</b> ${clipText(outcome.why, 400)}</p>`}
${traffic && trafficBar(traffic, candidate, stable)}
${steps.length > 1 && track(steps)}${steps.length === 1 && steps.map(oneStep)}
${metrics.length > 0 && metricsTable(metrics)}
${checks.length > 0 && html`<p class="checks-line">${failed.length === 0 ? html`<span class="tag pass"><span aria-hidden="true">✓</span> ${formatCount(checks.length)} of ${formatCount(checks.length)} checks said yes</span>` : html`<span class="tag fail"><span aria-hidden="true">✕</span> a check said no</span> ${failed.map(({ name, detail }) => html`<span class="failed">${clipText(name, 80)}: ${detail}</span>`)}`}</p>`}</div>`;
}

function guardSign({ from, at: seen, allowed, driver, owner, says }: GuardSign, now: string): Markup {
  const who = html`<span class="soft">${driver}${owner && ` · ${owner}`}</span>`;
  if (from === 'nothing' || seen === null)
    return html`<p class="guard late"><b>✕ no guard has looked yet</b> ${who}</p><p class="next"><b>Next</b> start one where target and metrics can be reached: ${command('npx weighin rollout watch')}</p>`;
  const late = (Date.parse(now) - Date.parse(seen)) / 1000 > allowed;
  const verb = from === 'heartbeat' ? 'last guarded' : 'recorded';
  return html`<p class="guard${late && ' late'}" data-late="${allowed}"><b><span class="in-time" aria-hidden="true">●</span><span class="overdue">✕ nobody guards it:</span> ${verb} ${age(seen, now)} ago</b> <span class="soft overdue">at most ${spanWords(allowed)} is allowed ·</span> ${who}${says && html` <span class="soft">· ${clipText(says, 200)}</span>`}</p>`;
}

function troubleBox({ title, detail, by, at: when, advice }: NonNullable<BoardRollout['trouble']>, now: string, over: boolean): Markup {
  return html`<div class="trouble${over && ' over'}"><p><b>${title.charAt(0).toUpperCase()}${title.slice(1)}</b>${by && html` <span class="soft">by @${clipText(by, 60)}</span>`} <span class="soft">${age(when, now)} ago</span></p><p>${prose(detail)}</p>${renderAdvice(advice)}</div>`;
}

/** What to do, and what to comment for it. */
export const renderAdvice = ({ says, commands }: Advice): Markup =>
  html`<p class="next"><b>Next</b> ${prose(says)}</p>${commands.length > 0 && html`<ul class="commands">${commands.map((text) => html`<li>${command(text)}</li>`)}</ul>`}`;

/** To copy: with a button where there is script, selected whole by one click where there is none. */
const command = (text: string): Markup =>
  html`<code class="command">${text}</code> <button type="button" class="copy" data-copy="${text}" aria-label="Copy ${text}">copy</button>`;

function trafficBar({ wanted, seen, mirror }: NonNullable<BoardRollout['traffic']>, candidate: number, stable: number | null): Markup {
  const share = Math.min(100, Math.max(0, seen ?? wanted));
  const [width, height] = [600, 22];
  const cut = at((width * (100 - share)) / 100);
  const off = seen !== null && Math.abs(seen - wanted) >= 0.5;
  const told = mirror
    ? `v${stable} answers everything; v${candidate} gets a copy`
    : `${stable === null ? 'nothing' : `v${stable}`} answers ${formatCount(100 - share)} %, v${candidate} ${formatCount(share)} %`;
  return html`<figure class="traffic"><svg viewBox="0 0 ${width} ${height}" preserveAspectRatio="none" role="img" aria-label="Traffic: ${told}"><rect class="base-bar" width="${cut}" height="${height}"/><rect class="cand-bar" x="${cut}" width="${at(width - cut)}" height="${height}"/></svg>
<figcaption><span><i class="base"></i>${stable === null ? 'nothing before' : `stable v${stable}`} <b>${mirror ? 100 : formatCount(100 - share)} %</b></span><span><i class="cand"></i>candidate v${candidate} <b>${mirror ? 'a copy' : `${formatCount(share)} %`}</b>${off && html` <span class="tag warn">! ${formatCount(wanted)} % wanted</span>`}${seen === null && !mirror && html` <span class="soft">as asked; the target does not tell</span>`}</span></figcaption></figure>`;
}

const stepMarks = { done: '✓', now: '▸', next: '·', stopped: '✕' } as const;
const stepWords = { done: 'done', now: 'now', next: 'to come', stopped: 'stopped here' } as const;

function track(steps: readonly TrackStep[]): Markup {
  return html`<ol class="track" aria-label="Steps">${steps.map((step) => {
    const { weight, hold, state, guarded, unproven } = step;
    return html`<li class="${state}"${state === 'now' && html` aria-current="step"`}><b><span aria-hidden="true">${stepMarks[state]}</span> ${formatCount(weight)} %</b><span class="unseen">${stepWords[state]},</span><small>${(state === 'now' || state === 'stopped') && guarded !== null ? `${spanWords(guarded)} of ` : null}${hold === null ? 'held' : spanWords(hold)}${unproven && ' · unproven'}</small>${state === 'now' && progress(step)}</li>`;
  })}</ol>`;
}

const oneStep = (step: TrackStep): Markup =>
  html`<p class="soft">${step.state === 'now' && step.guarded !== null ? `watched for ${spanWords(step.guarded)}` : step.state === 'done' ? 'watched' : 'to be watched'}${step.hold !== null && ` of ${spanWords(step.hold)}`}</p>${step.state === 'now' && progress(step)}`;

function progress({ hold, guarded }: TrackStep): Markup {
  if (hold === null || guarded === null || hold === 0) return nothing;
  return html`<svg class="progress" viewBox="0 0 100 4" preserveAspectRatio="none" aria-hidden="true"><rect class="rest" width="100" height="4"/><rect class="cand-bar" width="${at(Math.min(1, guarded / hold) * 100)}" height="4"/></svg>`;
}

function metricsTable(metrics: readonly BoardMetric[]): Markup {
  return html`<table class="gates metrics"><thead><tr><th scope="col">metric</th><th scope="col">stable</th><th scope="col">candidate</th><th scope="col">bad answers over stable’s, 95 % interval<small>dashed: what stops it · shaded: beyond it · line: as stable · right is better</small></th><th scope="col">ratio, evidence</th><th scope="col">answer</th></tr></thead><tbody>${metrics.map(metricLine)}</tbody></table>`;
}

function metricLine(metric: BoardMetric): Markup {
  const { name, bad, candidate, stable, limit, distribution, missing, answer } = metric;
  const chart = distribution ? distributionChart(metric) : ratioChart(metric);
  const allowed = distribution ? 'may move' : '';
  const note = [bad, limit === null ? null : `at most ${formatPercent(limit)} ${allowed}`.trim()].filter(Boolean).join(' · ');
  const arms = distribution ? [rows(distribution.stable), rows(distribution.candidate)] : [rate(stable), rate(candidate)];
  return html`<tr><th scope="row">${name}<small>${note}</small></th><td class="num" data-name="stable">${arms[0]}</td><td class="num" data-name="candidate">${arms[1]}</td><td class="chart">${missing !== null ? html`<p class="told">${missing}</p>` : chart === nothing ? html`<p class="told">nothing to compare yet</p>` : chart}</td>${judged(metric)}<td class="answer">${tag(answerWords[answer])}</td></tr>`;
}

function judged({ ratio, bounds, strength, distribution }: BoardMetric): Markup {
  if (distribution)
    return html`<td class="num judged" data-name="moved">${formatPercent(distribution.share)}<small>of rows elsewhere, judged when a step ends</small></td>`;
  return html`<td class="num judged" data-name="ratio">${ratio === null ? '–' : timesWords(ratio)}${bounds && html`<small>${timesWords(bounds.lower)} … ${timesWords(bounds.upper)}</small>`}${strength !== null && html`<span class="strength">${strengthBar(strength)}<small>${formatCount(Math.max(0, strength) * 100)} % of what stops it</small></span>`}</td>`;
}

const rows = (counts: readonly number[]): Markup =>
  html`<small>${formatMany(
    counts.reduce((sum, count) => sum + count, 0),
    'row',
  )}</small>`;

const rate = ({ bad, total }: BoardMetric['candidate']): Markup =>
  total === 0 ? html`–` : html`${percentOf(bad / total)}<small>${formatCount(bad)} of ${formatCount(total)}</small>`;

/** Two digits where a limit of one per cent would else be told by one. */
const percentOf = (share: number) => `${(share * 100).toFixed(share < 0.1 ? 2 : 1)} %`;
