import { UserError } from '../errors.ts';
import type { ConnectEngine, OpenedTable, RemoteColumn, RemoteEngine } from './remote-engine.ts';
import { readTableAddress, type TableAddress } from './table-address.ts';

/**
 * A table or query of a database, asked where it is. Its rows have no order, so there is no `__row` (`hasRowNumbers` says so).
 *
 * @throws UserError, InfrastructureError by whatever stands between here and the table; see `readTableAddress` and the adapters.
 */
export async function openRemoteTable(
  request: { readonly source: string; readonly query?: string },
  connect: ConnectEngine,
): Promise<OpenedTable<RemoteEngine>> {
  const address = readTableAddress(request.source, request.query);
  const engine = await connect(address);
  try {
    const named = relationOf(engine, address);
    const columns = await engine.describe(named);
    refuseTwins(columns, address);
    const plain = columns.map(({ castToText, ...column }) => column);
    return {
      engine,
      source: { source: address.shown, files: [], format: 'table', relation: readable(engine, named, columns), columns: plain },
    };
  } catch (cause) {
    await engine.close().catch(() => undefined);
    throw cause;
  }
}

function relationOf({ dialect }: RemoteEngine, { what }: TableAddress): string {
  if ('table' in what) return what.table.map((name) => dialect.identifier(name)).join('.');
  return `(${what.query}) AS asked`;
}

/** Where a column has a type that is text to us, SQL of ours must find text there. */
function readable({ dialect }: RemoteEngine, relation: string, columns: readonly RemoteColumn[]): string {
  if (!columns.some(({ castToText }) => castToText)) return relation;
  const selected = columns.map(({ name, castToText }) => {
    const cell = dialect.identifier(name);
    return castToText ? `${dialect.text(cell)} AS ${cell}` : cell;
  });
  return `(SELECT ${selected.join(', ')} FROM ${relation}) AS readable`;
}

/** Names that differ in case alone are one name to DuckDB and Spark. */
function refuseTwins(columns: readonly RemoteColumn[], { shown }: TableAddress): void {
  if (columns.length === 0)
    throw new UserError('TABLE_WITHOUT_COLUMNS', `${shown} has no columns.`, 'Name a table or query that has some.');
  const seen = new Map<string, string>();
  for (const { name } of columns) {
    const twin = seen.get(name.toLowerCase());
    if (twin !== undefined) {
      const what = twin === name ? `column ${name} twice` : `columns ${twin} and ${name}, which differ in case alone`;
      throw new UserError('COLUMN_TWICE', `${shown} has ${what}.`, 'Rename one of them with AS in a query.');
    }
    seen.set(name.toLowerCase(), name);
  }
}
