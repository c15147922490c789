import { expect, it } from 'vitest';
import { composeComment } from '../../../../bot/conversation/compose-comment.ts';
import { composeGateCheck } from '../../../../bot/conversation/gate-check.ts';
import type { PullFindings } from '../../../../bot/conversation/pull-findings.ts';
import { renderPromotionBody } from '../../../../bot/conversation/render-promotion-body.ts';
import { renderRefusedAtStart, renderRollbackIssue, renderStarted } from '../../../../bot/conversation/render-promotion-news.ts';
import { renderWhy, renderWhyPromotion } from '../../../../bot/conversation/render-why.ts';
import { composePromotionCheck, type PromotionCheck } from '../../../../bot/conversation/write-promotion-check.ts';
import type { Report } from '../../../../shared/report/report.ts';
import { dataset, training } from '../../../support/reports/parts.ts';
import { better, inconclusive, unchanged, warned, worse } from '../../../support/reports/reports.ts';
import { mainSha, pull, run } from '../fake-forge.ts';
import { anna, config, facts, status, waiting } from './promotion-facts.ts';

/** Every text that the bot writes, as a person would get it: read these files in review. */

const url = 'https://github.example/acme/churn/actions/runs/42';
const policy = { commit: mainSha, config: config(), problem: null, file: 'weighin.yaml', folder: '', template: null };
const findings = (given: Partial<PullFindings> = {}): PullFindings => ({
  pull: pull(),
  policy,
  claim: { state: 'done', run: run() },
  models: [],
  weighed: [],
  problems: [],
  policyChanges: [],
  ...given,
});
const found = (report: Report, given: Partial<PullFindings['models'][number]> = {}): PullFindings['models'][number] => ({
  report,
  standing: 'claimed',
  url,
  claimedVerdict: null,
  ...given,
});

const olderReport = (): Report => ({
  ...better(),
  dataset: dataset({
    version: `sha256:${'7'.repeat(64)}`,
    splits: { ...dataset().splits, train: { ...dataset().splits.train, rows: 92_014 } },
    features: dataset().features.slice(1),
  }),
  training: training({ params: { trees: 150, learningRate: 0.1 } }),
});
const none = { policyChanges: [], cardDiff: null, driftNote: null, baselineReport: null, advisory: false };
const cardDiff =
  '--- v11/MODEL_CARD.md\n+++ v12/MODEL_CARD.md\n@@ -4,7 +4,7 @@\n ## Limitations\n-Not validated for business customers.\n+Validated for business customers of more than ten seats only.\n Trained on customers of 2026.\n';

