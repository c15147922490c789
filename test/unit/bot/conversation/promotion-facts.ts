import type { Config } from '../../../../shared/config/schema.ts';
import { configSchema } from '../../../../shared/config/schema.ts';
import type { EventLine } from '../../../../shared/promotion/event-document.ts';
import type { Condition, PromotionFacts, PromotionStatus } from '../../../../shared/promotion/promotion-facts.ts';
import type { VersionRecord } from '../../../../shared/registry/version-record.ts';
import type { Report } from '../../../../shared/report/report.ts';
import { digestOf } from '../../../support/reports/parts.ts';
import { better } from '../../../support/reports/reports.ts';
import { bot, mainSha } from '../fake-forge.ts';

export const anna = { id: 11, login: 'anna', type: 'User' as const };
export const bo = { id: 12, login: 'bo', type: 'User' as const };

export const config = (given: Readonly<Record<string, unknown>> = {}): Config =>
  configSchema.parse({
    version: 1,
    models: {
      churn: {
        task: 'binary',
        data: { source: 'data/customers.parquet', label: 'churned' },
        evaluation: {
          gates: [
            { metric: 'roc_auc', min: 0.8 },
            { metric: 'recall', slices: { by: ['region'] }, compare: { maxRegression: 0.02 }, prove: 'harm' },
            { metric: 'latency_p99', compare: { maxRelative: 0.2 }, severity: 'warn' },
          ],
        },
        stages: { staging: {}, production: { approvals: 2, approvers: ['ml-leads'], after: 'staging', soak: '24h', rollout: 'careful' } },
      },
    },
    rollouts: {
      careful: {
        strategy: 'canary',
        guard: { driver: 'server', maxSilence: '60s' },
        steps: [5, 15, 30, 50, 75, 100].map((weight) => ({ weight, hold: '1h' })),
        metrics: [
          { name: 'error_rate', max: 0.01, hardMax: 0.05 },
          { name: 'vs_stable', of: 'error_rate', test: 'sequential', minRatio: 1.2 },
        ],
      },
    },
    ...given,
  });

export const record = (number: number, report: Report): VersionRecord => ({
  schema: 'weighin/version@1',
  model: 'churn',
  number,
  createdAt: '2026-11-20T09:14:03Z',
  trust: 'measured',
  subject: { digest: report.training?.model.digest ?? digestOf('none'), bytes: 1_204_331, format: 'onnx', opset: 17, signature: null },
  source: {
    repositoryId: 5,
    repository: 'acme/churn',
    commit: null,
    base: null,
    tree: null,
    pull: 57,
    authors: [11],
    actors: [11],
    builder: 'actions',
  },
  training: null,
  dataset: null,
  evaluation: {
    report: digestOf('report'),
    decision: digestOf('decision'),
    policy: digestOf('policy'),
    baseline: digestOf('v11'),
    verdict: report.verdict,
  },
  attestation: null,
});

const requested: EventLine = {
  schema: 'weighin/event@1',
  id: digestOf('event'),
  prev: null,
  seq: 1,
  at: '2026-11-21T10:00:00Z',
  model: 'churn',
  stage: 'production',
  generation: 42,
  promotion: 'churn.production.42',
  type: 'promotion.requested',
  actor: anna,
  cause: 'comment:1:1',
  data: { version: 12, reason: 'Fixes the seasonal dip.' },
  by: 'weighin[bot]/0.1.0',
};

export function facts(given: Partial<PromotionFacts> = {}): PromotionFacts {
  const report: Report = { ...better(), evidence: 'measured' };
  return {
    model: 'churn',
    stage: 'production',
    generation: 42,
    repositoryId: 5,
    now: new Date('2026-11-21T12:00:00Z'),
    identity: { id: bot.id, login: bot.login, appId: 77 },
    config: config(),
    mainHead: mainSha,
    main: {
      schema: 'weighin/stage@1',
      model: 'churn',
      stage: 'production',
      generation: 41,
      operation: 'promote',
      promotion: 'churn.production.41',
      version: { number: 11, digest: digestOf('v11'), record: digestOf('record 11') },
      previous: { number: 10, digest: digestOf('v10'), generation: 40 },
      plan: digestOf('plan 41'),
      rollout: null,
    },
    live: null,
    otherStages: {},
    events: [requested],
    version: {
      record: record(12, report),
      digest: digestOf('record 12'),
      level: 'attested',
      report,
      decision: digestOf('decision'),
      weighedAt: '2026-11-20T09:14:03Z',
      actors: [11],
    },
    pull: null,
    people: { writers: [], teams: {} },
    ...given,
  };
}

export const waiting: readonly Condition[] = [
  {
    code: 'APPROVALS_MISSING',
    message: '1 of 2 approvals of this plan from `ml-leads`.',
    next: 'One more of them reviews this pull request.',
  },
  {
    code: 'SOAK',
    message: 'v12 runs in `staging` for 20 h 10 min of 24 h.',
    next: 'Wait; nothing else is needed.',
    until: '2026-11-21T15:50:00.000Z',
  },
];

export const status = (given: Partial<PromotionStatus> = {}): PromotionStatus => ({
  state: 'PLANNED',
  unmet: waiting,
  approvals: {
    wanted: 2,
    wantedOf: {},
    counted: [{ person: bo, review: 1, commit: mainSha, as: 'ml-leads' }],
    ignored: [{ person: anna, why: 'asked for this promotion' }],
    eligible: [
      { id: 13, login: 'carla', type: 'User' },
      { id: 14, login: 'dmitri', type: 'User' },
    ],
  },
  planDigest: digestOf('plan 42'),
  next: { do: 'nothing' },
  ...given,
});
