import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { gzipSync } from 'node:zlib';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { openDuckDB } from '../../../shared/adapters/duckdb/open-duckdb.ts';
import { columnTypes } from '../../../shared/dataset/manifest.ts';
import type { QueryEngine } from '../../../shared/query/query-engine.ts';
import { literal } from '../../../shared/query/sql-text.ts';
import { columnTypes as ownColumnTypes } from '../../../shared/source/column-type.ts';
import { digestFiles } from '../../../shared/source/digest-files.ts';
import { openSource, type SourceRequest } from '../../../shared/source/table-source.ts';

let engine: QueryEngine;
let root: string;
beforeAll(async () => {
  engine = await openDuckDB({ threads: 2 });
});
afterAll(() => engine.close());
beforeEach(async () => {
  root = await mkdtemp(join(tmpdir(), 'weighin-source-'));
});
afterEach(() => rm(root, { recursive: true, force: true }));

const write = async (path: string, content: string | Uint8Array) => {
  await mkdir(dirname(join(root, path)), { recursive: true });
  await writeFile(join(root, path), content);
};
const parquet = async (path: string, select: string, options = '') => {
  await mkdir(dirname(join(root, path)), { recursive: true });
  await engine.run(`COPY (${select}) TO ${literal(join(root, path))} (FORMAT parquet${options})`);
};
const open = (source: string, request: Partial<SourceRequest> = {}) => openSource(engine, { source, root, ...request });
const read = async (source: string, request: Partial<SourceRequest> = {}) => {
  const table = await open(source, request);
  return { ...table, rows: await engine.rows(`SELECT * FROM ${table.relation} ORDER BY "__row"`) };
};
const typesOf = ({ columns }: { columns: readonly { name: string; type: string }[] }) =>
  Object.fromEntries(columns.map(({ name, type }) => [name, type]));

it('has the column types that the manifest has', () => {
  expect(ownColumnTypes).toEqual(columnTypes);
});

