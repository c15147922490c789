import { escapeHtml } from '../../words/escape-html.ts';

/** Markup that is safe to write as it is: it only comes from the templates of this folder. */
export interface Markup {
  readonly markup: string;
}

type Part = Markup | string | number | null | undefined | false | readonly Part[];

/** A template whose every text is escaped; only other markup goes in as it is. `null`, `undefined` and `false` leave nothing. */
export function html(strings: TemplateStringsArray, ...parts: readonly Part[]): Markup {
  return { markup: strings.reduce((text, literal, index) => text + write(parts[index - 1] ?? null) + literal) };
}

export const nothing: Markup = { markup: '' };

function write(part: Part): string {
  if (part === null || part === undefined || part === false) return '';
  if (typeof part === 'string') return escapeHtml(part);
  if (typeof part === 'number') return String(part);
  if ('markup' in part) return part.markup;
  return part.map(write).join('');
}

/** Sentences that name things in backticks: what stands in a pair of them is shown as code. */
export function prose(text: string): Markup {
  const pieces = text.split('`');
  // An odd number of backticks is not such a sentence but something that a name brought in.
  return pieces.length % 2 === 0
    ? html`${text}`
    : html`${pieces.map((piece, index) => (index % 2 === 1 ? html`<code>${piece}</code>` : piece))}`;
}

/** A coordinate: two digits after the point are finer than any screen. */
export const at = (value: number) => Number(value.toFixed(2));
