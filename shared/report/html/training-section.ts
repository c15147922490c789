import { decidesOnReported } from '../../card/evidence-words.ts';
import type { TrainingResult } from '../../training/training-result.ts';
import { formatBytes, formatMany, formatSeconds, formatValue } from '../../words/format-number.ts';
import { clipText } from '../../words/visible-text.ts';
import { digest } from './digest.ts';
import { html, type Markup, nothing } from './markup.ts';
import { axes, axisNumber, figure, line, plotFrame } from './plot-frame.ts';

const mostFigures = 12;
const mostPoints = 300;

export function trainingSection(training: TrainingResult | null): Markup {
  if (!training) return nothing;
  const { model } = training;
  const by =
    training.by === 'given'
      ? 'the model file was given, nothing was trained'
      : (training.command ?? training.trainer ?? 'a built-in trainer');
  const params = Object.entries(training.params);
  const reported = Object.entries(training.reported);
  const environment = Object.entries(training.environment);
  return html`<section><h2>Training</h2><dl><dt>By</dt><dd>${training.command === null ? clipText(by, 200) : html`<code>${clipText(by, 200)}</code>`}${training.by !== 'given' && html`, ${formatSeconds(training.seconds)}, seed ${training.seed}`}</dd>${
    params.length > 0 &&
    html`<dt>Parameters</dt><dd>${params.slice(0, 60).map(([name, value]) => html`<code>${clipText(`${name} = ${typeof value === 'string' ? value : JSON.stringify(value)}`, 160)}</code> `)}</dd>`
  }<dt>Model</dt><dd>${model.format}${model.opset !== null && `, opset ${model.opset}`}, ${formatBytes(model.bytes)}, ${formatMany(model.inputs.length, 'input')} ${digest(model.digest)}</dd>${
    reported.length > 0 &&
    html`<dt>Reported</dt><dd>${reported.slice(0, 60).map(([name, value]) => html`<span class="pair">${clipText(name, 80)} <b>${formatValue(value, 'none')}</b></span> `)}<small>${decidesOnReported(training) ? 'What the training said of itself: with format: metrics the gates judge nothing else.' : 'What the training script said of itself: it decides nothing.'}</small></dd>`
  }${environment.length > 0 && html`<dt>Environment</dt><dd>${clipText(environment.map(([name, value]) => `${name} ${value}`).join(' · '), 600)}</dd>`}</dl>${learningCurves(training.curves)}</section>`;
}

type Series = { readonly name: string; readonly points: readonly (readonly [number, number])[] };

/** One figure a quantity: `train_loss` and `val_loss` share theirs, validation drawn solid, training light. */
function learningCurves(curves: TrainingResult['curves']): Markup {
  const groups = new Map<string, Series[]>();
  for (const [name, points] of Object.entries(curves)) {
    const finite = points.filter(([step, value]) => Number.isFinite(step) && Number.isFinite(value));
    if (finite.length < 2) continue;
    const quantity = name.replace(/^(?:training|train|validation|valid|val|eval)[_/ .-]/, '');
    groups.set(quantity, [...(groups.get(quantity) ?? []), { name, points: thin(finite) }]);
  }
  if (groups.size === 0) return nothing;
  const drawn = [...groups].slice(0, mostFigures);
  const cut = groups.size - drawn.length;
  return html`<h3>Learning curves</h3><div class="grid">${drawn.map(([quantity, series]) => curveFigure(quantity, series))}</div>${
    cut > 0 && html`<p class="soft">${formatMany(cut, 'curve')} more in report.json.</p>`
  }`;
}

const isTraining = (name: string) => /^train/.test(name);

function curveFigure(quantity: string, series: readonly Series[]): Markup {
  const all = series.flatMap(({ points }) => points);
  const range = (index: 0 | 1): [number, number] => {
    const values = all.map((point) => point[index]);
    const [low, high] = [Math.min(...values), Math.max(...values)];
    return low === high ? [low - 0.5, high + 0.5] : [low, high];
  };
  const scales = axes(range(0), range(1));
  scales.y.nice(5);
  const write = axisNumber(scales.y);
  const last = series.map(({ name, points }) => `${name} ${write(points.at(-1)?.[1] ?? 0)}`).join(' · ');
  const body = html`${series.map(({ name, points }) => html`<g><title>${clipText(name, 80)}: ${points.length} points, last ${String(points.at(-1)?.[1])}</title>${line(points, scales, series.length > 1 && isTraining(name) ? 'cand light' : 'cand')}</g>`)}`;
  const key = series.length > 1 && series.some(({ name }) => isTraining(name)) ? 'light, dashed: training · ' : '';
  return figure(
    clipText(quantity, 60),
    `${key}last: ${clipText(last, 120)}`,
    plotFrame({ axes: scales, label: `${clipText(quantity, 60)} by step`, xName: 'step', yName: clipText(quantity, 30), body }),
  );
}

function thin(points: readonly (readonly [number, number])[]): Series['points'] {
  const every = Math.ceil(points.length / mostPoints);
  return every <= 1 ? points : points.filter((_, index) => index % every === 0 || index === points.length - 1);
}
