import { describe, expect, it } from 'vitest';
import { digestOfDocument } from '../../../shared/digest/canonical-json.ts';
import { effectiveVersion } from '../../../shared/promotion/effective-version.ts';
import { finishRollout } from '../../../shared/promotion/finish-rollout.ts';
import { activeHolds } from '../../../shared/promotion/holds.ts';
import { liftHold } from '../../../shared/promotion/lift-hold.ts';
import type { LiveDocument } from '../../../shared/promotion/live-document.ts';
import { liveDocumentSchema } from '../../../shared/promotion/live-document.ts';
import { placeHold } from '../../../shared/promotion/place-hold.ts';
import type { PromotionFacts } from '../../../shared/promotion/promotion-facts.ts';
import { promotionStatus } from '../../../shared/promotion/promotion-status.ts';
import { type PromotionAsked, requestPromotion } from '../../../shared/promotion/request-promotion.ts';
import { type RollbackRequest, requestRevert, rollBack } from '../../../shared/promotion/roll-back.ts';
import { mayRequest, stagePolicy } from '../../../shared/promotion/stage-policy.ts';
import { refuseStart, startPromotion } from '../../../shared/promotion/start-promotion.ts';
import {
  anna,
  ben,
  bot,
  configOf,
  type Given,
  hoursBefore,
  liveAt,
  merged,
  now,
  quiet,
  ready,
  requested,
  review,
  rosa,
  v,
  withEvent,
  withPull,
} from '../../support/promotion/promotion-facts.ts';
import { digestOf, gate } from '../../support/reports/parts.ts';

const at = now.toISOString();
const holdOf = (digest: string | null, until: string | null = null) => ({
  id: digestOf(`hold ${digest}`),
  digest,
  reason: 'an incident',
  by: anna,
  at: hoursBefore(3),
  until,
});
const careful = { rollouts: { careful: { strategy: 'canary', guard: { driver: 'watcher', maxSilence: '60s' } } } };
const canary: Given = { production: { rollout: 'careful' }, rest: careful };

describe('requestPromotion', () => {
  const ask = (facts: PromotionFacts, number = 12): ReturnType<typeof requestPromotion> => {
    const asked: PromotionAsked = { facts, number, reason: 'for the season', by: rosa, cause: 'comment:1:1' };
    return requestPromotion(asked);
  };

  it('gives the event that opens it', () => {
    expect(ask(quiet())).toMatchObject({
      allowed: true,
      generation: 42,
      weighFirst: null,
      event: {
        type: 'promotion.requested',
        actor: rosa,
        cause: 'comment:1:1',
        data: { version: 12, digest: v(12).digest, reason: 'for the season', operation: 'promote' },
      },
    });
  });

  it('says that a weigh run comes first where the evidence does not answer', () => {
    const facts = quiet();
    expect(ask({ ...facts, version: facts.version && { ...facts.version, level: 'claimed' } })).toMatchObject({
      allowed: true,
      weighFirst: 'nothing but a claim stands behind it',
    });
  });

  const refused: readonly [string, PromotionFacts, string, RegExp][] = [
    ['a version that is not known', { ...quiet(), version: null }, 'VERSION_NOT_FOUND', /churn@v12 is not known/],
    ['one more for the stage', requested(), 'PROMOTION_OPEN', /churn\.production\.42 is open for production, asked for by @rosa/],
    [
      'one more while the last one has not started',
      quiet({ facts: { live: liveAt('production', 10, 40) } }),
      'PROMOTION_OPEN',
      /churn\.production\.41 .*merged and has not started/,
    ],
    [
      'a stage that is held',
      quiet({ facts: { live: liveAt('production', 11, 41, { holds: [holdOf(null)] }) } }),
      'HELD',
      /churn production is held by @anna: “an incident”\.$/,
    ],
    [
      'bytes that are held',
      quiet({ facts: { live: liveAt('production', 11, 41, { holds: [holdOf(v(12).digest)] }) } }),
      'HELD',
      /churn@v12 is held/,
    ],
    [
      'what is there already',
      quiet({ record: { subject: { digest: v(11).digest, bytes: 1, format: 'onnx', opset: null, signature: null } } }),
      'ALREADY_AT_STAGE',
      /v11 already/,
    ],
    [
      'a builder that the stage does not take',
      quiet({ production: { builders: ['airflow'] } }),
      'BUILDER_NOT_ACCEPTED',
      /by actions; production takes the word of airflow/,
    ],
    [
      'numbers of its own',
      quiet({ record: { subject: { digest: v(12).digest, bytes: 1, format: 'metrics', opset: null, signature: null } } }),
      'CLAIMED_NOT_ALLOWED',
      /never measured/,
    ],
    [
      'a version that its gates stop',
      quiet({ report: { gates: [gate({ id: 'roc_auc.min', metric: 'roc_auc', status: 'fail' })] } }),
      'VERDICT_NOT_PASS',
      /verdict fail \(roc_auc\.min\)/,
    ],
  ];
  it.each(refused)('refuses %s', (_name, facts, code, message) => {
    const answer = ask(facts);
    expect(answer).toMatchObject({ allowed: false, code });
    if (!answer.allowed) expect(answer.message).toMatch(message);
  });

  it('lets through what holds of other bytes, holds that ended, and what was given up', () => {
    const held = [holdOf(digestOf('other')), holdOf(null, hoursBefore(1))];
    expect(ask(quiet({ facts: { live: liveAt('production', 11, 41, { holds: held }) } })).allowed).toBe(true);
    expect(ask(withEvent(requested(), 'promotion.withdrawn', { why: 'given up' })).allowed).toBe(true);
  });

  it('knows the nearest name', () => {
    expect(() => ask({ ...quiet(), stage: 'prodution' })).toThrow(/no stage prodution/);
  });
});

