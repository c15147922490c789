import fc from 'fast-check';
import { marked } from 'marked';
import { describe, expect, it } from 'vitest';
import { slashLines } from '../../../../bot/commands/comment-lines.ts';

const found = (...lines: string[]) => slashLines(lines.join('\n')).map(({ line }) => line);

describe('follows blocks as Markdown does', () => {
  it.each<[string, string[], number[]]>([
    ['a paragraph', ['text', '/a', 'text', '', '/b'], [2, 5]],
    ['a fence in a list, closed there', ['- ```', '  /a', '  ```', '/b'], [4]],
    ['a fence in a list, ended by the line', ['- ```', '/a', '```', '/b'], [2]],
    ['a fence after one in a list', ['- ```', '  x', '  ```', '```', '/a', '```'], []],
    ['a fence in a quote, ended by the line', ['> ```', '/a'], [2]],
    ['a shorter fence, which closes none', ['````', '```', '/a', '````', '/b'], [5]],
    ['another mark, which closes none', ['~~~', '```', '/a', '~~~', '/b'], [5]],
    ['a closing mark with a word, which closes none', ['```', '``` sh', '/a', '```', '/b'], [5]],
    ['a closing mark in too far', ['```', '    ```', '/a', '```', '/b'], [5]],
    ['backticks with a backtick behind, which open none', ['``` a`b', '', '/a'], [3]],
    ['a line that goes on with a list', ['- item', '/a'], [2]],
    ['a line that goes on with a quote in a list', ['1. > said', '/a', '', '/b'], [4]],
    ['a quote that a heading ended', ['> said', '# now', '/a'], [3]],
    ['a quote of a heading', ['> # said', '/a'], [2]],
    ['an empty quote', ['>', '/a'], [2]],
    ['details', ['<details>', '<summary>x</summary>', '/a', '', '/b', '</details>', '/c'], [3, 5, 7]],
    ['a fence in details without a blank line', ['<details>', '```', '/a', '```', '</details>', '', '/b'], [7]],
    ['a fence in details after a blank line', ['<details>', '', '```', '/a', '```', '</details>', '/b'], [7]],
    ['marks of a fence in raw HTML, ended by a blank line', ['<div>', '```', '', '```', '/a', '```', '/b'], [7]],
    ['a tag alone in a paragraph, then a fence', ['text', '<b>', '```', '', '/a', '```'], []],
    ['a tag alone, whose backticks are text', ['<b>', '```', '', '```', '/a', '```', '/b'], [7]],
    ['an ordered item that does not break a paragraph', ['text', '2) ```', '   ```', '/a', '```', '/b'], [6]],
    ['an empty item, then a fence', ['-', '', '  ```', '/a', '  ```', '/b'], [6]],
    ['a rule, which is no list', ['* * *', '  ```', '/a', '  ```', '/b'], [5]],
    ['tabs before a fence in a list', ['-\t```', '\tx', '\t```', '/a'], [4]],
    ['a tab before the slash', ['\t/a', '', '\t/b'], []],
  ])('%s', (_, lines, expected) => {
    expect(found(...lines)).toEqual(expected);
  });
});

describe('takes no line that a reader does not see as text', () => {
  it.each<[string, string[], number[]]>([
    ['a comment over lines', ['<!--', '/a', '', '/b', '-->', '/c'], [6]],
    ['a comment that begins in a sentence', ['text <!-- x', '/a', '--> /b', '/c'], [4]],
    ['a comment never closed', ['<!-- x', '/a', '', '/b'], []],
    ['a second comment behind the first', ['<!-- a --> <!--', '/a', '-->'], []],
    ['a comment that raw HTML leaves open', ['<div> <!--', '', '/a'], []],
    ['an attribute over lines', ['text <a title="', '/a', '">', '', '/b'], [5]],
    ['an attribute with an angle bracket', ['text <a title=">', '/a', '">x</a>', '', '/b'], [5]],
    ['an attribute after one with an angle bracket', ['text <a title=">" alt="', '/a', '">', '', '/b'], [5]],
    ['an attribute that raw HTML leaves open', ['<div title="', '', '/a', '">'], []],
    ['the definition of a link', ['[x]: /url "', '/a', '"', '', '/b'], [5]],
    ['the target of a link', ['[x]:', '/a', '', '/b'], [4]],
    ['the title of a link', ['see [x](/url "', '/a', '")', '', '/b'], [5]],
    ['the text of an image', ['![', '/a', '](/url)', '', '/b'], [5]],
    ['a span of code', ['`x', '/a', '`', '/b'], [4]],
    ['quotation elements', ['<q>', '', '/a', '', '</q>', '', '/b'], [7]],
    ['an element of code, in capitals', ['<CODE>', '/a', '</CODE>', '/b'], [4]],
    ['pre, whose block Markdown ends too early', ['<pre>', '</script>', '/a', '</pre>', '/b'], [5]],
  ])('%s', (_, lines, expected) => {
    expect(found(...lines)).toEqual(expected);
  });

  it('is not led astray by code in a sentence', () => {
    expect(found('Is `<pre>` or `<!--` or ``a ` b`` fine in `![`?', '/a')).toEqual([2]);
    expect(found('a \\`b and a < b, 3 <5', '/a')).toEqual([2]);
  });
});

/** Where each mark stands in HTML: as text, or somewhere else. */
function shownAsText(html: string, mark: string): boolean {
  let depth = 0;
  let at = 0;
  for (const piece of html.matchAll(/<!--[\s\S]*?(?:-->|$)|<(\/?)([a-zA-Z][a-zA-Z0-9-]*)(?:"[^"]*"|'[^']*'|[^'">])*>/g)) {
    if (html.slice(at, piece.index).includes(mark)) return depth === 0;
    if (piece[0].includes(mark)) return false;
    const [, close, name = ''] = piece;
    if (/^(?:pre|code|blockquote)$/i.test(name)) depth = close ? Math.max(0, depth - 1) : depth + 1;
    at = piece.index + piece[0].length;
  }
  return html.slice(at).includes(mark) && depth === 0;
}

/** Fences in lists are left to the table above: this reader goes on with them where CommonMark ends them. */
it('finds only what another reader of Markdown shows as text', () => {
  const line = fc.constantFrom(
    ...[
      '/why',
      '/why',
      '/why',
      '',
      '',
      'text',
      '```',
      '```',
      '````',
      '~~~',
      '~~~ x',
      '> a',
      '>',
      '> ```',
      '- a',

      '1. b',
      '2. c',
      '  d',
    ],
    ...[
      '    e',

      '\tf',
      '# g',
      '---',
      '<!--',
      '-->',
      '<!-- h -->',
      '<details>',
      '</details>',
      '<div>',
      '<b>',
      'i <b>',
      '`j',
      'k `l` m',
      '- > n',
    ],
    ...['  - o', '* * *', '[p]: /q', 'r [s](/t "', '")', '<pre>', 'x</pre>', '<blockquote>', '</blockquote>', '==='],
  );
  let seen = 0;
  fc.assert(
    fc.property(fc.array(line, { maxLength: 14 }), (lines) => {
      for (const { line: number } of slashLines(lines.join('\n'))) {
        seen += 1;
        const marked_ = lines.map((text, index) => (index === number - 1 ? '/whyZQX' : text)).join('\n');
        expect(shownAsText(marked.parse(marked_, { gfm: true, async: false }), 'ZQX'), marked_).toBe(true);
      }
    }),
    { numRuns: 3000 },
  );
  expect(seen).toBeGreaterThan(300);
});
