import { describe, expect, it } from 'vitest';
import type { DriftReport } from '../../../../shared/drift/drift-report.ts';
import { renderDriftHtml } from '../../../../shared/report/drift/render-drift-html.ts';
import { renderMonitoringHtml } from '../../../../shared/report/drift/render-monitoring-html.ts';
import {
  driftColumn,
  driftFinding,
  driftReport,
  employment,
  evidently,
  flights,
  hostile,
  inconclusive,
  monitoringReport,
  nasty,
  numericColumn,
  steady,
  wide,
} from '../../../support/drift-reports.ts';
import { expectBalanced } from '../../../support/reports/balanced.ts';

const all = { flights, employment, steady, inconclusive, evidently, hostile, wide: () => wide(80) };
const at = (page: string, text: string) => {
  expect(page).toContain(text);
  return page.indexOf(text);
};

describe('the drift page', () => {
  it.each(Object.entries(all))('stands alone and keeps its elements in order: %s', (_, build) => {
    for (const options of [{}, { monitoring: monitoringReport(build()) }]) {
      const page = renderDriftHtml(build(), options);
      expect(page).toContain("default-src 'none'; style-src 'unsafe-inline'");
      expect(page).not.toMatch(/<script|<img|<link|<iframe|\son\w+=|url\(|@import|\bsrc=|href="(?!#c\d+")/i);
      expect(page).not.toMatch(/NaN|undefined<|Infinity|\[object|null</);
      expectBalanced(page);
    }
  });

  it('escapes every text it gets, and shows nothing that cannot be seen', () => {
    const page = renderDriftHtml(hostile(), {
      monitoring: monitoringReport(hostile(), { retrain: { cause: 'drift', key: nasty, reason: nasty } }),
    });
    expect(page).toContain('&lt;script&gt;alert(1)&lt;/script&gt;');
    expect(page.replaceAll('\n', '')).not.toMatch(/[\p{Cc}\p{Cf}]/u);
    expect(page).toContain('⟨U+202E⟩');
  });

  it('says the verdict first, then how much, both sides and what to do', () => {
    const page = renderDriftHtml(flights());
    expect(
      at(
        page,
        '<h1><span class="mark" aria-hidden="true">✕</span> flight-delay: 3 of 10 columns drifted, 2 shifted (most: Month, 100.0 % of the rows); 2 findings',
      ),
    ).toBeLessThan(at(page, '5 of 10 columns did not move; 2 could not be compared.'));
    expect(page).toContain('since <b>2013-05-19</b>');
    for (const text of ['reference.parquet', 'current.parquet', '1,000,000 rows', '2013-01-01 – 2013-03-31']) expect(page).toContain(text);
    expect(renderDriftHtml(inconclusive())).toContain('bring more rows');
  });

  it('draws drifted columns first, then shifted ones, and folds the steady ones', () => {
    const page = renderDriftHtml(flights());
    const cards = page.slice(at(page, 'Columns that moved'));
    expect(at(cards, 'Temperature')).toBeLessThan(at(cards, 'CRSElapsedTime'));
    expect(at(cards, 'CRSElapsedTime')).toBeLessThan(at(cards, '<summary>5 columns did not move'));
    expect(at(cards, '<summary>5 columns did not move')).toBeLessThan(at(cards, 'TaxiOut'));
    expect(cards.match(/<article class="col"/g)).toHaveLength(5);
    expect(page.match(/class="spark"/g)).toHaveLength(5);
  });

  it('tells of a column its effect, direction, adjusted p, rows, missing shares, bound and what moved', () => {
    const page = renderDriftHtml(flights());
    expect(page).toContain('<b>49.6 %</b> of rows moved, higher');
    expect(page).toContain('adjusted p &lt; .001 · n 1,000,000 each · missing 0.4 % → 1.2 %');
    expect(page).toContain('of a profile’s buckets, at most 0.4 % of rows off');
    expect(page).toContain('importance .041');
    expect(page).toMatch(/aria-label="reference and current distribution; largest changes: [^"]+ from 7\.4 % to 1\.6 %/);
  });

  it('calls a column that only spread wider neither higher nor lower', () => {
    const page = renderDriftHtml(driftReport([numericColumn('spread', 0, 0.25)]));
    expect(page).toContain('of rows moved</p>');
    expect(page).not.toMatch(/of rows moved, (?:higher|lower)/);
    expect(renderDriftHtml(driftReport([numericColumn('down', -0.2)]))).toContain('of rows moved, lower');
  });

  it('says why a column was not tested, findings with their level, segments and windows', () => {
    const page = renderDriftHtml(flights());
    expect(page).toContain('not enough data: fewer than 50 rows');
    expect(page).toContain('<td>12.4 points more rows have no value: 13.5 %, 1.1 % in the reference.</td>');
    expect(page).toContain('>· note</span>');
    expect(page).toContain('Origin = DFW and UniqueCarrier = AA');
    expect(page).toContain('60 windows from 2013-05-01 to 2013-06-30');
    expect(page).toContain('the change began at <b>2013-05-19</b>');
    expect(page).toMatch(/aria-label="Temperature: drift in \d+, shift in \d+ of 60 windows"/);
    expect(page).toContain('5 more columns were steady in every window.');
  });

  it('draws a shift of a window half as high as a drift, so that colour is not needed', () => {
    const page = renderDriftHtml(flights());
    expect(page).toMatch(/class="s1" d="(?:M[\d.]+ 51h[\d.]+v7h-[\d.]+z)+"/);
    expect(page).toMatch(/class="s2" d="(?:M[\d.]+ 46h[\d.]+v12h-[\d.]+z)+"/);
  });

  it('explains the rule with the run’s own limits', () => {
    const page = renderDriftHtml(
      driftReport([numericColumn('a', 0.1)], { agree: { k: 3, m: 5 }, limits: { alpha: 0.01, shift: 0.04, alarm: 0.2, shareLimit: 0.5 } }),
    );
    expect(page).toContain('adjusted p below .01) and at least 4.0 % of the rows moved');
    expect(page).toContain('at least 20.0 % of the rows moved, and so in 3 of the last 5 windows');
    expect(page).toContain('Benjamini–Hochberg over the 2 tests');
    expect(page).toContain('drifts also where 50.0 % of the columns or more do');
    expect(page).not.toContain('Fisher’s exact test where counts are small.</dd><dt>method');
  });

  it('shows a named method by its own score and limit', () => {
    const page = renderDriftHtml(evidently());
    expect(page).toContain('<b>.830</b> wasserstein, limit .100');
    expect(page).not.toContain('Dashed: a shift');
    expect(page).toContain('<td class="num">jensen shannon .007, limit .100</td>');
    expect(page).not.toContain('adjusted p</th>');
  });

  it('shows realised performance, episodes and retraining of a scheduled run', () => {
    const page = renderDriftHtml(flights(), { monitoring: monitoringReport(flights()) });
    expect(page).toContain('.680 … .702');
    expect(page).toContain('goes on');
    expect(page).toContain('is asked for because of drift');
    expect(
      renderDriftHtml(flights(), { monitoring: monitoringReport(flights(), { performance: null, episodes: [], retrain: null }) }),
    ).not.toContain('In production');
  });

  it('draws nothing of a window with too few rows, and tells of the last that had enough', () => {
    const one = (effect: number | null, level: 'none' | 'drift', day: number) => ({
      start: `2026-01-0${day}`,
      end: `2026-01-0${day + 1}`,
      rows: effect === null ? 6 : 900,
      level,
      columns: [{ column: 'a', effect, adjustedP: null, level }],
    });
    const page = renderDriftHtml(
      driftReport([numericColumn('a', 0.2)], { windows: [one(0.01, 'none', 1), one(0.4, 'drift', 2), one(null, 'none', 3)] }),
    );
    expect(page).toContain('aria-label="a: drift in 1, shift in 0 of 3 windows"');
    expect(page.match(/class="s0" d="([^"]*)"/)?.[1]?.match(/M/g)).toHaveLength(1);
    expect(page).toMatch(/✕ drift<\/span><small>40\.0 %<\/small>/);
  });

  it('is the monitoring’s page too, also where there was no data', () => {
    expect(renderMonitoringHtml(monitoringReport(flights()))).toBe(renderDriftHtml(flights(), { monitoring: monitoringReport(flights()) }));
    const page = renderMonitoringHtml(monitoringReport(null, { window: null }));
    expect(page).toContain('flight-delay in production: no data in this window');
    expect(page).toContain('Episodes');
    expectBalanced(page);
  });

  it('never says by colour alone', () => {
    const page = renderDriftHtml(flights());
    for (const word of ['✕ drift', '! shift', '✓ steady']) expect(page).toContain(`>${word}</span>`);
  });
});

