import type { MonitoringReport } from '../../../monitoring/monitoring-report.ts';
import { formatFixed, formatMany } from '../../../words/format-number.ts';
import { clipText } from '../../../words/visible-text.ts';
import { html, type Markup, nothing, prose } from '../../html/markup.ts';
import { formatMoment, formatSpan, levelWords, sayCalibration } from '../drift-words.ts';

/** Realised performance, episodes and retraining of a scheduled run. */
export function monitoringSection(monitoring: MonitoringReport | undefined): Markup {
  if (!monitoring) return nothing;
  const { performance, episodes, retrain } = monitoring;
  if (!performance && episodes.length === 0 && !retrain) return nothing;
  return html`<section><h2>In production</h2>${performance && performanceTable(performance)}${performance?.calibration && html`<p><b>Calibration</b> ${sayCalibration(performance)} <span class="tag ${levelWords[performance.calibration.level].role}">${levelWords[performance.calibration.level].mark} ${levelWords[performance.calibration.level].word}</span></p>`}${
    episodes.length > 0 &&
    html`<h3>Episodes</h3><table class="compact spans"><thead><tr><th scope="col">what</th><th scope="col">since</th><th scope="col">until</th><th scope="col">level</th></tr></thead><tbody>${episodes
      .slice(0, 50)
      .map(
        ({ kind, since, until, level, headline }) =>
          html`<tr><th scope="row">${kind}<small>${prose(clipText(headline, 300))}</small></th><td data-name="since">${formatMoment(since)}</td><td data-name="until">${until === null ? 'goes on' : formatMoment(until)}</td><td><span class="tag ${levelWords[level].role}">${levelWords[level].mark} ${levelWords[level].word}</span></td></tr>`,
      )}</tbody></table>`
  }${retrain && html`<p><b>Retraining</b> is asked for because of ${retrain.cause}: ${prose(clipText(retrain.reason, 400))}</p>`}</section>`;
}

function performanceTable(performance: NonNullable<MonitoringReport['performance']>): Markup {
  const { metric, value, interval, reference, n, level, window } = performance;
  const told = `${value === null ? 'undefined' : formatFixed(value, 3)}${interval ? `, interval ${formatFixed(interval[0], 3)} … ${formatFixed(interval[1], 3)}` : ''}`;
  return html`<table class="effects spans"><thead><tr><th scope="col">metric</th><th scope="col">current with its interval${reference !== null && ' · dashed: reference'}</th><th scope="col">current</th><th scope="col">reference</th><th scope="col">level</th></tr></thead><tbody><tr><th scope="row">${clipText(metric, 80)}<small>${formatSpan(window.start, window.end)} · ${formatMany(n, 'row')}</small></th><td class="chart">${picture(performance, `${clipText(metric, 80)} ${told}`)}</td><td class="num">${value === null ? '–' : formatFixed(value, 3)}${interval && html`<small>${formatFixed(interval[0], 3)} … ${formatFixed(interval[1], 3)}</small>`}</td><td class="num" data-name="reference">${reference === null ? '–' : formatFixed(reference, 3)}</td><td><span class="tag ${levelWords[level].role}">${levelWords[level].mark} ${levelWords[level].word}</span></td></tr></tbody></table>`;
}

function picture({ value, interval, reference, level }: NonNullable<MonitoringReport['performance']>, told: string): Markup {
  if (value === null) return nothing;
  const all = [value, ...(interval ?? []), ...(reference === null ? [] : [reference])];
  const [low, high] = [Math.min(...all), Math.max(...all)];
  const x = (figure: number) => (high > low ? Math.round(10 * (10 + ((figure - low) / (high - low)) * 280)) / 10 : 150);
  const { role } = levelWords[level];
  return html`<svg viewBox="0 0 300 24" role="img" aria-label="${told}">${reference !== null && html`<path class="el" d="M${x(reference)} 0v24"/>`}${interval && html`<line class="ci ${role}" x1="${x(interval[0])}" x2="${x(interval[1])}" y1="12" y2="12"/>`}<circle class="pt ${role}" cx="${x(value)}" cy="12" r="4"/></svg>`;
}
