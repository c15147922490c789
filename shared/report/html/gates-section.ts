import { formatCount, formatMany } from '../../words/format-number.ts';
import { clipText } from '../../words/visible-text.ts';
import { type GateRow, statusWords, worstFirst } from '../gate-row.ts';
import { gateChart } from './gate-chart.ts';
import { html, type Markup, nothing } from './markup.ts';

/** More gates than this are neither read nor drawn: the note says how many, and where they are. */
const most = 240;
/** So many passing gates are shown openly; more are folded. */
const openPasses = 8;

export function gatesSection(rows: readonly GateRow[], baselineName: string): Markup {
  if (rows.length === 0) return nothing;
  const sorted = worstFirst(rows);
  const notable = sorted.filter(({ gate }) => gate.status !== 'pass');
  const passed = sorted.filter(({ gate }) => gate.status === 'pass');
  const open = [
    ...notable.slice(0, 60),
    ...(passed.length <= openPasses ? passed : passed.filter(({ improved }) => improved).slice(0, openPasses)),
  ];
  const rest = sorted.filter((row) => !open.includes(row));
  const shown = rest.slice(0, Math.max(0, most - open.length));
  const cut = rest.length - shown.length;
  const restWords = rest.every(({ gate }) => gate.status === 'pass')
    ? `${formatMany(rest.length, 'more gate')} passed`
    : formatMany(rest.length, 'more gate');
  return html`<section><h2>Gates</h2>${table(open, baselineName)}${
    rest.length > 0 &&
    html`<details><summary>${restWords}</summary>${table(shown, baselineName)}${
      cut > 0 &&
      html`<p class="soft">${formatMany(cut, 'gate')} more ${cut === 1 ? 'is' : 'are'} left out of this page; report.json has all ${formatCount(rows.length)}.</p>`
    }</details>`
  }</section>`;
}

function table(rows: readonly GateRow[], baselineName: string): Markup {
  // Without a measured gate (a run that its data stopped) the columns of numbers would all be empty.
  if (rows.every(({ gate }) => gate.kind !== 'metric'))
    return html`<div class="scroll"><table class="checks"><tbody>${rows.map(wordsLine)}</tbody></table></div>`;
  const compares = rows.some(({ gate }) => gate.baseline !== null);
  const levels = [...new Set(rows.flatMap(({ gate }) => (gate.level === null ? [] : [gate.level])))];
  const level = levels.length === 1 ? `${formatCount((levels[0] ?? 0.9) * 100)} % interval` : 'interval';
  return html`<div class="scroll"><table class="gates"><thead><tr><th scope="col">gate</th>${compares && html`<th scope="col">${baselineName}</th>`}<th scope="col">candidate</th><th scope="col">${level} against its limit<small>dashed: limit · shaded: beyond it · right is better · each row its own scale</small></th><th scope="col">judged</th><th scope="col">answer</th></tr></thead><tbody>${rows.map((row) => gateLine(row, compares ? baselineName : null))}</tbody></table></div>`;
}

function wordsLine(row: GateRow): Markup {
  const { gate } = row;
  return html`<tr><th scope="row"><span title="${gate.id}">${clipText(row.name, 120)}</span><small>${clipText(gate.answer, 120)}${gate.severity === 'warn' && ' · warns only'}</small></th><td>${clipText(gate.message, 300)}</td><td class="answer">${tag(row)}</td></tr>`;
}

function tag({ gate: { status } }: GateRow): Markup {
  const { mark, word } = statusWords[status];
  return html`<span class="tag ${status}">${mark} ${word}</span>`;
}

/** `baselineName` is null where no gate has a baseline's value. */
function gateLine(row: GateRow, baselineName: string | null): Markup {
  const { gate } = row;
  const chart = gateChart(row);
  const note = [
    gate.answer,
    row.rows,
    gate.severity === 'warn' ? 'warns only' : '',
    gate.rowsNeeded === null ? '' : `about ${formatCount(gate.rowsNeeded)} rows would tell`,
  ]
    .filter(Boolean)
    .join(' · ');
  const p = gate.adjustedP ?? gate.p;
  return html`<tr class="${gate.status}"><th scope="row"><span title="${gate.id}">${clipText(row.name, 120)}${row.arrow && ` ${row.arrow}`}${row.slice === null ? null : html` · ${clipText(row.slice, 120)}`}</span><small>${clipText(note, 240)}</small></th>
${baselineName !== null && html`<td class="num" data-name="${baselineName}">${row.baseline}</td>`}<td class="num" data-name="candidate">${row.candidate}</td>
<td class="chart">${chart === nothing ? html`<p class="told">${clipText(gate.message, 240)}</p>` : chart}</td>
<td class="num judged" title="${gate.message}${p === null ? '' : ` (p ${p.toPrecision(2)})`}">${row.judged}<small>${row.interval}</small></td><td class="answer">${tag(row)}</td></tr>`;
}
