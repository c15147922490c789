import { mkdtemp, readdir, readFile, rm, writeFile } from 'node:fs/promises';
import { createRequire } from 'node:module';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { marked } from 'marked';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { type Browser, openChromium } from '../../../support/reports/chromium.ts';

/** Every text that the bot writes, as a browser shows GitHub's Markdown: it fits a phone, and a wide table scrolls by itself. */

const goldens = join(import.meta.dirname, 'golden');
let folder = '';
let browser: Browser;
let names: readonly string[] = [];

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'weighin-comments-'));
  const css = await readFile(createRequire(import.meta.url).resolve('github-markdown-css/github-markdown.css'), 'utf8');
  names = (await readdir(goldens)).filter((name) => name.endsWith('.md')).map((name) => name.slice(0, -3));
  for (const name of names) {
    const text = marked.parse(await readFile(join(goldens, `${name}.md`), 'utf8'), { async: false, breaks: true });
    const head = `<!doctype html><meta charset="utf-8"><meta name="viewport" content="width=device-width"><title>${name}</title><style>${css}body{margin:16px}</style>`;
    await writeFile(join(folder, `${name}.html`), `${head}<article class="markdown-body">${text}</article>`);
  }
  browser = await openChromium();
});

afterAll(async () => {
  await browser?.close();
  await rm(folder, { recursive: true, force: true });
});

it('finds the texts', () => {
  expect(names.length).toBeGreaterThan(15);
});

describe.each([
  { width: 360, theme: 'light' },
  { width: 360, theme: 'dark' },
  { width: 1000, theme: 'light' },
] as const)('at $width px, $theme', ({ width, theme }) => {
  it('nothing is wider than the page, asks for anything or is left as Markdown', async () => {
    for (const name of names) {
      const page = await browser.open(join(folder, `${name}.html`), { width, theme });
      await page.evaluate("for (const fold of document.querySelectorAll('details')) fold.open = true");
      const found = await page.evaluate<{ wide: number; text: string; tables: number; rows: number }>(`({
        wide: document.scrollingElement.scrollWidth,
        text: [...document.querySelectorAll('p, li, td, th, h3, h4')].map((element) => element.innerText).join(' '),
        tables: document.querySelectorAll('table').length,
        rows: document.querySelectorAll('table tr:first-child > *').length,
      })`);
      expect(found.wide, name).toBeLessThanOrEqual(width);
      expect(page.requests, name).toEqual([]);
      // A table that was not taken for one, a mark that was not closed.
      expect(found.text, name).not.toMatch(/\|:?--|\*\*|\\$/);
    }
  });
});
