import { UserError } from '../../shared/errors.ts';
import { nearestName } from '../../shared/spec/nearest-name.ts';
import { visibleText } from '../../shared/words/visible-text.ts';
import type { Arguments, CommandIo, CommandSpec, ExitCode } from '../command.ts';
import { commandTable } from '../command-table.ts';
import { commandHelp, overview } from '../help.ts';

export const command = {
  name: 'help',
  summary: 'Explain a command',
  description: ['Without a command it lists them all.'],
  positionals: [{ name: 'command', description: 'The command to explain.' }],
  options: {},
  examples: [{ command: 'weighin help init', does: 'the same as weighin init --help' }],
} as const satisfies CommandSpec;

export async function run({ command: name }: Arguments<typeof command>, io: CommandIo): Promise<ExitCode> {
  if (name === undefined) {
    io.print(
      overview(
        Object.entries(commandTable).map(([each, { summary }]) => ({ name: each, summary })),
        io,
      ),
    );
    return 0;
  }
  const entry = Object.hasOwn(commandTable, name) ? commandTable[name] : undefined;
  if (!entry) {
    const near = nearestName(name, Object.keys(commandTable));
    throw new UserError(
      'COMMAND_UNKNOWN',
      `\`${visibleText(name)}\` is not a command of weighin.`,
      near ? `Did you mean \`weighin help ${near}\`?` : '`weighin help` lists the commands.',
    );
  }
  const module = await entry.load();
  io.print(commandHelp(module.command, io));
  return 0;
}
