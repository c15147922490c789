import type { Markdown } from '../../shared/words/markdown.ts';

/** Text of the table itself, which is Markdown already: nothing of it comes from outside. */
export const ownText = (text: string): Markdown => ({ markdown: text });
/** The same in a cell of a table, where a bar would end it. */
export const ownCell = (text: string): Markdown => ({ markdown: text.replaceAll('|', '\\|') });
export const ownCode = (text: string): Markdown => ownText(`\`${text}\``);
