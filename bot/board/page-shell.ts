import { createHash } from 'node:crypto';
import { html, type Markup } from '../../shared/report/html/markup.ts';
import { style } from '../../shared/report/html/style.ts';
import { boardScript } from './board-script.ts';
import { boardStyle } from './board-style.ts';

const hashOf = (text: string) => `'sha256-${createHash('sha256').update(text).digest('base64')}'`;
const sheet: Markup = { markup: `${style.markup}${boardStyle.markup}` };

/** Our own sheet, our own script by its digest, answers of this server; nothing else, from nowhere. */
export const boardHeaders: Readonly<Record<string, string>> = {
  'content-type': 'text/html; charset=utf-8',
  'content-security-policy': `default-src 'none'; style-src ${hashOf(sheet.markup)}; script-src ${hashOf(boardScript)}; connect-src 'self'; form-action 'self'; base-uri 'none'; frame-ancestors 'none'`,
  'referrer-policy': 'no-referrer',
  'cross-origin-opener-policy': 'same-origin',
  'cross-origin-resource-policy': 'same-origin',
  'x-frame-options': 'DENY',
  'x-robots-tag': 'noindex',
  vary: 'cookie, authorization',
};

interface Shell {
  readonly title: string;
  /** Beside the way back to the list. */
  readonly top: Markup;
  readonly main: Markup;
  /** Whether the page changes while it is open: by script, or else by loading it again. */
  readonly live: boolean;
}

/** A page of the board, whole. Works without script: then the browser loads it again every half minute. */
export function pageShell({ title, top, main, live }: Shell): string {
  return html`<!doctype html>
<html lang="en"><head><meta charset="utf-8"><meta name="viewport" content="width=device-width,initial-scale=1"><meta name="color-scheme" content="light dark"><title>${title}</title>
${live && { markup: '<noscript><meta http-equiv="refresh" content="30"></noscript>' }}<style>${sheet}</style></head><body>
<a class="skip" href="#live">Skip to the board</a>
<div class="bar-top">${top}</div>
${main}${live && { markup: `<script>${boardScript}</script>` }}</body></html>
`.markup;
}

export const signOut: Markup = html`<form method="post" action="/board/sign-out"><button type="submit">Sign out</button></form>`;
