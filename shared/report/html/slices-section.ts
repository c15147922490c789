import { scaleLinear } from 'd3-scale';
import type { EvaluationResult, GateResult, MetricResult } from '../../evaluation/evaluation-result.ts';
import { digitsFor, formatCount, formatDifference, formatMany, formatValue } from '../../words/format-number.ts';
import { clipText } from '../../words/visible-text.ts';
import { ruleKind, statusWords } from '../gate-row.ts';
import { metricAtStart, moreIsBetter } from '../metric-label.ts';
import { at, html, type Markup, nothing } from './markup.ts';

interface Group {
  readonly metric: string;
  readonly column: string;
  readonly entries: readonly MetricResult[];
  /** Failed or open gates among them: such groups come first. */
  readonly weight: number;
}

/** Groups shown openly, groups in all, and rows of one group: what is beyond them is counted in a note. */
const limits = { open: 4, groups: 24, rows: 14 } as const;

/** Each metric by each slice column: one common scale a group, worst first. */
export function slicesSection(evaluation: EvaluationResult, gates: readonly GateResult[], baselineName: string): Markup {
  const groups = groupSlices(evaluation.metrics, gates);
  if (groups.length === 0) return nothing;
  const draw = (group: Group) => sliceTable(group, evaluation, gates, baselineName);
  const shown = groups.slice(0, limits.groups);
  const folded = shown.slice(limits.open);
  const cut = groups.length - shown.length;
  return html`<section><h2>Slices</h2>${shown.slice(0, limits.open).map(draw)}${
    folded.length > 0 && html`<details><summary>${formatMany(folded.length, 'more table')} of slices</summary>${folded.map(draw)}</details>`
  }${cut > 0 && html`<p class="soft">${formatMany(cut, 'table')} of slices more are left out of this page; report.json has them all.</p>`}</section>`;
}

function groupSlices(metrics: readonly MetricResult[], gates: readonly GateResult[]): readonly Group[] {
  const troubled = new Set(gates.filter(({ status }) => status !== 'pass').map(({ metric, slice }) => `${metric}\n${slice}`));
  const byKey = new Map<string, MetricResult[]>();
  for (const entry of metrics) {
    if (entry.slice === null) continue;
    const key = JSON.stringify([entry.name, entry.slice.split('=')[0]]);
    const group = byKey.get(key);
    if (group) group.push(entry);
    else byKey.set(key, [entry]);
  }
  return [...byKey]
    .map(([key, entries]) => {
      const [name = '', column = ''] = JSON.parse(key) as string[];
      return { metric: name, column, entries, weight: entries.filter(({ slice }) => troubled.has(`${name}\n${slice}`)).length };
    })
    .sort((a, b) => b.weight - a.weight);
}

