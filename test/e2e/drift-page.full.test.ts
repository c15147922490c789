import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { renderDriftHtml } from '../../shared/report/drift/render-drift-html.ts';
import { renderProfileHtml } from '../../shared/report/profile/render-profile-html.ts';
import { employment, evidently, flights, hostile, inconclusive, monitoringReport, nasty, wide } from '../support/drift-reports.ts';
import { sampleProfile } from '../support/profiles.ts';
import { type Browser, openChromium } from '../support/reports/chromium.ts';
import { contrast } from '../support/reports/contrast.ts';

/** The pages of drift and of profiles in a real browser: quiet, self-contained, readable on a phone, in the dark and without a mouse. */

const pages = {
  flights: renderDriftHtml(flights(), { monitoring: monitoringReport(flights()) }),
  employment: renderDriftHtml(employment()),
  inconclusive: renderDriftHtml(inconclusive()),
  evidently: renderDriftHtml(evidently()),
  hostile: renderDriftHtml(hostile(), { monitoring: monitoringReport(hostile()) }),
  wide: renderDriftHtml(wide(500, 0.5)),
  profile: renderProfileHtml(sampleProfile({ cells: 4 }), { name: 'orders.parquet' }),
  hostileProfile: renderProfileHtml(
    sampleProfile({ cells: 4, names: [1, 2, 3, 4, 5].map((index) => `${nasty}${index}`), category: nasty }),
    {
      name: nasty,
      values: 'allow',
    },
  ),
};
let folder = '';
let browser: Browser;

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'weighin-drift-page-'));
  for (const [name, page] of Object.entries(pages)) await writeFile(join(folder, `${name}.html`), page);
  browser = await openChromium();
});

afterAll(async () => {
  await browser?.close();
  await rm(folder, { recursive: true, force: true });
});

const views = (['light', 'dark'] as const).flatMap((theme) => [1100, 360].map((width) => ({ theme, width })));

describe.each(Object.keys(pages))('%s', (name) => {
  it.each(views)('is quiet and fits at $width px, $theme', async ({ theme, width }) => {
    const page = await browser.open(join(folder, `${name}.html`), { theme, width });
    await page.evaluate("for (const fold of document.querySelectorAll('details')) fold.open = true");
    const found = await page.evaluate<{
      wide: number;
      scripts: number;
      background: string;
      title: string;
      unnamed: number;
      levels: string;
    }>(`({
      wide: document.scrollingElement.scrollWidth,
      scripts: document.scripts.length,
      background: getComputedStyle(document.body).backgroundColor,
      title: document.title,
      unnamed: document.querySelectorAll('svg:not([aria-label]):not([aria-hidden]), th:not([scope]), svg[aria-label=""]').length,
      levels: [...document.querySelectorAll('h1, h2, h3')].map((heading) => heading.tagName[1]).join(''),
    })`);
    expect(page.complaints).toEqual([]);
    expect(page.requests).toEqual([]);
    expect(found.wide).toBeLessThanOrEqual(width);
    expect(found.scripts).toBe(0);
    expect(found.background).toBe(theme === 'dark' ? 'rgb(17, 19, 21)' : 'rgb(255, 255, 255)');
    expect(found.title).toMatch(/ · Weighin$/);
    // Plots have a name or are decoration beside their figures; tables have heads; headings skip no level.
    expect(found.unnamed).toBe(0);
    expect(found.levels).toMatch(/^1(?:23*)+$/);
  });
});

it('shows hostile names as text', async () => {
  const page = await browser.open(join(folder, 'hostile.html'), { theme: 'light', width: 1100 });
  expect(await page.evaluate<string>("document.querySelector('h1').textContent")).toContain('<script>alert(1)</script>"\'`|@team');
  expect(await page.evaluate<number>('document.querySelectorAll(\'img, script, iframe, form, a:not([href^="#c"])\').length')).toBe(0);
});

it('keeps the bars of a category clear of their figures', async () => {
  const page = await browser.open(join(folder, 'flights.html'), { theme: 'light', width: 1100 });
  const overlaps = await page.evaluate<number>(`[...document.querySelectorAll('.col svg')].reduce((count, svg) => {
    const bars = [...svg.querySelectorAll('.rb, .cb')].map((bar) => bar.getBoundingClientRect());
    const texts = [...svg.querySelectorAll('text')].map((text) => text.getBoundingClientRect());
    return count + bars.filter((bar) => bar.width > 0 && texts.some((text) => text.left < bar.right - 1 && bar.left < text.right - 1 && text.top < bar.bottom - 3 && bar.top + 3 < text.bottom)).length;
  }, 0)`);
  expect(overlaps).toBe(0);
});

it('leads from the overview to a column with the keyboard alone', async () => {
  const page = await browser.open(join(folder, 'flights.html'), { theme: 'light', width: 1100 });
  const ends = await page.evaluate<string[]>(`[...document.querySelectorAll('.effects a')].map((link) => {
    link.focus();
    return document.activeElement === link ? document.querySelector(link.getAttribute('href'))?.querySelector('h3 span')?.textContent : 'no focus';
  })`);
  expect(ends).toEqual(['Month', 'Temperature', 'DepDelay', 'CRSElapsedTime', 'UniqueCarrier']);
});

it.each(['flights', 'profile'].flatMap((name) => (['light', 'dark'] as const).map((theme) => [name, theme] as const)))(
  'keeps text readable on its ground: contrast of 4.5 at least, %s, %s',
  async (name, theme) => {
    const page = await browser.open(join(folder, `${name}.html`), { theme, width: 1100 });
    await page.evaluate("for (const fold of document.querySelectorAll('details')) fold.open = true");
    const texts = await page.evaluate<
      { text: string; color: string; ground: string }[]
    >(`[...document.querySelectorAll('h1, h3 span, p, small, .tag, th, td, li span, a, code, summary, dt, dd, svg text')].map((element) => {
      let ground = element;
      while (ground && /^rgba\\(.*, 0\\)$/.test(getComputedStyle(ground).backgroundColor)) ground = ground.parentElement;
      const style = getComputedStyle(element);
      return {
        text: element.textContent.slice(0, 40),
        color: element.namespaceURI.endsWith('svg') ? style.fill : style.color,
        ground: getComputedStyle(ground ?? document.body).backgroundColor,
      };
    })`);
    expect(texts.length).toBeGreaterThan(30);
    expect(texts.filter(({ color, ground }) => contrast(color, ground) < 4.5)).toEqual([]);
  },
);
