import { describe, expect, it } from 'vitest';
import { createColors } from '../../../cli/colors.ts';
import type { CommandSpec } from '../../../cli/command.ts';
import { commandTable } from '../../../cli/command-table.ts';
import { commandHelp } from '../../../cli/help.ts';

const page = { colors: createColors(false), columns: 80 };

describe.each(Object.entries(commandTable))('help of %s', (name, entry) => {
  it('agrees with the list of commands', async () => {
    const { command } = await entry.load();
    expect([command.name, command.summary]).toEqual([name, entry.summary]);
  });

  it('keeps to 80 columns, and says when it is used', async () => {
    const { command } = await entry.load();
    const text = commandHelp(command, page);
    expect(text.split('\n').filter((line) => line.length > 80)).toEqual([]);
    for (const part of ['Usage', 'Options of every command', 'Examples', 'Exit codes']) expect(text).toContain(part);
    expect(command.examples.length).toBeGreaterThan(0);
    for (const example of command.examples) expect(example.command).toContain(`weighin ${name}`);
  });
});

it('wraps what is long, and shows what is required, chosen from and assumed', () => {
  const command: CommandSpec = {
    name: 'weigh',
    summary: 'Weigh a model',
    description: ['One two three four five six seven eight nine ten.'],
    positionals: [
      { name: 'model', description: 'Which.', required: true },
      { name: 'files', description: 'More.', many: true },
    ],
    options: {
      data: { description: 'The data.', kind: 'path', required: true },
      task: { description: 'The task.', values: ['binary', 'multiclass'], default: 'binary' },
      cache: { description: 'Trains anew.', kind: 'flag', default: 'true' },
    },
    examples: [{ command: 'weighin weigh churn --data data/customers.parquet --task binary', does: 'weighs' }],
    exits: { 0: 'it is weighed', 1: 'the verdict is fail' },
  };
  expect(commandHelp(command, { ...page, columns: 50 })).toBe(`weighin weigh: weigh a model

Usage
  weighin weigh MODEL [FILES…] --data FILE \\
      [options]

  One two three four five six seven eight nine
  ten.

Arguments
  MODEL  Which.
  FILES  More.

Options
  --data FILE   The data. Required.
  --task VALUE  The task. One of binary,
                multiclass. Default: binary.
  --no-cache    Trains anew.

Options of every command
  --config FILE  The configuration. Default:
                 weighin.yaml.
  --json [OUT]   Write the result as JSON: to OUT,
                 or to stdout for \`--json\` alone
                 and \`--json -\`.
  --quiet        No progress; errors and the
                 result only.
  --no-color     No colours; NO_COLOR does the
                 same.
  --help         This help.

Examples
  weighin weigh churn --data \\
      data/customers.parquet --task binary
      weighs

Exit codes
  0  it is weighed
  1  the verdict is fail
  2  your turn: configuration, a missing file, a
     wrong flag
  3  the surroundings' fault: network, disk,
     engine; trying again may help`);
});
