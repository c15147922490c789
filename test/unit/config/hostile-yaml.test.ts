import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { parseYaml } from '../../../shared/config/parse-yaml.ts';
import { config, refused } from './config-text.ts';

const problems = (text: string) =>
  parseYaml(text, 'f.yaml').problems.map(({ location, message }) => `${location.line ?? '-'}:${location.column ?? '-'} ${message}`);

describe('hostile and broken YAML', () => {
  it('stops a bomb while it unfolds', () => {
    const bomb = [
      'a: &a [x, x, x, x, x, x, x, x, x, x]',
      ...'bcdefgh'.split('').map((name, index) => `${name}: &${name} [${Array(10).fill(`*${'abcdefg'[index]}`).join(', ')}]`),
    ].join('\n');
    expect(problems(bomb)).toEqual([expect.stringMatching(/The file unfolds to more than 50,000 values\.$/)]);
  });

  it('stops an alias that holds itself', () => {
    expect(problems('a: &a [*a]')).toEqual([expect.stringMatching(/nests deeper than 40 levels/)]);
  });

  it('stops what nests without end', () => {
    expect(problems(`a: ${'['.repeat(100_000)}`)[0]).toMatch(/nests deeper than 40 levels|This is not YAML/);
    expect(problems(`a: ${'['.repeat(60)}${']'.repeat(60)}`)).toEqual([expect.stringMatching(/nests deeper than 40 levels/)]);
  });

  it('stops what is too large to have been written by hand', () => {
    expect(problems(`a: ${'x'.repeat(600_000)}`)).toEqual(['-:- The file is larger than 512 KiB, which no configuration needs.']);
  });

  it.each(['__proto__', 'constructor', 'prototype', '"__proto__"'])('refuses the key %s, and nothing is polluted', (key) => {
    const read = parseYaml(`a: 1\nmodels:\n  ${key}: {polluted: true}\n`, 'f.yaml');
    expect(read.problems).toMatchObject([{ message: expect.stringContaining("can't be a key"), location: { line: 3, column: 3 } }]);
    expect(({} as Record<string, unknown>)['polluted']).toBeUndefined();
    expect(Object.getPrototypeOf((read.value as { models: object }).models)).toBe(Object.prototype);
  });

  it.each([
    ['a tab', 'a:\n\tb: 1\n', '2:1 A tab indents this line; YAML indents by spaces.'],
    ['a key that stands twice', 'a: 1\nb: 2\na: 3\n', '3:1 This key stands here twice; keep one.'],
    [
      'a merge',
      'a: &x {b: 1}\nc:\n  <<: *x\n',
      '3:3 `<<` merges are not read (YAML 1.2 has none); repeat the keys, or alias a whole value with `*name`.',
    ],
    ['an alias of nothing', 'a: *nobody\n', '1:4 `*nobody` names an anchor that the file does not have.'],
    ['a tag', 'a: !!binary aGk=\n', '1:13 The tag `!!binary` is not read here; write plain YAML.'],
    ['a tag of code', 'a: !!js/function "function(){}"\n', '1:18 The tag `!!js/function` is not read here; write plain YAML.'],
    ['a second document', 'a: 1\n---\nb: 2\n', '2:1 A second document begins here (`---`); the file holds one.'],
    ['a key that is a list', '? [a]\n: 1\n', '1:1 A key has to be a plain word.'],
    ['another YAML', '%YAML 1.1\n---\na: yes\n', '1:1 The file asks for YAML 1.1; it is read as YAML 1.2.'],
  ])('refuses %s', (_, text, message) => expect(problems(text)).toContain(message));

  it('reads scalars as YAML 1.2 does, and grouped integers as their writer does', () => {
    const { value } = parseYaml(
      'a: 1_000_000\nb: "1_000"\nc: yes\nd: 0o17\ne: 2024-01-01\nf: 1_0\ng: -12_345\nh: &x {k: 1}\ni: *x\n5: five\n',
      'f.yaml',
    );
    expect(value).toEqual({
      a: 1_000_000,
      b: '1_000',
      c: 'yes',
      d: 15,
      e: '2024-01-01',
      f: '1_0',
      g: -12_345,
      h: { k: 1 },
      i: { k: 1 },
      5: 'five',
    });
  });

  it('answers any text with data or with problems, and with nothing else', () => {
    fc.assert(
      fc.property(
        fc.oneof(fc.string({ unit: 'grapheme' }), fc.string({ unit: fc.constantFrom(...' \n\t:-[]{}&*!|>\'"#%@`,?ab1~<') })),
        (text) => {
          const read = parseYaml(text, 'f.yaml');
          expect(read.problems.every(({ message }) => message.length > 0)).toBe(true);
          expect(read.locate(['a', 0]).file).toBe('f.yaml');
        },
      ),
      { numRuns: 500 },
    );
  });

  it('refuses the whole config for one hostile key', async () => {
    expect(await refused(config({ __proto__x: '1', constructor: '{a: 1}' }))).toEqual(["weighin.yaml:9:5 `constructor` can't be a key."]);
  });
});
