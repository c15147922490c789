import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { describe, expect, it } from 'vitest';
import { declaredTypes } from '../../../shared/contract/declared-types.ts';
import { readContract } from '../../../shared/contract/read-contract.ts';
import { validateTable } from '../../../shared/contract/validate-table.ts';
import { openSource } from '../../../shared/source/table-source.ts';
import { useTables } from './table-fixture.ts';

/** The standard's own examples and datacontract-cli's fixtures, which are not part of this repository. */
const specs = join(process.env['WEIGHIN_SPECS'] ?? resolve(import.meta.dirname, '../../../../shared/reference/specs'), 'odcs');
if (!existsSync(specs)) throw new Error(`No specs at ${specs}: set WEIGHIN_SPECS to the folder that holds odcs/.`);
const cli = join(specs, 'datacontract-cli');
const tables = useTables();
const files = (folder: string, ending: RegExp) =>
  readdirSync(folder, { recursive: true, encoding: 'utf8' }).filter((name) => ending.test(name));
const contractAt = (path: string) => readContract(readFileSync(path, 'utf8'), path);
const verdict = async (contractFile: string, data: string) => {
  const contract = contractAt(join(cli, contractFile));
  const source = await openSource(tables.engine(), { source: join(cli, data), root: cli, types: declaredTypes(contract) });
  return (await validateTable(tables.engine(), source, contract, { values: 'deny' })).verdict;
};

it.each(files(join(specs, 'examples'), /\.odcs\.yaml$/))('loads the example %s', (name) => {
  expect(contractAt(join(specs, 'examples', name)).digest).toMatch(/^sha256:/);
});

describe('lint', () => {
  const lint = join(cli, 'lint');
  it.each(files(lint, /^valid.*\.odcs\.yaml$/))('accepts %s', (name) => {
    expect(contractAt(join(lint, name)).tables.length).toBeGreaterThanOrEqual(0);
  });
  it.each(files(lint, /^invalid.*\.odcs\.yaml$/))('refuses %s with a place', (name) => {
    expect(() => contractAt(join(lint, name))).toThrow(
      expect.objectContaining({ code: 'CONTRACT_INVALID', location: expect.objectContaining({ line: expect.any(Number) }) }),
    );
  });
});

describe('contracts and data', () => {
  it.each([
    [1, 'csv'],
    [1, 'parquet'],
    [1, 'json'],
    [2, 'csv'],
    [2, 'parquet'],
    [2, 'json'],
  ])('cities of version %i pass as %s', async (version, format) => {
    expect(
      await verdict(
        `schema-evolution/odcs-datacontract-cities-version-${version}.yaml`,
        `schema-evolution/cities-version-${version}.${format}`,
      ),
    ).toBe('pass');
  });
  it.each(['csv', 'parquet'])('the invalid cities fail as %s', async (format) => {
    expect(
      await verdict(
        'schema-evolution/odcs-datacontract-cities-version-2.yaml',
        `schema-evolution/invalid/cities-version-2-invalid.${format}`,
      ),
    ).toBe('fail');
  });
  it('a column too many does not pass unseen', async () => {
    const contract = 'csv/data/datacontract.converted.odcs.yaml';
    expect(await verdict(contract, 'csv/data/sample_data.csv')).toBe('pass');
    expect(await verdict(contract, 'csv/data/sample_data_5_column.csv')).not.toBe('pass');
  });
  it('queries answer as datacontract-cli says', async () => {
    expect(await verdict('local-json-nd/datacontract.converted.odcs.yaml', 'local-json-nd/data/flights-100.json')).toBe('warn');
  });
});
