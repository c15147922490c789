import { describe, expect, it } from 'vitest';
import { gateRow } from '../../../shared/report/gate-row.ts';
import { intervalBar } from '../../../shared/report/terminal/interval-bar.ts';
import { renderTerminal } from '../../../shared/report/terminal/render-terminal.ts';
import { wrapText } from '../../../shared/report/terminal/wrap-text.ts';
import { gate } from '../../support/reports/parts.ts';
import { broken, fixtures, hostile, huge, unchanged, worse } from '../../support/reports/reports.ts';

const escapeCode = String.fromCharCode(27);

describe('the terminal', () => {
  const reports = [...Object.values(fixtures), huge].map((build) => build());
  it.each([60, 80, 100, 140])('fits into %i columns', (width) => {
    for (const report of reports)
      for (const line of renderTerminal(report, { color: false, width }).split('\n'))
        expect(Array.from(line).length).toBeLessThanOrEqual(width);
  });

  it('has colour only where it is asked for', () => {
    expect(renderTerminal(worse(), { color: true })).toContain(`${escapeCode}[31m`);
    expect(renderTerminal(worse(), { color: false })).not.toContain(escapeCode);
  });

  it('is one line when nothing changed', () => {
    expect(renderTerminal(unchanged(), { color: false })).toBe('✓ churn: no changes');
  });

  it('lets no name move the cursor or hide', () => {
    const attack = { ...hostile(), model: `a${escapeCode}[2Jb` };
    expect(renderTerminal(attack, { color: false }).replaceAll('\n', '')).not.toMatch(/[\p{Cc}\p{Cf}]/u);
  });

  it('names rows and the place of a broken rule', () => {
    expect(renderTerminal(broken(), { color: false })).toContain('rows 88, 1204, 90011 · contracts/customers.odcs.yaml:31');
  });

  it('says where the whole report is', () => {
    expect(renderTerminal(worse(), { color: false, folder: '/a/b/out/churn', cwd: '/a/b' })).toMatch(/Open {2}out\/churn\/report\.html$/);
    expect(renderTerminal(worse(), { color: false, folder: '/c/out', cwd: '/a/b' })).toMatch(/Open {2}\/c\/out\/report\.html$/);
  });
});

describe('an interval as characters', () => {
  const bar = (estimate: number, lower: number, upper: number, bound: number, status: 'pass' | 'fail' | 'inconclusive') =>
    intervalBar(gateRow(gate({ id: 'f1.maxRegression', metric: 'f1', limit: -bound, bound, estimate, lower, upper, status }), null), 20);

  it('lies beyond, across or clear of the limit', () => {
    const [fail, open, pass] = [
      bar(-0.06, -0.09, -0.03, -0.01, 'fail'),
      bar(-0.02, -0.06, 0.02, -0.01, 'inconclusive'),
      bar(0.02, 0.01, 0.03, -0.01, 'pass'),
    ];
    expect(fail).toMatch(/●.*┊/);
    expect(open).toMatch(/○.*╋|╋.*○/);
    expect(pass).toMatch(/┊.*●/);
    for (const text of [fail, open, pass]) expect(Array.from(text)).toHaveLength(20);
  });

  it('is empty where nothing was measured', () => {
    expect(intervalBar(gateRow(gate({ id: 'contract', metric: 'contract', kind: 'contract' }), null))).toBe('');
  });
});

it('breaks text at spaces', () => {
  expect(wrapText('one two three four', 9, '  ')).toBe('one two\n  three\n  four');
});
