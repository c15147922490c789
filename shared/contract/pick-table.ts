import { UserError } from '../errors.ts';
import type { Contract, ContractTable } from './contract.ts';
import { nearestOf } from './nearest-of.ts';

/**
 * The table of a contract that the data is held against: the only one, or the one named.
 *
 * @throws UserError `CONTRACT_TABLE` where that leaves a choice, or none.
 */
export function pickTable(contract: Contract, name?: string): ContractTable {
  const { tables, file } = contract;
  const names = tables.map((table) => table.name);
  const found =
    name === undefined
      ? tables.length === 1
        ? tables[0]
        : undefined
      : tables.find((table) => table.name === name || table.physicalName === name);
  if (found) return found;
  if (tables.length === 0) {
    throw new UserError(
      'CONTRACT_TABLE',
      `${file} describes no table.`,
      'Add schema: with one table, or write a contract with `weighin init`.',
      { file },
    );
  }
  if (name === undefined) {
    throw new UserError(
      'CONTRACT_TABLE',
      `${file} describes ${tables.length} tables: ${names.join(', ')}.`,
      'Say which one the data is, or split the file.',
      { file },
    );
  }
  const nearest = nearestOf(name, names);
  throw new UserError(
    'CONTRACT_TABLE',
    `${file} has no table ${name}.`,
    nearest ? `Did you mean ${nearest}?` : `It has ${names.join(', ')}.`,
    { file },
  );
}
