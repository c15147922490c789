import { visibleText } from './visible-text.ts';

const entities: Readonly<Record<string, string>> = { '&': '&amp;', '<': '&lt;', '>': '&gt;', '"': '&quot;', "'": '&#39;', '`': '&#96;' };

/** Text as HTML and XML write it, in elements and in quoted attributes alike; what is invisible is spelled. */
export const escapeHtml = (text: string) => visibleText(text).replace(/[&<>"'`]/g, (character) => entities[character] ?? character);