describe('its size', () => {
  it.each([
    ['500 columns, a fifth moved, 30 windows', () => wide(500), 2_000_000],
    ['500 columns, all moved, a year of windows', () => wide(500, 1, 365), 2_000_000],
    ['1,000 columns, half moved', () => wide(1_000, 0.5), 2_000_000],
  ])('%s', (_, build, limit) => {
    const page = renderDriftHtml(build());
    expect(Buffer.byteLength(page)).toBeLessThan(limit);
    expect(page).toContain('>feature_with_a_long_name_1<');
    // One element a distribution and side, not one a bin.
    expect((page.match(/<\w/g) ?? []).length).toBeLessThan(30_000);
  });

  it('draws sixty cards, and the rest of what moved as rows with both shapes', () => {
    const page = renderDriftHtml(wide(500, 1));
    expect(page.match(/<article class="col"/g)).toHaveLength(60);
    expect(page).toContain('440 more columns that moved');
    expect(page.match(/class="spark"/g)).toHaveLength(440);
  });

  it('says what it leaves out of thousands', () => {
    const many: DriftReport = driftReport(
      Array.from({ length: 4_000 }, (__, index) => driftColumn({ column: `c${index}` })),
      { findings: Array.from({ length: 700 }, () => driftFinding({ level: 'none' })) },
    );
    const page = renderDriftHtml(many);
    expect(page).toContain('1,000 columns more are in the JSON report.');
    expect(page).toContain('200 more findings in the JSON report.');
  });
});