const goldens: Readonly<Record<string, () => string>> = {
  'comment-claimed-fail': () =>
    composeComment(findings({ models: [found(worse())] }), {
      drift: { churn: '1 of 18 columns moved: `plan`, a new category, 3.1 % of rows.' },
    }) ?? '',
  'comment-measured-pass': () => composeComment(findings({ models: [found(better(), { standing: 'attested' })], weighed: [43] })) ?? '',
  'comment-matrix': () =>
    composeComment(
      findings({
        models: [
          found({ ...unchanged(), model: 'ltv' }),
          found({ ...worse(), model: 'fraud' }, { standing: 'run-verified', claimedVerdict: 'pass' }),
          found({ ...warned(), model: 'churn' }),
          found({ ...inconclusive(), model: 'returns' }),
        ],
        problems: [
          {
            code: 'WORKFLOW_CHANGED',
            message: 'The workflow at this commit is not the default branch’s: these are claims of a changed workflow.',
          },
        ],
      }),
    ) ?? '',
  'comment-changes-policy': () =>
    composeComment(
      findings({
        models: [found(worse())],
        policyChanges: [
          { key: 'models.churn.evaluation.gates[recall].compare.maxRegression', before: '0.02', after: '0.2' },
          { key: 'models.churn.stages.production.approvals', before: '2', after: '0' },
          { key: 'mode', before: '"enforce"', after: '"advise"' },
        ],
      }),
    ) ?? '',
  'comment-without-report': () => composeComment(findings({ claim: { state: 'done', run: run({ conclusion: 'failure' }) } })) ?? '',
  'check-gates-fail': () =>
    checkText(
      composeGateCheck(found(worse()), { config: config(), onDefault: true, ambiguous: [57, 58], annotations: [], judgesItself: false }),
    ),
  'check-judges-itself': () =>
    checkText(composeGateCheck(found(better()), { config: config(), onDefault: true, ambiguous: [], annotations: [], judgesItself: true })),
  'check-promotion-waits': () =>
    promotionCheck({
      kind: 'promotion',
      unmet: waiting,
      planDigest: status().planDigest,
      approvals: status().approvals,
      subject: 'churn@v12 production',
    }),
  'check-promotion-untouched': () => promotionCheck({ kind: 'untouched' }),
  'check-promotion-not-the-bots': () => promotionCheck({ kind: 'not-the-bots', paths: ['registry/churn/stages/production.json'] }),
  'check-promotion-revert': () => promotionCheck({ kind: 'revert', paths: ['registry/churn/stages/production.json'] }),
  'why-pull': () => `${renderWhy(findings({ models: [found(worse())] }))}\n`,
  'why-promotion': () => `${renderWhyPromotion(status(), 'churn@v12 production')}\n`,
  'promotion-waits': () =>
    renderPromotionBody(facts(), status(), {
      ...none,
      policyChanges: [
        { key: 'evaluation.gates[recall].compare.maxRegression', before: '0.01', after: '0.02', pull: 471 },
        { key: 'stages.production.soak', before: '"48h"', after: '"24h"', pull: 466 },
      ],
      cardDiff,
      driftNote: '2 of 18 columns moved: `plan` (a new category, 3.1 % of rows) and `tenure` (shift .04).',
      baselineReport: olderReport(),
    }),
  'promotion-ready': () =>
    renderPromotionBody(facts(), status({ state: 'READY', unmet: [], approvals: { ...status().approvals, wanted: 1, ignored: [] } }), none),
  'promotion-first-advisory': () =>
    renderPromotionBody(
      facts({
        stage: 'staging',
        generation: 1,
        main: null,
        version: null,
        events: [],
      }),
      status({
        unmet: [{ code: 'NO_EVIDENCE', message: 'Nothing has measured v12 yet.', next: 'Wait for the weigh run that was started.' }],
        planDigest: null,
        approvals: { wanted: 1, wantedOf: {}, counted: [], ignored: [], eligible: null },
      }),
      { ...none, advisory: true },
    ),
  started: () => renderStarted(facts(), { merge: mainSha, tag: 'churn/production/42' }),
  'refused-at-start': () =>
    renderRefusedAtStart(
      facts(),
      [
        {
          code: 'FROZEN',
          message: '`production` is frozen: end of quarter.',
          next: 'Ask again after the freeze.',
          until: '2026-11-30T23:00:00.000Z',
        },
      ],
      { reverts: true },
    ),
  'rollback-issue': () => {
    const { title, body } = renderRollbackIssue({
      model: 'churn',
      stage: 'production',
      from: 12,
      to: 11,
      by: anna,
      reason: 'Calls doubled overnight.',
      pull: 500,
      generation: 43,
      at: '2026-11-22T06:10:00Z',
    });
    return `# ${title}\n\n${body}`;
  },
};

function checkText({ conclusion, title, summary }: { readonly conclusion?: string; readonly title: string; readonly summary: string }) {
  return `# ${conclusion}: ${title}\n\n${summary}\n`;
}
function promotionCheck(check: Omit<PromotionCheck, 'sha'>) {
  return checkText(composePromotionCheck({ sha: mainSha, ...check }, { appId: 77 }));
}

for (const [name, render] of Object.entries(goldens))
  it(`writes "${name}" as before`, async () => {
    await expect(render()).toMatchFileSnapshot(`golden/${name}.md`);
  });
