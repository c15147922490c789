import { levelWords } from '../../shared/report/drift/drift-words.ts';
import { html, type Markup, nothing, prose } from '../../shared/report/html/markup.ts';
import { formatMany, formatPercent } from '../../shared/words/format-number.ts';
import { clipText } from '../../shared/words/visible-text.ts';
import type { BoardDrift, BoardStage, Waiting } from './board.ts';
import { age, moment, since } from './moment-words.ts';
import { renderAdvice, renderRollout } from './render-rollout.ts';
import { standingWords, tag } from './standing-words.ts';

export interface Place {
  readonly now: string;
  /** Of the repository's web pages. */
  readonly url: string;
}

export const stageId = ({ model, stage }: Pick<BoardStage, 'model' | 'stage'>) => `s-${model}-${stage}`;

/** One stage of a model: what runs and since when first, then what moves, what waits and what drifts. */
export function renderStage(board: BoardStage, place: Place): Markup {
  const { stage, standing, runs, begin, holds, rollout, waits, drift, problem } = board;
  const id = stageId(board);
  const words = standingWords[standing];
  return html`<article class="stage" id="${id}" aria-labelledby="${id}-name"><h3 id="${id}-name">${stage} ${tag(words)}</h3>
<p class="runs">${
    problem === null
      ? runs
        ? html`<b>v${runs.version}</b> runs${runs.since ? html` since ${since(runs.since)} <span class="soft">(${age(runs.since, place.now)})</span>` : null}`
        : html`<b>Nothing</b> runs here${rollout ? ' before this rollout' : null}`
      : html`<b>Can’t be shown:</b> ${problem}`
  }</p>
${begin && renderAdvice(begin)}
${holds.map(({ whole, version, reason, by, until }) => html`<p class="hold"><span class="tag warn"><span aria-hidden="true">!</span> held</span> ${whole ? 'the stage' : version === null ? 'one version' : `v${version}`}${until && html` until ${since(until)}`}: “${reason}” <span class="soft">@${clipText(by, 60)}</span></p>`)}
${rollout && renderRollout(rollout, place.now, `${id}-rollout`)}
${waits.map((one) => waiting(one, place))}
${drift && driftPart(drift, place)}</article>`;
}

function waiting({ version, by, at, pull, approvals, unmet, says, promotion }: Waiting, { now, url }: Place): Markup {
  const link = pull === null ? nothing : html` <a href="${url}/pull/${pull}">pull request #${pull}</a>`;
  return html`<div class="waits" role="group" aria-label="Promotion ${promotion}"><p><span class="tag inconclusive"><span aria-hidden="true">…</span> waits</span> <b>v${version}</b>${by && html`, asked for by @${clipText(by, 60)}`}${at && html` <span class="soft">${age(at, now)} ago</span>`}${link}${approvals && html` <span class="soft">· ${approvals}</span>`}</p>
${unmet.length === 0 ? html`<p>${prose(says)}</p>` : html`<ul class="unmet">${unmet.map(({ code, says: what, next, until }) => html`<li><code>${code}</code> ${prose(what)}${until && html` Ends ${since(until)}.`}<small>${prose(next)}</small></li>`)}</ul>`}</div>`;
}

function driftPart(
  { level, headline, at, windows, columns, performance, performanceLevel, episodes, retraining, url }: BoardDrift,
  place: Place,
): Markup {
  const worst =
    level === 'drift' || performanceLevel === 'drift' ? 'drift' : level === 'shift' || performanceLevel === 'shift' ? 'shift' : 'none';
  const { mark, word, role } = levelWords[worst];
  return html`<div class="drift"><p><span class="tag ${role}"><span aria-hidden="true">${mark}</span> ${worst === 'none' ? 'no drift' : word}</span> ${prose(headline)} <span class="soft">measured ${age(at, place.now)} ago${/^https?:/.test(url) && html`, <a href="${url}">its run</a>`}</span></p>
${windows.length > 1 && windowStrip(windows)}
${
  worst !== 'none' &&
  columns.length > 0 &&
  html`<ul class="moved">${columns.map((one) => html`<li><code>${one.column}</code> ${one.effect === null ? nothing : html`${formatPercent(one.effect)} of rows moved `}<span class="tag ${levelWords[one.level].role}"><span aria-hidden="true">${levelWords[one.level].mark}</span> ${levelWords[one.level].word}</span></li>`)}</ul>`
}${performance && html`<p><span class="soft">performance</span> ${performance}</p>`}
${episodes.map(({ kind, since: from, issue }) => html`<p>${kind} since ${moment(from)}${issue !== null && html`: <a href="${place.url}/issues/${issue}">issue #${issue}</a>`}</p>`)}${retraining && html`<p class="soft">${retraining}</p>`}</div>`;
}

/** One mark a window, oldest first: marks differ, not the colours alone. */
function windowStrip(windows: BoardDrift['windows']): Markup {
  const counts = (['drift', 'shift', 'none'] as const).flatMap((level) => {
    const count = windows.filter((one) => one === level).length;
    return count > 0 ? [`${count} ${levelWords[level].word}`] : [];
  });
  return html`<p class="strip"><span role="img" aria-label="The last ${formatMany(windows.length, 'window')}: ${counts.join(', ')}">${windows.map((level) => html`<i class="${levelWords[level].role}">${levelWords[level].mark}</i>`)}</span> <small>${formatMany(windows.length, 'window')}, the newest on the right</small></p>`;
}
