import type { Config } from '../../shared/config/schema.ts';
import type { CheckAnnotation, Conclusion } from '../../shared/promotion/forge.ts';
import { renderComment } from '../../shared/report/comment/render-comment.ts';
import type { Verdict } from '../../shared/verdict/verdict.ts';
import { code, joinMarkdown, type Markdown, md } from '../../shared/words/markdown.ts';
import { standingWords } from './evidence-standing.ts';
import type { ModelFinding } from './pull-findings.ts';
import { webLink } from './web-link.ts';
import type { CheckContent } from './write-check.ts';

export const gateCheckName = (model: string) => `weighin/${model}`;

export interface GateCheckFacts {
  readonly config: Config | null;
  /** The pull request is onto the default branch: only there the policy holds. */
  readonly onDefault: boolean;
  /** Numbers of the open pull requests with this head, where they are several. */
  readonly ambiguous: readonly number[];
  readonly annotations: readonly CheckAnnotation[];
  /** The verdict is by a policy that the pull request itself changed: a pass of it opens nothing. */
  readonly judgesItself: boolean;
}

/** `trust.md` §4: an open answer passes unless the policy says otherwise, and `mode: advise` blocks nothing. */
function conclusionOf(verdict: Verdict, model: string, { config, onDefault }: Pick<GateCheckFacts, 'config' | 'onDefault'>): Conclusion {
  if (!onDefault) return 'neutral';
  const strict = config?.models[model]?.evaluation.defaults.onInconclusive === 'fail';
  const bad = verdict === 'fail' || verdict === 'error' || (verdict === 'inconclusive' && strict);
  if (!bad) return 'success';
  return config?.mode === 'advise' ? 'neutral' : 'failure';
}

export function composeGateCheck(finding: ModelFinding, facts: GateCheckFacts): CheckContent {
  const { report, url } = finding;
  const own = facts.onDefault && facts.judgesItself;
  const conclusion = own ? conclusionOf('fail', report.model, facts) : conclusionOf(report.verdict, report.model, facts);
  const advises = facts.onDefault && conclusion === 'neutral' ? ', advises only' : '';
  const headline = report.headline.replace(/^(?:would be )?(?:stopped|passes|undecided|no verdict)(?: with a warning)?\. (?=\S)/, '');
  const title = own
    ? `fail${advises}: POLICY_CHANGED, the weigh run has yet to judge it`
    : facts.onDefault
      ? `${report.verdict}${advises}: ${headline}`
      : `neutral: not judged, the base is not the default branch`;
  const notes: Markdown[] = [];
  if (!facts.onDefault) notes.push(md`The policy holds for the default branch: onto another base this advises only.`);
  if (own)
    notes.push(md`**POLICY_CHANGED** This pull request changes the rules that judge it, and its own run claims a verdict by the new ones. The weigh run judges it by the default branch's.

**Next:** wait for the weigh run; ${code('weighin init --bot')} writes its workflow where there is none.`);
  if (facts.ambiguous.length > 1)
    notes.push(
      md`**AMBIGUOUS_HEAD** This commit is the head of pull requests ${facts.ambiguous.join(' and ')}: the worst of their verdicts stands here.`,
    );
  const body = renderComment([report], {
    marker: false,
    limit: 60_000,
    standing: () => ({ reportUrl: url, evidence: standingWords(finding) }),
  });
  return {
    name: gateCheckName(report.model),
    conclusion,
    title,
    summary: joinMarkdown([...notes, { markdown: hardBreaks(body.trimEnd()) }], '\n\n').markdown,
    ...(facts.annotations.length > 0 && { annotations: facts.annotations }),
  };
}

/** A model of the policy that the run says nothing about. */
export function composeSilentCheck(
  model: string,
  run: { readonly conclusion: string | null; readonly url: string },
  { config, onDefault, lost }: Pick<GateCheckFacts, 'config' | 'onDefault'> & { readonly lost: boolean },
): CheckContent {
  if (!lost)
    return {
      name: gateCheckName(model),
      conclusion: onDefault ? 'success' : 'neutral',
      title: 'pass: nothing of this model changed',
      summary: md`The run reported nothing about ${code(model)}: none of its code, data or configuration changed.`.markdown,
    };
  return {
    name: gateCheckName(model),
    conclusion: conclusionOf('error', model, { config, onDefault }),
    title: 'error: the run ended without a report',
    summary:
      md`The run ended with ${code(run.conclusion ?? 'nothing')} and left no report of ${code(model)}: this is neither a pass nor a fail.

**Next:** ${webLink('look at its log', run.url)}, mend the cause and push again.`.markdown,
  };
}

/** A check's text breaks lines as Markdown says, a comment's where they end: the same sentences need a mark there. */
function hardBreaks(text: string): string {
  const isProse = (line: string | undefined) => line !== undefined && line !== '' && !/^(?:[|#<>`-]|\s)/.test(line);
  const lines = text.split('\n');
  return lines.map((line, index) => (isProse(line) && isProse(lines[index + 1]) && !line.endsWith('\\') ? `${line}\\` : line)).join('\n');
}
