import { describe, expect, it } from 'vitest';
import { commentLimit, commentMarker, renderComment } from '../../../shared/report/comment/render-comment.ts';
import { renderStepSummary } from '../../../shared/report/render-step-summary.ts';
import type { Report } from '../../../shared/report/report.ts';
import { better, hostile, huge, inconclusive, unchanged, warned, worse } from '../../support/reports/reports.ts';

describe('the comment', () => {
  it('begins with its marker, unless that is the caller’s', () => {
    expect(renderComment([worse()]).startsWith(commentMarker)).toBe(true);
    expect(renderComment([worse()], { marker: false })).not.toContain('<!--');
  });

  it('is one line when nothing changed', () => {
    expect(renderComment([unchanged()], { marker: false })).toBe('✅ churn: no changes\n');
  });

  it('is the headline and two lines when all is well, the rest folded', () => {
    const [open = ''] = renderComment([better()], { marker: false }).split('<details>');
    expect(open.split('\n').filter((line) => line.trim() !== '')).toHaveLength(3);
  });

  it('shows failed, warned and improved gates only, the worst first', () => {
    const lines = renderComment([worse()])
      .split('\n')
      .filter((line) => line.startsWith('| ') && !line.startsWith('| gate'));
    expect(lines.map((line) => line.split(' | ')[0]?.replace('| ', ''))).toEqual([
      '**recall ↑, region=south** (n 1,912, 431 positive)',
      'latency p99 ↓',
      'roc_auc ↑',
      'log_loss ↓',
    ]);
  });

  it('tells several models in one, the worst first and the unchanged ones last', () => {
    const names = ['a', 'b', 'c', 'd', 'e'];
    const builds = [unchanged, better, worse, inconclusive, warned];
    const text = renderComment(names.map((model, index) => ({ ...(builds[index] ?? worse)(), model })));
    const found = [...text.matchAll(/^(?:### )?(\S+) ([a-e]):/gmu)].map(([, emoji, model]) => `${emoji} ${model}`);
    expect(found).toEqual(['❌ c', '❔ d', '⚠️ e', '✅ b', '✅ a']);
    expect(text.match(new RegExp(commentMarker, 'g'))).toHaveLength(1);
  });

  it('stays within what GitHub takes, and says what it left out', () => {
    const report = huge();
    const one = renderComment([report]);
    expect(one.length).toBeLessThan(commentLimit);
    expect(one).toContain('9,970 rows more are in report.json.');
    const several = renderComment(Array<Report>(10).fill(report));
    expect(several.length).toBeLessThan(commentLimit);
    const thousands = renderComment(Array<Report>(600).fill(worse()));
    expect(thousands.length).toBeLessThan(commentLimit);
    expect(thousands).toMatch(/\d+ more models are left out of this comment\./);
  });

  it('links to nothing but the report', () => {
    expect(renderComment([worse()], { reportUrl: 'https://github.com/a/b/actions/runs/1?x=(y)' })).toContain(
      '[full report](https://github.com/a/b/actions/runs/1?x=%28y%29)',
    );
    expect(() => renderComment([worse()], { reportUrl: 'javascript:alert(1)' })).toThrow(/http/);
  });

  it('takes a team’s own template, whose texts are just as safe', () => {
    const text = renderComment([hostile()], { marker: false, template: '{{#each models}}{{{headline}}} {{name}}{{/each}}' });
    expect(text).not.toContain('<script>');
    expect(text.endsWith(' churn\n')).toBe(true);
  });
});

describe('nothing from data acts in Markdown', () => {
  it.each([
    ['comment', () => renderComment([hostile()])],
    ['step summary', () => renderStepSummary(hostile())],
  ])('%s', (_, render) => {
    const text = render();
    const literal = text
      .replace(/^<!--.*-->$/m, '')
      .replace(/<\/?(?:details|summary|code)>/g, '')
      .replaceAll('\\\\', '');
    expect(literal).not.toMatch(/[<>]/);
    expect(literal).not.toMatch(/@team|(?<!&)#1\b|https:\/\/evil/);
    expect(literal).not.toMatch(/(?<!\\)\]\(/);
    expect(literal).not.toMatch(/[\p{Cf}\u0080-\u009f]/u);
    // Every row of a table has the cells of its head: no bar of a name made another.
    for (const table of text.split('\n\n').filter((block) => block.startsWith('| '))) {
      const cells = table.split('\n').map((line) => line.match(/(?<!\\)\|/g)?.length);
      expect(new Set(cells).size).toBe(1);
    }
  });
});

it('the step summary stays within what a step may write', () => {
  expect(new TextEncoder().encode(renderStepSummary(huge())).length).toBeLessThan(1024 * 1024);
});