describe('CSV', () => {
  it('gives a column the narrowest type that every value has', async () => {
    await write(
      'a.csv',
      'i,f,code,flag,day,at,empty,text\n1,1.5,007,true,2020-01-02,2020-01-02T10:00:00+02:00,,x\n-2,3,012,FALSE,2020-01-03,2020-01-02 10:00:00,,1_000\n',
    );
    const table = await read('a.csv');
    expect(typesOf(table)).toEqual({
      i: 'integer',
      f: 'number',
      code: 'text',
      flag: 'boolean',
      day: 'date',
      at: 'timestamp',
      empty: 'text',
      text: 'text',
    });
    expect(table.rows[0]).toMatchObject({ i: 1, code: '007', flag: true, at: '2020-01-02T08:00:00.000Z', empty: null, __row: 1 });
    expect(table.format).toBe('csv');
  });

  it('looks at every row before it believes a type', async () => {
    const late = Array.from({ length: 8_000 }, (_, row) => (row === 7_500 ? '1.5,n/a,2020-01-01 10:00:00' : `${row},${row},2020-01-01`));
    await write('late.csv', `a,b,c\n${late.join('\n')}\n`);
    expect(typesOf(await open('late.csv'))).toEqual({ a: 'number', b: 'text', c: 'timestamp' });
  });

  it('does not take a column for text because it begins empty', async () => {
    const rows = Array.from({ length: 6_000 }, (_, row) => `${row},${row < 5_500 ? '' : row / 2},`);
    await write('sparse.csv', `a,b,c\n${rows.join('\n')}\n`);
    expect(typesOf(await open('sparse.csv'))).toEqual({ a: 'integer', b: 'number', c: 'text' });
    expect(typesOf(await open('sparse.csv', { types: { c: 'number' } }))).toMatchObject({ c: 'number' });
  });

  it('reads a declared type where all values are of it, and keeps the text where one is not', async () => {
    await write('a.csv', 'zip,n,bad\n01234,5,7\n99999,6,seven\n');
    const table = await read('a.csv', { types: { zip: 'text', n: 'number', bad: 'integer' } });
    expect(typesOf(table)).toEqual({ zip: 'text', n: 'number', bad: 'text' });
    expect(table.rows[1]).toMatchObject({ n: 6, bad: 'seven' });
  });

  it('does not round a fraction into a declared integer, and takes 2.0 for one', async () => {
    await write('a.csv', 'a,b\n1.5,1\n2,2.0\n');
    expect(typesOf(await open('a.csv', { types: { a: 'integer', b: 'integer' } }))).toEqual({ a: 'text', b: 'integer' });
  });

  it.each([
    ['ragged: one field less', 'a,b\n1,2\n3\n', 3, /1 field, the header has 2/],
    ['ragged: one field more', 'a,b\n1,2\n3,4,5\n', 3, /3 fields, the header has 2/],
    ['ragged throughout, which a sniffer takes for one column', 'a\n1,2\n3,4\n', 2, /2 fields, the header has 1/],
    ['a quote that never closes', 'a,b\n1,"2\n3,4\n5,6\n', 2, /never closes/],
    ['text after a closing quote', 'a,b\n"x"y,2\n', 2, /after a closing quote/],
    ['a header without names', '1,2\n3,4\n', 1, /numbers, not column names/],
    ['a name twice', 'a,b,a\n1,2,3\n', 1, /column a stands twice/],
    ['names that differ in case alone', 'id,ID\n1,2\n', 1, /differ in case/],
  ])('refuses %s, with the line', async (_, text, line, message) => {
    await write('bad.csv', text);
    await expect(open('bad.csv')).rejects.toMatchObject({
      code: 'DATA_UNREADABLE',
      message: expect.stringMatching(message),
      location: { file: 'bad.csv', line },
    });
  });

  it('refuses other encodings than UTF-8 and keeps the line out of the message', async () => {
    await write('latin.csv', Buffer.from('name,x\nsecret-caf\xe9,1\n', 'latin1'));
    const error = await open('latin.csv').catch((cause: unknown) => cause);
    expect(error).toMatchObject({ code: 'DATA_UNREADABLE', message: expect.stringMatching(/not UTF-8: line 2/) });
    expect(JSON.stringify(error) + String(error)).not.toContain('secret');
    await write('wide.csv', Buffer.from('\ufeffa,b\n1,2\n', 'utf16le'));
    await expect(open('wide.csv')).rejects.toMatchObject({ code: 'DATA_UNREADABLE', message: expect.stringMatching(/UTF-16/) });
  });

  it('reads a BOM, CRLF, blank lines, quoted line breaks, an unnamed index column and other delimiters', async () => {
    await write('a.csv', '\ufeff;name\r\n0;"a ""b"";\r\nc"\r\n\r\n1;d');
    const table = await read('a.csv');
    expect(table.columns.map(({ name }) => name)).toEqual(['column0', 'name']);
    expect(table.rows).toEqual([
      { column0: 0, name: 'a "b";\r\nc', __row: 1 },
      { column0: 1, name: 'd', __row: 2 },
    ]);
    await write('b.tsv', 'a\tb\n1\t2,5\n');
    expect((await read('b.tsv')).rows).toEqual([{ a: 1, b: '2,5', __row: 1 }]);
  });

  it('refuses files of one source whose headers differ', async () => {
    await write('d/1.csv', 'a,b\n1,2\n');
    await write('d/2.csv', 'a,c\n1,2\n');
    await expect(open('d/*.csv')).rejects.toMatchObject({ code: 'DATA_UNREADABLE', location: { file: 'd/2.csv', line: 1 } });
  });
});

describe('JSON lines', () => {
  it('unites types and keys over all rows', async () => {
    await write('a.jsonl', '{"a":1,"b":"x"}\n{"a":2.5,"c":[1]}\n');
    const table = await read('a.jsonl');
    expect(typesOf(table)).toEqual({ a: 'number', b: 'text', c: 'text' });
    expect(table.rows[1]).toEqual({ a: 2.5, b: null, c: [1], __row: 2 });
  });

  it('shows mixed kinds as text without JSON quotes', async () => {
    await write('a.json', '[{"a":1},{"a":"one"}]');
    expect((await read('a.json')).rows.map(({ a }) => a)).toEqual(['1', 'one']);
  });

  it('refuses what is no JSON, and an array without rows', async () => {
    await write('bad.jsonl', '{"a":1}\n{"a":\n');
    await expect(open('bad.jsonl')).rejects.toMatchObject({ code: 'DATA_UNREADABLE', location: { file: 'bad.jsonl' } });
    await write('none.json', '[]');
    await expect(open('none.json')).rejects.toMatchObject({ code: expect.stringMatching(/DATA_EMPTY|DATA_UNREADABLE/) });
  });
});

