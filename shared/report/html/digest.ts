import { shortDigest } from '../../words/format-number.ts';
import { html, type Markup } from './markup.ts';

/** Short to read, whole under the pointer. */
export const digest = (value: string): Markup => html`<code class="digest" title="${value}">${shortDigest(value)}</code>`;
