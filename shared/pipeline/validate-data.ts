import { readFile } from 'node:fs/promises';
import { relative, resolve } from 'node:path';
import type { Contract } from '../contract/contract.ts';
import type { ContractResult } from '../contract/contract-result.ts';
import { readContract } from '../contract/read-contract.ts';
import { validateTable } from '../contract/validate-table.ts';
import { UserError } from '../errors.ts';
import type { TableSource } from '../source/table-source.ts';
import { openModelSource } from './open-model-source.ts';
import { type ModelRun, modelRun, type RunContext } from './run-context.ts';
import { writeJson } from './run-folder.ts';

/** The data judged, and the table still open for the step that comes next. */
export interface ValidatedData {
  readonly result: ContractResult;
  readonly source: TableSource;
}

/** Step 1: what the contract and the default rules say of the data. Writes contract.json. Null for a model without data. */
export async function validateData(context: RunContext, model: string): Promise<ContractResult | null> {
  return (await validateAndOpen(context, modelRun(context, model)))?.result ?? null;
}

/** `judgedBy` changes what the contract says before the data is held against it. */
export async function validateAndOpen(
  context: RunContext,
  run: ModelRun,
  judgedBy: (contract: Contract | null) => Contract | null = (contract) => contract,
): Promise<ValidatedData | null> {
  const { data } = run.config;
  if (!data) return null;
  context.progress.step('contract', data.contract ?? 'default rules');
  const contract = judgedBy(await readModelContract(context, run));
  const engine = await context.engine();
  const source = await openModelSource(context, run, contract);
  const result = await validateTable(engine, source, contract, {
    ...(data.id !== undefined && { id: data.id }),
    ...(data.time !== undefined && { time: data.time }),
    ...(data.labelTime !== undefined && { labelTime: data.labelTime }),
    label: data.label,
    values: context.config.config.privacy.values,
  });
  await writeJson(run.folder.contract, result);
  return { result, source };
}

/** The contract with its path as the repository writes it, so that annotations point into the file. */
export async function readModelContract(context: RunContext, run: ModelRun): Promise<Contract | null> {
  const named = run.config.data?.contract;
  if (!named) return null;
  const path = resolve(run.root, named);
  const shown = relative(context.root, path).replaceAll('\\', '/');
  const text = await readFile(path, 'utf8').catch((cause: unknown) => {
    throw new UserError(
      'CONTRACT_NOT_FOUND',
      `There is no contract at ${shown}${cause instanceof Error && 'code' in cause && cause.code !== 'ENOENT' ? ` that can be read (${cause.code})` : ''}.`,
      'Correct data.contract, or let `weighin init` write one.',
      context.config.locate(['models', run.name, 'data', 'contract']),
    );
  });
  return readContract(text, shown);
}