describe('row numbers', () => {
  it('run through all files in byte order of their paths, in every format', async () => {
    for (const [number, from] of [
      [10, 0],
      [9, 3],
      [1, 5],
    ] as const) {
      const rows = Array.from({ length: 3 }, (_, row) => from + row);
      await write(`csv/part-${number}.csv`, `v\n${rows.join('\n')}\n`);
      await write(`json/part-${number}.jsonl`, rows.map((v) => `{"v":${v}}\n`).join(''));
      await parquet(`parquet/part-${number}.parquet`, `SELECT unnest([${rows.join(',')}]) AS v`);
    }
    // part-1 < part-10 < part-9
    const expected = [5, 6, 7, 0, 1, 2, 3, 4, 5].map((v, row) => ({ v, __row: row + 1 }));
    for (const format of ['csv', 'json', 'parquet']) expect((await read(format)).rows).toEqual(expected);
  });

  it('hold in Parquet of many row groups, read by several threads', async () => {
    await parquet('big.parquet', 'SELECT i AS v FROM range(30000) t(i)', ', ROW_GROUP_SIZE 2048');
    const { relation } = await open('big.parquet');
    expect(await engine.rows(`SELECT count(*) AS n, count_if("__row" <> v + 1) AS wrong FROM ${relation}`)).toEqual([
      { n: 30_000, wrong: 0 },
    ]);
    // Row groups that a filter skips are counted too.
    expect(await engine.rows(`SELECT "__row" AS row FROM ${relation} WHERE v IN (5, 20000, 29999) ORDER BY row`)).toEqual([
      { row: 6 },
      { row: 20_001 },
      { row: 30_000 },
    ]);
  });

  it('hold where a column has the name of the reader’s own counter', async () => {
    await parquet('names/1.parquet', 'SELECT 40 + i AS file_row_number, 9 AS "FILE_INDEX" FROM range(3) t(i)');
    await parquet('names/2.parquet', 'SELECT 50 + i AS file_row_number, 9 AS "FILE_INDEX" FROM range(2) t(i)');
    const { rows } = await read('names');
    expect(rows.map((row) => [row['file_row_number'], row['__row']])).toEqual([
      [40, 1],
      [41, 2],
      [42, 3],
      [50, 4],
      [51, 5],
    ]);
  });

  it('replace a column of that name that the data brings along', async () => {
    await parquet('own.parquet', 'SELECT 77 AS "__row", 1 AS a');
    expect((await read('own.parquet')).rows).toEqual([{ a: 1, __row: 1 }]);
    await write('own.csv', '__row,a\n77,1\n');
    expect((await read('own.csv')).rows).toEqual([{ a: 1, __row: 1 }]);
  });
});

