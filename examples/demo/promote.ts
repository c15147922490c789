import type { DemoParts } from './demo-parts.ts';
import { readState } from './read-state.ts';
import { waitFor } from './wait-for.ts';
import { model } from './weighin-yaml.ts';

export interface Asked {
  /** Where `/promote` was written. */
  readonly issue: number;
  readonly by: string;
  readonly reason: string;
}

/** `/promote` by a person, and the pull request that the bot opens; its number. */
export async function askPromotion(parts: DemoParts, number: number, { issue, by, reason }: Asked): Promise<number> {
  const { github, bot, teller } = parts;
  const command = `/promote ${model}@v${number} production --reason "${reason}"`;
  teller.say(`${by} comments: ${command}`);
  github.comment(issue, command, by);
  await bot.settled();
  const pull = await waitFor(teller, 'a promotion pull request', () => promotionPull(parts), { seconds: 60 });
  tellPromotion(parts, pull);
  return pull;
}

/** The newest open pull request of a promotion. */
export function promotionPull({ github }: DemoParts): number | null {
  const found = [...github.repository.pulls.values()].findLast(
    ({ headBranch, issue }) => headBranch.startsWith('weighin/promote/') && issue.state === 'open',
  );
  return found?.issue.number ?? null;
}

/** What a reviewer reads first. */
export function tellPromotion({ github, teller }: DemoParts, pull: number): void {
  const { title, body } = github.pull(pull).issue;
  teller.claim(`the bot opens pull request #${pull}: ${title}`, (body ?? '').length > 200, 'it has no text');
  const lines = (body ?? '').split('\n');
  // `| roc_auc ↑ | ▲ better | .626 | .640 | +.014 (−.001 … +.029) |`, without its third column where nothing ran before.
  const ranking = lines
    .find((line) => line.startsWith('| roc_auc'))
    ?.split('|')
    .map((cell) => plain(cell))
    .filter(Boolean);
  const gates = lines.find((line) => line.startsWith('**Gates:**'));
  const rollout = lines.find((line) => line.startsWith('**Rollout:**'));
  if (ranking)
    teller.more(
      ranking.length > 4 ? `${ranking[0]} ${ranking[2]} → ${ranking[3]}, ${ranking[4]}` : `${ranking[0]} ${ranking[1]} (${ranking[2]})`,
    );
  for (const line of [gates, rollout]) if (line !== undefined) teller.more(plain(line));
}

/** Somebody else approves, a third person merges. */
export async function approveAndMerge(
  parts: DemoParts,
  pull: number,
  { approver, merger }: { readonly approver: string; readonly merger: string },
): Promise<void> {
  const { github, bot, teller } = parts;
  const found = () => github.checks(github.pull(pull).headSha).find(({ name }) => name === 'weighin/promotion');
  const check = () => found()?.conclusion ?? 'none';
  const before = check();
  teller.claim(`its check says no until somebody other than whoever asked approves`, before === 'failure', before);
  github.review(pull, approver, 'APPROVED');
  await bot.settled();
  await waitFor(
    teller,
    () => `the check of the promotion (${found()?.summary ?? ''})`,
    () => check() === 'success',
    { seconds: 60 },
  );
  teller.claim(`${approver} approves, and it says yes`, check() === 'success', check());
  const generation = readState(parts).stage()?.generation ?? 0;
  github.mergePull(pull, merger);
  await bot.settled();
  const now = readState(parts).stage();
  teller.claim(
    `${merger} merges: main points production at v${now?.version.number}`,
    now !== null && now.generation > generation,
    'main as before',
  );
}

/** Markdown as a terminal shows it. */
export const plain = (markdown: string) =>
  markdown
    .replaceAll(/\[([^\]]*)\]\([^)]*\)/g, '$1')
    .replaceAll(/\*\*|`/g, '')
    .replaceAll(/\\(.)/g, '$1')
    .trim();
