import { describe, expect, it } from 'vitest';
import { renderDriftTerminal } from '../../../../shared/report/drift/render-drift-terminal.ts';
import { effectBar, gather, sparkBars } from '../../../../shared/report/drift/terminal/bars.ts';
import {
  driftFinding,
  driftReport,
  employment,
  evidently,
  flights,
  hostile,
  inconclusive,
  numericColumn,
  steady,
  wide,
} from '../../../support/drift-reports.ts';

const escapeCode = String.fromCharCode(27);
const show = (report: Parameters<typeof renderDriftTerminal>[0], width = 80) => renderDriftTerminal(report, { color: false, width });

describe('the terminal', () => {
  it.each([40, 60, 80, 100, 140])('fits into %i columns', (width) => {
    for (const build of [flights, employment, steady, inconclusive, evidently, () => wide(60)])
      for (const line of show(build(), width).split('\n')) expect(Array.from(line).length, line).toBeLessThanOrEqual(width);
  });

  it('says the verdict, what moved, how sure, findings, where and what to do', () => {
    const lines = show(flights()).split('\n');
    expect(lines[0]).toMatch(/^✕ flight-delay: 3 of 10 columns drifted, 2 shifted/);
    const text = lines.join('\n');
    expect(text).toMatch(/✕ Temperature {2,}49\.6 % ↑ {2}━+╋━+╋━+▸ +[▁▂▃▄▅▆▇█]{10,12} +[▁▂▃▄▅▆▇█]{10,12} +< \.001/);
    expect(text.indexOf('DepDelay')).toBeLessThan(text.indexOf('CRSElapsedTime'));
    expect(text).toContain('not tested: TailNum (not enough data)');
    expect(text).toContain('Origin=ORD: DepDelay moved by 31.0 % of its 51,300 rows');
    expect(text).toContain('since 2013-05-19');
    expect(text).toMatch(/Next {2}look where/);
  });

  it('shows the score of a method with a long name', () => {
    const column = numericColumn('fare', 1, 0.12, { method: 'Wasserstein distance (normed)', score: 0.339, pValue: null, level: 'drift' });
    const report = driftReport([column], { method: 'evidently', verdict: 'warn' });
    const warned = { ...report, dataset: { ...report.dataset, level: 'shift' as const } };
    expect(show(warned)).toMatch(/fare +Wasserstein distance \S*… \.339/);
    expect(show(warned)).toMatch(/by evidently too few of the columns drifted\s+for an alarm\. Keep an eye on `fare`/);
  });

  it('sends people to what decided', () => {
    const findings = [driftFinding({ column: 'day', kind: 'staleness', level: 'drift', message: 'STALE: old.' })];
    const report = driftReport([numericColumn('age', 0.2, 0.12, { level: 'shift', drifted: false })], { findings, verdict: 'fail' });
    expect(show({ ...report, dataset: { ...report.dataset, level: 'drift' } })).toContain('look where `day` comes from');
  });

  it('sorts findings by how bad they are, and says how many are left out', () => {
    const findings = Array.from({ length: 20 }, (_, index) =>
      driftFinding({ level: index === 19 ? 'drift' : 'none', message: `finding ${index}.` }),
    );
    const text = show(driftReport([numericColumn('a', 0)], { findings }));
    expect(text.indexOf('finding 19.')).toBeLessThan(text.indexOf('finding 0.'));
    expect(text).toContain('… and 16 more findings');
    expect(show(wide(200))).toMatch(/… and \d+ more columns/);
  });

  it('names tables by as much of their paths as tells them apart', () => {
    const named = (reference: string, current: string) =>
      show(
        driftReport([numericColumn('a', 0)], {
          model: null,
          reference: { name: reference, rows: 5, from: null, to: null },
          current: { name: current, rows: 5, from: null, to: null },
        }),
        140,
      );
    expect(named('/data/a/train.parquet', '/data/b/week.parquet')).toMatch(
      /^✓ week\.parquet: no drift[\s\S]* {2}train\.parquet 5 rows · against week\.parquet 5 rows/,
    );
    expect(named('/data/may/x.parquet', '/data/june/x.parquet')).toContain('may/x.parquet 5 rows · against june/x.parquet');
    expect(named('/', '/')).toContain('✓ /: no drift');
  });

  it('has colour only where it is asked for', () => {
    expect(renderDriftTerminal(flights(), { color: true })).toContain(`${escapeCode}[31m`);
    expect(show(flights())).not.toContain(escapeCode);
  });

  it('lets no name move the cursor, hide or break a line', () => {
    expect(show(hostile()).replaceAll('\n', '')).not.toMatch(/[\p{Cc}\p{Cf}]/u);
    expect(
      show(hostile())
        .split('\n')
        .some((line) => line.startsWith('# h')),
    ).toBe(false);
  });

  it('says where the page is, relative where it is inside', () => {
    const open = (file: string) => renderDriftTerminal(steady(), { color: false, open: file, cwd: '/a' });
    expect(open('/a/out/drift.html')).toMatch(/Open {2}out\/drift\.html$/);
    expect(open('/b/drift.html')).toMatch(/Open {2}\/b\/drift\.html$/);
  });
});

describe('bars', () => {
  it('show every share that is not zero, and keep the sum', () => {
    expect(sparkBars([0, 0.001, 0.5, 1], 4)).toBe(' ▁▄█');
    expect(sparkBars([1], 8, 2)).toBe('▄');
    expect(sparkBars([0, 0], 2)).toBe('  ');
    expect(gather([1, 2, 3, 4, 5], 2)).toEqual([6, 9]);
    expect(gather([1, 2], 5)).toEqual([1, 2]);
    expect(
      gather(
        Array.from({ length: 40 }, () => 1),
        12,
      ),
    ).toEqual(Array.from({ length: 10 }, () => 4));
  });

  it('show an effect against both limits, and where it goes beyond the picture', () => {
    const limits = { shift: 0.03, alarm: 0.1 };
    expect(effectBar(0, limits, 10)).toBe(' ┊   ┊    ');
    expect(effectBar(0.05, limits, 10)).toBe('━╋━  ┊    ');
    expect(effectBar(0.12, limits, 10)).toBe('━╋━━━╋    ');
    expect(effectBar(0.9, limits, 10)).toBe('━╋━━━╋━━━▸');
  });
});