describe('which files', () => {
  it('makes columns of key=value folders, yet not of those above the root', async () => {
    root = join(root, 'run=5');
    for (const day of [1, 2]) {
      await parquet(`t/day=${day}/a.parquet`, `SELECT ${day * 10} AS v`);
      await write(`c/day=${day}/a.csv`, `v\n${day * 10}\n`);
    }
    for (const source of ['t', 'c', 't/**/*.parquet', 't/day=*/a.parquet']) {
      expect((await read(source)).rows).toEqual([
        { v: 10, day: 1, __row: 1 },
        { v: 20, day: 2, __row: 2 },
      ]);
    }
  });

  it('takes an existing name literally, whatever is in it', async () => {
    const name = "it's [a] *?.csv";
    await write(name, 'a\n1\n');
    await write('it.csv', 'a\n2\n');
    expect((await read(name)).rows).toEqual([{ a: 1, __row: 1 }]);
  });

  it('reads gzip', async () => {
    await write('a.csv.gz', gzipSync('a,b\n1,2\n'));
    await write('a.jsonl.gz', gzipSync('{"a":1}\n'));
    expect((await read('a.csv.gz')).rows).toEqual([{ a: 1, b: 2, __row: 1 }]);
    expect((await read('a.jsonl.gz')).rows).toEqual([{ a: 1, __row: 1 }]);
    await write('cut.csv.gz', gzipSync('a,b\n1,2\n').subarray(0, 20));
    await expect(open('cut.csv.gz')).rejects.toMatchObject({ code: 'DATA_UNREADABLE' });
  });

  it('leaves out files that Spark writes beside the data', async () => {
    await parquet('t/part-0.parquet', 'SELECT 1 AS a');
    await write('t/_SUCCESS', '');
    await write('t/.part-0.parquet.crc', 'x');
    expect((await open('t')).files.map(({ path }) => path)).toEqual(['t/part-0.parquet']);
  });

  it('names the nearest file when there is none', async () => {
    await write('data/customers.csv', 'a\n1\n');
    await expect(open('data/custmers.csv')).rejects.toMatchObject({ code: 'DATA_NOT_FOUND', hint: 'Did you mean data/customers.csv?' });
    await expect(open('nowhere/*.csv')).rejects.toMatchObject({ code: 'DATA_NOT_FOUND' });
  });

  it.each([
    ['empty.csv', ''],
    ['header.csv', 'a,b\n'],
    ['empty.parquet', ''],
  ])('says that %s is empty', async (name, text) => {
    await write(name, text);
    await expect(open(name)).rejects.toMatchObject({ code: 'DATA_EMPTY' });
  });

  it('says that a Parquet file without rows is empty, and one cut short unreadable', async () => {
    await parquet('none.parquet', 'SELECT 1 AS a WHERE false');
    await expect(open('none.parquet')).rejects.toMatchObject({ code: 'DATA_EMPTY' });
    await write('cut.parquet', 'PAR1 and no more');
    await expect(open('cut.parquet')).rejects.toMatchObject({ code: 'DATA_UNREADABLE', location: { file: 'cut.parquet' } });
  });

  it('refuses Parquet files whose columns differ, and mixed formats', async () => {
    await parquet('d/1.parquet', 'SELECT 1 AS a');
    await parquet('d/2.parquet', `SELECT 'x' AS a`);
    await expect(open('d')).rejects.toMatchObject({ code: 'DATA_UNREADABLE', location: { file: 'd/2.parquet' } });
    await write('m/1.csv', 'a\n1\n');
    await parquet('m/2.parquet', 'SELECT 1 AS a');
    await expect(open('m')).rejects.toMatchObject({ code: 'DATA_UNREADABLE', message: expect.stringMatching(/different formats/) });
  });

  it('says what it cannot read yet, without the password in the address', async () => {
    for (const source of ['postgres://me:secret@host/db?sslkey=secret', 'sc://host:15002', 'data.csv.dvc', 's3://bucket/key.csv']) {
      const error = await open(source).catch((cause: unknown) => cause);
      expect(error).toMatchObject({ code: 'SOURCE_NOT_YET_SUPPORTED' });
      expect(String(error)).not.toContain('secret');
    }
  });

  it('reads objects that the port has fetched, under their address', async () => {
    await write('cache/1', 'a\n1\n');
    const table = await open('s3://bucket/a.csv', {
      fetch: async (address) => [{ address, file: join(root, 'cache/1') }],
    });
    expect(table.files.map(({ path }) => path)).toEqual(['s3://bucket/a.csv']);
    expect(await engine.rows(`SELECT a FROM ${table.relation}`)).toEqual([{ a: 1 }]);
    await write('cache/2', gzipSync('a\n2\n'));
    const zipped = await open('s3://bucket/a.csv.gz', { fetch: async (address) => [{ address, file: join(root, 'cache/2') }] });
    expect(await engine.rows(`SELECT a FROM ${zipped.relation}`)).toEqual([{ a: 2 }]);
  });
});

it('digests files as sha256sum does', async () => {
  await write('abc.csv', 'abc');
  const digests = await digestFiles([{ path: 'abc.csv', file: join(root, 'abc.csv'), bytes: 3 }]);
  expect(digests).toEqual([
    { path: 'abc.csv', bytes: 3, digest: 'sha256:ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad' },
  ]);
});
