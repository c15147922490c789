import Handlebars from 'handlebars';
import { UserError } from '../errors.ts';
import { escapeMarkdown } from './escape-markdown.ts';
import type { Markdown } from './markdown.ts';

/** What a template may see: plain data. Every text in it is escaped before the template gets it. */
export type View = { readonly [name: string]: ViewValue };
export type ViewValue = string | number | boolean | null | undefined | Markdown | readonly ViewValue[] | View;

/**
 * Fills a Handlebars template with Markdown. A team's own template is as safe as ours: its texts arrive escaped (with three braces
 * as with two), it reaches no prototype, and it calls nothing but the built-in helpers.
 * @throws UserError TEMPLATE_INVALID
 */
export function renderTemplate(template: string, view: View, name = 'template'): string {
  const handlebars = Handlebars.create();
  handlebars.unregisterHelper('log');
  try {
    const run = handlebars.compile(template, { knownHelpersOnly: true });
    return run(escaped(view), { allowProtoPropertiesByDefault: false, allowProtoMethodsByDefault: false });
  } catch (error) {
    throw new UserError(
      'TEMPLATE_INVALID',
      `${name} is no valid Handlebars template: ${error instanceof Error ? (error.message.split('\n')[0] ?? '') : 'unknown error'}`,
      'Mend the template, or leave it out to use the default.',
    );
  }
}

function escaped(value: ViewValue): unknown {
  if (typeof value === 'string') return value === '' ? '' : new Handlebars.SafeString(escapeMarkdown(value));
  if (value === null || value === undefined || typeof value !== 'object') return value;
  if (isList(value)) return value.map(escaped);
  // An empty text is falsy, so that `{{#if}}` works on it; a SafeString would not be.
  if (isMarkdown(value)) return value.markdown === '' ? '' : new Handlebars.SafeString(value.markdown);
  return Object.fromEntries(Object.entries(value).map(([name, inner]) => [name, escaped(inner)]));
}

const isList = (value: object): value is readonly ViewValue[] => Array.isArray(value);
const isMarkdown = (value: object): value is Markdown =>
  'markdown' in value && typeof value.markdown === 'string' && Object.keys(value).length === 1;
