import type { Contract } from '../contract/contract.ts';
import { declaredTypes } from '../contract/declared-types.ts';
import { UserError } from '../errors.ts';
import { openSource, type TableSource } from '../source/table-source.ts';
import type { ModelRun, RunContext } from './run-context.ts';

/** Opens a model's data with the types that its contract declares. */
export async function openModelSource(context: RunContext, run: ModelRun, contract: Contract | null): Promise<TableSource> {
  const { data } = run.config;
  if (!data) throw new UserError('NO_DATA', `${run.name} has no data: in ${context.config.fileOf(run.name)}.`, 'Add data: to the model.');
  return openSource(await context.engine(), {
    source: data.source,
    root: run.root,
    fetch: context.fetchObjects,
    connect: context.connectEngine,
    ...(data.query !== undefined && { query: data.query }),
    ...(contract && { types: declaredTypes(contract) }),
  });
}
