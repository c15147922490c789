import { describe, expect, it } from 'vitest';
import { driftLine } from '../../../../shared/report/drift/drift-line.ts';
import { renderDriftMarkdown } from '../../../../shared/report/drift/render-drift-markdown.ts';
import { proseMarkdown } from '../../../../shared/words/markdown.ts';
import {
  categoricalColumn,
  driftColumn,
  driftFinding,
  driftReport,
  employment,
  evidently,
  flights,
  hostile,
  inconclusive,
  monitoringReport,
  numericColumn,
  steady,
  wide,
} from '../../../support/drift-reports.ts';

describe('the Markdown', () => {
  it('says the verdict first, drifted columns before shifted ones, and folds the steady ones', () => {
    const text = renderDriftMarkdown(flights());
    expect(text).toMatch(/^## ❌ flight-delay: 3 of 10 columns drifted, 2 shifted \(most: Month, 100\.0 % of the rows\); 2 findings\n/);
    const order = [
      '`Temperature` | ',
      '`DepDelay` | ',
      '`CRSElapsedTime` | ',
      '**Next:**',
      '<details><summary>5 columns steady</summary>',
      '`TaxiOut` | ',
    ];
    const places = order.map((part) => text.indexOf(part));
    expect(places.every((place) => place > 0)).toBe(true);
    expect([...places].sort((a, b) => a - b)).toEqual(places);
    expect(text).toContain('**49.6\u00a0%** higher');
    expect(text).toContain('`Origin` = `DFW`, `UniqueCarrier` = `AA`: `DepDelay` moved by 14.0 % of its 27,300 rows');
  });

  it('keeps what was found in the open, and folds notes that decide nothing', () => {
    const text = renderDriftMarkdown(flights());
    const folded = text.slice(text.indexOf('<details>'));
    expect(text.slice(0, text.indexOf('<details>'))).toContain('- ❌ TaxiOut: 12.4 points more rows have no value');
    expect(folded).toContain('<summary>1 note</summary>');
    expect(folded).toContain('- DepDelay: 0.011 % of the rows lie above');
  });

  it('stays within what GitHub takes, and says what it left out', () => {
    for (const columns of [500, 3_000]) {
      const text = renderDriftMarkdown(wide(columns, 1));
      expect(text.length).toBeLessThanOrEqual(65_000);
      expect(text).toMatch(/columns that moved more are in the full report/);
    }
  });

  it.each([20_000, 6_000, 2_000, 600, 100, 30, 3])('keeps to a budget of %i characters', (budget) => {
    const text = renderDriftMarkdown({ ...wide(300, 0.5), findings: Array.from({ length: 100 }, () => driftFinding()) }, { budget });
    expect(text.length).toBeLessThanOrEqual(budget);
    expect((text.match(/<details>/g) ?? []).length).toBe((text.match(/<\/details>/g) ?? []).length);
    if (budget >= 30) expect(text).toContain('❌');
  });

  it('lets no name become Markdown, HTML, a mention or a new line', () => {
    const text = renderDriftMarkdown(hostile(), { monitoring: monitoringReport(hostile()) });
    expect(text).not.toMatch(/<script|<!--|<\/details> \\?"|@team|(?<!\\)\*\*b\*\*|(?<!\\)\]\(https/);
    expect(text.replaceAll('\n', '')).not.toMatch(/[\p{Cc}\p{Cf}]/u);
    expect(text).not.toMatch(/^# h$/m);
    expect((text.match(/<details>/g) ?? []).length).toBe((text.match(/<\/details>/g) ?? []).length);
    // Every row of a table keeps its columns.
    for (const row of text.split('\n').filter((line) => line.startsWith('| ')))
      expect([3, 6]).toContain((row.match(/(?<!\\)\|/g) ?? []).length - 1);
  });

  it('links the report only where its address is one', () => {
    expect(renderDriftMarkdown(wide(500, 1), { reportUrl: 'https://example.org/r/1' })).toContain(
      '[the full report](<https://example.org/r/1>)',
    );
    expect(renderDriftMarkdown(wide(500, 1), { reportUrl: 'javascript:alert(1)' })).not.toContain('javascript');
    expect(renderDriftMarkdown(wide(500, 1), { reportUrl: 'https://e.org/> [x](y' })).not.toContain('[x]');
  });

  it('shows the score and limit of a method by name in place of a p that was never asked', () => {
    const text = renderDriftMarkdown(evidently());
    expect(text).toContain('| wasserstein\u00a0.830,\u00a0limit\u00a0.100 |');
    expect(text).not.toContain('adjusted p |');
  });

  it('brings realised performance and what goes on', () => {
    const text = renderDriftMarkdown(flights(), { monitoring: monitoringReport(flights()) });
    expect(text).toContain('**Performance:** roc_auc .691 (.680 … .702) against .724 on 15,230 rows, ⚠️ shift');
    expect(text).toContain('**Goes on:** drift since 2013-05-20');
    expect(text).toContain('**Next:** retraining is asked for');
  });
});

describe('the one line', () => {
  it('names what moved, worst first', () => {
    expect(
      driftLine(
        driftReport([numericColumn('age', 0), driftColumn({ column: 'plan', effect: 0.01 })], {
          findings: [driftFinding({ column: 'plan' })],
        }),
      ),
    ).toBe('1 of 2 columns, small, `plan`: new category, 3.1 % of rows.');
    expect(driftLine(flights())).toBe(
      '6 of 10 columns, `Month`: 100.0 % of rows; `Temperature`: 49.6 % of rows; `DepDelay`: 13.1 % of rows and 3 more.',
    );
    expect(driftLine(employment())).toBe('1 of 11 columns, small, `ANC`: 4.0 % of rows.');
    expect(driftLine(steady())).toBe('none of 2 columns moved.');
    expect(driftLine(inconclusive())).toBe('not enough data: 1 column could not be tested.');
  });

  it('is prose that can be shown safely', () => {
    const line = driftLine(driftReport([categoricalColumn('a`b @team <b>', ['x', 'y'], [9, 1], [1, 9])]));
    expect(line.split('`')).toHaveLength(3);
    expect(proseMarkdown(line).markdown).not.toMatch(/@team|<b>/);
  });
});
