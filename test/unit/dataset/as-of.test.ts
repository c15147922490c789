import { describe, expect, it } from 'vitest';
import { all, randomNumbers, shuffled, splitNames, useFixture } from './fixture.ts';

const fixture = useFixture();
const day = (index: number) => new Date(Date.UTC(2025, 0, 1 + index)).toISOString();
const asOf = new Date(day(99));
const row = (index: number) => ({ customer: `c${index}`, seen: day(index), settled: day(index + 10), y: index % 2 });
const fact = (index: number) => ({ customer: `c${index % 7}`, known: day(index), level: index });
const range = (length: number) => Array.from({ length }, (_, index) => index);

const config = {
  source: 'as-of.csv',
  id: 'customer',
  time: 'seen',
  features: [{ source: 'facts.csv', entity: 'customer', time: 'known' }],
};
const fill = async (rows: readonly Readonly<Record<string, unknown>>[], facts: readonly Readonly<Record<string, unknown>>[]) => {
  await fixture.csv('as-of.csv', rows);
  await fixture.csv('facts.csv', facts);
};

describe('an as-of date', () => {
  it('leaves out what is later and keeps what is equal', async () => {
    await fill(range(120).map(row), range(120).map(fact));
    const { splits, manifest } = await fixture.build(config, { asOf });
    expect(all(splits)).toHaveLength(100);
    expect(manifest.asOf).toBe(day(99));
    expect(manifest.notices).toContainEqual({ code: 'AFTER_AS_OF', message: expect.stringContaining('20 rows of as-of.csv left out') });
  });

  it('leaves out rows whose label was not known yet', async () => {
    await fill(range(120).map(row), range(120).map(fact));
    const { splits, manifest } = await fixture.build({ ...config, labelTime: 'settled' }, { asOf });
    expect(all(splits)).toHaveLength(90);
    expect(manifest.notices).toContainEqual({ code: 'LABEL_AFTER_AS_OF', message: expect.stringContaining('10 rows') });
  });

  it('gives the same bytes and version again, and after newer rows were appended', async () => {
    await fill(range(110).map(row), range(110).map(fact));
    const first = await fixture.build(config, { asOf });
    const again = await fixture.build(config, { asOf });
    expect(again.manifest).toEqual(first.manifest);

    await fill([...range(110).map(row), ...range(30).map((index) => row(200 + index))], range(250).map(fact));
    const later = await fixture.build(config, { asOf });
    expect(later.manifest.splits).toEqual(first.manifest.splits);
    expect(later.manifest.version).toBe(first.manifest.version);
    expect(later.manifest.inputs[0]?.files).not.toEqual(first.manifest.inputs[0]?.files);
    const withoutDate = await fixture.build(config);
    expect(withoutDate.manifest.splits).not.toEqual(first.manifest.splits);
  });

  it('gives the same rows and version when the files are written in another order', async () => {
    await fill(range(110).map(row), range(110).map(fact));
    const first = await fixture.build(config, { asOf });
    await fill(shuffled(range(130).map(row), randomNumbers(1)), shuffled(range(130).map(fact), randomNumbers(2)));
    const later = await fixture.build(config, { asOf });
    expect(later.manifest.version).toBe(first.manifest.version);
    for (const name of splitNames) expect(later.manifest.splits[name].rowIds).toBe(first.manifest.splits[name].rowIds);
  });

  it('notices a value before the date that was changed, in rows and in features', async () => {
    await fill(range(110).map(row), range(110).map(fact));
    const first = await fixture.build(config, { asOf });
    await fill(
      range(110).map((index) => ({ ...row(index), settled: day(index === 5 ? 77 : index + 10) })),
      range(110).map(fact),
    );
    expect((await fixture.build(config, { asOf })).manifest.version).not.toBe(first.manifest.version);
    await fill(
      range(110).map(row),
      range(110).map((index) => ({ ...fact(index), level: index === 5 ? 77 : index })),
    );
    expect((await fixture.build(config, { asOf })).manifest.version).not.toBe(first.manifest.version);
  });

  it('needs a column of times', async () => {
    await fill(range(110).map(row), range(110).map(fact));
    await expect(fixture.build({ source: 'as-of.csv' }, { asOf })).rejects.toMatchObject({ code: 'TIME_NEEDED' });
    await fixture.csv(
      'counted.csv',
      range(50).map((index) => ({ step: index, y: index % 2 })),
    );
    await expect(fixture.build({ source: 'counted.csv', time: 'step' }, { asOf })).rejects.toMatchObject({ code: 'TIME_WITHOUT_UNIT' });
    await expect(fixture.build({ ...config, features: [] }, { asOf: new Date(day(-5)) })).rejects.toMatchObject({ code: 'NO_ROWS' });
  });
});
