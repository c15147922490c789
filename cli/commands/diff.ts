import { UserError } from '../../shared/errors.ts';
import { formatCount } from '../../shared/words/format-number.ts';
import type { Arguments, CommandIo, CommandSpec, ExitCode } from '../command.ts';
import { metricTable } from '../metric-table.ts';
import { runOptions, withContext } from '../run-options.ts';

export const command = {
  name: 'diff',
  summary: 'Compare two versions of a model on the same rows',
  description: [
    'Scores both versions on the test rows of today and shows every metric with the interval of the difference. Versions are numbers (v11 12); one alone is compared with the version before it.',
  ],
  positionals: [
    { name: 'model', description: 'Name of the model.', required: true },
    { name: 'from', description: 'The earlier version, as v11.', required: true },
    { name: 'to', description: 'The later version, as v12.' },
  ],
  options: runOptions,
  examples: [{ command: 'weighin diff churn v11 v12', does: 'what v12 changed' }],
  exits: { 0: 'compared; nothing is judged' },
} as const satisfies CommandSpec;

export async function run({ model, from, to, ...args }: Arguments<typeof command>, io: CommandIo): Promise<ExitCode> {
  const { diffVersions } = await import('../../shared/pipeline/diff-versions.ts');
  const [first, second] = to === undefined ? [number(from) - 1, number(from)] : [number(from), number(to)];
  if (first === 0)
    throw new UserError('VERSION_INVALID', 'v1 has no version before it to compare with.', `Name two: weighin diff ${model} v1 v2.`);
  return withContext(args, io, async (context) => {
    const diff = await diffVersions(context, model, first, second);
    await io.writeJson(diff);
    io.print(`${io.colors.bold(`${model} v${diff.from} → v${diff.to}`)} on the same ${formatCount(diff.rows)} test rows`);
    io.print(metricTable(diff.metrics, [`v${diff.from}`, `v${diff.to}`], io.colors));
    return 0;
  });
}

function number(text: string): number {
  const digits = /^v?([1-9]\d{0,8})$/.exec(text)?.[1];
  if (digits) return Number(digits);
  throw new UserError('VERSION_INVALID', `${text} is no version.`, 'Write it as v12.');
}
