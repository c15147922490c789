import { joinMarkdown, type Markdown, md } from '../../shared/words/markdown.ts';
import { type CommandSpec, type ReplyCode, usageOf } from './command-spec.ts';
import { commandTable, sharedCodes } from './command-table.ts';
import { grammarText } from './grammar.ts';
import { ownCell, ownText } from './own-text.ts';

const lines = (list: readonly Markdown[], apart = '\n') => joinMarkdown(list, apart);

/** Who may, in words. */
export const whoMay: Readonly<Record<CommandSpec['may'], string>> = {
  read: 'everyone who can read the repository',
  write: 'everyone with write access',
  requesters: "the stage's `requesters:` in weighin.yaml of the default branch; everyone with write access where it names nobody",
};

/** The text of `docs/commands.md`; a test holds the file to it. */
export function commandsDoc(): string {
  const whole = [
    md`# Commands`,
    md`<!-- Made from bot/commands/command-table.ts: change it there, then run \`npx vitest run test/contract/commands-doc.test.ts --update\`. -->`,
    ownText(
      'Write a command as a line of its own in a new comment on an issue or pull request. It begins with `/` at the very start of the line; at most three a comment. Lines in code, quotes and HTML comments are left alone, and so are edited comments and those of bots.',
    ),
    ownText(
      '`/weighin <command>` always works. The commands below that stand without it also stand alone, unless `conversation: {verbs: prefixed}` turns that off. The bot puts 👀 on the comment when it takes it, answers once, and ends with 🚀 (done), 👎 (refused) or 😕 (not understood, or it could not ask). Every answer has a code and says what to do next.',
    ),
    ownText(
      'There is no `/approve`: an approval is a review, which carries the commit that it was given on. Who may do what is read from the default branch; someone who may not is told so once on an issue or pull request.',
    ),
    lines([
      md`| command | what it does |`,
      md`|:--|:--|`,
      ...commandTable.map((spec) => md`| ${ownCell(`\`${usageOf(spec)}\``)} | ${ownCell(spec.summary)} |`),
    ]),
    ...commandTable.flatMap(section),
    md`## Answers to every command`,
    codesTable(sharedCodes),
    md`## Grammar`,
    md`A line's words are apart by blanks. Names of commands are read without regard to case; options stand anywhere after them.`,
    { markdown: `\`\`\`ebnf\n${grammarText()}\n\`\`\`` },
  ];
  return `${lines(whole, '\n\n').markdown}\n`;
}

function section(spec: CommandSpec): Markdown[] {
  return [
    md`## ${spec.name}`,
    { markdown: `\`\`\`text\n${usageOf(spec)}\n\`\`\`` },
    joinMarkdown([md`${spec.summary}.`, ...spec.details.map((sentence) => ownText(sentence))], ' '),
    md`Who may: ${ownText(whoMay[spec.may])}.`,
    { markdown: `\`\`\`text\n${spec.examples.join('\n')}\n\`\`\`` },
    codesTable(spec.codes),
  ];
}

function codesTable(codes: readonly ReplyCode[]): Markdown {
  return lines([
    md`| code | says | next |`,
    md`|:--|:--|:--|`,
    ...codes.map((entry) => md`| ${ownCell(`\`${entry.code}\``)} | ${ownCell(entry.says)} | ${ownCell(entry.next)} |`),
  ]);
}
