import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll } from 'vitest';
import { openDuckDB } from '../../../shared/adapters/duckdb/open-duckdb.ts';
import type { Check, ContractResult } from '../../../shared/contract/contract-result.ts';
import { declaredTypes } from '../../../shared/contract/declared-types.ts';
import { readContract } from '../../../shared/contract/read-contract.ts';
import { type ValidateOptions, validateTable } from '../../../shared/contract/validate-table.ts';
import type { QueryEngine } from '../../../shared/query/query-engine.ts';
import { literal } from '../../../shared/query/sql-text.ts';
import { openSource, type TableSource } from '../../../shared/source/table-source.ts';

export type Format = 'csv' | 'parquet';

/** A contract of one table `t`; `body` is indented to stand below it. */
export const contractOf = (body: string) =>
  `apiVersion: v3.1.0\nkind: DataContract\nid: test\nversion: 1.0.0\nstatus: active\nschema:\n  - name: t\n${body.replace(/^/gm, '    ')}\n`;

/** Tables from SQL, written as files and read back, so that every rule meets what a user's file gives. */
export function useTables() {
  let engine: QueryEngine;
  let root: string;
  let written = 0;
  beforeAll(async () => {
    engine = await openDuckDB({ threads: 2 });
    root = await mkdtemp(join(tmpdir(), 'weighin-contract-'));
  });
  afterAll(async () => {
    await engine.close();
    await rm(root, { recursive: true, force: true });
  });

  const write = async (format: Format, select: string): Promise<string> => {
    const name = `t${++written}.${format}`;
    await engine.run(`COPY (${select}) TO ${literal(join(root, name))} (${format === 'csv' ? 'FORMAT csv, HEADER' : 'FORMAT parquet'})`);
    return name;
  };
  const validate = async (
    format: Format,
    select: string,
    contract: string | null,
    options: Partial<ValidateOptions> = {},
  ): Promise<ContractResult> => {
    const read = contract === null ? null : readContract(contract, 'c.yaml');
    const source = await openSource(engine, { source: await write(format, select), root, ...(read && { types: declaredTypes(read) }) });
    return validateTable(engine, source, read, { values: 'deny', ...options });
  };
  return {
    engine: () => engine,
    root: () => root,
    open: async (format: Format, select: string): Promise<TableSource> => openSource(engine, { source: await write(format, select), root }),
    validate,
    /** The one check of a rule. */
    check: async (
      format: Format,
      select: string,
      contract: string | null,
      rule: string,
      options: Partial<ValidateOptions> = {},
    ): Promise<Check> => {
      const { checks } = await validate(format, select, contract, options);
      const found = checks.filter((candidate) => candidate.rule === rule);
      if (found.length !== 1 || !found[0])
        throw new Error(`${found.length} checks ${rule} in ${checks.map((candidate) => candidate.rule).join(', ')}`);
      return found[0];
    },
  };
}
