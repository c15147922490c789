import type { ContractResult } from '../../shared/contract/contract-result.ts';
import { UserError } from '../../shared/errors.ts';
import { formatCount } from '../../shared/words/format-number.ts';
import type { Arguments, CommandIo, CommandSpec, ExitCode } from '../command.ts';
import { printChecks } from '../print-checks.ts';
import { oneModel, runOptions, withContext } from '../run-options.ts';

export const command = {
  name: 'validate',
  summary: 'Judge data by its contract and by the default rules',
  description: [
    'Of a model in weighin.yaml, or alone: `--data` needs no configuration. Without a contract the default rules still hold: at most 10 % nulls a column, no event after its label, duplicate rows warn.',
    'Findings hold counts and row numbers, never values, unless the configuration says privacy: {values: allow}.',
  ],
  positionals: [{ name: 'model', description: 'Name of a model in weighin.yaml; not needed where there is one.' }],
  options: {
    data: {
      description: 'CSV, Parquet or JSON lines, a glob, or a table (postgres://…, sc://…), to judge without a configuration.',
      kind: 'path',
      placeholder: 'FILE',
    },
    query: { description: 'With --data of a database: one SELECT to judge instead of a table.', placeholder: 'SQL' },
    contract: { description: 'With --data: an ODCS v3 contract.', kind: 'path', placeholder: 'C.yaml' },
    id: { description: 'With --data: the column that names a row.', placeholder: 'COLUMN' },
    time: { description: 'With --data: the column that says when the row was known.', placeholder: 'COLUMN' },
    'label-time': { description: 'With --data: the column that says when the label was known.', placeholder: 'COLUMN' },
    'show-values': { description: 'With --data: show violating values beside their rows.', kind: 'flag' },
    output: runOptions.output,
  },
  examples: [
    { command: 'weighin validate churn', does: 'what `weighin run` does first' },
    {
      command: "weighin validate --data 'postgres://db.example.org/shop?table=customers' --id customer_id",
      does: 'a table where it lies: only counts come back',
    },
    { command: 'weighin validate --data customers.csv --contract customers.odcs.yaml --json out.json', does: 'a file alone' },
  ],
} as const satisfies CommandSpec;

type Args = Arguments<typeof command>;

export async function run(args: Args, io: CommandIo): Promise<ExitCode> {
  if (args.data !== undefined) return validateFile(args, args.data, io);
  const alone = (['contract', 'query', 'id', 'time', 'label-time'] as const).find((name) => args[name] !== undefined);
  if (alone)
    throw new UserError('FLAG_NEEDS_DATA', `--${alone} goes with --data.`, 'In a configuration it stands under data: of the model.');
  const { validateData } = await import('../../shared/pipeline/validate-data.ts');
  return withContext(args, io, async (context) => {
    const model = oneModel(context, args.model);
    const result = await validateData(context, model);
    await io.writeJson(result);
    if (!result) {
      io.print(`${model} has no data.`);
      return 0;
    }
    printChecks(result, model, io);
    return result.verdict === 'fail' && context.config.config.mode === 'enforce' ? 1 : 0;
  });
}

async function validateFile(args: Args, data: string, io: CommandIo): Promise<ExitCode> {
  const [
    { readFile },
    { resolve },
    { openTable },
    { isTableAddress, readTableAddress },
    { readContract },
    { declaredTypes },
    { validateTable },
  ] = await Promise.all([
    import('node:fs/promises'),
    import('node:path'),
    import('../../shared/adapters/open-table.ts'),
    import('../../shared/source/table-address.ts'),
    import('../../shared/contract/read-contract.ts'),
    import('../../shared/contract/declared-types.ts'),
    import('../../shared/contract/validate-table.ts'),
  ]);
  if (args.query !== undefined && !isTableAddress(data))
    throw new UserError(
      'QUERY_NEEDS_TABLE',
      '--query asks a database, and --data names a file.',
      'Leave it out, or name postgres://… or sc://….',
    );
  // As the address is shown, which holds no secret whatever was written.
  io.progress.step('reading', isTableAddress(data) ? readTableAddress(data, args.query).shown : data);
  const file = args.contract;
  const text =
    file === undefined
      ? null
      : await readFile(resolve(io.cwd, file), 'utf8').catch(() => {
          throw new UserError(
            'CONTRACT_NOT_FOUND',
            `There is no contract at ${file}.`,
            'Correct --contract, or leave it out for the default rules.',
          );
        });
  const contract = text === null || file === undefined ? null : readContract(text, file);
  const { engine, source, close } = await openTable({
    source: data,
    root: io.cwd,
    env: io.env,
    ...(args.query !== undefined && { query: args.query }),
    ...(contract && { types: declaredTypes(contract) }),
  });
  let result: ContractResult;
  try {
    result = await validateTable(engine, source, contract, {
      values: args['show-values'] ? 'allow' : 'deny',
      ...(args.id !== undefined && { id: args.id }),
      ...(args.time !== undefined && { time: args.time }),
      ...(args['label-time'] !== undefined && { labelTime: args['label-time'] }),
    });
  } finally {
    await close();
  }
  await io.writeJson(result);
  printChecks(result, `${source.source}, ${formatCount(result.rows)} rows`, io);
  if (
    source.format === 'table' &&
    !(args.id && args['show-values']) &&
    result.checks.some(({ status, failed }) => status !== 'pass' && failed > 0)
  )
    io.print(io.colors.dim('  Rows of a table have no numbers: --id COLUMN with --show-values names them by their id.'));
  return result.verdict === 'fail' || result.verdict === 'error' ? 1 : 0;
}
