import { describe, expect, it } from 'vitest';
import { gateRow } from '../../../shared/report/gate-row.ts';
import { gateChart } from '../../../shared/report/html/gate-chart.ts';
import { html, prose } from '../../../shared/report/html/markup.ts';
import { renderHtml } from '../../../shared/report/html/render-html.ts';
import { renderStepSummary } from '../../../shared/report/render-step-summary.ts';
import { expectBalanced } from '../../support/reports/balanced.ts';
import { gate, training } from '../../support/reports/parts.ts';
import {
  better,
  broken,
  failedTest,
  failedTraining,
  first,
  fixtures,
  hostile,
  huge,
  inconclusive,
  leak,
  worse,
} from '../../support/reports/reports.ts';

const all = { ...fixtures, hostile, huge, failedTest, failedTraining };

describe('the page', () => {
  it.each(Object.entries(all))('stands alone and keeps its elements in order: %s', (_, build) => {
    const page = renderHtml(build());
    expect(page).toContain("default-src 'none'; style-src 'unsafe-inline'");
    expect(page).not.toMatch(/<script|<img|<link|<iframe|\son\w+=|url\(|@import|\b(?:src|href)=/i);
    expect(page).not.toMatch(/NaN|undefined<|Infinity|\[object/);
    expectBalanced(page);
  });

  it('escapes every text it gets', () => {
    const page = renderHtml(hostile());
    expect(page).toContain('&lt;script&gt;alert(1)&lt;/script&gt;');
    expect(page).not.toMatch(/[\p{Cf}\u0080-\u009f]/u);
    expect(page).toContain('⟨U+202E⟩');
  });

  it('stays readable, and openable, for 200 metrics by 50 slices', () => {
    const page = renderHtml(huge());
    expect(page.length).toBeLessThan(1_500_000);
    expect(page).toContain('left out of this page; report.json has all 10,000.');
    expect(page).toContain('176 tables of slices more are left out');
  });

  it('shows the data first where the data stopped the run, and no empty plots', () => {
    for (const build of [leak, broken, failedTest]) {
      const page = renderHtml(build());
      expect(page.indexOf(build === failedTest ? '<h2>Tests' : '<h2>Data contract')).toBeLessThan(page.indexOf('<h2>Gates'));
      expect(page).not.toContain('class="plot"');
    }
    expect(renderHtml(broken())).toContain('88, 1204, 90011');
    expect(renderHtml(broken())).toContain('contracts/customers.odcs.yaml:31');
  });

  it('draws what the evaluation brought: four curves, gates, slices, learning curves', () => {
    const page = renderHtml(worse());
    for (const caption of ['ROC', 'Precision and recall', 'Calibration', 'Scores', 'loss', 'auc'])
      expect(page).toContain(`<figcaption>${caption}`);
    expect(page.match(/class="gate-chart"/g)?.length).toBe(11);
    expect(page).toContain('Recall by region');
    expect(page).toContain('class="curve base"');
  });

  it('draws no baseline where there is none', () => {
    const page = renderHtml(first());
    expect(page).not.toContain('class="curve base"');
    expect(page).not.toContain('>production<');
    expect(page).toContain('How it answers');
  });

  it('never says by colour alone: every status has its word', () => {
    for (const [build, words] of [
      [worse, ['✕ fail', '! warn', '✓ pass']],
      [inconclusive, ['? open', '✓ pass']],
      [better, ['✓ pass']],
    ] as const)
      for (const word of words) expect(renderHtml(build())).toContain(`>${word}</span>`);
  });
});

it('says when numbers are only what the training said of itself', () => {
  const scored = worse();
  const reported = { ...scored, training: training({ model: { ...training().model, format: 'metrics' } }) };
  expect(renderHtml(scored)).toContain('claimed: same runner as training');
  expect(renderHtml(scored)).toContain('it decides nothing');
  expect(renderHtml(reported)).toContain('claimed: numbers that the training reported of itself');
  expect(renderHtml(reported)).not.toContain('it decides nothing');
});

describe('a gate’s picture', () => {
  const places = (chart: string) => {
    const number = (pattern: RegExp) => Number(pattern.exec(chart)?.[1]);
    return {
      limit: number(/class="limit" x1="([\d.]+)"/),
      low: number(/class="ci \w+" x1="([\d.]+)"/),
      high: number(/class="ci \w+" x1="[\d.]+" x2="([\d.]+)"/),
      point: number(/cx="([\d.]+)"/),
      zero: number(/class="zero" x1="([\d.]+)"/),
    };
  };
  const draw = (estimate: number, lower: number, upper: number, bound: number) =>
    places(
      gateChart(
        gateRow(
          gate({ id: 'f1.maxRegression', metric: 'f1', limit: Math.abs(bound), bound, estimate, lower, upper, value: 0.5, baseline: 0.5 }),
          null,
        ),
      ).markup,
    );

  it('lies left of the limit when the whole interval is beyond it, across when open, right when it passes', () => {
    const [fail, open, pass] = [draw(-0.05, -0.08, -0.02, -0.01), draw(-0.01, -0.03, 0.01, -0.02), draw(0.01, 0.005, 0.015, -0.02)];
    expect(fail.high).toBeLessThan(fail.limit);
    expect(open.low).toBeLessThan(open.limit);
    expect(open.high).toBeGreaterThan(open.limit);
    expect(pass.low).toBeGreaterThan(pass.limit);
    expect(pass.limit).toBe(fail.limit);
  });

  it('keeps one scale on both sides of the limit', () => {
    const { low, high, point, limit, zero } = draw(-0.04, -0.08, 0, -0.02);
    expect(high - point).toBeCloseTo(point - low, 1);
    expect(zero).toBeCloseTo(high, 1);
    expect((zero - limit) / (high - low)).toBeCloseTo(0.02 / 0.08, 2);
  });

  it('stays inside its frame for any size', () => {
    for (const size of [1e-9, 1, 1e9]) {
      const { low, high } = draw(0, -size, size, -1e-3);
      expect(low).toBeGreaterThanOrEqual(4);
      expect(high).toBeLessThanOrEqual(336);
    }
  });
});

it('shows how the training rows moved, where that is known', () => {
  const drift = {
    level: 'drift' as const,
    sentence: '1 of 18 columns, `plan<b>`: 12.4 % of rows.',
    against: 'training of production v11',
    columns: { compared: 18, shift: 0, drift: 1, notTested: 2 },
    moved: [{ column: 'plan<b>', level: 'drift' as const, effect: 0.124, adjustedP: 1e-9 }],
  };
  const page = renderHtml({ ...worse(), drift });
  expect(page).toContain('<code>plan&lt;b&gt;</code>: 12.4 % of rows.');
  expect(page).toContain('Against the training of production v11; 18 columns compared, 2 not tested.');
  expect(page).toContain('>✕ drift</span>');
  expectBalanced(page);
  expect(renderStepSummary({ ...worse(), drift })).toContain('**Drift:** 1 of 18 columns,');
  expect(renderHtml({ ...worse(), drift: null })).not.toContain('Drift of the training data');
});

it('tells a notice once, wherever a step has kept it too', () => {
  const notice = { code: 'ROWS_DROPPED', message: '12 rows were left out' };
  const page = renderHtml({ ...worse(), notices: [notice], training: training({ notices: [notice] }) });
  expect(page.match(/12 rows were left out/g)).toHaveLength(1);
});

it('never writes a small visible regression as nothing', () => {
  const report = worse();
  const gates = report.gates.map((entry) => ({ ...entry, smallestVisible: entry.smallestVisible && 0.000062 }));
  expect(renderHtml({ ...report, gates })).toContain('>.00006<');
});

it('shows what stands in backticks as code, and odd ones as they are', () => {
  expect(prose('run `a <b>` now').markup).toBe('run <code>a &lt;b&gt;</code> now');
  expect(prose('a ` b').markup).toBe('a &#96; b');
});

it('templates escape texts and leave nothing of what is not there', () => {
  expect(html`<b title="${'"x"'}">${'<i>'}${null}${undefined}${false}${0}${[html`<u>`, 'a&b']}</b>`.markup).toBe(
    '<b title="&quot;x&quot;">&lt;i&gt;0<u>a&amp;b</b>',
  );
});