describe('mayRequest', () => {
  it('needs write access, and to be named where people are named', () => {
    const by = (requesters: readonly string[] | undefined, role: 'read' | 'write' | 'admin', teams = {}) =>
      mayRequest(stagePolicy(configOf(requesters ? { requesters } : {}), 'churn', 'production'), anna, role, teams);
    expect([by(undefined, 'write'), by(undefined, 'read')]).toEqual([true, false]);
    expect([by(['@anna'], 'write'), by(['@anna'], 'read'), by(['@ben'], 'admin')]).toEqual([true, false, false]);
    expect([by(['ml'], 'write', { ml: [anna.id] }), by(['ml'], 'write', { ml: 'unreadable' })]).toEqual([true, 'unknown']);
  });
});

describe('rollBack', () => {
  const verified = [
    { ...v(9), generation: 39, at: hoursBefore(90) },
    { ...v(10), generation: 40, at: hoursBefore(80) },
    { ...v(11), generation: 41, at: hoursBefore(70) },
  ];
  const live = (given: Partial<LiveDocument> = {}) => liveAt('production', 11, 41, { verified, ...given });
  const back = (given: Partial<RollbackRequest> = {}) =>
    rollBack({
      model: 'churn',
      stage: 'production',
      main: quiet().main,
      live: live(),
      nextEvents: [],
      to: null,
      reason: null,
      by: rosa,
      now,
      cause: 'comment:7:1',
      ...given,
    });
  const allowed = (given: Partial<RollbackRequest> = {}) => {
    const answer = back(given);
    if (!answer.allowed) throw new Error(answer.code);
    return answer;
  };

  it('goes to the version before, holds what it leaves, and asks for the pull request that says so', () => {
    const answer = allowed();
    expect(answer).toMatchObject({ from: v(11), to: v(10), revertGeneration: 42, supersede: null });
    expect(answer.live).toMatchObject({
      revision: 4,
      phase: 'rolled-back',
      stable: v(10),
      candidate: null,
      generation: 41,
      rolledBack: [{ digest: v(11).digest, at }],
    });
    expect(activeHolds(answer.live, now, v(11).digest)).toHaveLength(1);
    expect(answer.events.map(({ type }) => type)).toEqual(['rollback.requested', 'hold.placed']);
    expect(effectiveVersion(quiet().main, answer.live, now)).toEqual(v(10));
    expect(liveDocumentSchema.parse(answer.live)).toEqual(answer.live);
  });

  it('asks neither approvals nor a freeze nor a hold of the stage', () => {
    expect(allowed({ live: live({ holds: [holdOf(null)] }) }).to).toEqual(v(10));
  });

  it('passes over what is held, and takes the version that is named', () => {
    expect(allowed({ live: live({ holds: [holdOf(v(10).digest)] }) }).to).toEqual(v(9));
    expect(allowed({ to: 9 }).to).toEqual(v(9));
  });

  it('gives up a rollout that is under way, to what is stable', () => {
    const answer = allowed({
      live: live({ phase: 'analysing', strategy: 'canary', candidate: v(12), weight: { desired: 30, observed: 30, at } }),
    });
    expect(answer).toMatchObject({ from: v(12), to: v(11) });
    expect(answer.live).toMatchObject({ phase: 'rolling-back', stable: v(11), candidate: null, weight: { desired: 0, observed: 30 } });
    const finished = finishRollout(answer.live, { outcome: 'succeeded', why: '', by: bot, at, cause: 'x' });
    expect(finished?.live).toMatchObject({ phase: 'rolled-back', stable: v(11) });
  });

  it('supersedes what is open for the stage', () => {
    expect(allowed({ nextEvents: requested().events }).supersede).toMatchObject({ type: 'promotion.superseded' });
    expect(allowed({ nextEvents: withEvent(requested(), 'promotion.withdrawn', { why: 'x' }).events }).supersede).toBeNull();
  });

  const refused: readonly [string, Partial<RollbackRequest>, string][] = [
    ['a stage that the bot never moved', { live: null }, 'NO_PREVIOUS_VERSION'],
    ['a stage with one version', { live: live({ verified: verified.slice(2) }) }, 'NO_PREVIOUS_VERSION'],
    ['a rollback under way', { live: live({ phase: 'rolling-back', strategy: 'canary' }) }, 'ROLLBACK_IN_PROGRESS'],
    ['what runs already', { to: 11 }, 'ALREADY_THERE'],
    ['a version that never succeeded there', { to: 8 }, 'NOT_A_ROLLBACK'],
    ['a version that is held', { to: 10, live: live({ holds: [holdOf(v(10).digest)] }) }, 'NOT_A_ROLLBACK'],
  ];
  it.each(refused)('refuses %s', (_name, given, code) => {
    expect(back(given)).toMatchObject({ allowed: false, code });
  });

  it('is recorded by a pull request that needs its review and nothing else', () => {
    const answer = allowed();
    const target = {
      ...quiet().version!,
      record: {
        ...quiet().version!.record,
        number: 10,
        subject: { ...quiet().version!.record.subject, digest: v(10).digest },
        evaluation: null,
      },
    };
    const base = quiet({ production: { after: 'staging', soak: '24h', freeze: [{ from: '2026-11-20', to: '2026-11-22' }] } });
    const version = { ...target, level: 'claimed' as const, report: null, decision: null, digest: '' };
    const facts = { ...base, live: answer.live, version: { ...version, digest: digestOfDocument(version.record) } };
    const asked = withEvent(
      facts,
      'promotion.requested',
      requestRevert(v(10), facts.version.digest, { by: rosa, cause: 'c', reason: null }).data as never,
      { actor: rosa },
    );
    expect(promotionStatus(asked).next.do).toBe('plan');
    const open = withPull(asked);
    expect(promotionStatus(open).unmet.map(({ code }) => code)).toEqual(['APPROVALS_MISSING']);
    const approved = withPull(asked, [review(anna)]);
    expect(promotionStatus(approved)).toMatchObject({ state: 'READY' });
    const start = merged(approved);
    expect(promotionStatus(start)).toMatchObject({ state: 'MERGED', next: { do: 'start' } });
    expect(startPromotion(start, at)).toMatchObject({ phase: 'succeeded', generation: 42, stable: v(10), candidate: null });
  });
});

