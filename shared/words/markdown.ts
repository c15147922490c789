import { escapeMarkdown, markdownCode } from './escape-markdown.ts';

/** Markdown that is safe to write as it is: it only comes from templates of this suite. */
export interface Markdown {
  readonly markdown: string;
}

type Part = Markdown | string | number | null | undefined | false | readonly Part[];

/** A template whose every text is escaped; only other Markdown goes in as it is. `null`, `undefined` and `false` leave nothing. */
export function md(strings: TemplateStringsArray, ...parts: readonly Part[]): Markdown {
  return { markdown: strings.reduce((text, literal, index) => text + write(parts[index - 1]) + literal) };
}

/** Text as code, where nothing of it becomes a mention, a link or a formula. */
export const code = (text: string): Markdown => ({ markdown: markdownCode(text) });

export const joinMarkdown = (parts: readonly Markdown[], separator: string): Markdown => ({
  markdown: parts.map(({ markdown }) => markdown).join(separator),
});

/** Sentences that name things in backticks, as the words of a report do: what stands in backticks becomes code, the rest is escaped. */
export function proseMarkdown(text: string): Markdown {
  const pieces = text.split('`');
  // An odd number of backticks is not such a sentence but something that a name brought in.
  if (pieces.length % 2 === 0) return md`${text}`;
  return joinMarkdown(
    pieces.map((piece, index) => (index % 2 === 1 ? code(piece) : md`${piece}`)),
    '',
  );
}

function write(part: Part): string {
  if (part === null || part === undefined || part === false) return '';
  if (typeof part === 'string') return escapeMarkdown(part);
  if (typeof part === 'number') return String(part);
  if ('markdown' in part) return part.markdown;
  return part.map(write).join('');
}
