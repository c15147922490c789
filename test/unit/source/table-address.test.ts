import { expect, it } from 'vitest';
import { UserError } from '../../../shared/errors.ts';
import { oneSelect } from '../../../shared/source/one-select.ts';
import { holdsSecret, isTableAddress, readTableAddress, shownSource } from '../../../shared/source/table-address.ts';

const refusal = (source: string, query?: string): UserError => {
  try {
    readTableAddress(source, query);
  } catch (cause) {
    if (cause instanceof UserError) return cause;
    throw cause;
  }
  throw new Error(`${source} was taken`);
};

it('reads an address of PostgreSQL', () => {
  expect(readTableAddress('postgres://reader@db.example.org:6432/shop?table=public.customers&sslmode=require')).toEqual({
    scheme: 'postgres',
    shown: 'postgres://db.example.org:6432/shop public.customers',
    host: 'db.example.org',
    port: 6_432,
    user: 'reader',
    database: 'shop',
    what: { table: ['public', 'customers'] },
    parameters: new Map([['sslmode', 'require']]),
  });
  expect(readTableAddress('postgresql://[::1]/shop?table=t')).toMatchObject({ host: '::1', port: 5_432, user: null });
  expect(readTableAddress('postgres:///shop?host=/var/run/postgresql&table=t')).toMatchObject({ host: '/var/run/postgresql' });
  expect(readTableAddress('postgres://h/d%20b?table=%22a.b%22.%22c%22%22d%22').what).toEqual({ table: ['a.b', 'c"d'] });
});

it('reads an address of Spark', () => {
  expect(readTableAddress('sc://spark:443/;use_ssl=true;x-databricks-cluster-id=0123;table=main.shop.`my table`')).toMatchObject({
    scheme: 'spark',
    shown: 'sc://spark:443 main.shop.`my table`',
    port: 443,
    database: null,
    what: { table: ['main', 'shop', 'my table'] },
    parameters: new Map([
      ['use_ssl', 'true'],
      ['x-databricks-cluster-id', '0123'],
    ]),
  });
  expect(readTableAddress('sc://spark', 'SELECT 1')).toMatchObject({
    port: 15_002,
    what: { query: 'SELECT 1' },
    shown: 'sc://spark (query)',
  });
});

it.each([
  ['postgres://reader:hunter2@h/d?table=t'],
  ['postgres://:hunter2@h/d?table=t'],
  ['postgres://h/d?table=t&password=hunter2'],
  ['postgres://h/d?table=t&PGPASSWORD=hunter2'],
  ['postgres://h/d?sslkey=hunter2&table=t'],
  ['sc://h/;token=hunter2;table=t'],
  ['sc://h/;table=t;x-auth-token=hunter2'],
  ['sc://h/;authorization=hunter2;table=t'],
])('refuses a secret in %s, and repeats nothing of it', (source) => {
  const error = refusal(source);
  expect(error.code).toBe('ADDRESS_HOLDS_SECRET');
  expect(`${error.message} ${error.hint}`).not.toMatch(/hunter2|reader/);
  expect(holdsSecret(source)).toBe(true);
  expect(shownSource(source)).not.toMatch(/hunter2|reader/);
});

it('takes the name of a variable that holds a secret', () => {
  expect(readTableAddress('postgres://h/d?table=t&password_env=DB_PASSWORD').parameters.get('password_env')).toBe('DB_PASSWORD');
  expect(holdsSecret('postgres://h/d?table=t&password_env=DB_PASSWORD')).toBe(false);
  expect(holdsSecret('data/a.csv')).toBe(false);
});

it.each([
  ['postgres://h/d', undefined, 'TABLE_NOT_NAMED'],
  ['postgres://h/d?table=', undefined, 'TABLE_NOT_NAMED'],
  ['postgres://h/d?table=a..b', undefined, 'TABLE_NOT_NAMED'],
  ['postgres://h/d?table=a.b.c.d', undefined, 'TABLE_NOT_NAMED'],
  ['postgres://h/d?table="a', undefined, 'TABLE_NOT_NAMED'],
  ['postgres://h/d?table=t', 'SELECT 1', 'ADDRESS_INVALID'],
  ['postgres://h/d?query=SELECT%201', 'SELECT 1', 'ADDRESS_INVALID'],
  ['postgres:///d?table=t', undefined, 'ADDRESS_INVALID'],
  ['postgres://h:99999/d?table=t', undefined, 'ADDRESS_INVALID'],
  ['postgres://h:5432x/d?table=t', undefined, 'ADDRESS_INVALID'],
  ['postgres://h/d?table=t&table=u', undefined, 'ADDRESS_INVALID'],
  ['postgres://h/d?table=%zz', undefined, 'ADDRESS_INVALID'],
  ['postgres://h/d?table=%00', undefined, 'ADDRESS_INVALID'],
  ['sc://h/;table', undefined, 'ADDRESS_INVALID'],
])('refuses %s', (source, query, code) => {
  expect(refusal(source, query)).toMatchObject({ code });
});

it('knows addresses from files', () => {
  expect(['postgres://h', 'POSTGRESQL://h', 'sc://h', 's3://b/k', 'mysql://h', 'sc/a.csv', 'C:/a.csv'].map(isTableAddress)).toEqual([
    true,
    true,
    true,
    false,
    false,
    false,
    false,
  ]);
});

it.each([
  'SELECT 1',
  ' select a;\n',
  "WITH a AS (SELECT ';' AS b) SELECT * FROM a",
  '(SELECT 1) UNION (SELECT 2)',
  'SELECT "a;b" FROM `c;d`',
])('takes one SELECT: %s', (query) => {
  expect(oneSelect(query)).toBe(query.trim().replace(/;$/, ''));
});

it.each([
  'DELETE FROM t',
  'SELECT 1; DROP TABLE t',
  'SELECT 1) AS a; DROP TABLE t; SELECT (1',
  'SELECT 1) AS a UNION SELECT (1',
  "SELECT 'a",
  "SELECT '\\'; DROP TABLE t; --'",
  'SELECT 1 -- then',
  'SELECT 1 /* then */',
  'SELECT $$;$$',
  'SELECT (1',
  'selection',
  '',
])('refuses what is more or less than one: %s', (query) => {
  expect(() => oneSelect(query)).toThrow(expect.objectContaining({ code: 'QUERY_INVALID' }));
});
