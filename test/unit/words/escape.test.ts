import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { escapeHtml } from '../../../shared/words/escape-html.ts';
import { escapeMarkdown, markdownCode } from '../../../shared/words/escape-markdown.ts';
import { proseMarkdown } from '../../../shared/words/markdown.ts';
import { clipText, visibleText } from '../../../shared/words/visible-text.ts';

const anyText = fc.oneof(fc.string({ unit: 'binary' }), fc.stringMatching(/^[@#<>&"'`*_|~[\]()!:/\\a-z0-9 .$-]*$/));

describe('visible text', () => {
  it('spells what cannot be seen', () => {
    expect(visibleText('a\u202Eb\u0007c\u200bd\u{e0041}')).toBe('a⟨U+202E⟩b⟨U+0007⟩c⟨U+200B⟩d⟨U+E0041⟩');
    expect(visibleText('a\r\n\tb')).toBe('a b');
    expect(visibleText('unpaired \ud800')).toBe('unpaired ⟨U+D800⟩');
    expect(visibleText('größe ↑ 数')).toBe('größe ↑ 数');
  });

  it('leaves no control or format character of any text', () => {
    fc.assert(
      fc.property(anyText, (text) => {
        expect(visibleText(text)).not.toMatch(/[\p{Cc}\p{Cf}\p{Zl}\p{Zp}\p{Cs}]/u);
      }),
    );
  });

  it('cuts between characters, not inside one', () => {
    expect(clipText('ab🎉d', 4)).toBe('ab🎉d');
    expect(clipText('ab🎉de', 4)).toBe('ab🎉…');
  });
});

describe('HTML', () => {
  it('escapes what ends an element or an attribute', () => {
    expect(escapeHtml(`<a href="x" title='y'>&\`</a>`)).toBe('&lt;a href=&quot;x&quot; title=&#39;y&#39;&gt;&amp;&#96;&lt;/a&gt;');
  });

  it('leaves none of them raw in any text', () => {
    fc.assert(
      fc.property(anyText, (text) => {
        expect(escapeHtml(text)).not.toMatch(/[<>"'`]|&(?!(?:amp|lt|gt|quot|#39|#96);)/);
      }),
    );
  });
});

describe('Markdown', () => {
  it.each([
    ['@team', '@&#8203;team'],
    ['fixes #12', 'fixes #&#8203;12'],
    ['GH-12', 'GH-&#8203;12'],
    ['https://evil.example', 'https:&#8203;//evil.example'],
    ['www.evil.example', 'www&#8203;.evil.example'],
    ['![x](y)', '!\\[x\\](y)'],
    ['<img src=x>', '&lt;img src=x&gt;'],
    ['a | b', 'a \\| b'],
    ['`code`', '\\`code\\`'],
    ['$x$', '&#36;x&#36;'],
    [':tada:', ':&#8203;tada:'],
    ['3f2a9c1d', '3f2&#8203;a9c1d'],
    ['roc_auc', 'roc_auc'],
    ['_strong_', '\\_strong\\_'],
    ['# head', '\\# head'],
    ['- item', '\\- item'],
    ['1. item', '1&#8203;. item'],
    ['+.007', '+.007'],
    ['4.1 ms', '4.1 ms'],
    ['a\n\n# head', 'a # head'],
  ])('neutralises %s', (text, escaped) => {
    expect(escapeMarkdown(text)).toBe(escaped);
  });

  it('leaves nothing that GitHub would act on in any text', () => {
    fc.assert(
      fc.property(anyText, (text) => {
        const escaped = escapeMarkdown(text);
        expect(escaped).not.toMatch(/[<>\n]/);
        expect(escaped.replaceAll('\\\\', '')).not.toMatch(/(?<!\\)[`*[\]|~]/);
        expect(escaped).not.toMatch(/@[\p{L}\p{N}_-]|(?<!&)#\d|:\/\/|\$/u);
      }),
    );
  });

  it('writes code that no backtick or bar of a name can end', () => {
    expect(markdownCode('train.py')).toBe('`train.py`');
    expect(markdownCode('a`b|c')).toBe('<code>a&#96;b&#124;c</code>');
    expect(markdownCode('')).toBe('<code>&#32;</code>');
    fc.assert(
      fc.property(anyText, (text) => {
        const inner = markdownCode(text).replace(/^`|`$|^<code>|<\/code>$/g, '');
        expect(inner).not.toMatch(/[`|<>\n]/);
      }),
    );
  });

  it('makes code of what stands in backticks, and nothing of odd ones', () => {
    expect(proseMarkdown('run `pytest -q` now').markdown).toBe('run `pytest -q` now');
    expect(proseMarkdown('a ` b').markdown).toBe('a \\` b');
    expect(proseMarkdown('`<b>`').markdown).toBe('<code>&#60;b&#62;</code>');
  });
});
