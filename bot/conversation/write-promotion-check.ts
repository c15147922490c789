import type { CheckRun, Identity } from '../../shared/promotion/forge.ts';
import type { ApprovalCount, Condition } from '../../shared/promotion/promotion-facts.ts';
import { formatMany } from '../../shared/words/format-number.ts';
import { code, joinMarkdown, type Markdown, md } from '../../shared/words/markdown.ts';
import { clipText } from '../../shared/words/visible-text.ts';
import type { BotContext } from '../bot-context.ts';
import { advisoryNote } from './advisory-words.ts';
import { approvalLines, conditionList, conditionTitle } from './condition-words.ts';
import { type CheckContent, writeCheck } from './write-check.ts';

/** The required check. It stands on every head onto the default branch and on every merge group, else it would block everyone. */
const promotionCheckName = 'weighin/promotion';

export interface PromotionCheck {
  readonly sha: string;
  /**
   * untouched: nothing under registry/. promotion: the bot's own, judged by `unmet`. not-the-bots, revert: somebody else's change of
   * registry/ (`paths`). unknown: its files could not all be seen, which is never green.
   */
  readonly kind: 'untouched' | 'promotion' | 'not-the-bots' | 'revert' | 'unknown';
  readonly unmet?: readonly Condition[];
  readonly planDigest?: string | null;
  readonly approvals?: ApprovalCount;
  /** `churn@v12 production`. */
  readonly subject?: string;
  readonly paths?: readonly string[];
  /** Checks of this commit where the caller has just read them. */
  readonly known?: readonly CheckRun[];
}

/** Two requests, one where nothing changed. */
export async function writePromotionCheck({ forge }: Pick<BotContext, 'forge'>, check: PromotionCheck): Promise<void> {
  const known = check.known ?? (await forge.checks.list(check.sha));
  await writeCheck(forge, known, check.sha, composePromotionCheck(check, forge.identity));
}

export function composePromotionCheck(check: PromotionCheck, identity: Pick<Identity, 'appId'>): CheckContent {
  const { title, says, ok } = wordsOf(check);
  const summary = joinMarkdown([says, ...[advisoryNote(identity)].filter((note) => note !== null)], '\n\n').markdown;
  return { name: promotionCheckName, conclusion: ok ? 'success' : 'failure', title, summary };
}

/** The text of the check without its title: what `/why` answers. */
export const whyOfCheck = (check: PromotionCheck): Markdown => wordsOf(check).says;

function wordsOf(check: PromotionCheck): { readonly title: string; readonly says: Markdown; readonly ok: boolean } {
  const { kind, unmet = [], paths = [] } = check;
  const touched = md`It changes ${joinMarkdown(
    paths.slice(0, 10).map((path) => code(clipText(path, 150))),
    ', ',
  )}${paths.length > 10 && ` and ${formatMany(paths.length - 10, 'more file')}`}.`;
  switch (kind) {
    case 'untouched':
      return {
        ok: true,
        title: 'pass: touches nothing under registry/',
        says: md`This change moves no stage, so there is nothing to approve here.`,
      };
    case 'not-the-bots':
      return {
        ok: false,
        title: 'fail: NOT_THE_BOTS, only Weighin changes registry/',
        says: md`**NOT_THE_BOTS** What should run is changed by promotions alone, whose plan people approve. ${touched}

**Next:** take these files out, and comment ${code('/promote MODEL@vN STAGE')} on any pull request or issue.`,
      };
    case 'revert':
      return {
        ok: false,
        title: 'fail: USE_ROLLBACK, a revert would move the stage file alone',
        says: md`**USE_ROLLBACK** A revert of a promotion takes the generation back instead of forward, and traffic stays where it is. ${touched}

**Next:** close this, and comment ${code('/rollback MODEL STAGE')}: traffic moves at once, and the pull request that records it follows.`,
      };
    case 'unknown':
      return {
        ok: false,
        title: 'fail: too many files to see whether registry/ is touched',
        says: md`More files changed than GitHub lists, and registry/ is not what it is on the default branch.

**Next:** bring the branch up to date, or split the pull request.`,
      };
    case 'promotion':
      return { ok: unmet.length === 0, title: promotionTitle(check), says: whyOfPromotion(check) };
  }
}

function promotionTitle({ unmet = [], subject }: PromotionCheck): string {
  const of = subject === undefined ? '' : `, ${subject}`;
  return unmet.length === 0 ? `pass: every condition is met${of}` : `fail: ${conditionTitle(unmet)}`;
}

/** Every unmet condition by name, and what the approvals are given to: the text of the check, and of `/why`. */
export function whyOfPromotion({ unmet = [], planDigest, approvals, subject }: Omit<PromotionCheck, 'sha' | 'kind'>): Markdown {
  const of = subject === undefined ? md`This promotion` : md`${code(subject)}`;
  const parts: Markdown[] = [
    unmet.length === 0
      ? md`${of}: every condition is met.`
      : md`${of} waits: ${formatMany(unmet.length, 'condition')} ${unmet.length === 1 ? 'is' : 'are'} unmet.`,
  ];
  if (unmet.length > 0) parts.push(conditionList(unmet));
  if (approvals) parts.push(approvalLines(approvals));
  if (planDigest) parts.push(md`**Plan:** ${code(planDigest)}. Approvals count for this plan alone.`);
  return joinMarkdown(parts, '\n\n');
}
