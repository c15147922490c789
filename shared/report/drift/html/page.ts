import { clipText } from '../../../words/visible-text.ts';
import { html, type Markup } from '../../html/markup.ts';
import { style } from '../../html/style.ts';
import { driftStyle } from './drift-style.ts';

/** The frame that drift and profile pages share with the report. */
export function page(title: string, body: Markup): string {
  return html`<!doctype html>
<html lang="en"><head><meta charset="utf-8"><meta http-equiv="Content-Security-Policy" content="default-src 'none'; style-src 'unsafe-inline'; base-uri 'none'; form-action 'none'">
<meta name="viewport" content="width=device-width,initial-scale=1"><meta name="color-scheme" content="light dark"><meta name="referrer" content="no-referrer"><title>${clipText(title, 200)} · Weighin</title>
<style>${style}${driftStyle}</style></head><body><main>
${body}
</main></body></html>
`.markup;
}
