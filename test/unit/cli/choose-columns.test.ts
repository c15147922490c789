import { mkdtemp, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { chooseColumns } from '../../../cli/init/choose-columns.ts';
import { openDuckDB } from '../../../shared/adapters/duckdb/open-duckdb.ts';
import { UserError } from '../../../shared/errors.ts';
import type { QueryEngine } from '../../../shared/query/query-engine.ts';
import { openSource } from '../../../shared/source/table-source.ts';

let engine: QueryEngine;
let root = '';
beforeAll(async () => {
  engine = await openDuckDB({ threads: 1 });
  root = await mkdtemp(join(tmpdir(), 'weighin-columns-'));
});
afterAll(() => engine.close());

let files = 0;
async function choose(header: string, row: (index: number) => string, label?: string, rows = 400) {
  files += 1;
  const name = `${files}.csv`;
  await writeFile(join(root, name), `${header}\n${Array.from({ length: rows }, (_, index) => row(index)).join('\n')}\n`);
  return chooseColumns(engine, await openSource(engine, { source: name, root }), { label });
}
const refusal = async (...args: Parameters<typeof choose>) => {
  const error = await choose(...args).catch((caught: unknown) => caught);
  if (error instanceof UserError) return [error.code, error.message.replace(/\d+\.csv/, 'FILE'), error.hint];
  throw error;
};
const day = (index: number) => `2024-${String(1 + (index % 12)).padStart(2, '0')}-${String(1 + (index % 28)).padStart(2, '0')}`;

describe('guessing what columns are for', () => {
  it('knows the usual names, what is unique, and what is a time', async () => {
    const chosen = await choose(
      'customer_id,signup,plan,amount,churned',
      (index) => `${1000 + index},${day(index)},${index % 3},${index * 1.5},${Number(index % 4 === 0)}`,
    );
    expect(chosen).toMatchObject({
      rows: 400,
      label: 'churned',
      labelBy: 'its name',
      positive: '1',
      positives: 100,
      id: 'customer_id',
      time: 'signup',
      exclude: [],
    });
  });

  it('prefers what is given', async () => {
    expect(await choose('y,kept', (index) => `${index % 2},${index % 5 === 0}`, 'kept')).toMatchObject({
      label: 'kept',
      labelBy: 'given',
      positive: 'true',
    });
  });

  it('leaves unsaid which class is positive only where the dataset would say the same', async () => {
    const told = async (no: string, yes: string) => {
      const { positive, positiveIsUsual } = await choose('x,y', (index) => `${index},${index % 4 === 0 ? yes : no}`);
      return [positive, positiveIsUsual];
    };
    expect(await told('0', '1')).toEqual(['1', true]);
    expect(await told('0.0', '1.0')).toEqual(['1.0', true]);
    expect(await told('-1', '1')).toEqual(['1', true]);
    expect(await told('No', 'Yes')).toEqual(['Yes', true]);
    expect(await told('2', '1')).toEqual(['1', false]);
    expect(await told('n', 'y')).toEqual(['y', false]);
  });

  it('takes no id that repeats, is missing, or only sounds like one', async () => {
    expect((await choose('id,y', (index) => `${index % 390},${index % 2}`)).id).toBeUndefined();
    expect((await choose('user_id,y', (index) => `${index === 7 ? '' : index},${index % 2}`)).id).toBeUndefined();
    expect((await choose('paid,valid,y', (index) => `${index},${index},${index % 2}`)).id).toBeUndefined();
    expect((await choose('order_id,id,y', (index) => `${index},${index},${index % 2}`)).id).toBe('id');
  });

  it('leaves out other times, ids, empty columns, and text that is different in every row', async () => {
    const chosen = await choose(
      'event_timestamp,updated_at,note,void,session_id,y',
      (index) => `${day(index)},${day(index + 3)},text number ${index * 7919},,s${index % 300},${index % 2}`,
    );
    expect(chosen.time).toBe('event_timestamp');
    expect(chosen.exclude).toEqual([
      { column: 'updated_at', because: 'a time' },
      { column: 'note', because: 'text that is different in nearly every row' },
      { column: 'void', because: 'empty' },
      { column: 'session_id', because: 'text that is different in nearly every row' },
    ]);
  });

  it('names no time where several could be it', async () => {
    const chosen = await choose('opened,closed,y', (index) => `${day(index)},${day(index + 2)},${index % 2}`);
    expect([chosen.time, chosen.exclude.map(({ column }) => column)]).toEqual([undefined, ['opened', 'closed']]);
  });

  it.each([
    ['yes', 'no', 'yes'],
    ['True', 'False', 'true'],
    ['1.0', '0.0', '1.0'],
    // Neither says yes: the rarer is what one looks for.
    ['M', 'B', 'M'],
  ])('takes %s of %s for positive', async (rare, common, positive) => {
    expect((await choose('y,x', (index) => `${index % 3 === 0 ? rare : common},${index}`)).positive.replace(/^1$/, '1.0')).toBe(positive);
  });
});

describe('asking instead of guessing', () => {
  it('lists the columns that could be a label', async () => {
    expect(await refusal('a,b,left', (index) => `${index},${index % 3},${index % 2}`)).toEqual([
      'LABEL_NOT_FOUND',
      'Which column of FILE is to be predicted? None has a usual name (label, target, y, churned …).',
      'Say it with --label. One column has two values: left.',
    ]);
    expect((await refusal('a,b', (index) => `${index},${index}`))[2]).toContain(
      'No column has exactly two values, so none can be a binary label; the columns are a, b.',
    );
  });

  it('knows a label that was nearly named', async () => {
    expect(await refusal('churned,a', (index) => `${index % 2},${index}`, 'churn_ed')).toEqual([
      'LABEL_UNKNOWN',
      'FILE has no column `churn_ed`.',
      'Did you mean churned?',
    ]);
    expect((await refusal('a,b', (index) => `${index},${index}`, 'zzzzzz'))[2]).toBe('Its columns are a, b.');
  });

  it.each([
    ['three values', (index: number) => String(index % 3), 'about 3 values'],
    ['one value', () => '1', 'one value in all rows'],
    ['no value', () => '', 'no value at all'],
  ])('refuses a label of %s', async (_, value, has) => {
    const [code, message] = await refusal('y,x', (index) => `${value(index)},${index}`);
    expect([code, message]).toEqual(['LABEL_NOT_BINARY', `The label \`y\` has ${has}; a binary task needs two.`]);
  });

  it('refuses a file without rows', async () => {
    expect((await refusal('y,x', () => '', undefined, 0))[0]).toBe('DATA_EMPTY');
  });

  it('takes hostile column names as they are', async () => {
    const chosen = await choose('"y","a""; DROP TABLE x; --"', (index) => `${index % 2},${index % 9}`);
    expect(chosen.label).toBe('y');
  });
});
