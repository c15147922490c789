import { createColors } from '../../cli/colors.ts';
import type { CommandIo } from '../../cli/command.ts';
import { silent } from '../../shared/pipeline/progress.ts';

/** What a command prints and writes as JSON, in place of a terminal without colours; JSON as it would be read again. */
export function createCommandIo(cwd: string) {
  const printed: string[] = [];
  const json: unknown[] = [];
  const io: CommandIo = {
    cwd,
    env: {},
    configFile: 'weighin.yaml',
    version: '0',
    colors: createColors(false),
    columns: 120,
    progress: silent,
    wantsJson: false,
    print: (text) => void printed.push(text),
    writeJson: async (value) => void json.push(JSON.parse(JSON.stringify(value))),
  };
  return { io, printed, json };
}
