import { expect, it } from 'vitest';
import { requireOwnFiles } from '../../../../actions/weigh/require-own-files.ts';
import { configSchema } from '../../../../shared/config/schema.ts';
import { UserError } from '../../../../shared/errors.ts';

const config = (data: object, card: object = {}) =>
  configSchema.parse({
    version: 1,
    models: {
      churn: {
        task: 'binary',
        data: { source: 'data/c.csv', label: 'y', ...data },
        card,
        evaluation: { gates: [{ metric: 'roc_auc', min: 0.5 }] },
      },
    },
  });
const base = config({ source: 's3://team/data/c.parquet' });
const codeOf = (data: object, card: object = {}) => {
  try {
    requireOwnFiles(config(data, card), base, 'churn');
    return null;
  } catch (error) {
    if (error instanceof UserError) return error.code;
    throw error;
  }
};

it.each([
  { source: 'data/*.csv' },
  { source: 's3://team/other/c.parquet' },
  { features: [{ source: 'data/u.csv', entity: 'id', time: 't' }] },
])('lets the head name files of its own, and places that the default branch reads: %j', (data) => {
  expect(codeOf(data, { limitations: 'cards/limits.md', intendedUse: 'Calls /etc/passwd by name, which is text.' })).toBeNull();
});

it.each([
  { source: '/proc/self/environ' },
  { source: '../../secrets.csv' },
  { source: 'data/../../x.csv' },
  { source: '..\\x.csv' },
  { source: '~/x.csv' },
  { source: 'C:/x.csv' },
  { source: 's3://another/data/c.parquet' },
  { source: 'https://team/data/c.parquet' },
  { features: [{ source: '/etc/passwd', entity: 'id', time: 't' }] },
  { heldout: 's3://another/x.parquet' },
  { contract: '../x.odcs.yaml' },
])('attack: data that leads elsewhere: %j', (data) => {
  expect(codeOf(data)).toBe('DATA_NOT_TRUSTED');
});

it('attack: a text of the card that leads elsewhere', () => {
  expect(codeOf({}, { limitations: '/etc/secret.md' })).toBe('DATA_NOT_TRUSTED');
  expect(codeOf({}, { ethics: '../secret.md' })).toBe('DATA_NOT_TRUSTED');
});
