/** Control, format (bidirectional overrides, zero-width, soft hyphen …), line-separating and unpaired characters: none of them can be seen. */
const invisible = /[\p{Cc}\p{Cf}\p{Zl}\p{Zp}\p{Cs}]/gu;

/**
 * Text of one line in which every character can be seen: line breaks and tabs become spaces, what is invisible is spelled
 * (`⟨U+202E⟩`), so that a hostile name can neither reorder what stands beside it nor hide in it.
 */
export const visibleText = (text: string) => text.replace(/[\t\r\n]+/g, ' ').replace(invisible, spell);

const spell = (character: string) => `⟨U+${(character.codePointAt(0) ?? 0).toString(16).toUpperCase().padStart(4, '0')}⟩`;

/** At most `length` characters, the cut marked; never half of a character. */
export function clipText(text: string, length: number): string {
  const characters = Array.from(text);
  return characters.length <= length ? text : `${characters.slice(0, length - 1).join('')}…`;
}