function sliceTable(
  { metric, column, entries }: Group,
  evaluation: EvaluationResult,
  gates: readonly GateResult[],
  baselineName: string,
): Markup {
  const compares = entries.some(({ delta }) => delta !== null);
  const better = entries[0]?.greaterIsBetter ?? moreIsBetter(metric);
  const size = (entry: MetricResult) => (compares ? entry.delta : entry.value) ?? Number.POSITIVE_INFINITY;
  const sorted = [...entries].sort((a, b) => (better ? size(a) - size(b) : size(b) - size(a)));
  const shown = sorted.slice(0, limits.rows);
  const overall = evaluation.metrics.find(({ name, slice }) => name === metric && slice === null);
  const reference = compares ? 0 : (overall?.value ?? null);
  const limit = compares ? commonLimit(metric, column, gates, better) : null;

  const extent = shown.flatMap((entry) =>
    [size(entry), entry.interval?.low, entry.interval?.high].filter(
      (value): value is number => value !== undefined && Number.isFinite(value),
    ),
  );
  const all = [...extent, ...(reference === null ? [] : [reference]), ...(limit === null ? [] : [limit])];
  const x = scaleLinear()
    .domain(all.length > 0 ? [Math.min(...all), Math.max(...all)] : [0, 1])
    .nice(4)
    .range([10, 290]);
  const digits = digitsFor(...shown.map(({ interval }) => (interval ? interval.high - interval.low : null)));
  const unit = entries[0]?.unit ?? 'none';
  const write = (value: number) => (compares ? formatDifference(value, unit, digits) : formatValue(value, unit, digits));
  const guide = (value: number | null, role: string) =>
    value === null ? null : html`<line class="${role}" x1="${at(x(value))}" x2="${at(x(value))}" y1="0" y2="24"/>`;

  const line = (entry: MetricResult) => {
    const status = gates.find((gate) => gate.metric === metric && gate.slice === entry.slice)?.status ?? 'none';
    const value = compares ? entry.delta : entry.value;
    const told =
      value === null
        ? (entry.note ?? 'undefined')
        : `${write(value)}${entry.interval ? `, interval ${write(entry.interval.low)} … ${write(entry.interval.high)}` : ''}`;
    const picture =
      value === null
        ? nothing
        : html`<svg viewBox="0 0 300 24" role="img" aria-label="${told}"><title>${told}</title>${guide(reference, compares ? 'zero' : 'base-mark')}${guide(limit, 'limit')}${
            entry.interval &&
            html`<line class="ci ${status}" x1="${at(x(entry.interval.low))}" x2="${at(x(entry.interval.high))}" y1="12" y2="12"/>`
          }<circle class="pt ${status}" cx="${at(x(value))}" cy="12" r="4"/></svg>`;
    const word =
      status === 'none' || status === 'pass'
        ? null
        : html`<span class="tag ${status}">${statusWords[status].mark} ${statusWords[status].word}</span>`;
    const counts = `n ${formatCount(entry.n)}${entry.positives === null ? '' : `, ${formatCount(entry.positives)} positive`}`;
    return html`<tr><th scope="row">${clipText(entry.slice?.slice(column.length + 1) ?? '', 120)} ${word}<small>${counts}${entry.note && html` · ${clipText(entry.note, 120)}`}</small></th>${
      compares && html`<td class="num" data-name="${baselineName}">${formatValue(entry.baseline, unit)}</td>`
    }<td class="num" data-name="candidate">${formatValue(entry.value, unit)}</td><td class="chart">${picture}</td><td class="num judged">${value === null ? '–' : write(value)}</td></tr>`;
  };
  const axis = html`<svg viewBox="0 0 300 16" aria-hidden="true">${x.ticks(4).map((tick) => html`<text class="tick" x="${at(x(tick))}" y="12">${write(tick)}</text>`)}</svg>`;
  const what = compares
    ? `difference to ${baselineName}${limit === null ? '' : ' · dashed: limit'}`
    : 'value with its interval · dashed: over all rows';
  const cut = sorted.length - shown.length;
  return html`<h3>${clipText(metricAtStart(metric), 80)} by ${clipText(column, 80)}</h3><div class="scroll"><table class="slices"><thead><tr><th scope="col">${clipText(column, 60)}</th>${
    compares && html`<th scope="col">${baselineName}</th>`
  }<th scope="col">candidate</th><th scope="col">${what}</th><th></th></tr></thead><tbody>${shown.map(line)}</tbody><tfoot><tr><td></td>${compares && html`<td></td>`}<td></td><td class="chart">${axis}</td><td></td></tr></tfoot></table></div>${
    cut > 0 &&
    html`<p class="soft">The ${formatCount(limits.rows)} worst of ${formatMany(sorted.length, 'slice')}; report.json has them all.</p>`
  }`;
}

/** The limit of a regression gate that all slices of this column share, in the metric's own direction. */
function commonLimit(metric: string, column: string, gates: readonly GateResult[], better: boolean): number | null {
  const found = gates.filter(
    (gate) => gate.metric === metric && gate.slice?.startsWith(`${column}=`) && ruleKind(gate) === 'maxRegression',
  );
  const limits = new Set(found.map(({ limit }) => limit));
  const [limit] = limits;
  return limits.size === 1 && limit != null ? (better ? -limit : limit) : null;
}
