import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { renderHtml } from '../../shared/report/html/render-html.ts';
import { type Browser, openChromium } from '../support/reports/chromium.ts';
import { contrast } from '../support/reports/contrast.ts';
import { broken, failedTest, failedTraining, first, hostile, huge, worse } from '../support/reports/reports.ts';

/** The report's page in a real browser: quiet, self-contained, readable on a phone and in the dark. */

const pages = { worse, first, broken, failedTest, failedTraining, hostile, huge };
let folder = '';
let browser: Browser;

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'weighin-page-'));
  for (const [name, build] of Object.entries(pages)) await writeFile(join(folder, `${name}.html`), renderHtml(build()));
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
    // Folded parts must fit as well.
    await page.evaluate("for (const fold of document.querySelectorAll('details')) fold.open = true");
    const found = await page.evaluate<{ wide: number; scripts: number; background: string; title: string }>(`({
      wide: document.scrollingElement.scrollWidth,
      scripts: document.scripts.length,
      background: getComputedStyle(document.body).backgroundColor,
      title: document.title,
    })`);
    expect(page.complaints).toEqual([]);
    expect(page.requests).toEqual([]);
    expect(found.wide).toBeLessThanOrEqual(width);
    expect(found.scripts).toBe(0);
    expect(found.background).toBe(theme === 'dark' ? 'rgb(17, 19, 21)' : 'rgb(255, 255, 255)');
    expect(found.title).toMatch(/^churn: .* · Weighin$/);
  });
});

it('shows hostile names as text', async () => {
  const page = await browser.open(join(folder, 'hostile.html'), { theme: 'light', width: 1100 });
  const heading = await page.evaluate<string>("document.querySelector('h1').textContent");
  expect(heading).toContain('<script>alert(1)</script>"\'`|@team');
  expect(heading).toContain('⟨U+202E⟩');
  expect(await page.evaluate<number>("document.querySelectorAll('img, a, script, iframe, form').length")).toBe(0);
});

it.each(['light', 'dark'] as const)('keeps text readable on its ground: contrast of 4.5 at least, %s', async (theme) => {
  const page = await browser.open(join(folder, 'worse.html'), { theme, width: 1100 });
  const texts = await page.evaluate<
    { text: string; color: string; ground: string }[]
  >(`[...document.querySelectorAll('h1, p, small, .tag, th, td, code, summary, figcaption, svg text')].map((element) => {
    let ground = element;
    while (ground && /^rgba\\(.*, 0\\)$/.test(getComputedStyle(ground).backgroundColor)) ground = ground.parentElement;
    const style = getComputedStyle(element);
    return {
      text: element.textContent.slice(0, 40),
      color: element.namespaceURI.endsWith('svg') ? style.fill : style.color,
      ground: getComputedStyle(ground ?? document.body).backgroundColor,
    };
  })`);
  expect(texts.length).toBeGreaterThan(100);
  const poor = texts.filter(({ color, ground }) => contrast(color, ground) < 4.5);
  expect(poor).toEqual([]);
});
