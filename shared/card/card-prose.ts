import type { Markdown } from '../words/markdown.ts';

/**
 * Markdown that a person of the team wrote for the card, kept as Markdown: headings sink below the card's own, HTML is shown as text,
 * what cannot be seen is left out. Fenced code stays as it is.
 */
export function cardProse(text: string): Markdown {
  let fence: string | null = null;
  const lines = text
    .replace(/\r\n?/g, '\n')
    .replace(/[^\P{C}\n\t]/gu, '')
    .trim()
    .split('\n')
    .map((line) => {
      const mark = /^\s{0,3}(`{3,}|~{3,})/.exec(line)?.[1];
      if (mark) {
        if (fence === null) fence = mark;
        else if (mark.startsWith(fence)) fence = null;
        return line;
      }
      if (fence !== null) return line;
      return line
        .replace(/^(\s{0,3})(#{1,6})(?=\s|$)/, (_, space: string, marks: string) => `${space}${'#'.repeat(Math.min(6, marks.length + 2))}`)
        .replace(/^\s{0,3}(?:=+|-{3,})\s*$/, '')
        .replace(/<(?=[A-Za-z/!?])/g, '&lt;');
    });
  // A fence that nobody closed would swallow the rest of the card.
  return { markdown: (fence === null ? lines : [...lines, fence]).join('\n') };
}
