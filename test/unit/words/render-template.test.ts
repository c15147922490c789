import { expect, it } from 'vitest';
import type { UserError } from '../../../shared/errors.ts';
import { md } from '../../../shared/words/markdown.ts';
import { renderTemplate } from '../../../shared/words/render-template.ts';

const hostile = '<b>@team</b>';

it('escapes a text with two braces and with three', () => {
  const safe = '&lt;b&gt;@&#8203;team&lt;/b&gt;';
  expect(renderTemplate('{{name}}|{{{name}}}', { name: hostile })).toBe(`${safe}|${safe}`);
});

it('leaves Markdown of our own as it is, with what it embeds escaped', () => {
  expect(renderTemplate('{{line}}', { line: md`**${hostile}**` })).toBe('**&lt;b&gt;@&#8203;team&lt;/b&gt;**');
});

it('takes empty texts as false', () => {
  expect(renderTemplate('{{#if a}}a{{else}}none{{/if}}{{#if b}}b{{else}}none{{/if}}', { a: '', b: md`` })).toBe('nonenone');
});

it('reaches no prototype', () => {
  for (const path of ['constructor', '__proto__', 'constructor.constructor', 'list.constructor', 'name.constructor', 'name.toString'])
    expect(renderTemplate(`{{${path}}}`, { name: 'x', list: [] })).toBe('');
  expect(renderTemplate('{{lookup this "constructor"}}', {})).toBe('');
});

it('says where a template is wrong, and calls no helper but the built-in ones', () => {
  for (const template of ['{{#if a}}', '{{log "x"}}', '{{evil 1}}'])
    expect(() => renderTemplate(template, { a: 'x' }, 'card.hbs')).toThrow(
      expect.objectContaining({ name: 'UserError', code: 'TEMPLATE_INVALID' }) as UserError,
    );
});
