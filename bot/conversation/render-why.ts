import type { PromotionStatus } from '../../shared/promotion/promotion-facts.ts';
import { gateRows, statusWords, worstFirst } from '../../shared/report/gate-row.ts';
import { verdicts } from '../../shared/verdict/verdict.ts';
import { formatMany, shortCommit } from '../../shared/words/format-number.ts';
import { code, joinMarkdown, type Markdown, md, proseMarkdown } from '../../shared/words/markdown.ts';
import { clipText } from '../../shared/words/visible-text.ts';
import { standingWords } from './evidence-standing.ts';
import type { ModelFinding, PullFindings } from './pull-findings.ts';
import { whyOfPromotion } from './write-promotion-check.ts';

const mostGates = 15;

/** The answer to `/why` on a promotion: what its check says, word for word. */
export const renderWhyPromotion = (status: PromotionStatus, subject: string): string =>
  whyOfPromotion({ unmet: status.unmet, planDigest: status.planDigest, approvals: status.approvals, subject }).markdown;

/** The answer to `/why` on any other pull request: which gates stop it, and by how much, worst model first. */
export function renderWhy({ claim, models, pull, problems }: PullFindings): string {
  if (models.length === 0) {
    const sha = code(shortCommit(pull.head.sha));
    const says = {
      none: md`No run of ${sha} is known: nothing was weighed. **Next:** push, or comment ${code('/weighin run')}.`,
      running: md`${sha} is being weighed. **Next:** wait for its checks.`,
      done: md`The run of ${sha} reported nothing about any model.`,
    }[claim.state];
    return joinMarkdown([says, ...problems.slice(0, 5).map(problemLine)], '\n\n').markdown;
  }
  const sorted = [...models].sort((a, b) => verdicts.indexOf(b.report.verdict) - verdicts.indexOf(a.report.verdict));
  return joinMarkdown([...sorted.slice(0, 20).map(whyOfModel), ...problems.slice(0, 5).map(problemLine)], '\n\n').markdown;
}

const problemLine = ({ code: name, message }: PullFindings['problems'][number]): Markdown =>
  md`**${{ markdown: name }}** ${proseMarkdown(clipText(message, 400))}`;

function whyOfModel(finding: ModelFinding): Markdown {
  const { report } = finding;
  const stopping = worstFirst(gateRows(report)).filter(({ gate }) => gate.status !== 'pass');
  const lines = stopping.slice(0, mostGates).map(({ gate }) => {
    const { emoji, word } = statusWords[gate.status];
    return md`- ${emoji} ${word} ${code(clipText(gate.id, 120))} ${proseMarkdown(clipText(gate.message, 400))}`;
  });
  const left = stopping.length - lines.length;
  const checks = (report.contract?.checks ?? []).filter(({ status }) => status !== 'pass').length;
  return joinMarkdown(
    [
      md`**${report.model}: ${proseMarkdown(clipText(report.headline, 300))}** (${standingWords(finding)})`,
      ...(lines.length > 0 ? [md``, ...lines] : [md``, md`No gate stops it.`]),
      ...(left > 0 ? [md`- ${formatMany(left, 'gate')} more`] : []),
      ...(checks > 0
        ? [
            md`- ${formatMany(checks, 'rule')} of the contract ${checks === 1 ? 'does' : 'do'} not hold; the check names ${checks === 1 ? 'it' : 'each'} at its line.`,
          ]
        : []),
      md``,
      md`**Why:** ${proseMarkdown(clipText(report.why, 700))}\\
**Next:** ${proseMarkdown(clipText(report.next, 500))}`,
    ],
    '\n',
  );
}
