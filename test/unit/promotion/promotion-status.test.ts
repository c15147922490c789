import { describe, expect, it } from 'vitest';
import type { PromotionFacts, PromotionStatus } from '../../../shared/promotion/promotion-facts.ts';
import { promotionStatus } from '../../../shared/promotion/promotion-status.ts';
import {
  anna,
  ben,
  commit,
  configOf,
  headSha,
  hoursBefore,
  liveAt,
  mainSha,
  merged,
  now,
  quiet,
  ready,
  requested,
  review,
  v,
  withEvent,
  withPull,
} from '../../support/promotion/promotion-facts.ts';
import { digestOf, gate } from '../../support/reports/parts.ts';

const later = (facts: PromotionFacts, hours: number): PromotionFacts => ({ ...facts, now: new Date(now.getTime() + hours * 3_600_000) });
const weighing = (facts: PromotionFacts, why: string, attempt = 1, at = hoursBefore(1)) =>
  withEvent(facts, 'promotion.weighing', { why, attempt }, { cause: `weigh:${attempt}`, at });
const weighed = (facts: PromotionFacts, level: 'attested' | 'claimed' = 'attested', verdict: 'pass' | 'fail' = 'pass') =>
  withEvent(
    facts,
    'promotion.weighed',
    { run: { id: 7, attempt: 1 }, report: digestOf('new report'), decision: digestOf('new decision'), verdict, level, actors: [] },
    { cause: 'run:7:1' },
  );
const claimed = (facts: PromotionFacts): PromotionFacts => ({ ...facts, version: facts.version && { ...facts.version, level: 'claimed' } });
const claimedWhy = 'nothing but a claim stands behind it';
const failing = { report: { gates: [gate({ id: 'roc_auc.min', metric: 'roc_auc', rule: 'min', status: 'fail' })] } };
const hold = { id: digestOf('hold'), digest: null, reason: 'an incident', by: anna, at: hoursBefore(3), until: null };
const snapshot = (facts: PromotionFacts, given: Partial<NonNullable<PromotionFacts['pull']>['snapshot']>): PromotionFacts => ({
  ...facts,
  pull: facts.pull && { ...facts.pull, snapshot: { ...facts.pull.snapshot, ...given } },
});
const end = (facts: PromotionFacts, type: 'promotion.refused' | 'promotion.withdrawn' | 'promotion.superseded') =>
  withEvent(facts, type, { why: 'so' });
const otherPolicy = (facts: PromotionFacts): PromotionFacts => ({ ...facts, config: configOf({ approvals: 1, requires: 'pass' }) });
const mainAt = (facts: PromotionFacts, generation: number): PromotionFacts['main'] =>
  facts.main && { ...facts.main, generation, promotion: `churn.production.${generation}` };

type Row = [
  name: string,
  facts: PromotionFacts,
  state: PromotionStatus['state'],
  step: PromotionStatus['next']['do'],
  unmet?: readonly string[],
];

