import { html, type Markup, prose } from '../../shared/report/html/markup.ts';
import { clipText } from '../../shared/words/visible-text.ts';
import type { Activity, Board, BoardModel } from './board.ts';
import { clock, since } from './moment-words.ts';
import { pageShell, signOut } from './page-shell.ts';
import { renderStage, stageId } from './render-stage.ts';
import { standingWords, tag } from './standing-words.ts';

/** The page of one repository. */
export const renderBoard = (board: Board): string =>
  pageShell({
    title: titleOf(board),
    top: html`<nav aria-label="Boards"><a href="/board">All boards</a> <span aria-hidden="true">/</span> <span aria-current="page">${board.repository}</span></nav><span id="link" class="link" role="status">as of ${clock(board.now)}</span>${signOut}`,
    main: { markup: renderLive(board) },
    live: true,
  });

/** What changes of it: the page's script puts it in place of what is there. */
export function renderLive(board: Board): string {
  const { repository, url, now, readAt, problem, standing, says, why, models, activity } = board;
  const words = standingWords[standing];
  const stages = models.flatMap((model) => model.stages);
  const place = { now, url };
  return html`<main class="board" id="live" data-from="/board/${repository}/live" data-title="${titleOf(board)}">
<header class="${words.role}"><h1><span class="mark" aria-hidden="true">${words.mark}</span> ${says}</h1>${why && html`<p>${prose(why)}</p>`}
<div class="facts"><span><a href="${url}">${repository}</a></span><span>as Git and GitHub said it at <b>${clock(readAt)}</b></span>${problem && html`<span class="tag warn"><span aria-hidden="true">!</span> GitHub did not answer since: ${clipText(problem, 240)}</span>`}</div></header>
${stages.length > 1 && glance(models)}
${models.map((model) => modelSection(model, place))}
${auditSection(activity)}
</main>`.markup;
}

const titleOf = ({ standing, says, repository }: Board): string => `${standingWords[standing].mark} ${says} · ${repository} · Weighin`;

const glance = (models: readonly BoardModel[]): Markup =>
  html`<nav aria-label="Stages"><ul class="glance">${models.flatMap(({ stages }) =>
    stages.map(
      (stage) =>
        html`<li><a href="#${stageId(stage)}"><span>${models.length > 1 && `${stage.model} `}${stage.stage}</span> <b>${stage.runs ? `v${stage.runs.version}` : '–'}</b> ${tag(standingWords[stage.standing])}</a></li>`,
    ),
  )}</ul></nav>`;

const modelSection = ({ name, newest, stages }: BoardModel, place: { readonly now: string; readonly url: string }): Markup =>
  html`<section aria-labelledby="m-${name}"><h2 id="m-${name}">${name}<small>${newest === null ? 'no version yet' : `newest v${newest}`}</small></h2>${stages.map((stage) => renderStage(stage, place))}</section>`;

function auditSection(activity: readonly Activity[]): Markup {
  return html`<section aria-labelledby="audit"><h2 id="audit">Audit<small>what was done, newest first; <code>npx weighin audit</code> holds it against Git</small></h2>${
    activity.length === 0
      ? html`<p>Nothing was done yet. The first promotion begins the record.</p>`
      : html`<ol class="audit">${activity.map(({ at, stage, by, says }) => html`<li>${since(at)}<span>${stage}</span><span>${says} <span class="soft">@${clipText(by, 60)}</span></span></li>`)}</ol>`
  }</section>`;
}