describe('startPromotion', () => {
  it('runs the version at once where the stage has no rollout', () => {
    const begun = merged(ready());
    const live = startPromotion(begun, at);
    // Of the rollout before nothing is left: a guard would carry it out.
    const guarded = { ...begun, live: begun.live && { ...begun.live, engine: { schema: 'weighin/engine@1' } } };
    expect(startPromotion(guarded, at)).toEqual(live);
    expect(live).toMatchObject({
      generation: 42,
      revision: 4,
      phase: 'succeeded',
      rolloutId: 'churn.production.42',
      stable: v(12),
      candidate: null,
      strategy: null,
    });
    expect(live.verified.at(-1)).toEqual({ ...v(12), generation: 42, at });
    expect(liveDocumentSchema.parse(live)).toEqual(live);
  });

  it('hands a rollout over with nothing shifted, and what runs goes on', () => {
    const live = startPromotion(merged(ready(canary)), at);
    expect(live).toMatchObject({
      phase: 'pending',
      strategy: 'canary',
      stable: v(11),
      candidate: v(12),
      weight: { desired: 0, observed: null },
      guard: { driver: 'watcher', maxSilenceS: 60 },
    });
    expect(live.verified.map(({ number }) => number)).toEqual([11]);
    expect(liveDocumentSchema.parse(live)).toEqual(live);
  });

  it('begins where the bot comes to a stage that ran already', () => {
    const live = startPromotion(merged(ready({ facts: { live: null } })), at);
    expect(live).toMatchObject({ revision: 1, stable: v(12), verified: [v(11), v(12)] });
  });
});

