import { open } from 'node:fs/promises';
import { resolve } from 'node:path';
import type { Profile } from '../../profile/profile.ts';
import { looksLikeProfile, readProfile } from '../../profile/read-profile.ts';
import type { SqlEngine } from '../../query/query-engine.ts';
import type { ColumnType } from '../../source/column-type.ts';
import type { TableSource } from '../../source/table-source.ts';

/** A table on the engine that holds it, to be closed by whoever opened it. */
export interface DriftTable {
  readonly engine: SqlEngine;
  readonly source: TableSource;
  close(): Promise<void>;
}

/** Opens whatever a source names: files, or a table of a database. */
export type OpenDriftTable = (source: string, types: Readonly<Record<string, ColumnType>>) => Promise<DriftTable>;

export type DriftSide =
  | { readonly kind: 'profile'; readonly name: string; readonly profile: Profile }
  | { readonly kind: 'table'; readonly name: string; readonly table: DriftTable };

/** A profile is known by what it holds, not by its name. @throws UserError as `readProfile` and the readers of tables do */
export async function openDriftSide(
  name: string,
  root: string,
  openTable: OpenDriftTable,
  types: Readonly<Record<string, ColumnType>> = {},
): Promise<DriftSide> {
  const text = await profileText(resolve(root, name));
  if (text !== null) return { kind: 'profile', name, profile: readProfile(text, name) };
  return { kind: 'table', name, table: await openTable(name, types) };
}

/** No profile is larger; a table of JSON lines may be. */
const mostBytes = 512 * 1024 * 1024;
const headBytes = 4_096;

/** The file whole where it is meant as a profile; null for whatever else there is, or isn't. */
async function profileText(path: string): Promise<string | null> {
  const file = await open(path, 'r').catch(() => null);
  if (!file) return null;
  try {
    const { size } = await file.stat();
    const { buffer, bytesRead } = await file.read(Buffer.alloc(Math.min(size, headBytes)), 0, Math.min(size, headBytes), 0);
    if (size > mostBytes || !/^\s*\{/.test(buffer.toString('utf8', 0, Math.min(bytesRead, 64)))) return null;
    const text = await file.readFile('utf8');
    // Lines of JSON are rows.
    return looksLikeProfile(text) && !isRows(text) ? text : null;
  } catch {
    return null;
  } finally {
    await file.close();
  }
}

/** Several lines of which the first is an object of its own. */
function isRows(text: string): boolean {
  const end = text.indexOf('\n');
  if (end < 0 || text.slice(end).trim() === '') return false;
  try {
    JSON.parse(text.slice(0, end));
    return true;
  } catch {
    return false;
  }
}
