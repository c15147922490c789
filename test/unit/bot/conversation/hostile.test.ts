import fc from 'fast-check';
import { marked } from 'marked';
import { describe, expect, it } from 'vitest';
import { composeComment } from '../../../../bot/conversation/compose-comment.ts';
import { composeGateCheck } from '../../../../bot/conversation/gate-check.ts';
import type { PullFindings } from '../../../../bot/conversation/pull-findings.ts';
import { renderPromotionBody } from '../../../../bot/conversation/render-promotion-body.ts';
import { renderRefusedAtStart, renderRollbackIssue } from '../../../../bot/conversation/render-promotion-news.ts';
import { renderWhy, renderWhyPromotion } from '../../../../bot/conversation/render-why.ts';
import { composePromotionCheck } from '../../../../bot/conversation/write-promotion-check.ts';
import type { Report } from '../../../../shared/report/report.ts';
import { hostile, huge, worse } from '../../../support/reports/reports.ts';
import { mainSha, pull, run } from '../fake-forge.ts';
import { config, facts, status } from './promotion-facts.ts';

/** Whatever a name, a reason, a branch or a card says, it stays text: GitHub makes no mention, link, image or tag of it. */

const ours = new Set([
  'a',
  'blockquote',
  'br',
  'code',
  'details',
  'del',
  'em',
  'h3',
  'h4',
  'input',
  'li',
  'ol',
  'p',
  'pre',
  'strong',
  'summary',
  'table',
  'tbody',
  'td',
  'th',
  'thead',
  'tr',
  'ul',
]);
const runUrl = 'https://github.example/acme/churn/actions/runs/42';

