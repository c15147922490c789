import { describe, expect, it } from 'vitest';
import type { Profile } from '../../../shared/profile/profile.ts';
import { profileText } from '../../../shared/profile/profile-text.ts';
import { looksLikeProfile, readProfile } from '../../../shared/profile/read-profile.ts';
import { digestOfProfile, sealProfile } from '../../../shared/profile/seal-profile.ts';
import { profileOfRows } from '../../support/profile-of-rows.ts';
import { sampleProfile } from '../../support/profiles.ts';

const profile = profileOfRows({
  columns: [
    { name: 'x', type: 'number' },
    { name: 't', type: 'text' },
    { name: 'at', type: 'timestamp' },
  ],
  rows: [
    [1, 'a', 0n],
    [Number.NaN, null, null],
    [-2, 'b', 86_400_000_000n],
  ],
});

/** As whoever edits a file and knows how digests are made would write it. */
const forged = (edit: (draft: Draft) => void): string => {
  const draft = structuredClone(profile) as Draft;
  edit(draft);
  return JSON.stringify({ ...draft, digest: digestOfProfile(draft as unknown as Profile) });
};
// biome-ignore lint/suspicious/noExplicitAny: a test writes what no type allows
type Draft = any;
const code = (expected: string) => expect.objectContaining({ name: 'UserError', code: expected });

describe('readProfile', () => {
  it('reads what profileText wrote', () => {
    expect(readProfile(profileText(profile), 'p.json')).toEqual(profile);
    const other = sampleProfile({ cells: 4 });
    expect(readProfile(profileText(other), 'p.json')).toEqual(other);
  });

  it.each([
    ['empty', ''],
    ['no JSON', 'a,b\n1,2\n'],
    ['a list', '[]'],
    ['null', 'null'],
    ['another document', '{"schema": "weighin/report@1"}'],
    ['no schema', '{"rows": 1}'],
    ['a schema that is a number', '{"schema": 1}'],
    ['a profile cut short', '{"schema": "weighin/profile@1", "rows": 3}'],
  ])('refuses what is no profile: %s', (_, text) => {
    expect(() => readProfile(text, 'p.json')).toThrow(code('PROFILE_INVALID'));
  });

  it('names another version and what to do', () => {
    expect(() => readProfile(profileText(profile).replace('weighin/profile@1', 'weighin/profile@2'), 'p.json')).toThrow(
      expect.objectContaining({
        code: 'PROFILE_VERSION',
        message: expect.stringContaining('weighin/profile@2'),
        hint: expect.stringContaining('again'),
      }),
    );
  });

  it('refuses an edited file, by a single count', () => {
    expect(() => readProfile(profileText(profile).replace('[1,1]', '[1,2]'), 'p.json')).toThrow(code('PROFILE_EDITED'));
  });

  it.each<[string, (draft: Draft) => void, string]>([
    ['a column counts fewer rows', (draft) => draft.cells[0].columns[0].values.pop(), 'column x counts 2 of 3 rows'],
    ['cells of other rows', (draft) => draft.rows++, 'its cells have 3 rows'],
    ['a column less', (draft) => draft.cells[0].columns.pop(), 'counts 2 of its 3 columns'],
    ['another kind', (draft) => (draft.columns[0].type = 'text'), 'column x is of type text, and counted as numeric'],
    [
      'a value twice',
      (draft) =>
        (draft.cells[0].columns[0].values = [
          [1, 1],
          [1, 1],
        ]),
      'column x is not in order',
    ],
    [
      'a category twice',
      (draft) =>
        (draft.cells[0].columns[1].counts = [
          ['a', 1],
          ['a', 1],
        ]),
      'column t is not in order',
    ],
    ['days that are none', (draft) => (draft.cells[0].columns[2].days[0][0] = 'x'), 'column at is not in order'],
    ['neither values nor buckets', (draft) => (draft.cells[0].columns[0].values = null), 'neither by value nor by bucket'],
    [
      'a cell twice',
      (draft) => {
        draft.cells.push(draft.cells[0]);
        draft.rows *= 2;
      },
      'two of its cells',
    ],
    ['a segment too many', (draft) => draft.cells[0].segment.push('a'), 'other segments'],
    ['a window that is no time', (draft) => (draft.cells[0].window = 'soon'), 'no time'],
    ['a negative count', (draft) => (draft.cells[0].columns[0].null = -1), 'at cells.0.columns.0.null'],
    ['a field that is none of its', (draft) => (draft.more = 1), 'Unrecognized'],
    ['a sum that is even', (draft) => (draft.cells[0].columns[0].sum = 'NaN'), 'at cells.0.columns.0.sum'],
    ['a sum that fills the memory', (draft) => (draft.cells[0].columns[0].sum = '1p999999999999'), 'column x holds what no number'],
    [
      'a square of too many digits',
      (draft) => (draft.cells[0].columns[0].squares = `${'1'.repeat(2_000)}p0`),
      'column x holds what no number',
    ],
    ['no smallest number', (draft) => (draft.cells[0].columns[0].min = null), 'column x holds what no number'],
    ['a last time that is none', (draft) => (draft.cells[0].columns[2].max = 'soon'), 'column at holds what no number or time'],
    ['a window without an end', (draft) => (draft.window = { column: 'at', milliseconds: 9e15 }), 'longer than a century'],
    ...[2 ** 31 + 5, 70_000, -65_472].map((k): [string, (draft: Draft) => void, string] => [
      `a bucket of no number, ${k}`,
      (draft) => {
        draft.cells[0].columns[0].values = null;
        const side = { underflow: 0, overflow: 0, buckets: [] };
        draft.cells[0].columns[0].histogram = { negative: side, positive: { ...side, buckets: [[k, 2]] } };
      },
      'column x holds what no number',
    ]),
  ])('refuses what no table could have given, with the right digest: %s', (_, edit, message) => {
    expect(() => readProfile(forged(edit), 'p.json')).toThrow(
      expect.objectContaining({ code: 'PROFILE_INVALID', message: expect.stringContaining(message) }),
    );
  });

  it('tells a profile from data by its beginning', () => {
    expect(looksLikeProfile(profileText(profile))).toBe(true);
    expect(looksLikeProfile('{"schema": "weighin/profile@9"}')).toBe(true);
    expect(looksLikeProfile('{"x": 1}\n{"x": 2}\n')).toBe(false);
    expect(looksLikeProfile('a,b\n')).toBe(false);
  });
});

it('seals the same content to the same bytes, whatever order its cells come in', () => {
  const split = sampleProfile({ cells: 4 });
  expect(profileText(sealProfile({ ...split, cells: [...split.cells].reverse() }))).toBe(profileText(split));
});
