import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll } from 'vitest';
import { openDuckDB } from '../../../shared/adapters/duckdb/open-duckdb.ts';
import type { DataConfig } from '../../../shared/config/schema.ts';
import { buildDataset, type DatasetRequest } from '../../../shared/dataset/build-dataset.ts';
import type { DatasetManifest } from '../../../shared/dataset/manifest.ts';
import type { QueryEngine } from '../../../shared/query/query-engine.ts';

type Row = Readonly<Record<string, unknown>>;
export type PartialConfig = Omit<Partial<DataConfig>, 'split'> & { readonly split?: Partial<DataConfig['split']> };

export const splitNames = ['train', 'validation', 'test'] as const;

/** One engine and one folder for a test file. */
export function useFixture() {
  let engine: QueryEngine;
  let root: string;
  let made = 0;
  beforeAll(async () => {
    root = await mkdtemp(join(tmpdir(), 'weighin-dataset-'));
    engine = await openDuckDB({ memoryLimit: '1GB', threads: 2 });
  });
  afterAll(async () => {
    await engine.close();
    await rm(root, { recursive: true, force: true });
  });

  const request = (config: PartialConfig = {}, more: Partial<DatasetRequest> = {}): DatasetRequest => ({
    config: {
      source: 'rows.csv',
      label: 'y',
      features: [],
      ...config,
      split: { by: 'stratified', train: 0.7, validation: 0.15, test: 0.15, seed: 42, ...config.split },
    },
    task: 'binary',
    root,
    output: join(root, `out-${++made}`),
    ...more,
  });

  return {
    request,
    get engine() {
      return engine;
    },
    get root() {
      return root;
    },
    path: (name: string) => join(root, name),
    write: (name: string, text: string) => writeFile(join(root, name), text),
    csv: (name: string, rows: readonly Row[]) => writeFile(join(root, name), csvText(rows)),
    /** A Parquet file of a SELECT. */
    parquet: (name: string, select: string) => engine.run(`COPY (${select}) TO '${join(root, name)}' (FORMAT parquet)`),
    async build(config: PartialConfig = {}, more: Partial<DatasetRequest> = {}) {
      const asked = request(config, more);
      const manifest = await buildDataset(engine, asked);
      return { manifest, request: asked, output: asked.output, splits: await readSplits(asked.output, manifest) };
    },
  };

  async function readSplits(output: string, manifest: DatasetManifest) {
    const read = async (name: (typeof splitNames)[number]) =>
      engine.rows<Row>(`SELECT * FROM read_parquet('${join(output, manifest.splits[name].file)}')`);
    return { train: await read('train'), validation: await read('validation'), test: await read('test') };
  }
}

export function csvText(rows: readonly Row[]): string {
  const names = Object.keys(rows[0] ?? {});
  const lines = rows.map((row) => names.map((name) => row[name] ?? '').join(','));
  return `${[names.join(','), ...lines].join('\n')}\n`;
}

export const all = (splits: Readonly<Record<(typeof splitNames)[number], readonly Row[]>>): readonly Row[] =>
  splitNames.flatMap((name) => splits[name]);

export const codes = (manifest: DatasetManifest) => manifest.notices.map(({ code }) => code);

/** Same numbers every time, and nothing of the machine. */
export function randomNumbers(seed: number): () => number {
  let state = seed >>> 0;
  return () => {
    state = (Math.imul(state, 1_664_525) + 1_013_904_223) >>> 0;
    return state / 2 ** 32;
  };
}

export function shuffled<T>(items: readonly T[], random: () => number): readonly T[] {
  const result = [...items];
  for (let last = result.length - 1; last > 0; last--) {
    const other = Math.floor(random() * (last + 1));
    [result[last], result[other]] = [result[other]!, result[last]!];
  }
  return result;
}
