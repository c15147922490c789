import { UserError } from '../../shared/errors.ts';
import { type CommentOptions, renderComment } from '../../shared/report/comment/render-comment.ts';
import type { Report } from '../../shared/report/report.ts';
import { formatMany, shortCommit } from '../../shared/words/format-number.ts';
import { code, joinMarkdown, type Markdown, md, proseMarkdown } from '../../shared/words/markdown.ts';
import { clipText } from '../../shared/words/visible-text.ts';
import { standingWords } from './evidence-standing.ts';
import { judgesItself } from './judges-itself.ts';
import type { ModelFinding, PullFindings } from './pull-findings.ts';
import { renderInTime } from './render-in-time.ts';
import { webLink } from './web-link.ts';

/** GitHub refuses 65,536; the rest is room for the lines around it. */
const mostCharacters = 65_000;

export interface CommentExtras {
  /** One sentence a model, from its drift report. */
  readonly drift?: Readonly<Record<string, string>>;
}

/** The comment's text without its marker; null where there is nothing to say yet. Pure: the same findings give the same text. */
export function composeComment(findings: PullFindings, extras: CommentExtras = {}): string | null {
  const { claim, models, policy } = findings;
  const above = policyHeading(findings);
  const below: Markdown[] = findings.problems
    .slice(0, 5)
    .map(({ code: name, message }) => md`**Note:** ${proseMarkdown(clipText(message, 400))} (${code(name)})`);
  if (policy.problem !== null)
    below.unshift(
      md`**Note:** the policy of the default branch can't be read: ${proseMarkdown(clipText(policy.problem, 300))} (${code('POLICY_UNREADABLE')})`,
    );
  for (const { report, claimedVerdict } of models)
    if (claimedVerdict)
      below.push(md`**Note:** ${report.model} claimed ${claimedVerdict} and was measured ${report.verdict}: the measurement counts.`);
  if (models.length === 0) {
    const told = withoutReports(findings);
    if (told === null && above === null) return claim.state === 'done' ? '✅ Nothing that a model depends on changed.\n' : null;
    return assembled(above, told ?? md`Nothing that a model depends on changed.`, below);
  }
  const around = [above, ...below].reduce((sum, part) => sum + (part?.markdown.length ?? 0) + 2, 0);
  const { text, note } = fillTemplate(models, policy.template, {
    limit: mostCharacters - around - 500,
    standing: standingOf(models, extras),
  });
  if (note) below.push(note);
  return assembled(above, { markdown: text.trimEnd() }, below);
}

function assembled(above: Markdown | null, main: Markdown, below: readonly Markdown[]): string {
  const parts = [...(above ? [above] : []), main, ...(below.length > 0 ? [joinMarkdown(below, '\\\n')] : [])];
  return `${joinMarkdown(parts, '\n\n').markdown}\n`;
}

function standingOf(models: readonly ModelFinding[], { drift }: CommentExtras): NonNullable<CommentOptions['standing']> {
  const byModel = new Map(models.map((finding) => [finding.report.model, finding]));
  return ({ model }: Report) => {
    const finding = byModel.get(model);
    if (!finding) return {};
    const sentence = drift && Object.hasOwn(drift, model) ? drift[model] : undefined;
    return { reportUrl: finding.url, evidence: standingWords(finding), ...(sentence && { drift: sentence }) };
  };
}

/** A team's template may fail or be slow; what it would have shown is then shown in ours. */
function fillTemplate(models: readonly ModelFinding[], template: string | null, options: CommentOptions) {
  const reports = models.map(({ report }) => report);
  const ours = () => renderComment(reports, { ...options, marker: false });
  if (template === null) return { text: ours(), note: null };
  try {
    return { text: renderInTime(template, () => renderComment(reports, { ...options, marker: false, template })), note: null };
  } catch (error) {
    if (!(error instanceof UserError)) throw error;
    return { text: ours(), note: md`**Note:** ${clipText(error.message, 300)} This is the default comment instead. (${code(error.code)})` };
  }
}

function withoutReports({ claim: { state, run }, pull, problems }: PullFindings): Markdown | null {
  if (state !== 'done' || run === null) return null;
  // A report that can't be read is no silence: the notes below say what is wrong with it.
  if (run.conclusion === 'success' && problems.length === 0) return null;
  return joinMarkdown(
    [
      md`### 🛑 No verdict. The run ended without a report`,
      md`The run of ${code(shortCommit(pull.head.sha))} ended with ${code(run.conclusion ?? 'nothing')} and left nothing to read: this is neither a pass nor a fail.`,
      md`**Next:** ${webLink('look at its log', run.url)}, mend the cause and push again.`,
    ],
    '\n',
  );
}

/** Shown first: a pull request that changes its own judge is judged by the old one. */
function policyHeading(findings: PullFindings): Markdown | null {
  const { policyChanges: changes, policy, models } = findings;
  const commit = code(shortCommit(policy.commit));
  const itself = models.filter((finding) => judgesItself(findings, finding)).map(({ report }) => report.model);
  if (changes.length === 0) return null;
  const shown = changes.slice(0, 12);
  const left = changes.length - shown.length;
  const value = (text: string | null) => (text === null ? md`–` : code(clipText(text, 60)));
  return joinMarkdown(
    [
      md`### ⚖️ This pull request changes policy`,
      itself.length === 0
        ? md`What follows is judged by the policy of the default branch (${commit}), not by this one.`
        : md`It counts only as the weigh run judges it, by the policy of the default branch (${commit}). What is claimed below of ${joinMarkdown(
            itself.slice(0, 10).map((model) => code(model)),
            ', ',
          )} was judged by this pull request's own rules.`,
      md``,
      md`| key | default branch | here |`,
      md`|:--|:--|:--|`,
      ...shown.map(({ key, before, after }) => md`| ${code(clipText(key, 120))} | ${value(before)} | ${value(after)} |`),
      ...(left > 0 ? [md``, md`${formatMany(left, 'key')} more changed.`] : []),
    ],
    '\n',
  );
}
