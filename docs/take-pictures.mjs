import { execFileSync } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { fileURLToPath, pathToFileURL } from 'node:url';
import { marked } from 'marked';

/**
 * Takes the pictures of the README: the report of the candidate that was stopped and the comment on the same pull request, as `npm start`
 * left them, a promotion's pull request, as the bot's tests hold it, a drift report
 * of real flights, and the board of an invented team. Markdown is drawn with GitHub's own style sheet.
 * Needs Chromium: node docs/take-pictures.mjs [PATH_OF_CHROMIUM]
 */
const docs = dirname(fileURLToPath(import.meta.url));
const chromium = process.argv[2] ?? process.env['WEIGHIN_CHROMIUM'] ?? 'chromium';
const pull = join(docs, '..', 'weighin-demo', 'pull-requests', '3-fewer-columns');
const promotion = join(docs, '..', 'test', 'unit', 'bot', 'conversation', 'golden', 'promotion-waits.md');
const css = readFileSync(createRequire(import.meta.url).resolve('github-markdown-css/github-markdown.css'), 'utf8');
const work = mkdtempSync(join(tmpdir(), 'weighin-pictures-'));

take(join(pull, 'report.html'), 'report.png', { width: 1100, height: 1290 });
takeMarkdown(join(pull, 'comment.md'), 'comment.png', 'github-actions', { width: 1000, height: 700 });
takeMarkdown(promotion, 'promotion.png', 'weighin', { width: 1000, height: 1500 });
await takeDrift('drift.png', { width: 1100, height: 1330 });
await takeBoard('board.png', { width: 1100, height: 1440 });
rmSync(work, { recursive: true, force: true });

/** Real flights: what moved from winter to early summer 2001, week by week. */
async function takeDrift(name, view) {
  const { DuckDBInstance } = await import('@duckdb/node-api');
  const connection = await (await DuckDBInstance.create(':memory:')).connect();
  const flights = createRequire(import.meta.url).resolve('vega-datasets/data/flights-3m.parquet');
  const [reference, current, page] = ['winter.parquet', 'summer.parquet', 'drift.html'].map((file) => join(work, file));
  for (const [file, months] of [
    [reference, '(1, 2, 3)'],
    [current, '(5, 6)'],
  ])
    await connection.run(
      `COPY (SELECT date, delay, distance, origin, destination, hour(date) AS hour, delay > 15 AS late FROM '${flights}' WHERE month(date) IN ${months}) TO '${file}'`,
    );
  connection.closeSync();
  const words = ['drift', '--reference', reference, '--current', current, '--time', 'date', '--window', '7d', '--html', page, '--quiet'];
  execFileSync(process.execPath, [join(docs, '..', 'dist', 'cli.js'), ...words], { cwd: work });
  take(page, name, view);
}

/** As the bot writes the page, from the state that its tests invent. */
async function takeBoard(name, view) {
  const { rolldown } = await import('rolldown');
  const root = join(docs, '..');
  const bundle = await rolldown({ cwd: root, input: 'test/support/board/picture-page.ts', platform: 'node' });
  const [module, page] = ['picture-page.mjs', 'board.html'].map((file) => join(work, file));
  await bundle.write({ file: module, format: 'esm', codeSplitting: false });
  await bundle.close();
  const { picturePage } = await import(pathToFileURL(module).href);
  writeFileSync(page, picturePage());
  take(page, name, view);
}

function takeMarkdown(file, name, author, view) {
  const page = join(work, `${name}.html`);
  const text = marked.parse(readFileSync(file, 'utf8'), { breaks: true });
  writeFileSync(
    page,
    `<!doctype html><meta charset="utf-8"><style>${css}
body{margin:0;padding:22px 26px;background:#fff}.markdown-body{padding:10px 16px 4px;font-family:-apple-system,"Segoe UI","DejaVu Sans",sans-serif;font-size:14px}
.box{border:1px solid #d1d9e0;border-radius:6px;overflow:hidden}.who{font:14px/1.5 -apple-system,"Segoe UI","DejaVu Sans",sans-serif;background:#f6f8fa;border-bottom:1px solid #d1d9e0;padding:8px 16px;color:#59636e}.who b{color:#1f2328}
@media(prefers-color-scheme:dark){body{background:#0d1117}.box,.who{border-color:#3d444d}.who{background:#151b23;color:#9198a1}.who b{color:#f0f6fc}}
@media(max-width:600px){body{padding:0}.box{border:0;border-radius:0}}</style><div class="box"><div class="who"><b>${author}</b> commented</div><article class="markdown-body">${text}</article></div>`,
  );
  take(page, name, view);
}

function take(page, name, { width, height, theme = 'light' }) {
  execFileSync(
    chromium,
    [
      '--headless',
      '--no-sandbox',
      '--disable-gpu',
      '--disable-quic',
      '--no-first-run',
      '--disable-background-networking',
      '--disable-component-update',
      '--disable-sync',
      '--hide-scrollbars',
      `--blink-settings=preferredColorScheme=${theme === 'dark' ? 0 : 1}`,
      `--user-data-dir=${join(work, 'profile')}`,
      `--window-size=${width},${height}`,
      `--screenshot=${join(docs, 'images', name)}`,
      `file://${page}`,
    ],
    { stdio: 'ignore' },
  );
}
