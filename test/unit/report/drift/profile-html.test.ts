import { describe, expect, it } from 'vitest';
import { numericOfValues } from '../../../../shared/profile/numeric-counts.ts';
import { outwardProfile } from '../../../../shared/profile/outward-profile.ts';
import { sealProfile } from '../../../../shared/profile/seal-profile.ts';
import { columnBins } from '../../../../shared/report/profile/column-bins.ts';
import { renderProfileHtml } from '../../../../shared/report/profile/render-profile-html.ts';
import { nasty } from '../../../support/drift-reports.ts';
import { sampleProfile } from '../../../support/profiles.ts';
import { expectBalanced } from '../../../support/reports/balanced.ts';

const none = { null: 0, nan: 0, negativeInfinity: 0, positiveInfinity: 0 };

describe('the page of a profile', () => {
  it('tells of every column type, missing, values, moments and shape', () => {
    const page = renderProfileHtml(sampleProfile(), { name: 'orders.parquet' });
    expectBalanced(page);
    expect(page).not.toMatch(/NaN<|undefined|Infinity|\[object|<script|\bsrc=|href=/);
    expect(page).toContain('<h1>orders.parquet: 100 rows, 5 columns</h1>');
    expect(page).toContain('2 columns have missing values.');
    expect(page).toContain('<b>10.0 %</b> missing, 90 values');
    expect(page).toContain('1 NaN · 1 infinite');
    expect(page).toContain('mean 1.9 · sd 3.');
    expect(page).toContain('median 1<');
    expect(page).toContain('none missing, 2 days');
    expect(page).toContain('no finite value');
    expect(page).toContain('60.0 %');
  });

  it('holds no more than may leave the runner unless values are allowed', () => {
    const profile = sampleProfile();
    const [shown, allowed] = [renderProfileHtml(profile), renderProfileHtml(profile, { values: 'allow' })];
    expect(allowed).toContain('>rare<');
    expect(allowed).toContain('133.8');
    expect(shown).not.toContain('>rare<');
    expect(shown).not.toContain('133.8');
    expect(shown).toContain('>gold<');
    expect(shown).toContain('1 other');
    expect(shown).toContain('privacy <b>outward</b>');
    expect(allowed).toContain('privacy <b>exact</b>');
    expect(renderProfileHtml(outwardProfile(profile), { values: 'allow' })).not.toContain('>rare<');
  });

  it('shows segments and windows', () => {
    const page = renderProfileHtml(sampleProfile({ cells: 4 }));
    expectBalanced(page);
    expect(page).toContain('2 windows from 2026-10-01 to 2026-10-02, 300 to 300 rows each');
    expect(page).toContain('<td>north</td><td class="num">400</td><td class="num">66.7 %</td>');
    expect(page).toContain('windows of <b>1 day</b>');
  });

  it('escapes names and categories', () => {
    const page = renderProfileHtml(
      sampleProfile({ cells: 4, names: [nasty, `${nasty}2`, `${nasty}3`, `${nasty}4`, `${nasty}5`], category: nasty }),
      {
        name: nasty,
        values: 'allow',
      },
    );
    expectBalanced(page);
    expect(page).toContain('&lt;script&gt;');
    expect(page.replaceAll('\n', '')).not.toMatch(/<script|[\p{Cc}\p{Cf}]/u);
  });

  it('stays small for 1,000 columns', () => {
    const { columns, cells } = sampleProfile();
    const [cell] = cells;
    const wide = sealProfile({
      privacy: 'exact',
      by: [],
      window: null,
      columns: Array.from({ length: 1_000 }, (_, index) => ({ name: `c${index}`, type: columns[index % 5]?.type ?? 'number' })),
      cells: cell ? [{ ...cell, columns: Array.from({ length: 1_000 }, (_, index) => cell.columns[index % 5] ?? cell.columns[0]!) }] : [],
    });
    expect(Buffer.byteLength(renderProfileHtml(wide))).toBeLessThan(2_000_000);
  });
});

describe('bins of a picture', () => {
  const values = (list: readonly number[]) =>
    numericOfValues(
      list.map((value) => [value, 1] as const),
      none,
    );

  it('keep every row, and the shape', () => {
    const bins = columnBins(values(Array.from({ length: 1_000 }, (_, index) => index + 0.5)));
    expect(bins?.shares.reduce((sum, share) => sum + share, 0)).toBeCloseTo(1, 9);
    for (const share of bins?.shares.slice(1, -1) ?? []) expect(share).toBeCloseTo(1 / 40, 2);
  });

  it('are not flattened by one outlier', () => {
    const bins = columnBins(values([...Array.from({ length: 1_000 - 1 }, (_, index) => index), 1e12]));
    expect(bins?.high).toBeLessThan(1_100);
    expect(bins?.ends.high).toBeGreaterThan(9e11);
  });

  it('give few whole numbers a bin each, and say the number itself', () => {
    const bins = columnBins(
      numericOfValues(
        [
          [-2, 1],
          [0, 5],
          [3, 4],
        ],
        none,
      ),
      true,
    );
    expect(bins?.shares).toEqual([0.1, 0.5, 0.4]);
    expect(bins?.ends).toEqual({ low: -2, high: 3 });
    expect(bins?.quantiles.median).toBe(0);
  });

  it('survive one value, none, and the largest doubles', () => {
    expect(columnBins(values([]))).toBeNull();
    expect(columnBins(values([7]))?.shares).toEqual([1]);
    const wide = columnBins(values([-1.7e308, 0, 1.7e308]));
    expect(wide?.shares.every(Number.isFinite)).toBe(true);
    expect(wide?.shares.reduce((sum, share) => sum + share, 0)).toBeCloseTo(1, 9);
  });
});
