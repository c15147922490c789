import { createHash } from 'node:crypto';
import { appendFile, readdir, readFile, rename, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { buildDataset } from '../../../shared/dataset/build-dataset.ts';
import { datasetManifestSchema } from '../../../shared/dataset/manifest.ts';
import { readManifest, unchanged } from '../../../shared/dataset/unchanged.ts';
import { openSource } from '../../../shared/source/table-source.ts';
import { all, codes, splitNames, useFixture } from './fixture.ts';

const fixture = useFixture();
const rows = Array.from({ length: 120 }, (_, index) => ({
  customer: `c${index}`,
  household: index >> 1,
  gender: index % 3 === 0 ? 'f' : 'm',
  opened: '2024-03-01',
  seen: '2025-01-01T00:00:00Z',
  settled: '2025-02-01',
  spent: index / 8,
  active: index % 2 === 0 ? 'true' : 'false',
  y: index % 4 === 0 ? 'yes' : 'no',
}));
const sha256 = (bytes: Uint8Array) => `sha256:${createHash('sha256').update(bytes).digest('hex')}`;

describe('the manifest', () => {
  it('says what the files are', async () => {
    await fixture.csv('rows.csv', rows);
    const { manifest, output } = await fixture.build({
      id: 'customer',
      cluster: 'household',
      time: 'seen',
      labelTime: 'settled',
      exclude: ['gender'],
    });
    expect((await readdir(output)).toSorted()).toEqual(['manifest.json', 'test.parquet', 'train.parquet', 'validation.parquet']);
    expect(datasetManifestSchema.parse(JSON.parse(await readFile(join(output, 'manifest.json'), 'utf8')))).toEqual(manifest);
    for (const name of splitNames)
      expect(manifest.splits[name].digest).toBe(sha256(await readFile(join(output, manifest.splits[name].file))));
    const source = await readFile(fixture.path('rows.csv'));
    expect(manifest.inputs).toEqual([{ source: 'rows.csv', files: [{ path: 'rows.csv', bytes: source.length, digest: sha256(source) }] }]);
    expect(manifest.features).toEqual([
      { name: 'opened', type: 'date' },
      { name: 'spent', type: 'number' },
      { name: 'active', type: 'boolean' },
    ]);
    expect(manifest).toMatchObject({
      label: 'y',
      positive: 'yes',
      id: 'customer',
      cluster: 'household',
      time: 'seen',
      asOf: null,
      notices: [],
    });
    expect(manifest.statistics).toMatchObject({
      train_rows: 84,
      val_rows: 18,
      test_rows: 18,
      num_features: 3,
      train_label_dist: { no: 0.75, yes: 0.25 },
    });
  });

  it('keeps every source column in the files, in order, and the number of the row in the source', async () => {
    await fixture.csv('rows.csv', rows);
    const { splits } = await fixture.build({ exclude: ['gender'] });
    for (const row of all(splits)) {
      expect(Object.keys(row)).toEqual([...Object.keys(rows[0]!), '__row', '__id']);
      expect(row['customer']).toBe(rows[Number(row['__row']) - 1]?.customer);
    }
  });

  it('gives a version to inputs and recipe, wherever the files lie', async () => {
    await fixture.csv('rows.csv', rows);
    const version = async (config = {}, more = {}) => (await fixture.build(config, more)).manifest.version;
    const first = await version();
    expect(await version()).toBe(first);
    await rename(fixture.path('rows.csv'), fixture.path('moved.csv'));
    expect(await version({ source: 'moved.csv' })).toBe(first);
    await fixture.csv('rows.csv', rows);
    const others = [
      await version({ exclude: ['gender'] }),
      await version({ id: 'customer' }),
      await version({ split: { seed: 43 } }),
      await version({ split: { train: 0.8, validation: 0.1, test: 0.1 } }),
      await version({ positive: 'no' }),
      await version({}, { types: { household: 'text' } }),
    ];
    await appendFile(fixture.path('rows.csv'), '\n');
    others.push(await version());
    expect(new Set([first, ...others]).size).toBe(1 + others.length);
  });

  it('counts a folder that becomes a column as content', async () => {
    const { mkdir } = await import('node:fs/promises');
    const text = `x,y\n${rows.map(({ customer, y }) => `${customer},${y}`).join('\n')}\n`;
    const versions = [];
    for (const region of ['north', 'south']) {
      await mkdir(fixture.path(`${region}/region=${region}`), { recursive: true });
      await fixture.write(`${region}/region=${region}/part.csv`, text);
      const { manifest, splits } = await fixture.build({ source: `${region}/**/*.csv` });
      expect(all(splits)[0]?.['region']).toBe(region);
      versions.push(manifest.version);
    }
    expect(versions[0]).not.toBe(versions[1]);
  });

  it('warns of ids and entities that repeat among the test rows', async () => {
    await fixture.csv('rows.csv', rows);
    await fixture.csv('homes.csv', [{ household: 1, known: '2024-01-01', rooms: 3 }]);
    const features = [{ source: 'homes.csv', entity: 'household', time: 'known' }];
    const { manifest } = await fixture.build({ time: 'seen', features, split: { train: 0.2, validation: 0, test: 0.8 } });
    expect(manifest.notices).toContainEqual({ code: 'REPEATED_ENTITY', message: expect.stringContaining('data.cluster: household') });
    const clustered = await fixture.build({
      time: 'seen',
      features,
      cluster: 'household',
      split: { train: 0.2, validation: 0, test: 0.8 },
    });
    expect(codes(clustered.manifest)).not.toContain('REPEATED_ENTITY');
    await fixture.csv(
      'repeated.csv',
      rows.map((row, index) => ({ ...row, customer: `c${index % 60}` })),
    );
    expect(codes((await fixture.build({ source: 'repeated.csv', id: 'customer' })).manifest)).toContain('REPEATED_ENTITY');
    expect(codes((await fixture.build({ id: 'customer' })).manifest)).toEqual([]);
  });

  it('says when all labels are the same', async () => {
    await fixture.csv(
      'same.csv',
      rows.map((row) => ({ ...row, y: 0 })),
    );
    const { manifest } = await fixture.build({ source: 'same.csv' });
    expect(codes(manifest)).toContain('ONE_CLASS');
  });
});

describe('an output folder', () => {
  it('is replaced whole, and left alone when a build fails', async () => {
    await fixture.csv('rows.csv', rows);
    const { request, output, manifest } = await fixture.build();
    await writeFile(join(output, 'stale.txt'), 'old');
    await expect(buildDataset(fixture.engine, { ...request, config: { ...request.config, label: 'customer' } })).rejects.toMatchObject({
      code: 'LABEL_CLASSES',
    });
    expect(await readdir(output)).toContain('stale.txt');
    await buildDataset(fixture.engine, request);
    expect(await readdir(output)).not.toContain('stale.txt');
    expect(await readManifest(output)).toEqual(manifest);
    expect((await readdir(fixture.root)).filter((name) => /draft|old/.test(name))).toEqual([]);
  });

  it('leaves no table behind', async () => {
    await fixture.csv('rows.csv', rows);
    const source = await openSource(fixture.engine, { source: 'rows.csv', root: fixture.root });
    const tables = () =>
      fixture.engine.rows('SELECT table_name FROM duckdb_tables() UNION ALL SELECT view_name FROM duckdb_views() WHERE NOT internal');
    const before = await tables();
    await fixture.build({}, { source });
    await fixture.build({ time: 'seen', split: { by: 'time', embargo: '1d' } }, { source }).catch(() => undefined);
    expect(await tables()).toEqual(before);
  });

  it('serves two builds at once', async () => {
    await fixture.csv('rows.csv', rows);
    const [a, b] = await Promise.all([fixture.build(), fixture.build()]);
    expect(a.manifest).toEqual(b.manifest);
  });
});

describe('unchanged', () => {
  const build = async () => {
    await fixture.csv('rows.csv', rows);
    await fixture.csv('homes.csv', [{ household: 1, known: '2024-01-01', rooms: 3 }]);
    return fixture.build({ time: 'seen', features: [{ source: 'homes.csv', entity: 'household', time: 'known' }] });
  };

  it('is true for the same request over the same files', async () => {
    const { request, output } = await build();
    const manifest = await readManifest(output);
    expect(manifest && (await unchanged(manifest, request))).toBe(true);
  });

  it.each([
    ['the source', () => appendFile(fixture.path('rows.csv'), '\n')],
    ['a feature table', () => appendFile(fixture.path('homes.csv'), '\n')],
    ['the absence of a source', () => rename(fixture.path('homes.csv'), fixture.path('gone.csv'))],
    ['a split', (output: string) => appendFile(join(output, 'train.parquet'), ' ')],
    ['the absence of a split', (output: string) => rename(join(output, 'test.parquet'), join(output, 'lost.parquet'))],
  ])('notices %s', async (_, change) => {
    const { request, output, manifest } = await build();
    await change(output);
    expect(await unchanged(manifest, request)).toBe(false);
  });

  it('notices another recipe', async () => {
    const { request, manifest } = await build();
    const { config } = request;
    expect(await unchanged(manifest, { ...request, config: { ...config, split: { ...config.split, seed: 1 } } })).toBe(false);
    expect(await unchanged(manifest, { ...request, task: 'multiclass' })).toBe(false);
    expect(await unchanged(manifest, { ...request, asOf: new Date('2025-01-01') })).toBe(false);
    expect(await unchanged(manifest, { ...request, config: { ...config, features: [] } })).toBe(false);
  });

  it('notices other types of columns, and takes those of an open source as they are', async () => {
    const { request, manifest, output } = await build();
    expect(await unchanged(manifest, { ...request, types: { spent: 'text' } })).toBe(false);
    const open = (types = {}) => openSource(fixture.engine, { source: 'rows.csv', root: fixture.root, types });
    expect(await unchanged(manifest, { ...request, source: await open() })).toBe(true);
    expect(await unchanged(manifest, { ...request, source: await open({ spent: 'text' }) })).toBe(false);
    // Read with the types that were found anyway, it is the same dataset, whoever opened the source.
    const given = await buildDataset(fixture.engine, { ...request, source: await open({ spent: 'number' }) });
    expect(given.version).toBe(manifest.version);
    expect(given.splits).toEqual(manifest.splits);
    const written = await readManifest(output);
    expect(written && (await unchanged(written, { ...request, source: await open() }))).toBe(true);
  });

  it('finds no manifest in a folder without one, or with another', async () => {
    expect(await readManifest(fixture.path('nowhere'))).toBeUndefined();
    await fixture.write('manifest.json', '{"schema": "weighin/dataset@0"}');
    expect(await readManifest(fixture.root)).toBeUndefined();
    await fixture.write('manifest.json', '{');
    expect(await readManifest(fixture.root)).toBeUndefined();
  });
});
