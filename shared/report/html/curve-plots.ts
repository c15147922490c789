import type { EvaluationResult } from '../../evaluation/evaluation-result.ts';
import { formatCount, formatPercent, formatValue } from '../../words/format-number.ts';
import { at, html, type Markup } from './markup.ts';
import { axes, figure, frame, line, plotFrame } from './plot-frame.ts';

type Both<T> = { readonly candidate: T; readonly baseline: T | null };
type Points = readonly (readonly [number, number])[];

/** ROC, precision and recall, calibration and scores, whichever the evaluation brought. Production grey, candidate blue. */
export function curvePlots(evaluation: EvaluationResult): readonly Markup[] {
  const { roc, precisionRecall, calibration, scores } = evaluation.plots;
  const against = (metric: string, name: string) => {
    const found = evaluation.metrics.find((entry) => entry.name === metric && entry.slice === null);
    if (!found || found.value === null) return '';
    const before = found.baseline === null ? '' : ` against ${formatValue(found.baseline, found.unit)}`;
    return `${name} ${formatValue(found.value, found.unit)}${before}`;
  };
  return [
    roc && figure('ROC', against('roc_auc', 'area'), rocPlot(roc)),
    precisionRecall &&
      figure('Precision and recall', against('average_precision', 'average precision'), precisionRecallPlot(precisionRecall, evaluation)),
    calibration && figure('Calibration', against('ece', 'ECE'), calibrationPlot(calibration)),
    scores && figure('Scores', 'share of test rows by score', scorePlot(scores)),
  ].filter((plot) => plot !== null);
}

function curves(both: Both<Points>, scales: ReturnType<typeof axes>): Markup {
  return html`${both.baseline && line(both.baseline, scales, 'base')}${line(both.candidate, scales, 'cand')}`;
}

/** Points that show their figures when the pointer rests on them. */
const hover = (points: Points, scales: ReturnType<typeof axes>, told: (x: number, y: number) => string): Markup =>
  html`${points
    .filter((_, index) => index % Math.max(1, Math.ceil(points.length / 25)) === 0)
    .map(
      ([x, y]) => html`<circle class="touch" cx="${at(scales.x(x))}" cy="${at(scales.y(y))}" r="6"><title>${told(x, y)}</title></circle>`,
    )}`;

function rocPlot(roc: Both<Points>): Markup {
  const scales = axes([0, 1], [0, 1]);
  const body = html`<line class="ref" x1="${scales.x(0)}" y1="${scales.y(0)}" x2="${scales.x(1)}" y2="${scales.y(1)}"/>${curves(roc, scales)}${hover(
    roc.candidate,
    scales,
    (x, y) => `candidate: true positive rate ${formatValue(y, 'share')} at false positive rate ${formatValue(x, 'share')}`,
  )}`;
  return plotFrame({ axes: scales, label: 'ROC curve', xName: 'false positive rate', yName: 'true positive rate', body });
}

function precisionRecallPlot(curve: Both<Points>, { positives, rows }: EvaluationResult): Markup {
  const scales = axes([0, 1], [0, 1]);
  const rate = positives !== null && rows > 0 ? positives / rows : null;
  const chance =
    rate === null
      ? null
      : html`<line class="ref" x1="${scales.x(0)}" x2="${scales.x(1)}" y1="${at(scales.y(rate))}" y2="${at(scales.y(rate))}"><title>share of positives: ${formatPercent(rate)}</title></line>`;
  const body = html`${chance}${curves(curve, scales)}${hover(
    curve.candidate,
    scales,
    (x, y) => `candidate: precision ${formatValue(y, 'share')} at recall ${formatValue(x, 'share')}`,
  )}`;
  return plotFrame({ axes: scales, label: 'precision by recall', xName: 'recall', yName: 'precision', body });
}

type Bins = readonly { readonly mean: number; readonly observed: number; readonly rows: number }[];

/** Below the curve: how many rows each point rests on. */
function calibrationPlot(calibration: Both<Bins>): Markup {
  const panel = 34;
  const scales = axes([0, 1], [0, 1], frame.bottom + panel + 6);
  const points = (bins: Bins): Points => bins.filter(({ rows }) => rows > 0).map(({ mean, observed }) => [mean, observed]);
  const most = Math.max(1, ...calibration.candidate.map(({ rows }) => rows));
  const floor = frame.height - frame.bottom;
  const wide = ((scales.x(1) - scales.x(0)) / Math.max(1, calibration.candidate.length)) * 0.7;
  const bars = calibration.candidate.map(
    ({ mean, rows }) =>
      html`<rect class="cand-bar" x="${at(scales.x(mean) - wide / 2)}" width="${at(wide)}" y="${at(floor - (panel * rows) / most)}" height="${at((panel * rows) / most)}"><title>${formatCount(rows)} rows around ${formatValue(mean, 'share')}</title></rect>`,
  );
  const dots = calibration.candidate
    .filter(({ rows }) => rows > 0)
    .map(
      ({ mean, observed, rows }) =>
        html`<circle class="cand-dot" cx="${at(scales.x(mean))}" cy="${at(scales.y(observed))}" r="3.4"><title>predicted ${formatValue(mean, 'share')}, observed ${formatValue(observed, 'share')}, ${formatCount(rows)} rows</title></circle>`,
    );
  const body = html`<line class="ref" x1="${scales.x(0)}" y1="${scales.y(0)}" x2="${scales.x(1)}" y2="${scales.y(1)}"/>${
    calibration.baseline && line(points(calibration.baseline), scales, 'base')
  }${line(points(calibration.candidate), scales, 'cand')}${dots}${bars}`;
  return plotFrame({
    axes: scales,
    label: 'observed share by predicted share, with rows',
    xName: 'predicted; bars: rows',
    yName: 'observed',
    body,
  });
}

function scorePlot(scores: Both<readonly number[]>): Markup {
  const most = Math.max(1e-9, ...scores.candidate, ...(scores.baseline ?? []));
  const scales = axes([0, 1], [0, most]);
  const count = Math.max(1, scores.candidate.length);
  const step = (scales.x(1) - scales.x(0)) / count;
  const [gap, half] = [step * 0.1, scores.baseline ? step * 0.4 : step * 0.8];
  const bars = (shares: readonly number[], role: string, name: string, offset: number) =>
    shares.map((share, bin) => {
      const top = scales.y(share);
      return html`<rect class="${role}" x="${at(scales.x(bin / count) + gap + offset)}" width="${at(half)}" y="${at(top)}" height="${at(scales.y(0) - top)}"><title>${name}: ${formatPercent(share)} of rows score ${formatValue(bin / count, 'share', 2)} to ${formatValue((bin + 1) / count, 'share', 2)}</title></rect>`;
    });
  const body = html`${scores.baseline && bars(scores.baseline, 'base-bar', 'production', 0)}${bars(scores.candidate, 'cand-bar', 'candidate', scores.baseline ? half : 0)}`;
  return plotFrame({
    axes: scales,
    label: 'distribution of scores',
    xName: 'score',
    yName: 'share of rows',
    body,
    yTick: (value) => formatPercent(value).replace('.0 ', ' '),
  });
}