/** The HTML that GitHub's Markdown would be, as a browser reads it. */
function judge(markdown: string) {
  const html = marked.parse(markdown, { async: false, breaks: true }).replace(/<!--[\s\S]*?-->/g, '');
  for (const [, tag = '', rest = ''] of html.matchAll(/<\/?([a-zA-Z][^\s>/]*)([^>]*)>/g)) {
    expect(ours, `${tag} in ${html.slice(0, 2000)}`).toContain(tag);
    if (tag === 'a') expect(rest === '' || rest === ` href="${runUrl}"`, `<a${rest}>`).toBe(true);
    else expect(rest.replace(/ (?:align="\w+"|class="language-diff"|disabled=""|type="checkbox")/g, '').trim()).toBe('');
  }
  // What GitHub turns into a mention after rendering, outside of code.
  const prose = html
    .replace(/<code[^>]*>[\s\S]*?<\/code>/g, '')
    .replace(/<[^>]*>/g, '')
    .replace(/&#(\d+);/g, (_, point: string) => String.fromCodePoint(Number(point)));
  expect(prose).not.toMatch(/(?<![\p{L}\p{N}])@[a-z0-9-]/iu);
  expect(prose).not.toMatch(/(?<![\w])#\d/);
  expect(prose).not.toMatch(/https?:\/\//);
}

const traps = [
  '@acme/owners',
  '![x](https://evil.example/x.png)',
  '[x](javascript:alert(1))',
  '<img src=x onerror=alert(1)>',
  '</details></td><script>',
  '`',
  '```',
  '|',
  '\n\n# ',
  '<!--',
  '-->',
  '#1',
  'https://evil.example',
  '\u202e',
  '&lt;b&gt;',
  '\\',
  '~~',
  '$x$',
  '- [ ] ',
  'www.evil.example',
  '{{name}}',
];
const nasty = fc
  .array(fc.oneof(fc.constantFrom(...traps), fc.string({ maxLength: 8 })), { minLength: 1, maxLength: 6 })
  .map((parts) => parts.join(''));

const policy = { commit: mainSha, config: config(), problem: null, file: 'weighin.yaml', folder: '', template: null };
const findings = (report: Report, name: string): PullFindings => ({
  pull: pull(),
  policy: { ...policy, problem: name },
  claim: { state: 'done', run: run() },
  models: [{ report, standing: 'claimed', url: runUrl, claimedVerdict: 'pass' }],
  weighed: [],
  problems: [{ code: 'REPORT_INVALID', message: name }],
  policyChanges: [{ key: name, before: name, after: null }],
});

describe('nothing from data acts', () => {
  it('in the comment, the check and /why', () => {
    fc.assert(
      fc.property(nasty, (name) => {
        const report = {
          ...hostile(),
          headline: name,
          why: name,
          next: name,
          gates: hostile().gates.map((gate) => ({ ...gate, id: name, message: name, metric: name, slice: name })),
        };
        const facts = findings(report, name);
        judge(composeComment(facts, { drift: { churn: name } }) ?? '');
        judge(
          composeGateCheck(facts.models[0]!, { config: config(), onDefault: true, ambiguous: [1, 2], annotations: [], judgesItself: false })
            .summary,
        );
        judge(renderWhy(facts));
      }),
      { numRuns: 60 },
    );
  });

  it('in the promotion’s pull request, its check and its news', () => {
    fc.assert(
      fc.property(nasty, (name) => {
        const person = { id: 1, login: name, type: 'User' as const };
        const unmet = [{ code: 'SOAK' as const, message: name, next: name }];
        const state = status({
          unmet,
          approvals: {
            wanted: 3,
            wantedOf: { [name]: 2 },
            counted: [{ person, review: 1, commit: mainSha, as: name }],
            ignored: [{ person, why: name }],
            eligible: [person],
          },
        });
        const base = facts();
        const report = { ...hostile(), evidence: 'measured' as const };
        const given = facts({
          version: base.version && { ...base.version, report },
          events: base.events.map((event) => ({ ...event, actor: person, data: { reason: name } })),
        });
        const extras = {
          policyChanges: [{ key: name, before: name, after: name, pull: 3 }],
          cardDiff: `+${name}\n-${name}`,
          driftNote: name,
          baselineReport: { ...report, dataset: null },
          advisory: true,
        };
        judge(renderPromotionBody(given, state, extras));
        judge(renderWhyPromotion(state, name));
        judge(composePromotionCheck({ sha: mainSha, kind: 'not-the-bots', paths: [name] }, { appId: null }).summary);
        judge(renderRefusedAtStart(given, unmet, { reverts: true }));
        const rollback = { model: 'churn', stage: 'production', from: 12, to: 11, by: person, reason: name, pull: 3 };
        judge(renderRollbackIssue({ ...rollback, generation: 43, at: '2026-11-22T06:10:00Z', unmet }).body);
      }),
      { numRuns: 60 },
    );
  });
});

describe('200 metrics by 50 slices', () => {
  const report = { ...huge(), evidence: 'measured' as const };
  it('fit into a comment, a check and a promotion, which say what was cut', () => {
    const all = findings(report, 'x');
    const comment = composeComment(all) ?? '';
    expect(comment.length).toBeLessThan(65_536);
    expect(comment).toMatch(/[\d,]+ rows more are in/);
    expect(
      composeGateCheck(all.models[0]!, { config: config(), onDefault: true, ambiguous: [], annotations: [], judgesItself: false }).summary
        .length,
    ).toBeLessThan(65_536);
    expect(renderWhy(all).length).toBeLessThan(65_536);
    const base = facts();
    const body = renderPromotionBody(facts({ version: base.version && { ...base.version, report } }), status(), {
      policyChanges: [],
      cardDiff: `+${'x'.repeat(100_000)}`,
      driftNote: null,
      baselineReport: null,
      advisory: false,
    });
    expect(body.length).toBeLessThan(65_536);
    expect(body).toMatch(/[\d,]+ rows more are in the report/);
    expect(body).toMatch(/[\d,]+ gates more did not pass/);
  });

  it('in 200 models at once too', () => {
    const one = findings(report, 'x');
    const models = Array.from({ length: 200 }, (_, index) => ({
      ...one.models[0]!,
      report: { ...(index < 3 ? report : worse()), model: `model-${index}` },
    }));
    const comment =
      composeComment({
        ...one,
        models,
        policyChanges: Array.from({ length: 500 }, (_, index) => ({ key: `k${index}`, before: 'a', after: 'b' })),
      }) ?? '';
    expect(comment.length).toBeLessThan(65_536);
    expect(comment).toMatch(/488 keys more changed/);
  });
});
