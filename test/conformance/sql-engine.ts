import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { runDrift } from '../../shared/pipeline/drift/run-drift.ts';
import { silent } from '../../shared/pipeline/progress.ts';
import { bucketOrder } from '../../shared/profile/bucket.ts';
import type { NumericCounts } from '../../shared/profile/column-counts.ts';
import { mergeProfiles } from '../../shared/profile/merge-profiles.ts';
import { ordersOf } from '../../shared/profile/numeric-counts.ts';
import type { Profile } from '../../shared/profile/profile.ts';
import { profileTable } from '../../shared/profile/profile-table.ts';
import { profileText } from '../../shared/profile/profile-text.ts';
import type { Dialect } from '../../shared/query/dialect.ts';
import { duckdbDialect } from '../../shared/query/duckdb-dialect.ts';
import type { QueryEngine, SqlEngine } from '../../shared/query/query-engine.ts';
import { columnTypeOf } from '../../shared/source/column-type.ts';
import { fetchTable } from '../../shared/source/fetch-table.ts';
import type { RemoteEngine } from '../../shared/source/remote-engine.ts';
import type { TableSource } from '../../shared/source/table-source.ts';
import { conformanceColumns, conformanceRows, conformanceValues } from '../support/engines/conformance-table.ts';
import { loadIntoDuckDB } from '../support/engines/load-conformance.ts';

export interface EngineUnderTest {
  readonly engine: SqlEngine;
  /** The conformance table, opened as a user's would be. */
  readonly source: TableSource;
  close(): Promise<void>;
}

/** The table `conformance` of a DuckDB as a table of an engine: pushed down, without row numbers. */
export async function duckdbTable(engine: QueryEngine): Promise<TableSource> {
  const described = await engine.rows<{ column_name: string; column_type: string }>('DESCRIBE conformance');
  const columns = described.map(({ column_name: name, column_type: sqlType }) => ({ name, type: columnTypeOf(sqlType), sqlType }));
  return { source: 'conformance', files: [], format: 'table', relation: 'conformance', columns };
}

