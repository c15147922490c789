import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { weighin } from '../support/built-cli.ts';

let folder: string;
beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), 'weighin-cli-dataset-'));
  writeFileSync(
    join(folder, 'rows.csv'),
    'age,plan,part,churned\n31,a,train,yes\n32,b,train,no\n33,b,train,no\n34,a,test,yes\n35,a,validation,\n',
  );
});
afterAll(() => rmSync(folder, { recursive: true, force: true }));

it('counts rows and classes of a table where it lies, and builds nothing', async () => {
  const { status, stdout } = await weighin(['dataset', '--data', 'rows.csv', '--label', 'churned', '--split', 'part', '--json', '-'], {
    cwd: folder,
  });
  expect(status).toBe(0);
  expect(JSON.parse(stdout)).toEqual({
    train_rows: 3,
    val_rows: 0,
    test_rows: 1,
    train_label_dist: { no: 2 / 3, yes: 1 / 3 },
    num_features: 2,
  });
  const said = await weighin(['dataset', '--data', 'rows.csv', '--label', 'churned'], { cwd: folder });
  expect(said.stdout).toContain('rows.csv: 4 rows with a label, 3 features');
  expect(said.stdout).toContain('churned no: 50');
});

it.each([
  [['--data', 'rows.csv'], 'FLAG_MISSING'],
  [['--label', 'churned'], 'FLAG_NEEDS_DATA'],
  [['--data', 'rows.csv', '--label', 'churn'], 'COLUMN_NOT_FOUND'],
  [['--data', 'none.csv', '--label', 'churned'], 'DATA_NOT_FOUND'],
])('refuses %j with %s', async (words, code) => {
  const { status, stderr } = await weighin(['dataset', ...words], { cwd: folder });
  expect(status).toBe(2);
  expect(stderr).toContain(`[${code}]`);
});
