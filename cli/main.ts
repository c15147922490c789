import { readFileSync } from 'node:fs';
import { resolve } from 'node:path';
import { UserError } from '../shared/errors.ts';
import { silent } from '../shared/pipeline/progress.ts';
import { nearestName } from '../shared/spec/nearest-name.ts';
import { visibleText } from '../shared/words/visible-text.ts';
import { createColors, wantsColors } from './colors.ts';
import type { CommandIo, ExitCode } from './command.ts';
import { commandTable } from './command-table.ts';
import { parseArguments, splitCommand } from './parse-arguments.ts';
import { errorJson, exitCodeOf, formatError } from './print-error.ts';
import { createTerminalProgress } from './terminal-progress.ts';
import { writeJson } from './write-json.ts';

const { argv, env, stdout, stderr } = process;
const version = process.env['WEIGHIN_VERSION'] ?? '0.0.0';
const words = argv.slice(2);
// A reader that has seen enough (`weighin help | head`) is no error.
for (const stream of [stdout, stderr]) stream.on('error', (error: NodeJS.ErrnoException) => error.code === 'EPIPE' && process.exit());

process.exitCode = await main();

/** Arguments → a command → an exit code. A command's code is loaded once it is known to be called rightly. */
async function main(): Promise<ExitCode> {
  const plain = words.includes('--no-color');
  const page = { colors: createColors(!plain && wantsColors(env, stdout.isTTY)), columns: Math.min(stdout.columns ?? 80, 100) };
  const errorColors = createColors(!plain && wantsColors(env, stderr.isTTY));
  const progress = createTerminalProgress({
    write: (text) => stderr.write(text),
    live: stderr.isTTY && !env['CI'] && env['TERM'] !== 'dumb',
    colors: errorColors,
    columns: () => stderr.columns ?? 80,
    now: () => performance.now(),
  });
  let jsonTo: string | undefined;
  try {
    const { name, rest } = splitCommand(words);
    if (name === undefined) return await withoutCommand(rest, page);
    const entry = Object.hasOwn(commandTable, name) ? commandTable[name] : undefined;
    if (!entry) throw unknownCommand(name);
    const module = await entry.load();
    const { args, global } = parseArguments(rest, module.command);
    if (global.help) {
      const { commandHelp } = await import('./help.ts');
      stdout.write(`${commandHelp(module.command, page)}\n`);
      return 0;
    }
    jsonTo = global.json;
    const io: CommandIo = {
      ...page,
      cwd: process.cwd(),
      env,
      configFile: global.config,
      version,
      progress: global.quiet ? silent : progress,
      wantsJson: jsonTo !== undefined,
      // An answer ends the step, so that it never lands in the live line.
      print(text) {
        progress.end();
        if (jsonTo !== '-') stdout.write(`${text}\n`);
      },
      writeJson: async (value) => {
        progress.end();
        if (jsonTo !== undefined) await writeJson(value, jsonTo, process.cwd(), stdout);
      },
    };
    // The arguments were read by the very spec that `run` takes its type from.
    const status = await module.run(args as never, io);
    progress.end();
    return status;
  } catch (error) {
    progress.end(true);
    const debug = Boolean(env['WEIGHIN_DEBUG']);
    if (jsonTo === '-') stdout.write(`${JSON.stringify(errorJson(error), undefined, 2)}\n`);
    stderr.write(
      `${formatError(error, { colors: errorColors, columns: Math.min(stderr.columns ?? 80, 120), wraps: stderr.isTTY, debug, lines: readLines })}\n`,
    );
    return exitCodeOf(error);
  }
}

async function withoutCommand(rest: readonly string[], page: Pick<CommandIo, 'colors' | 'columns'>): Promise<ExitCode> {
  if (rest.some((word) => word === '--version' || word === '-v' || word === '-V')) {
    stdout.write(`${version}\n`);
    return 0;
  }
  const command = { name: 'help', summary: '', description: [], options: {}, examples: [] };
  parseArguments(rest, command);
  const { overview } = await import('./help.ts');
  const commands = Object.entries(commandTable).map(([name, { summary }]) => ({ name, summary }));
  stdout.write(`${overview(commands, page)}\n`);
  return 0;
}

function unknownCommand(name: string): UserError {
  const near = nearestName(name, Object.keys(commandTable));
  return new UserError(
    'COMMAND_UNKNOWN',
    `\`${visibleText(name)}\` is not a command of weighin.`,
    near ? `Did you mean \`weighin ${near}\`?` : '`weighin help` lists the commands.',
  );
}

/** For the excerpt under an error; a location names files from where the command was typed. */
function readLines(file: string): readonly string[] | undefined {
  try {
    return readFileSync(resolve(file), 'utf8').slice(0, 1_000_000).split(/\r?\n/);
  } catch {
    return undefined;
  }
}