/** Whatever engine holds it, the same table gives the same integers, bit for bit. */
export function sqlEngineSuite(name: string, open: (reference: QueryEngine) => Promise<EngineUnderTest>): void {
  describe(`SQL on ${name}`, () => {
    let reference: QueryEngine;
    let whole: Profile;
    let under: EngineUnderTest;
    beforeAll(async () => {
      reference = await loadIntoDuckDB();
      const { chunks: _, ...pushing } = reference;
      whole = await profileTable(pushing, await duckdbTable(reference));
      under = await open(reference);
    }, 240_000);
    afterAll(async () => {
      await under?.close();
      await reference?.close();
    });

    it('says which columns there are, whatever their names', () => {
      expect(under.source.columns.map(({ name: column, type }) => [column, type])).toEqual(
        Object.entries(conformanceColumns).map(([column, type]) => [
          column,
          type === 'double' || type === 'float' || type === 'decimal' ? 'number' : type === 'zoned' ? 'timestamp' : type,
        ]),
      );
      expect(under.source).toMatchObject({ format: 'table', files: [] });
    });

    it('profiles the table to the same bytes', async () => {
      const profile = await profileTable(under.engine, under.source);
      for (const [index, { name: column }] of whole.columns.entries())
        expect({ [column]: profile.cells[0]?.columns[index] }).toEqual({ [column]: whole.cells[0]?.columns[index] });
      expect(profileText(profile)).toBe(profileText(whole));
    }, 180_000);

    it('puts every number into the bucket that arithmetic says, edges included', async () => {
      const names = Object.keys(conformanceColumns);
      const { cells } = await profileTable(under.engine, under.source, { columns: ['edge', 'wide', 'amount'] });
      for (const [place, column] of ['edge', 'wide', 'amount'].entries()) {
        const expected = new Map<number, number>();
        for (const row of conformanceValues()) {
          const value = row[names.indexOf(column)];
          if (typeof value !== 'number' || !Number.isFinite(value)) continue;
          const order = bucketOrder(value);
          expected.set(order, (expected.get(order) ?? 0) + 1);
        }
        const found = ordersOf(cells[0]?.columns[place] as NumericCounts);
        expect([...found].sort(([a], [b]) => a - b)).toEqual([...expected].sort(([a], [b]) => a - b));
      }
    }, 120_000);

    it('profiles segments and windows to the same bytes, and they are the whole together', async () => {
      const asked = {
        by: ['country', 'flag'],
        window: { column: 'zoned', milliseconds: 7 * 86_400_000 },
        columns: ['amount', 'words', 'day'],
      };
      const profile = await profileTable(under.engine, under.source, asked);
      expect(profileText(profile)).toBe(profileText(await profileTable(reference, await duckdbTable(reference), asked)));
      expect(profile.cells.reduce((sum, { rows }) => sum + rows, 0)).toBe(conformanceRows);
      expect(mergeProfiles([profile])).toEqual(profile);
    }, 180_000);

    it('finds the same drift, its segments and a named method’s second pass included', async () => {
      const parts = { before: 'id < 6000', after: "id >= 4000 AND (country <> 'c00' OR amount > 30)" } as const;
      const drift = async (engine: SqlEngine, source: TableSource, method: string) =>
        runDrift({
          ...{ reference: 'before', current: 'after', root: '/nowhere', method, columnMethods: {}, by: [], window: null, exclude: [] },
          ...{ columns: ['amount', 'country', 'age', 'flag', 'day'], contract: null, now: new Date(0), settings: {}, progress: silent },
          openTable: async (name) => ({
            engine,
            source: {
              ...source,
              source: name,
              relation: `(SELECT * FROM ${source.relation} WHERE ${parts[name as keyof typeof parts]}) AS part`,
            },
            close: async () => undefined,
          }),
        });
      for (const method of ['default', 'ks']) {
        const expected = await drift(reference, await duckdbTable(reference), method);
        expect(expected.dataset.drifted).toBe(true);
        if (method === 'default') expect(expected.segments.length).toBeGreaterThan(0);
        expect(await drift(under.engine, under.source, method)).toEqual(expected);
      }
    }, 240_000);

    it('means the same by every word of its dialect', async () => {
      const { engine } = under;
      const asked = async (on: SqlEngine) => {
        const [row] = await on.rows(
          `SELECT ${dialectWords(on.dialect)
            .map((sql, index) => `${sql} AS w${index}`)
            .join(', ')}`,
        );
        return Object.values(row ?? {});
      };
      const here = await asked(engine);
      const there = await asked(reference);
      const words = dialectWords(duckdbDialect);
      expect(here.map((answer, index) => [words[index], answer])).toEqual(there.map((answer, index) => [words[index], answer]));
    }, 60_000);

    it('orders texts by their bytes', async () => {
      const ordered = async (on: SqlEngine, relation: string) => {
        const { dialect: d } = on;
        const word = d.bytewise(d.identifier('words'));
        const rows = await on.rows<{ w: string }>(
          `SELECT ${word} AS w FROM ${relation} WHERE ${d.identifier('words')} IS NOT NULL GROUP BY ${word} ORDER BY ${word}`,
        );
        return rows.map(({ w }) => w);
      };
      const found = await ordered(under.engine, under.source.relation);
      expect(found).toEqual([...new Set(found)].sort((a, b) => Buffer.compare(Buffer.from(a), Buffer.from(b))));
      expect(found).toHaveLength(22);
    }, 60_000);

    it('finds text that looks like SQL, settings and patterns, and nothing else', async () => {
      const { dialect: d } = under.engine;
      const words = d.identifier('words');
      const expected = conformanceValues().map((row) => row[Object.keys(conformanceColumns).indexOf('words')]);
      for (const wanted of ["o'clock", 'back\\slash', '\u0024{x}', '"', 'line\nfeed', 'a\u0308', 'ſ', '']) {
        const [row] = await under.engine.rows<{ n: number }>(
          `SELECT ${d.countIf(`${d.bytewise(words)} = ${d.literal(wanted)}`)} AS n FROM ${under.source.relation}`,
        );
        expect({ [wanted]: row?.n }).toEqual({ [wanted]: expected.filter((word) => word === wanted).length });
      }
    }, 60_000);

    it('brings every row into DuckDB as it is', async () => {
      if (!('batches' in under.engine)) return;
      const fetched = await fetchTable(under.engine as RemoteEngine, under.source, reference);
      const { chunks: _, ...pushing } = reference;
      expect(profileText(await profileTable(pushing, fetched))).toBe(profileText(whole));
      const names = Object.keys(conformanceColumns).map(duckdbDialect.identifier).join(', ');
      const cast = (relation: string) =>
        `SELECT ${Object.entries(conformanceColumns)
          .map(([column, type]) =>
            type === 'decimal' || type === 'float'
              ? `CAST(${duckdbDialect.identifier(column)} AS DOUBLE)`
              : type === 'zoned'
                ? `CAST(${duckdbDialect.identifier(column)} AS TIMESTAMP)`
                : duckdbDialect.identifier(column),
          )
          .join(', ')} FROM ${relation}`;
      const [row] = await reference.rows<{ n: number }>(
        `SELECT count(*) AS n FROM (${cast(`(SELECT ${names} FROM ${fetched.relation})`)} EXCEPT ALL ${cast('conformance')})`,
      );
      expect(row?.n).toBe(0);
      const [numbered] = await reference.rows<{ low: number; high: number; n: number }>(
        `SELECT min("__row") AS low, max("__row") AS high, count(DISTINCT "__row") AS n FROM ${fetched.relation}`,
      );
      expect(numbered).toEqual({ low: 1, high: conformanceRows, n: conformanceRows });
    }, 120_000);
  });
}

