import { expect, it } from 'vitest';
import { enginePattern } from '../../../shared/query/engine-pattern.ts';

it.each([
  ['abc', 'abc'],
  ['a.c', 'a[^\\n]c'],
  ['\\d+', '[0-9]+'],
  ['[\\d_-]', '[0-9_-]'],
  ['\\W', '[^0-9A-Za-z_]'],
  ['[]a]', '[\\]a]'],
  ['[a&&b[]', '[a\\&\\&b\\[]'],
  ['(a|b)', '(?:a|b)'],
  ['(?:a){2,3}?', '(?:a){2,3}?'],
  ['{a}', '\\{a\\}'],
  ['a\\.b', 'a\\.b'],
])('writes %s as %s', (pattern, written) => {
  expect(enginePattern(pattern)).toBe(written);
  const texts = ['abc', 'a.b', 'a\nc', '7', '٣', 'ab', '{a}', 'aaa', '-', ']', '&', '[', ' '];
  // JavaScript's own reading of both stands for an engine here.
  const of = (source: string) => texts.filter((text) => new RegExp(`^(?:${source})$`).test(text));
  if (!pattern.startsWith('[')) expect(of(enginePattern(pattern))).toEqual(of(pattern));
});

it.each(['(?i)a', '(?=a)', '(?P<n>a)', '\\bword', '\\p{L}', '[[:alpha:]]', 'a{256}', 'a{1,999}', '[a', 'a\\', '[\\D]', '\\1', '\\z'])(
  'refuses %s, which engines read otherwise',
  (pattern) => {
    expect(() => enginePattern(pattern)).toThrow(expect.objectContaining({ code: 'PATTERN_NOT_PORTABLE' }));
  },
);