it('draws nothing odd of a report at its edges', () => {
  for (const column of [
    driftColumn({ column: 'x', effect: 0, adjustedP: 0, shape: { labels: [], reference: [], current: [] } }),
    driftColumn({ column: 'x', effect: 1, level: 'drift', shape: { labels: ['a'], reference: [0], current: [0] } }),
    driftColumn({
      column: 'x',
      type: 'categorical',
      effect: 1,
      level: 'drift',
      shape: { labels: ['a', 'b'], reference: [0, 0], current: [0, 0] },
    }),
    driftColumn({ column: 'x', effect: 1, level: 'drift', shape: { labels: ['a', 'b'], reference: [1, 0], current: [1] } }),
    driftColumn({ column: 'x', effect: null, level: 'drift', method: 'psi', score: null, threshold: null }),
  ])
    for (const windows of [
      [],
      [
        {
          start: '2026-01-01',
          end: '2026-01-02',
          rows: 0,
          level: 'none' as const,
          columns: [{ column: 'x', effect: null, adjustedP: null, level: 'none' as const }],
        },
      ],
    ]) {
      const page = renderDriftHtml(driftReport([column], { windows, limits: { alpha: 0.05, shift: 0, alarm: 0, shareLimit: null } }));
      expect(page).not.toMatch(/NaN|Infinity|undefined/);
      expectBalanced(page);
    }
});
