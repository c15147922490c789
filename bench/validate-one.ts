import { readFile } from 'node:fs/promises';
import { resolve } from 'node:path';
import { openDuckDB } from '../shared/adapters/duckdb/open-duckdb.ts';
import { declaredTypes } from '../shared/contract/declared-types.ts';
import { readContract } from '../shared/contract/read-contract.ts';
import { validateTable } from '../shared/contract/validate-table.ts';
import { openSource } from '../shared/source/table-source.ts';

/** One whole validation in a process of its own, without the command line around it. usage: validate-one DATA CONTRACT */
const [data = '', file = ''] = process.argv.slice(2);
const contract = readContract(await readFile(file, 'utf8'), file);
const engine = await openDuckDB();
const source = await openSource(engine, { source: resolve(data), root: process.cwd(), types: declaredTypes(contract) });
const { verdict, rows, checks } = await validateTable(engine, source, contract, { values: 'deny' });
await engine.close();
console.log(
  JSON.stringify({
    verdict,
    rows,
    checks: checks.length,
    failed: checks.filter(({ status }) => status !== 'pass').map(({ message }) => message),
  }),
);
