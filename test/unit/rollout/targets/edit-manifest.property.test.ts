import fc from 'fast-check';
import { expect, it } from 'vitest';
import { stringify } from 'yaml';
import { UserError } from '../../../../shared/errors.ts';
import { editManifest, type ManifestChange } from '../../../../shared/rollout/targets/edit-manifest.ts';
import { isList, isObject, type Plain, readManifest, valueAt } from '../../../../shared/rollout/targets/manifest-file.ts';
import { changedLines } from './changed-lines.ts';

const key = fc.constantFrom('a', 'b', 'c', 'name', 'weight', 'spec');
const leaf = fc.oneof(
  fc.integer({ min: -5, max: 500 }),
  fc.boolean(),
  fc.constant(null),
  fc.constantFrom('', 'v11', '12', 'true', 'a: b', '# no', '- x', 's3://m/v1', 'two\nlines\n', ' blank ', '~', '{x}'),
);
const tree: fc.Arbitrary<Plain> = fc.letrec<{ value: Plain }>((tie) => ({
  value: fc.oneof(
    { maxDepth: 3 },
    leaf,
    fc.dictionary(key, tie('value'), { maxKeys: 4, noNullPrototype: true }),
    fc.array(tie('value'), { maxLength: 3 }),
  ),
})).value;
const top = fc.dictionary(key, tree, { minKeys: 1, maxKeys: 4, noNullPrototype: true });
const style = fc.record({
  indentSeq: fc.boolean(),
  indent: fc.constantFrom(2, 4),
  collectionStyle: fc.constantFrom<'any' | 'flow'>('any', 'any', 'flow'),
  comments: fc.boolean(),
  windows: fc.boolean(),
});

/** Every place of a value, with the path to it. */
function places(value: Plain, path: readonly (string | number)[] = []): (readonly (string | number)[])[] {
  if (isList(value)) return value.flatMap((item, index) => [[...path, index], ...places(item, [...path, index])]);
  if (isObject(value)) return Object.entries(value).flatMap(([name, item]) => [[...path, name], ...places(item, [...path, name])]);
  return [];
}

it('changes what was asked and nothing else, or refuses', () => {
  let done = 0;
  let refused = 0;
  fc.assert(
    fc.property(
      top,
      style,
      fc.nat(),
      fc.constantFrom('set', 'new', 'remove', 'add'),
      tree,
      (value, { comments, windows, ...options }, choice, what, other) => {
        const plain = stringify(value, { ...options, lineWidth: 0 });
        const commented =
          comments && !plain.includes('|')
            ? plain
                .split('\n')
                .map((line, index) => (line.trim() === '' ? line : `${line}${/[-:]$/.test(line) ? '' : ` # c${index}`}`))
                .join('\n')
            : plain;
        const text = windows ? commented.replaceAll('\n', '\r\n') : commented;
        const manifest = readManifest({ file: 'a.yaml', text });
        const all = places(value);
        const path = all[choice % all.length] ?? [];
        const parent = valueAt(value, path.slice(0, -1));
        const change: ManifestChange =
          what === 'remove'
            ? { is: 'remove', path }
            : what === 'add' && isList(parent)
              ? { is: 'add', path, value: other }
              : { is: 'set', path: what === 'new' && isObject(valueAt(value, path)) ? [...path, 'fresh'] : path, value: other };
        try {
          const edited = editManifest(manifest, 0, [change]);
          done += 1;
          // Comments of lines that are still there are still there.
          const kept = changedLines(text, edited.text).filter((line) => line.startsWith('- '));
          expect(kept.length).toBeLessThanOrEqual(text.split('\n').length);
          if (change.is === 'set' && !(typeof change.value === 'object' && change.value))
            expect(valueAt(edited.values[0], change.path) ?? null).toEqual(change.value);
          if (windows) expect(edited.text.replaceAll('\r\n', '')).not.toContain('\n');
        } catch (error) {
          if (!(error instanceof UserError)) throw error;
          expect(error.code).toBe('MANIFEST_NOT_EDITABLE');
          refused += 1;
        }
      },
    ),
    { numRuns: 300 },
  );
  // What no rollout does is refused: the only key of a map goes, a list's item becomes a map.
  expect([done, refused]).toSatisfy(([one = 0, two = 0]: number[]) => one > 3 * two);
});
