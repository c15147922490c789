import type { DriftReport, DriftWindow, Level } from '../../../drift/drift-report.ts';
import { formatCount, formatMany } from '../../../words/format-number.ts';
import { clipText } from '../../../words/visible-text.ts';
import { html, type Markup, nothing } from '../../html/markup.ts';
import { formatEffect, formatMoment, levelWords } from '../drift-words.ts';

/** Columns and windows drawn; a year of days fits, and the page stays small. */
const most = { columns: 40, windows: 400 } as const;
const width = 600;
const strip = { top: 46, height: 12 } as const;
const at = (value: number) => Math.round(value * 10) / 10;

interface Track {
  readonly column: string;
  readonly effects: readonly (number | null)[];
  readonly levels: readonly (Level | null)[];
}

/** Time over the windows: the effect as a line under the two limits, and below it a strip with the level of each window. */
export function windowsSection({ windows, columns, limits, since, agree }: DriftReport): Markup {
  if (windows.length === 0) return nothing;
  const shown = windows.slice(-most.windows);
  const tracks = tracksOf(
    shown,
    columns.map(({ column }) => column),
  );
  if (tracks.length === 0) return nothing;
  const moved = new Set(columns.flatMap(({ column, level }) => (level === 'none' ? [] : [column])));
  const moving = tracks.filter(({ column, levels }) => moved.has(column) || levels.some((level) => level === 'shift' || level === 'drift'));
  const drawn = (moving.length > 0 ? moving : tracks.slice(0, 5)).slice(0, most.columns);
  const [first, last] = [shown[0], shown.at(-1)];
  const mark = since === null ? -1 : shown.findIndex(({ start, end }) => start >= since || end > since);
  const rows = shown.map((window) => window.rows);
  return html`<section><h2>Windows over time</h2><p>${formatMany(windows.length, 'window')}${first && last && ` from ${formatMoment(first.start)} to ${formatMoment(last.end)}`}, ${formatCount(Math.min(...rows))} to ${formatCount(Math.max(...rows))} rows each. An alarm needs ${formatCount(agree.k)} of the last ${formatCount(agree.m)}${since === null ? '' : html`; the change began at <b>${formatMoment(since)}</b>, the dotted line`}.</p>
<p class="key"><span><i class="cand"></i>rows moved; dashed: ${formatEffect(limits.shift)} and ${formatEffect(limits.alarm)}</span><span><i class="sq shift"></i>shift (half)</span><span><i class="sq drift"></i>drift (full)</span></p>
<table class="windows"><thead><tr><th scope="col">column</th><th scope="col">${formatMoment(first?.start ?? '')} … ${formatMoment(last?.start ?? '')}</th><th scope="col">last</th></tr></thead><tbody>${drawn.map((track) => trackRow(track, limits, mark))}</tbody></table>${
    tracks.length > drawn.length &&
    html`<p class="soft">${formatMany(tracks.length - drawn.length, 'more column')} ${moving.length > drawn.length ? 'are in the JSON report' : 'were steady in every window'}.</p>`
  }</section>`;
}

function tracksOf(windows: readonly DriftWindow[], order: readonly string[]): Track[] {
  const byColumn = new Map<string, { effects: (number | null)[]; levels: (Level | null)[] }>(
    order.map((column) => [column, { effects: windows.map(() => null), levels: windows.map(() => null) }]),
  );
  for (const [index, window] of windows.entries())
    for (const { column, effect, level } of window.columns) {
      let track = byColumn.get(column);
      if (!track) {
        track = { effects: windows.map(() => null), levels: windows.map(() => null) };
        byColumn.set(column, track);
      }
      track.effects[index] = effect;
      // A window of too few rows says nothing: no cell, no point.
      track.levels[index] = effect === null ? null : level;
    }
  return [...byColumn].flatMap(([column, track]) => (track.levels.some((level) => level !== null) ? [{ column, ...track }] : []));
}

function trackRow({ column, effects, levels }: Track, limits: DriftReport['limits'], mark: number): Markup {
  const count = levels.length;
  const step = width / count;
  const top = Math.max(1e-9, limits.alarm * 1.3, ...effects.map((effect) => effect ?? 0));
  const y = (effect: number) => at(42 - (effect / top) * 40);
  const middle = (index: number) => at((index + 0.5) * step);
  // A window without an effect interrupts the line.
  let path = '';
  let pen = false;
  for (const [index, effect] of effects.entries()) {
    if (effect !== null) path += `${pen ? 'L' : 'M'}${middle(index)} ${y(effect)}`;
    pen = effect !== null;
  }
  const alone = effects.flatMap((effect, index) =>
    effect !== null && (effects[index - 1] ?? null) === null && (effects[index + 1] ?? null) === null
      ? [html`<circle class="dot" cx="${middle(index)}" cy="${y(effect)}" r="2.5"/>`]
      : [],
  );
  const wide = at(Math.max(0.8, step - Math.min(1.5, step * 0.15)));
  const cells = (wanted: Level, height: number) =>
    levels
      .map((level, index) =>
        level === wanted ? `M${at(index * step)} ${strip.top + strip.height - height}h${wide}v${height}h-${wide}z` : '',
      )
      .join('');
  const hits = (level: Level) => levels.filter((one) => one === level).length;
  const told = `${clipText(column, 80)}: drift in ${hits('drift')}, shift in ${hits('shift')} of ${formatMany(count, 'window')}`;
  const newest = levels.findLastIndex((level) => level !== null);
  const last = levels[newest] ?? null;
  return html`<tr><th scope="row">${clipText(column, 60)}</th><td class="chart"><svg class="strip" viewBox="0 0 ${width} 60" role="img" aria-label="${told}"><title>${told}</title>${[limits.shift, limits.alarm].map((limit) => html`<path class="el" d="M0 ${y(limit)}H${width}"/>`)}${mark >= 0 && html`<path class="ref" d="M${at(mark * step)} 0V58"/>`}<path class="ln" d="${path}"/>${alone}<path class="s0" d="${cells('none', 3)}"/><path class="s1" d="${cells('shift', 7)}"/><path class="s2" d="${cells('drift', strip.height)}"/></svg></td><td>${
    last && html`<span class="tag ${levelWords[last].role}">${levelWords[last].mark} ${levelWords[last].word}</span>`
  }<small>${formatEffect(effects[newest] ?? null)}</small></td></tr>`;
}