/** The table of states in the design's trust rules, row by row. */
const rows: readonly Row[] = [
  ['nobody asked', quiet(), 'NONE', 'nothing'],
  ['asked, evidence measured and current', requested(), 'REQUESTED', 'plan'],
  ['asked, the version is not known', { ...requested(), version: null }, 'REQUESTED', 'nothing', ['NO_EVIDENCE', 'APPROVALS_MISSING']],
  [
    'asked, the evidence could not be verified',
    { ...requested(), version: { ...requested().version!, level: 'unknown' } },
    'REQUESTED',
    'nothing',
    ['EVIDENCE_UNKNOWN', 'APPROVALS_MISSING'],
  ],
  [
    'asked, the record is not the one of its digest',
    { ...requested(), version: { ...requested().version!, digest: digestOf('another') } },
    'REQUESTED',
    'nothing',
    ['EVIDENCE_UNKNOWN', 'APPROVALS_MISSING'],
  ],
  [
    'asked, and another record has its number now',
    (() => {
      const other = requested({ record: { createdAt: hoursBefore(1) } });
      return { ...requested(), version: other.version };
    })(),
    'REQUESTED',
    'nothing',
    ['EVIDENCE_UNKNOWN', 'APPROVALS_MISSING'],
  ],
  ['asked, only claimed', claimed(requested()), 'REQUESTED', 'weigh', ['CLAIMED_ONLY', 'APPROVALS_MISSING']],
  ['asked, only claimed, and the stage allows it', claimed(requested({ production: { allowClaimed: true } })), 'REQUESTED', 'plan'],
  [
    'asked, the baseline is another one now',
    requested({ facts: { live: liveAt('production', 9, 41), main: { ...quiet().main!, version: { ...v(9), record: digestOf('r9') } } } }),
    'REQUESTED',
    'weigh',
    ['EVIDENCE_STALE', 'APPROVALS_MISSING'],
  ],
  ['asked, the policy is another one now', otherPolicy(requested()), 'REQUESTED', 'weigh', ['EVIDENCE_STALE', 'APPROVALS_MISSING']],
  [
    'asked, older than baseline.maxAge',
    requested({ rest: { evaluation: { baseline: { maxAge: '12h' } } } }),
    'REQUESTED',
    'weigh',
    ['EVIDENCE_STALE', 'APPROVALS_MISSING'],
  ],
  ['asked, its gates fail', requested(failing), 'REFUSED', 'close', ['GATES_FAILED', 'APPROVALS_MISSING']],
  [
    'asked, numbers that nothing can measure',
    requested({ record: { subject: { digest: v(12).digest, bytes: 1, format: 'metrics', opset: null, signature: null } } }),
    'REFUSED',
    'close',
  ],
  ['weighing, under way', weighing(claimed(requested()), claimedWhy), 'WEIGHING', 'nothing'],
  ['weighing, silent for six hours', later(weighing(claimed(requested()), claimedWhy), 6), 'WEIGHING', 'weigh'],
  ['weighing, silent for exactly six hours', later(weighing(claimed(requested()), claimedWhy), 5), 'WEIGHING', 'weigh'],
  ['weighing, silent for a little less', later(weighing(claimed(requested()), claimedWhy), 4.99), 'WEIGHING', 'nothing'],
  ['weighing, silent twice', later(weighing(weighing(claimed(requested()), claimedWhy), claimedWhy, 2), 6), 'REFUSED', 'close'],
  ['weighed, attested and pass', weighed(weighing(claimed(requested()), claimedWhy)), 'REQUESTED', 'plan'],
  ['weighed, and still only claimed', weighed(weighing(claimed(requested()), claimedWhy), 'claimed'), 'REFUSED', 'close'],
  ['weighed, and failed', weighed(weighing(claimed(requested(failing)), claimedWhy)), 'REFUSED', 'close'],
  [
    'weighed, failed, and somebody answers for the gate',
    withEvent(
      weighed(weighing(claimed(requested(failing)), claimedWhy)),
      'gate.overridden',
      { gate: 'roc_auc.min', reason: 'known', commit: null },
      { actor: ben },
    ),
    'REQUESTED',
    'plan',
  ],
  [
    'weighed after somebody answered for the gate: a new evaluation is a new question',
    weighed(
      withEvent(
        weighing(claimed(requested(failing)), claimedWhy),
        'gate.overridden',
        { gate: 'roc_auc.min', reason: 'known', commit: null },
        { actor: ben },
      ),
    ),
    'REFUSED',
    'close',
  ],
  ['planned, nobody approved', ready({}, []), 'PLANNED', 'nothing', ['APPROVALS_MISSING']],
  ['planned, held', ready({ facts: { live: liveAt('production', 11, 41, { holds: [hold] }) } }), 'PLANNED', 'nothing', ['HELD']],
  ['planned, frozen', ready({ production: { freeze: [{ from: '2026-11-20', to: '2026-11-22' }] } }), 'PLANNED', 'nothing', ['FROZEN']],
  ['planned, not at the stage before', ready({ production: { after: 'staging' } }), 'PLANNED', 'nothing', ['ORDER']],
  [
    'planned, soaking',
    ready({
      production: { after: 'staging', soak: '24h' },
      facts: { otherStages: { staging: liveAt('staging', 12, 7, { verified: [{ ...v(12), generation: 7, at: hoursBefore(23) }] }) } },
    }),
    'PLANNED',
    'nothing',
    ['SOAK'],
  ],
  [
    'planned, a rollout is under way',
    ready({ facts: { live: liveAt('production', 11, 41, { phase: 'analysing' }) } }),
    'PLANNED',
    'nothing',
    ['STAGE_BUSY'],
  ],
  [
    'planned, the generation before has not started',
    ready({ facts: { live: liveAt('production', 10, 40) } }),
    'PLANNED',
    'nothing',
    ['STAGE_BUSY'],
  ],
  ['ready, a person merges', ready(), 'READY', 'nothing'],
  ['ready, the bot merges', ready({ production: { merge: 'bot' } }), 'READY', 'merge'],
  ['ready, but queued is merging', snapshot(ready(), { queue: { required: true, queued: true } }), 'MERGING', 'nothing'],
  [
    'queued, and something is unmet',
    snapshot(ready({}, []), { queue: { required: true, queued: true } }),
    'PLANNED',
    'dequeue',
    ['APPROVALS_MISSING'],
  ],
  [
    'put out of the queue',
    withEvent(snapshot(ready({ production: { merge: 'bot' } }), { queue: { required: true, queued: false } }), 'promotion.merging', {
      head: headSha,
    }),
    'READY',
    'nothing',
  ],
  ['ready, the policy changed', otherPolicy(ready()), 'PLANNED', 'weigh', ['NOT_THE_PLAN', 'EVIDENCE_STALE', 'APPROVALS_MISSING']],
  [
    'ready, it was weighed again',
    (() => {
      const facts = weighed(ready());
      return { ...facts, version: facts.version && { ...facts.version, decision: digestOf('new decision') } };
    })(),
    'PLANNED',
    'replan',
    ['NOT_THE_PLAN', 'APPROVALS_MISSING'],
  ],
  [
    'ready, somebody answers for a gate',
    withEvent(ready(), 'gate.overridden', { gate: 'roc_auc.min', reason: 'known', commit: null }, { actor: ben }),
    'PLANNED',
    'replan',
    ['NOT_THE_PLAN', 'APPROVALS_MISSING'],
  ],
  ['ready, the stage went on', (() => ({ ...ready(), main: mainAt(ready(), 43) }))(), 'SUPERSEDED', 'close'],
  [
    'a commit of somebody else',
    snapshot(ready(), { commits: [commit(), commit({ oid: mainSha, authors: [anna], committer: anna })] }),
    'PLANNED',
    'rebuild',
    ['TAMPERED'],
  ],
  ['a file more', withPull(requested(), [review(anna)], { files: { 'train.py': 'import os' } }), 'PLANNED', 'rebuild', ['TAMPERED']],
  ['it conflicts', snapshot(ready(), { mergeable: 'conflict' }), 'PLANNED', 'rebuild', ['CONFLICT']],
  ['its pull request was closed', snapshot(ready(), { state: 'closed' }), 'WITHDRAWN', 'close'],
  ['14 days idle', later(ready(), 14 * 24), 'WITHDRAWN', 'close'],
  ['not yet 14 days idle', later(ready(), 14 * 24 - 2), 'READY', 'nothing'],
  [
    'idle behind a freeze',
    later(ready({ production: { freeze: [{ from: '2026-11-20', to: '2026-12-31' }] } }), 20 * 24),
    'PLANNED',
    'nothing',
    ['FROZEN'],
  ],
  [
    'idle a little after a freeze',
    later(ready({ production: { freeze: [{ from: '2026-11-20', to: '2026-12-10' }] } }), 20 * 24),
    'READY',
    'nothing',
  ],
  ['asked and idle', later(claimed({ ...requested(), version: null }), 14 * 24), 'WITHDRAWN', 'close'],
  ['merged, before main was read', snapshot(ready(), { state: 'merged' }), 'MERGING', 'nothing'],
  ['merged by a person', merged(ready()), 'MERGED', 'start'],
  ['merged after it was given up', merged(end(ready(), 'promotion.withdrawn')), 'MERGED', 'start'],
  ['merged without approvals', merged(ready({}, [])), 'MERGED', 'refuse-at-start', ['APPROVALS_MISSING']],
  [
    'merged after a freeze began',
    merged(ready({ production: { freeze: [{ from: '2026-11-21T11:59', to: '2026-11-22' }] } })),
    'MERGED',
    'refuse-at-start',
    ['FROZEN'],
  ],
  [
    'merged while held',
    merged(ready({ facts: { live: liveAt('production', 11, 41, { holds: [hold] }) } })),
    'MERGED',
    'refuse-at-start',
    ['HELD'],
  ],
  [
    'merged with a word in its stage file that no plan has',
    (() => {
      const facts = merged(ready());
      return { ...facts, main: facts.main && { ...facts.main, rollout: { name: 'careless', digest: facts.main.plan } } };
    })(),
    'MERGED',
    'refuse-at-start',
  ],
  [
    'merged, its pull request is nowhere',
    { ...merged(ready()), pull: null },
    'MERGED',
    'refuse-at-start',
    ['NOT_THE_PLAN', 'APPROVALS_MISSING'],
  ],
  [
    'merged while a rollout runs',
    merged(ready({ facts: { live: liveAt('production', 11, 41, { phase: 'pending' }) } })),
    'MERGED',
    'nothing',
    ['STAGE_BUSY'],
  ],
  [
    'merged, and the evidence can not be asked',
    (() => {
      const facts = merged(ready());
      return { ...facts, version: facts.version && { ...facts.version, level: 'unknown' as const } };
    })(),
    'MERGED',
    'nothing',
    ['EVIDENCE_UNKNOWN'],
  ],
  [
    'merged, and who writes can not be asked',
    { ...merged(ready()), people: { writers: null, teams: {} } },
    'MERGED',
    'nothing',
    ['CANNOT_READ_PEOPLE'],
  ],
  [
    'merged of another version than was asked for',
    (() => {
      const facts = merged(ready());
      return { ...facts, main: facts.main && { ...facts.main, version: { ...facts.main.version, ...v(13) } } };
    })(),
    'MERGED',
    'refuse-at-start',
  ],
  [
    'main skips a generation',
    (() => {
      const facts = merged(ready());
      return { ...facts, main: facts.main && { ...facts.main, previous: { ...v(11), generation: 40 } } };
    })(),
    'MERGED',
    'refuse-at-start',
    ['NOT_THE_PLAN', 'GENERATION_MOVED', 'APPROVALS_MISSING'],
  ],
  [
    'started',
    withEvent(merged(ready()), 'promotion.started', { tag: 'churn/production/42', deployment: 1, rollout: null }),
    'STARTED',
    'nothing',
  ],
  ['started, as the live state says', { ...merged(ready()), live: liveAt('production', 12, 42) }, 'STARTED', 'nothing'],
  ['refused at start', withEvent(merged(ready()), 'promotion.refused-at-start', { unmet: [] }), 'REFUSED_AT_START', 'nothing'],
  ['refused', end(requested(), 'promotion.refused'), 'REFUSED', 'nothing'],
  ['withdrawn', end(ready(), 'promotion.withdrawn'), 'WITHDRAWN', 'nothing'],
  ['superseded', end(ready(), 'promotion.superseded'), 'SUPERSEDED', 'nothing'],
  ['a stage that ran before the bot came', { ...quiet(), generation: 41, live: null }, 'NONE', 'nothing'],
];

describe('promotionStatus', () => {
  it.each(rows)('%s', (_name, facts, state, step, unmet) => {
    const status = promotionStatus(facts);
    expect({ state: status.state, step: status.next.do }).toEqual({ state, step });
    if (unmet) expect(status.unmet.map(({ code }) => code)).toEqual(unmet);
  });
});