/** Expressions over literals, of every function of the dialect. */
function dialectWords(d: Dialect): readonly string[] {
  const [nan, infinite, missing] = [`CAST('NaN' AS ${d.types.double})`, d.infinity, `CAST(NULL AS ${d.types.double})`];
  const numbers = [
    d.double(0),
    d.double(-0),
    d.double(1.5),
    d.double(-1e308),
    d.double(5e-324),
    d.double(1e21),
    nan,
    infinite,
    `-${infinite}`,
    missing,
  ];
  const texts = ['', 'a', 'ä', 'a\u0308', '👍🏽', "it's", 'b\\n', '\u0024{spark.app.name}', '東\n京', '%_'];
  const moments = [
    '1969-12-31 23:59:59.999999',
    '1970-01-01T00:00:00Z',
    '0001-01-01',
    '2024-02-29T12:30:00+05:30',
    '9999-12-31 23:59:59.999999',
    '1900-01-01 00:00:00.000001',
  ];
  const patterns = [
    '[a-z]*',
    '.',
    '..',
    '[^a]+',
    "it's",
    'b\\\\n',
    '\\$\\{.*\\}',
    '\\w',
    '\\S+',
    '東.京',
    '東[^x]京',
    '(?:a|ä){1,2}',
    '%_',
  ];
  const cases = (condition: string) => `CASE WHEN ${condition} THEN 1 WHEN NOT (${condition}) THEN 0 END`;
  return [
    ...numbers.flatMap((x) => [cases(d.isNaN(x)), cases(d.isFinite(x))]),
    ...[1, 0.75, 1.5, 3, 1e-300, 8.8e307, 123_456.789].map((x) => `${d.pow2(d.floorLog2(d.double(x)))} <= ${d.double(x * 2)}`).map(cases),
    ...[-1_022, -1, 0, 1, 52, 1_023].map((exponent) => d.pow2(`CAST(${exponent} AS ${d.types.bigint})`)),
    ...texts.flatMap((text) => [d.md5(d.literal(text)), d.length(d.literal(text)), d.literal(text), d.bytewise(d.literal(text))]),
    ...['0', 'f', '3ff', '00a', 'fffffffffff', '7fffffffffff'].map((hex) => d.hexToInteger(d.literal(hex))),
    ...[
      'CAST(12 AS BIGINT)',
      'CAST(-9223372036854775807 AS BIGINT)',
      'true',
      'false',
      `CAST('2024-02-29' AS DATE)`,
      'CAST(1.50 AS DECIMAL(10,2))',
    ].map(d.text),
    ...moments.flatMap((text) => [d.day(d.moment(text)), d.text(d.microseconds(d.moment(text)))]),
    ...['1969-12-31', '0001-01-01', '2024-02-29'].map((text) => d.text(d.microseconds(`CAST('${text}' AS DATE)`))),
    ...patterns.flatMap((pattern) => texts.map((text) => cases(d.matches(d.literal(text), pattern)))),
    d.text(`CAST(CAST('1329227995784915872903807060280344575' AS ${d.types.wide}) + 1 AS ${d.types.wide})`),
  ];
}
