import type { ColumnType } from '../source/column-type.ts';
import type { Contract, ContractColumn, LogicalType } from './contract.ts';

const ofLogicalType: Readonly<Record<LogicalType, ColumnType | 'time' | 'nested'>> = {
  string: 'text',
  date: 'date',
  timestamp: 'timestamp',
  time: 'time',
  number: 'number',
  integer: 'integer',
  boolean: 'boolean',
  object: 'nested',
  array: 'nested',
  map: 'nested',
  vector: 'nested',
};

/** Names that databases and engines share, by what they hold. Width is a matter of the server, not of a file that was exported from it. */
const physicalFamilies: readonly (readonly [RegExp, ColumnType | 'time'])[] = [
  [/^(?:string|text|n?varchar2?|n?char|character(?: varying)?|uuid|bpchar)$/, 'text'],
  [/^(?:u?(?:tiny|small|medium|big)?int(?:eger)?|u?int(?:8|16|32|64)|long|short|byteint)$/, 'integer'],
  [/^(?:double(?: precision)?|float(?:4|8|32|64)?|real|decimal|numeric|number|bignumeric)$/, 'number'],
  [/^bool(?:ean)?$/, 'boolean'],
  [/^date$/, 'date'],
  [/^(?:timestamp(?:_?n?tz|_ltz|_s|_ms|_ns)?|datetime2?|timestamp with(?:out)? time zone)$/, 'timestamp'],
  [/^time(?: with(?:out)? time zone)?$/, 'time'],
];

/** What the contract says that the column holds; null where it doesn't say, or says it in words that aren't known. */
export function declaredType({ logicalType, physicalType }: ContractColumn): ColumnType | 'time' | 'nested' | null {
  if (logicalType !== null) return ofLogicalType[logicalType];
  const name = physicalType
    ?.toLowerCase()
    .replace(/\(.*?\)/g, '')
    .replace(/\s+/g, ' ')
    .trim();
  return physicalFamilies.find(([pattern]) => name !== undefined && pattern.test(name))?.[1] ?? null;
}

/**
 * For `openSource`: read each column of a text format as what the contract says it is.
 *
 * @param table its name, where the contract has several; without it such a contract says nothing here.
 */
export function declaredTypes(contract: Contract, table?: string): Readonly<Record<string, ColumnType>> {
  const named = contract.tables.filter(({ name, physicalName }) => name === table || physicalName === table);
  const [meant, ...others] = table === undefined ? contract.tables : named;
  if (!meant || others.length > 0) return {};
  return Object.fromEntries(
    meant.columns.flatMap((column) => {
      const type = declaredType(column);
      if (type === null || type === 'time' || type === 'nested') return [];
      return [column.name, ...(column.physicalName !== null ? [column.physicalName] : [])].map((name) => [name, type] as const);
    }),
  );
}
