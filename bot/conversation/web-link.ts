import { type Markdown, md } from '../../shared/words/markdown.ts';

/** A link to a page of the forge itself. The address comes from its API, not from data; still nothing in it may end the link. */
export function webLink(text: string, url: string): Markdown {
  const { protocol, href } = new URL(url);
  if (protocol !== 'https:' && protocol !== 'http:') return md`${text}`;
  const target = href.replace(/[()<>\s]/g, (character) => `%${character.charCodeAt(0).toString(16)}`);
  return { markdown: `[${md`${text}`.markdown}](${target})` };
}