describe('refuseStart', () => {
  it('starts nothing, holds the bytes, counts the generation as dealt with, and says what main goes back to', () => {
    const refused = refuseStart(merged(ready({}, [])), {
      unmet: [{ code: 'FROZEN', message: 'm', next: 'n' }],
      by: bot,
      at,
      cause: 'start:x',
    });
    expect(refused.live).toMatchObject({ generation: 42, phase: 'succeeded', rolloutId: 'churn.production.41', stable: v(11) });
    expect(activeHolds(refused.live, now, v(12).digest).map(({ reason }) => reason)).toEqual(['refused at its start: FROZEN']);
    expect(refused.revertTo).toMatchObject(v(11));
    const after = { ...merged(ready({}, [])), live: refused.live };
    expect(promotionStatus(after)).toMatchObject({ state: 'REFUSED_AT_START', next: { do: 'nothing' } });
    expect(effectiveVersion(after.main, after.live, now)).toEqual(v(11));
  });

  it('has nothing to go back to where nothing ran', () => {
    const first = merged(ready({ facts: { main: null, live: null, generation: 1 } }, []));
    expect(refuseStart(first, { unmet: [], by: bot, at, cause: 'x' }).revertTo).toBeNull();
  });
});

describe('finishRollout', () => {
  const pending = startPromotion(merged(ready(canary)), hoursBefore(1));
  it('makes the candidate stable, or holds it', () => {
    const good = finishRollout(pending, { outcome: 'succeeded', why: '', by: bot, at, cause: 'deployment:1:success' });
    expect(good?.live).toMatchObject({ phase: 'succeeded', stable: v(12), candidate: null, weight: null });
    expect(good?.live.verified.at(-1)).toEqual({ ...v(12), generation: 42, at });
    const bad = finishRollout(pending, { outcome: 'failed', why: 'errors rose', by: bot, at, cause: 'deployment:1:failure' });
    expect(bad?.live).toMatchObject({ phase: 'failed', stable: v(11), candidate: null, rolledBack: [{ digest: v(12).digest }] });
    expect(bad?.events.map(({ type }) => type)).toEqual(['rollout.failed', 'hold.placed']);
    expect(activeHolds(bad?.live ?? null, now, v(12).digest)).toHaveLength(1);
    expect(effectiveVersion(merged(ready(canary)).main, bad?.live ?? null, now)).toEqual(v(11));
  });

  it('changes nothing when it is told twice', () => {
    const once = finishRollout(pending, { outcome: 'succeeded', why: '', by: bot, at, cause: 'x' });
    expect(once && finishRollout(once.live, { outcome: 'failed', why: '', by: bot, at, cause: 'y' })).toBeNull();
  });
});

describe('holds', () => {
  const place = (live: LiveDocument, cause: string, digest: string | null = null, until: string | null = null) =>
    placeHold(live, { digest, reason: 'an incident', by: anna, at, until, cause }).live;
  it('is placed once a cause, ends by itself, and is lifted with its kind', () => {
    const live = liveAt('production', 11, 41);
    const one = place(live, 'a');
    expect(place(one, 'a')).toBe(one);
    const two = place(one, 'b', v(12).digest, new Date(now.getTime() + 1).toISOString());
    expect(activeHolds(two, now)).toHaveLength(2);
    expect(activeHolds(two, new Date(now.getTime() + 1))).toHaveLength(1);
    const lifted = liftHold(two, { digest: v(12).digest, by: ben, now, cause: 'c' });
    expect(lifted).toMatchObject({ allowed: true, event: { type: 'hold.lifted' } });
    if (lifted.allowed) expect(lifted.live.holds.map(({ digest }) => digest)).toEqual([null]);
    const all = liftHold(two, { digest: null, by: ben, now, cause: 'c' });
    expect(all.allowed && all.live.holds).toEqual([]);
    expect(liftHold(live, { digest: null, by: ben, now, cause: 'c' })).toMatchObject({ allowed: false, code: 'NOT_HELD' });
    expect(liftHold(null, { digest: null, by: ben, now, cause: 'c' })).toMatchObject({ allowed: false, code: 'NOT_HELD' });
  });
});
