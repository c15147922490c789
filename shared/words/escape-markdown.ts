import { visibleText } from './visible-text.ts';

/** Stands between two characters so that GitHub makes no mention, reference or link of them; nobody sees it. */
const apart = '&#8203;';

/**
 * Text as GitHub's Markdown shows it, literally: no emphasis, table cell, HTML, image or link, and nothing that GitHub makes
 * of text after rendering (mentions, `#123`, addresses, commit hashes, emoji, formulas).
 */
export function escapeMarkdown(text: string): string {
  return visibleText(text)
    .replace(/[\\`*[\]|~]/g, '\\$&')
    .replace(/(?<![\p{L}\p{N}])_|_(?![\p{L}\p{N}])/gu, '\\_')
    .replace(/&/g, '&amp;')
    .replace(/</g, '&lt;')
    .replace(/>/g, '&gt;')
    .replace(/\$/g, '&#36;')
    .replace(/^(\s*)(#{1,6}(?=\s|$)|[+-](?=\s|$)|(?:=+|-+)\s*$)/, '$1\\$2')
    .replace(/^(\s*\d{1,9})(?=[.)](?:\s|$))/, `$1${apart}`)
    .replace(/@(?=[\p{L}\p{N}_-])/gu, `@${apart}`)
    .replace(/(?<!&)#(?=\d)/g, `#${apart}`)
    .replace(/\bGH-(?=\d)/gi, (match) => `${match}${apart}`)
    .replace(/:(?=\/\/)/g, `:${apart}`)
    .replace(/\bwww(?=\.)/gi, (match) => `${match}${apart}`)
    .replace(/:(?=[a-z0-9_+-]+:)/gi, `:${apart}`)
    .replace(/\b(?=[0-9a-f]*[a-f])(?=[0-9a-f]*\d)[0-9a-f]{7,40}\b/g, (hash) => `${hash.slice(0, 3)}${apart}${hash.slice(3)}`);
}

/** Text in a code span, where GitHub makes nothing of it; also inside tables, where a bar would end the cell. */
export function markdownCode(text: string): string {
  const shown = visibleText(text);
  if (shown.trim() === '') return '<code>&#32;</code>';
  if (/^[\w./:=@ +,#%()…−⟨⟩-]+$/u.test(shown) && shown.trim() === shown) return `\`${shown}\``;
  return `<code>${shown.replace(/[^\p{L}\p{N} ⟨⟩…−]/gu, (character) => `&#${character.codePointAt(0)};`)}</code>`;
}
