import type { ApprovalCount, Condition } from '../../shared/promotion/promotion-facts.ts';
import { formatMany } from '../../shared/words/format-number.ts';
import { code, joinMarkdown, type Markdown, md, proseMarkdown } from '../../shared/words/markdown.ts';
import { clipText } from '../../shared/words/visible-text.ts';

/** Every unmet condition by name, one bullet each: what is missing, then what would change it. */
export function conditionList(unmet: readonly Condition[]): Markdown {
  return joinMarkdown(
    unmet.map(({ code: name, message, next, until }) => {
      const ends = until === undefined ? null : md` Ends ${code(until.replace(/\.\d+Z$/, 'Z'))}.`;
      return md`- **${{ markdown: name }}** ${proseMarkdown(clipText(message, 600))}${ends} **Next:** ${proseMarkdown(clipText(next, 400))}`;
    }),
    '\n',
  );
}

/** `1 condition is unmet: SOAK`; for titles, where the names come first. */
export function conditionTitle(unmet: readonly Condition[]): string {
  const names = [...new Set(unmet.map(({ code: name }) => name))];
  return `${formatMany(unmet.length, 'condition')} unmet: ${names.join(', ')}`;
}

const mostNames = 12;
/** Names in code, so that nobody is called for. */
const names = (people: readonly { readonly login: string }[]): Markdown => {
  const shown = people.slice(0, mostNames).map(({ login }) => code(clipText(login, 60)));
  const left = people.length - shown.length;
  return md`${joinMarkdown(shown, ', ')}${left > 0 && ` and ${formatMany(left, 'other')}`}`;
};

/** Approvals wanted, given, not counted (each with why), and who could still give one. */
export function approvalLines({ wanted, wantedOf, counted, ignored, eligible }: ApprovalCount): Markdown {
  const teams = Object.entries(wantedOf);
  const what =
    teams.length > 0
      ? joinMarkdown(
          teams.map(([team, count]) => md`${count} of ${code(clipText(team, 60))}`),
          ', ',
        )
      : md`${wanted}`;
  const lines: Markdown[] = [
    md`**Approvals:** ${counted.length} of ${what}${counted.length > 0 && md`: ${names(counted.map(({ person }) => person))}`}.`,
  ];
  const missing =
    Math.max(
      wanted,
      teams.reduce((sum, [, count]) => sum + count, 0),
    ) - counted.length;
  if (missing > 0 && eligible !== null)
    lines.push(eligible.length > 0 ? md`Who can still approve: ${names(eligible)}.` : md`Nobody is left who could approve.`);
  if (missing > 0 && eligible === null) lines.push(md`Who could approve is not known: GitHub did not say.`);
  for (const { person, why } of ignored.slice(0, 8))
    lines.push(md`Not counted: ${code(clipText(person.login, 60))}, ${proseMarkdown(clipText(why, 200))}.`);
  return joinMarkdown(lines, '\\\n');
}

/** Of a pull request whose promotion another request took the place of. */
export const supersededBy = (message: string): Condition => ({
  code: 'GENERATION_MOVED',
  message,
  next: 'Ask anew with /promote when it should go on.',
});
