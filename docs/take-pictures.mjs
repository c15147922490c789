import { execFileSync } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { marked } from 'marked';

/**
 * Takes the pictures of the README from what `npm start` left: the report of the candidate that was stopped, as it is, and the comment on
 * the same pull request, drawn roughly as GitHub draws Markdown. Needs Chromium: node docs/take-pictures.mjs [PATH_OF_CHROMIUM]
 */
const docs = dirname(fileURLToPath(import.meta.url));
const chromium = process.argv[2] ?? process.env['WEIGHIN_CHROMIUM'] ?? 'chromium';
const pull = join(docs, '..', 'weighin-demo', 'pull-requests', '3-fewer-columns');
const work = mkdtempSync(join(tmpdir(), 'weighin-pictures-'));

take(join(pull, 'report.html'), 'report.png', 1100, 1290);

const comment = join(work, 'comment.html');
writeFileSync(
  comment,
  `<!doctype html><meta charset="utf-8"><style>
body{margin:0;padding:22px 26px;font:14px/1.5 -apple-system,"Segoe UI","DejaVu Sans",sans-serif;color:#1f2328;background:#fff}
.box{border:1px solid #d1d9e0;border-radius:6px}.who{background:#f6f8fa;border-bottom:1px solid #d1d9e0;border-radius:6px 6px 0 0;padding:8px 16px;color:#59636e}
.who b{color:#1f2328}.text{padding:6px 16px 12px}h3{font-size:17px;margin:10px 0 8px}table{border-collapse:collapse;margin:10px 0}
th,td{border:1px solid #d1d9e0;padding:5px 11px}td:nth-child(4),td:nth-child(6){white-space:nowrap}tr:nth-child(2n){background:#f6f8fa}code{background:#818b981f;border-radius:6px;padding:2px 5px;font-size:85%}
summary{margin:6px 0}</style><div class="box"><div class="who"><b>github-actions</b> commented</div><div class="text">${marked.parse(readFileSync(join(pull, 'comment.md'), 'utf8'), { breaks: true })}</div></div>`,
);
take(comment, 'comment.png', 1000, 560);
rmSync(work, { recursive: true, force: true });

function take(page, name, width, height) {
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
      '--blink-settings=preferredColorScheme=1',
      `--user-data-dir=${join(work, 'profile')}`,
      `--window-size=${width},${height}`,
      `--screenshot=${join(docs, 'images', name)}`,
      `file://${page}`,
    ],
    { stdio: 'ignore' },
  );
}
