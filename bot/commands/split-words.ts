/** A word of a command as it was written, without its quotes. */
export interface Word {
  readonly text: string;
  readonly quoted: boolean;
}

/** Straight and typographic quotes: keyboards and word processors change one into the other. */
const quotes = '"“”„‟';

/**
 * Words of a line, apart by blanks; a quoted piece is one word. `--reason="…"` is the option and its value. Null where a quote is not
 * closed.
 */
export function splitWords(line: string): Word[] | null {
  const words: Word[] = [];
  const piece = new RegExp(`\\s*(?:([${quotes}])([^${quotes}]*)([${quotes}])?|([^\\s${quotes}]+))`, 'uy');
  for (let found = piece.exec(line); found; found = piece.exec(line)) {
    const [, open, inner = '', close, plain] = found;
    if (open !== undefined) {
      if (close === undefined) return null;
      words.push({ text: inner.trim(), quoted: true });
    } else if (plain !== undefined) words.push(...plainWords(plain));
  }
  return words;
}

function plainWords(plain: string): Word[] {
  // Two hyphens become a dash on some keyboards.
  const word = plain.replace(/^(?:--|—|–)(?=[a-z])/i, '--');
  const [option = '', ...rest] = word.split('=');
  if (!option.startsWith('--') || rest.length === 0) return [{ text: word, quoted: false }];
  const value = rest.join('=');
  return value === '' ? [{ text: option, quoted: false }] : [option, value].map((text) => ({ text, quoted: false }));
}
