import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { openDuckDB } from '../../../shared/adapters/duckdb/open-duckdb.ts';
import type { DriftReport } from '../../../shared/drift/drift-report.ts';
import { driftReportSchema } from '../../../shared/drift/drift-report.ts';
import { type DriftRun, runDrift } from '../../../shared/pipeline/drift/run-drift.ts';
import { silent } from '../../../shared/pipeline/progress.ts';
import { profileTable } from '../../../shared/profile/profile-table.ts';
import { profileText } from '../../../shared/profile/profile-text.ts';
import type { QueryEngine } from '../../../shared/query/query-engine.ts';
import { openSource } from '../../../shared/source/table-source.ts';
import { ownFolder } from '../../support/own-folder.ts';

const folder = ownFolder('drift-tables');
let made = 0;
let shared: Promise<QueryEngine> | undefined;
const engineOf = () => (shared ??= openDuckDB({ threads: 1 }));

/** A Parquet file of one SELECT; `WITH` too. */
export async function table(select: string): Promise<string> {
  const path = join(folder, `${++made}.parquet`);
  await (await engineOf()).run(`COPY (${select}) TO '${path}' (FORMAT parquet)`);
  return path;
}

export function file(name: string, text: string): string {
  const path = join(folder, `${++made}-${name}`);
  writeFileSync(path, text);
  return path;
}

/** The profile of a table as a file. */
export async function profileOf(source: string, options: Parameters<typeof profileTable>[2] = {}): Promise<string> {
  const engine = await engineOf();
  const profile = await profileTable(engine, await openSource(engine, { source, root: '/' }), options);
  return file('profile.json', profileText(profile));
}

/** Opens tables as those of a database are asked: by statements alone, whose rows are small. */
export const openAsDatabase: DriftRun['openTable'] = async (source, types) => {
  const { chunks: _, ...engine } = await engineOf();
  return { engine, source: { ...(await openSource(await engineOf(), { source, root: folder, types })), files: [] }, close: async () => {} };
};

type Asked = Partial<Omit<DriftRun, 'reference' | 'current'>>;

/** Compares two files as the command does; the report is held against its schema. */
export async function drift(reference: string, current: string, asked: Asked = {}): Promise<DriftReport> {
  const engine = await engineOf();
  const report = await runDrift({
    reference,
    current,
    root: folder,
    openTable: async (source, types) => ({
      engine,
      source: await openSource(engine, { source, root: folder, types }),
      close: async () => {},
    }),
    settings: {},
    method: 'default',
    columnMethods: {},
    by: [],
    window: null,
    columns: null,
    exclude: [],
    contract: null,
    now: new Date('2026-01-01T00:00:00Z'),
    progress: silent,
    ...asked,
  });
  return driftReportSchema.parse(report);
}

export const columnOf = (report: DriftReport, name: string) => {
  const found = report.columns.find(({ column }) => column === name);
  if (!found) throw new Error(`no column ${name}`);
  return found;
};
export const findingOf = (report: DriftReport, kind: string, column = '') =>
  report.findings.find((one) => one.kind === kind && (column === '' || one.column === column));

/** Seeded rows without a random generator of the engine: `u` is spread over [0, 1). */
export const rows = (n: number, columns: string) =>
  `SELECT ${columns} FROM (SELECT i, (i * 7919 % ${n}) / ${n}.0 AS u FROM range(${n}) AS t(i))`;
