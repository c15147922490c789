import { expect, it } from 'vitest';
import { nearestName } from '../../../shared/spec/nearest-name.ts';

const keys = ['task', 'data', 'training', 'model', 'evaluation', 'maxRegression', 'label'];

it.each([
  ['traning', 'training'],
  ['max_regression', 'maxRegression'],
  ['modle', 'model'],
  ['label_column', 'label'],
  ['eval', 'evaluation'],
  ['Data', 'data'],
])('finds what %s meant', (written, meant) => expect(nearestName(written, keys)).toBe(meant));

it.each(['frobnicate', 'x', 'a'.repeat(5_000)])('guesses nothing for a word that is near none', (written) =>
  expect(nearestName(written, keys)).toBeUndefined(),
);

it('guesses nothing of nothing', () => expect(nearestName('task', [])).toBeUndefined());
