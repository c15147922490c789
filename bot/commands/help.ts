import { joinMarkdown, type Markdown, md } from '../../shared/words/markdown.ts';
import type { Reply } from '../bot-context.ts';
import type { CommandLine } from './command-line.ts';
import { usageOf } from './command-spec.ts';
import { commandTable, specOf } from './command-table.ts';
import { whoMay } from './commands-doc.ts';
import { ownCell, ownCode, ownText } from './own-text.ts';
import { say } from './say.ts';

/** All commands, or one of them, from the table that the parser reads. */
export function help({ command }: Extract<CommandLine, { name: 'help' }>): Reply {
  if (command === null)
    return say(
      'done',
      'HELP',
      lines([
        md`| command | what it does |`,
        md`|:--|:--|`,
        ...commandTable.map((spec) => md`| ${ownCell(`\`${usageOf(spec)}\``)} | ${ownCell(spec.summary)} |`),
      ]),
      ownText('`/weighin help <command>` explains one.'),
    );
  // The parser let nothing else through.
  const spec = specOf(commandTable.find(({ name }) => name === command)?.name ?? 'help');
  return say(
    'done',
    'HELP',
    lines(
      [
        ownCode(usageOf(spec)),
        ownText([`${spec.summary}.`, ...spec.details].join(' ')),
        md`Who may: ${ownText(whoMay[spec.may])}.`,
        lines(['```text', ...spec.examples, '```'].map(ownText)),
      ],
      '\n\n',
    ),
    'Write it as a line of its own in a new comment.',
  );
}

const lines = (list: readonly Markdown[], apart = '\n') => joinMarkdown(list, apart);
