import { describe, expect, it } from 'vitest';
import { UserError } from '../../../../shared/errors.ts';
import { editManifest, type ManifestChange } from '../../../../shared/rollout/targets/edit-manifest.ts';
import { readManifest } from '../../../../shared/rollout/targets/manifest-file.ts';
import { changedLines } from './changed-lines.ts';

const edit = (text: string, ...changes: readonly ManifestChange[]) => editManifest(readManifest({ file: 'a.yaml', text }), 0, changes).text;
const diff = (text: string, ...changes: readonly ManifestChange[]) => changedLines(text, edit(text, ...changes));
const caught = (work: () => unknown): UserError => {
  try {
    work();
  } catch (error) {
    if (error instanceof UserError) return error;
    throw error;
  }
  throw new Error('nothing was refused');
};

const odd = `# first
a:   1   # one
"b": 'two'
c: "thr\\u0065e"
list:
    - x: 1
      y: 2     # why

    # between
    -   x: 3
flow: { p: 1, q: [1, 2, 3],   r: "s" }   # end
map:
  # about k
  k:
    deep: true
  # about l
  l: |
    text
    more
# last
`;

describe('editing a manifest in place', () => {
  it.each<[string, ManifestChange, readonly string[]]>([
    ['a number', { is: 'set', path: ['a'], value: 2 }, ['- a:   1   # one', '+ a:   2   # one']],
    ['a quoted text', { is: 'set', path: ['b'], value: 'zwei' }, [`- "b": 'two'`, `+ "b": 'zwei'`]],
    ['a double quoted text', { is: 'set', path: ['c'], value: 'v12' }, ['- c: "thr\\u0065e"', '+ c: "v12"']],
    ['text that YAML would take for a number', { is: 'set', path: ['list', 0, 'x'], value: '12' }, ['-     - x: 1', '+     - x: "12"']],
    ['a value in a list', { is: 'set', path: ['list', 1, 'x'], value: 4 }, ['-     -   x: 3', '+     -   x: 4']],
    ['a block of text', { is: 'set', path: ['map', 'l'], value: 'one' }, ['-   l: |', '-     text', '-     more', '+   l: one']],
    [
      'a value in braces',
      { is: 'set', path: ['flow', 'r'], value: 't' },
      ['- flow: { p: 1, q: [1, 2, 3],   r: "s" }   # end', '+ flow: { p: 1, q: [1, 2, 3],   r: "t" }   # end'],
    ],
    ['a new key after one value', { is: 'set', path: ['list', 0, 'z'], value: 3 }, ['+       z: 3']],
    ['a new key in a map that ends with text', { is: 'set', path: ['map', 'm'], value: 1 }, ['+   m: 1']],
    [
      'a new map',
      { is: 'set', path: ['map', 'k'], value: { far: [1, { a: 'b' }] } },
      ['-     deep: true', '+     far:', '+     - 1', '+     - a: b'],
    ],
    ['a map in place of a number', { is: 'set', path: ['a'], value: { b: 1 } }, ['- a:   1   # one', '+ a:', '+   b: 1']],
    [
      'an empty list',
      { is: 'set', path: ['list'], value: [] },
      ['- list:', '-     - x: 1', '-       y: 2     # why', '- ', '-     # between', '-     -   x: 3', '+ list: []'],
    ],
    [
      'a new key in braces',
      { is: 'set', path: ['flow', 't'], value: { u: 1 } },
      ['- flow: { p: 1, q: [1, 2, 3],   r: "s" }   # end', '+ flow: { p: 1, q: [1, 2, 3],   r: "s", t: {u: 1} }   # end'],
    ],
    [
      'a list in braces',
      { is: 'set', path: ['flow', 'q'], value: [4] },
      ['- flow: { p: 1, q: [1, 2, 3],   r: "s" }   # end', '+ flow: { p: 1, q: [4],   r: "s" }   # end'],
    ],
    ['a key that goes', { is: 'remove', path: ['a'] }, ['- a:   1   # one']],
    ['a key with lines below it that goes', { is: 'remove', path: ['map', 'l'] }, ['-   l: |', '-     text', '-     more']],
    [
      'the first key of an item that goes',
      { is: 'remove', path: ['list', 0, 'x'] },
      ['-     - x: 1', '-       y: 2     # why', '+     - y: 2     # why'],
    ],
    [
      'the last key in braces that goes',
      { is: 'remove', path: ['flow', 'r'] },
      ['- flow: { p: 1, q: [1, 2, 3],   r: "s" }   # end', '+ flow: { p: 1, q: [1, 2, 3] }   # end'],
    ],
    ['an item that goes', { is: 'remove', path: ['list', 0] }, ['-     - x: 1', '-       y: 2     # why']],
    [
      'an item of brackets that goes',
      { is: 'remove', path: ['flow', 'q', 1] },
      ['- flow: { p: 1, q: [1, 2, 3],   r: "s" }   # end', '+ flow: { p: 1, q: [1, 3],   r: "s" }   # end'],
    ],
    ['a new item', { is: 'add', path: ['list', 1], value: { x: 5, y: [6] } }, ['+     - x: 5', '+       y:', '+       - 6']],
    [
      'a new item of brackets',
      { is: 'add', path: ['flow', 'q', 2], value: 4 },
      ['- flow: { p: 1, q: [1, 2, 3],   r: "s" }   # end', '+ flow: { p: 1, q: [1, 2, 3, 4],   r: "s" }   # end'],
    ],
    ['a key that is not there and goes', { is: 'remove', path: ['none', 'at', 'all'] }, []],
  ])('touches no other line: %s', (_, change, lines) => {
    // Exchanged lines in either order.
    expect([...diff(odd, change)].sort()).toEqual([...lines].sort());
  });

  it('puts a new key above the comment of the first', () => {
    const text = 'spec:\n  predictor:\n    # small\n    model: {a: 1}\n';
    expect(edit(text, { is: 'set', path: ['spec', 'predictor', 'percent'], value: 5 })).toBe(
      'spec:\n  predictor:\n    percent: 5\n    # small\n    model: {a: 1}\n',
    );
  });

  it('keeps the line ends of Windows, and a last line without one', () => {
    expect(edit('a: 1\r\nb:\r\n- c: 1', { is: 'add', path: ['b', 0], value: { c: 2 } })).toBe('a: 1\r\nb:\r\n- c: 1\r\n- c: 2\r\n');
    expect(edit('a: 1', { is: 'set', path: ['b'], value: 2 })).toBe('a: 1\nb: 2\n');
  });

  it('changes one document of several and leaves what divides them', () => {
    const text = '%YAML 1.2\n---\na: 1\n...\n# between\n---\na: 1 # second\n';
    const edited = editManifest(readManifest({ file: 'a.yaml', text }), 1, [{ is: 'set', path: ['a'], value: 2 }]);
    expect(changedLines(text, edited.text)).toEqual(['- a: 1 # second', '+ a: 2 # second']);
  });

  it('refuses what would change more than was asked: anchors, aliases, merged keys', () => {
    const anchored = 'a: &one 1\nb: *one\nc: &map {d: 1}\ne: *map\nf:\n  <<: *map\n';
    expect(caught(() => edit(anchored, { is: 'set', path: ['a'], value: 2 })).code).toBe('MANIFEST_NOT_EDITABLE');
    expect(caught(() => edit(anchored, { is: 'set', path: ['c', 'd'], value: 2 })).code).toBe('MANIFEST_NOT_EDITABLE');
    expect(caught(() => edit(anchored, { is: 'set', path: ['e', 'd'], value: 2 }))).toMatchObject({
      code: 'MANIFEST_ALIAS',
      location: { file: 'a.yaml', line: 4 },
    });
  });

  it.each([
    ['a: [1', 'MANIFEST_NOT_YAML'],
    ['a: 1\na: 2\n', 'MANIFEST_NOT_YAML'],
    ['{{- if .Values.canary }}\na: 1\n{{- end }}\n', 'MANIFEST_NOT_YAML'],
    [`a: ${'['.repeat(20_000)}`, 'MANIFEST_NOT_YAML'],
    [
      `a: &a [x]\n${Array.from({ length: 40 }, (_, level) => `b${level}: &b${level} [${'*'}${level === 0 ? 'a' : `b${level - 1}`} , *${level === 0 ? 'a' : `b${level - 1}`}]`).join('\n')}\n`,
      'MANIFEST_NOT_YAML',
    ],
    [`a: ${'x'.repeat(2 ** 20)}`, 'MANIFEST_NOT_YAML'],
  ])('reads no text that is none, bombs included (%#)', (text, code) => {
    const error = caught(() => readManifest({ file: 'deploy/a.yaml', text }));
    expect(error.code).toBe(code);
    expect(error.location?.file).toBe('deploy/a.yaml');
  });
});
