import type { DriftSummary } from '../../drift/drift-summary.ts';
import { formatMany, formatPercent } from '../../words/format-number.ts';
import { clipText } from '../../words/visible-text.ts';
import { formatP, levelWords } from '../drift/drift-words.ts';
import { html, type Markup, nothing, prose } from './markup.ts';

/** How the training rows moved since production's, with the columns that did; the whole is drift.html beside the report. */
export function driftSection(drift: DriftSummary | null | undefined): Markup {
  if (!drift) return nothing;
  const { compared, notTested } = drift.columns;
  const left = drift.columns.drift + drift.columns.shift - drift.moved.length;
  return html`<section><h2>Drift of the training data</h2><p>${prose(clipText(drift.sentence, 500))} <span class="soft">Against the ${clipText(drift.against, 160)}; ${formatMany(compared, 'column')} compared${notTested > 0 && `, ${notTested} not tested`}.</span></p>${
    drift.moved.length > 0 &&
    html`<table class="plain narrow"><thead><tr><th scope="col">column</th><th scope="col">rows moved</th><th scope="col">adjusted p</th><th scope="col">level</th></tr></thead><tbody>${drift.moved.map(
      ({ column, level, effect, adjustedP }) =>
        html`<tr><th scope="row">${clipText(column, 80)}</th><td class="num">${effect === null ? '–' : formatPercent(effect)}</td><td class="num">${formatP(adjustedP)}</td><td><span class="tag ${levelWords[level].role}">${levelWords[level].mark} ${levelWords[level].word}</span></td></tr>`,
    )}</tbody></table>`
  }${left > 0 && html`<p class="soft">${formatMany(left, 'more column')} in drift.html.</p>`}</section>`;
}
