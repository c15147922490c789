import { expect, it } from 'vitest';
import { positiveLabel } from '../../../shared/dataset/positive-label.ts';

it.each([
  [['0', '1'], undefined, '1'],
  [['false', 'true'], undefined, 'true'],
  [['No', 'Yes'], undefined, 'Yes'],
  [['FALSE', 'TRUE'], undefined, 'TRUE'],
  [['0'], undefined, '1'],
  [['-1', '1'], undefined, '1'],
  [['churned', 'stayed'], 'churned', 'churned'],
  [['0', '1'], 0, '0'],
  [['0', '1'], '1.0', '1'],
  [['false', 'true'], 1, 'true'],
  [['false', 'true'], false, 'false'],
  [['false', 'true'], 'True', 'true'],
  [['stayed'], 'churned', 'churned'],
])('of %j with %j takes %s', (classes, configured, expected) => {
  expect(positiveLabel('y', classes, configured)).toBe(expected);
});

it('asks where nothing says which value is positive, and shows no value', () => {
  const unclear = () => positiveLabel('y', ['alive', 'dead']);
  expect(unclear).toThrow(expect.objectContaining({ code: 'POSITIVE_UNCLEAR' }));
  expect(unclear).not.toThrow(/alive|dead/);
  // 1 is the first of two codes as often as the positive one.
  expect(() => positiveLabel('y', ['1', '2'])).toThrow(expect.objectContaining({ code: 'POSITIVE_UNCLEAR' }));
  expect(() => positiveLabel('y', ['0', 'yes'])).toThrow(expect.objectContaining({ code: 'POSITIVE_UNCLEAR' }));
});

it('refuses a positive value that the data has not', () => {
  expect(() => positiveLabel('y', ['No', 'Yes'], 'yes')).toThrow(expect.objectContaining({ code: 'POSITIVE_NOT_FOUND' }));
});

it('refuses more than two classes', () => {
  expect(() => positiveLabel('y', ['a', 'b', 'c'], 'a')).toThrow(
    expect.objectContaining({ code: 'LABEL_CLASSES', message: expect.stringContaining('3') }),
  );
});
