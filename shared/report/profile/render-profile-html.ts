import { foldCells } from '../../profile/merge-profiles.ts';
import { missingRows } from '../../profile/numeric-counts.ts';
import { leavingProfile } from '../../profile/outward-profile.ts';
import type { Profile } from '../../profile/profile.ts';
import { formatCount, formatMany, formatSeconds, shortDigest } from '../../words/format-number.ts';
import { clipText } from '../../words/visible-text.ts';
import { formatMoment } from '../drift/drift-words.ts';
import { page } from '../drift/html/page.ts';
import { html, type Markup, nothing } from '../html/markup.ts';
import { profileCard } from './profile-card.ts';

export interface ProfileHtmlOptions {
  /** What was profiled: a file's name, a table's. */
  readonly name?: string;
  /** Only with `privacy: {values: allow}`; without it rare categories are hashed and extremes rounded, as in every outward profile. */
  readonly values?: 'allow' | 'deny';
}

const most = { columns: 1_500, segments: 60 } as const;

/** A profile as one HTML file: every column with its type, missing share, distinct values, moments and shape; segments and windows. */
export function renderProfileHtml(profile: Profile, { name = 'profile', values = 'deny' }: ProfileHtmlOptions = {}): string {
  const shown = leavingProfile(profile, values);
  const { rows, columns } = foldCells(shown);
  const known = shown === profile ? columns : foldCells(profile).columns;
  const missing = columns.filter((counts) => missingRows(counts) > 0).length;
  const title = `${clipText(name, 120)}: ${formatMany(rows, 'row')}, ${formatMany(columns.length, 'column')}`;
  const cards = shown.columns.slice(0, most.columns).map((column, index) => {
    const counts = columns[index];
    return counts ? profileCard(column, counts, known[index] ?? counts, rows) : nothing;
  });
  return page(
    title,
    html`<header><h1>${title}</h1><p>${missing === 0 ? 'No column has missing values.' : `${formatMany(missing, 'column has', 'columns have')} missing values.`}</p>
<div class="facts"><span>privacy <b>${shown.privacy}</b>${shown.privacy === 'outward' && ': rare categories hashed, values rounded'}</span><span>digest <b title="${profile.digest}">${shortDigest(profile.digest)}</b></span>${
      profile.by.length > 0 && html`<span>by <b>${profile.by.map((column) => clipText(column, 60)).join(', ')}</b></span>`
    }${profile.window && html`<span>windows of <b>${duration(profile.window.milliseconds)}</b> by ${clipText(profile.window.column, 60)}</span>`}</div></header>
<section><h2>Columns</h2><div class="cols">${cards}</div>${
      shown.columns.length > most.columns &&
      html`<p class="soft">${formatMany(shown.columns.length - most.columns, 'column')} more are in the JSON.</p>`
    }</section>
${windowsSection(shown)}
${segmentsSection(shown)}`,
  );
}

function duration(milliseconds: number): string {
  const day = 86_400_000;
  if (milliseconds % day === 0) return formatMany(milliseconds / day, 'day');
  return milliseconds % 3_600_000 === 0 ? formatMany(milliseconds / 3_600_000, 'hour') : formatSeconds(milliseconds / 1_000);
}

/** Rows of each window, as bars in one path. */
function windowsSection({ window, cells }: Profile): Markup {
  if (!window) return nothing;
  const rows = new Map<string, number>();
  let without = 0;
  for (const cell of cells) {
    if (cell.window === null) without += cell.rows;
    else rows.set(cell.window, (rows.get(cell.window) ?? 0) + cell.rows);
  }
  const starts = [...rows.keys()].sort();
  const [first, last] = [starts[0], starts.at(-1)];
  if (first === undefined || last === undefined) return nothing;
  const counts = starts.map((start) => rows.get(start) ?? 0);
  const [least, top] = [counts.reduce((a, b) => Math.min(a, b)), counts.reduce((a, b) => Math.max(a, b))];
  const step = 600 / counts.length;
  const bars = counts
    .map((count, index) => `M${round(index * step)} 60V${round(60 - (58 * count) / top)}h${Math.max(0.5, round(step * 0.85))}V60z`)
    .join('');
  const told = `${formatMany(counts.length, 'window')} from ${formatMoment(first)} to ${formatMoment(last)}, ${formatCount(least)} to ${formatCount(top)} rows each`;
  return html`<section><h2>Rows by window</h2><p>${told}.${without > 0 && ` ${formatMany(without, 'row')} without a time.`}</p><svg class="all" viewBox="0 0 600 60" preserveAspectRatio="none" role="img" aria-label="${told}"><path class="cb" d="${bars}"/></svg></section>`;
}

function segmentsSection({ by, cells, rows }: Profile): Markup {
  if (by.length === 0) return nothing;
  const sizes = new Map<string, { readonly values: readonly (string | null)[]; rows: number }>();
  for (const cell of cells) {
    const key = JSON.stringify(cell.segment);
    const size = sizes.get(key);
    if (size) size.rows += cell.rows;
    else sizes.set(key, { values: cell.segment, rows: cell.rows });
  }
  const sorted = [...sizes.values()].sort((a, b) => b.rows - a.rows);
  return html`<section><h2>Segments</h2><table class="compact narrow"><thead><tr>${by.map((column) => html`<th scope="col">${clipText(column, 60)}</th>`)}<th scope="col">rows</th><th scope="col">share</th></tr></thead><tbody>${sorted
    .slice(0, most.segments)
    .map(
      ({ values, rows: own }) =>
        html`<tr>${values.map((value) => html`<td>${value === null ? html`<span class="soft">missing</span>` : clipText(value, 80)}</td>`)}<td class="num">${formatCount(own)}</td><td class="num">${rows > 0 ? `${((100 * own) / rows).toFixed(1)} %` : '–'}</td></tr>`,
    )}</tbody></table>${sorted.length > most.segments && html`<p class="soft">${formatMany(sorted.length - most.segments, 'segment')} more are in the JSON.</p>`}</section>`;
}

const round = (value: number) => Math.round(value * 10) / 10;
