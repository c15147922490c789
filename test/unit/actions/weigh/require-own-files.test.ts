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

const databases = [
  'postgres://reader@db.team.org/shop?table=public.customers',
  'postgres:///shop?host=/var/run/pg&table=customers',
  'sc://spark.team.org/;use_ssl=true;table=shop.customers',
];
const ofDatabase = (source: string, known: readonly string[] = databases) => {
  try {
    for (const one of known) {
      try {
        requireOwnFiles(config({ source }), config({ source: one }), 'churn');
        return null;
      } catch (error) {
        if (!(error instanceof UserError)) throw error;
        if (one === known.at(-1)) throw error;
      }
    }
    return null;
  } catch (error) {
    return error instanceof UserError ? error : null;
  }
};

it.each([
  'postgres://reader@db.team.org/shop?table=public.customers_2026',
  'postgresql://reader@db.team.org:5432/shop?table=customers',
  'sc://spark.team.org:15002/;table=shop.orders;use_ssl=true',
])('lets the head name another table of the same database: %s', (source) => {
  expect(ofDatabase(source)).toBeNull();
});

it.each([
  'postgres:///shop?host=evil.example&table=customers',
  'postgres://evil.example/shop?table=customers',
  'postgres://reader@db.team.org/shop?table=customers&sslmode=disable',
  'postgres://reader@db.team.org/shop?table=customers&password_env=AWS_SECRET_ACCESS_KEY',
  'postgres://admin@db.team.org/shop?table=customers',
  'postgres://reader@db.team.org/payroll?table=people',
  'postgres://reader@db.team.org:6543/shop?table=customers',
  'sc://spark.team.org/;table=shop.customers;use_ssl=true;token_env=GITHUB_TOKEN',
  'sc://spark.team.org/;use_ssl=false;table=shop.customers',
  'postgres://reader:hush@db.team.org/shop?table=customers',
])('attack: credentials that would go elsewhere, or otherwise: %s', (source) => {
  const refused = ofDatabase(source);
  expect(refused?.code).toBe('DATA_NOT_TRUSTED');
  expect(refused?.message).not.toMatch(/hush|AWS_SECRET/);
});
