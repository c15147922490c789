import { expect, it } from 'vitest';
import type { ModelConfig } from '../../../shared/config/schema.ts';
import { type PartialConfig, useFixture } from './fixture.ts';

const fixture = useFixture();
const rows = Array.from({ length: 50 }, (_, index) => ({
  id: index === 7 ? '' : index,
  when: index === 3 ? 'soon' : '2025-01-01',
  share: index / 3,
  name: `n${index}`,
  y: index % 2,
}));

const refused: readonly [code: string, message: RegExp, config: PartialConfig, task?: ModelConfig['task']][] = [
  ['SPLIT_NOT_YET_SUPPORTED', /kfold/, { split: { by: 'kfold' } }],
  ['SPLIT_NOT_YET_SUPPORTED', /group/, { split: { by: 'group' } }],
  ['SPLIT_NOT_YET_SUPPORTED', /column/, { split: { by: 'column' } }],
  ['TASK_NOT_YET_SUPPORTED', /ranking/, {}, 'ranking'],
  ['SPLIT_SHARES', /add up to 1/, { split: { train: 0.5 } }],
  ['TIME_NEEDED', /data.time is not set/, { split: { by: 'time' } }],
  ['EMBARGO_NEEDS_TIME_SPLIT', /stratified/, { split: { embargo: '1d' } }],
  ['COLUMN_UNKNOWN', /data.label names the column "yy"/, { label: 'yy' }],
  ['COLUMN_UNKNOWN', /data.exclude/, { exclude: ['nothing'] }],
  ['ID_MISSING', /1 row \(row 8\)/, { id: 'id' }],
  ['TIME_UNREADABLE', /1 row \(row 4\)/, { time: 'when' }],
  ['TIME_TYPE', /share/, { time: 'share' }],
  ['LABEL_NOT_NUMERIC', /name holds VARCHAR/, { label: 'name' }, 'regression'],
  ['LABEL_CLASSES', /50 different values/, { label: 'name' }],
  ['SPLIT_EMPTY', /test split/, { split: { train: 0.999, validation: 0, test: 0.001 } }],
  ['DATA_NOT_FOUND', /absent.csv/, { source: 'absent.csv' }],
];

it.each(refused)('%s: %s', async (code, message, config, task = 'binary') => {
  await fixture.csv('rows.csv', rows);
  const failure = await fixture.build(config, { task }).catch((error: unknown) => error);
  expect(failure).toMatchObject({ name: 'UserError', code, hint: expect.stringMatching(/\w/) });
  expect(String(failure)).toMatch(message);
});

it.each(['__id', '__ID', 'weighin_x', 'Weighin_hash'])('refuses a column named %s', async (name) => {
  await fixture.parquet('reserved.parquet', `SELECT i AS "${name}", i % 2 AS y FROM range(20) t(i)`);
  await expect(fixture.build({ source: 'reserved.parquet' })).rejects.toMatchObject({ code: 'COLUMN_RESERVED' });
});

it('shows no value of the data', async () => {
  await fixture.csv('rows.csv', rows);
  for (const config of [{ time: 'when' }, { label: 'name' }]) {
    const failure: unknown = await fixture.build(config).catch((error: unknown) => error);
    expect(`${failure}`).not.toMatch(/soon|n\d+/);
  }
});

it('takes names that SQL would stumble over', async () => {
  await fixture.parquet('odd.parquet', `SELECT i AS "a""b; --", i AS "select", 'it''s' AS "it's", i % 2 AS "y y" FROM range(40) t(i)`);
  const { manifest } = await fixture.build({ source: 'odd.parquet', label: 'y y', id: 'a"b; --' });
  expect(manifest.features.map(({ name }) => name)).toEqual(['select', "it's"]);
});
