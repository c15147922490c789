import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { digestOfDocument } from '../../../shared/digest/canonical-json.ts';
import { phases, terminalPhases } from '../../../shared/promotion/live-document.ts';
import type { PromotionFacts } from '../../../shared/promotion/promotion-facts.ts';
import { promotionStatus } from '../../../shared/promotion/promotion-status.ts';
import { soakedAt } from '../../../shared/promotion/soak.ts';
import {
  alice,
  anna,
  ben,
  bot,
  commit,
  dora,
  headSha,
  hoursBefore,
  liveAt,
  merged,
  now,
  rendered,
  requested,
  review,
  rick,
  rosa,
  sha,
  v,
  withEvent,
  withPull,
} from '../../support/promotion/promotion-facts.ts';
import { digestOf } from '../../support/reports/parts.ts';
import '../../support/seeded-properties.ts';

const people = [rosa, alice, anna, ben, dora, rick, bot];
/** Mostly as it should be: an invariant that nothing ever reaches proves nothing. */
const seldom = <Value>(usual: Value, ...others: Value[]) =>
  fc.oneof({ weight: 12, arbitrary: fc.constant(usual) }, { weight: 1, arbitrary: fc.constantFrom(...others) });

const world = fc.record({
  requester: seldom(rosa, anna, bot),
  overrider: seldom<typeof anna | null>(null, anna, ben),
  reviews: fc.array(
    fc.record({
      person: fc.constantFrom(...people),
      state: seldom<'approved' | 'changes-requested' | 'dismissed' | 'commented'>(
        'approved',
        'changes-requested',
        'dismissed',
        'commented',
      ),
      commit: seldom<string | null>(headSha, sha('older'), null),
      canPush: seldom(true, false),
    }),
    { maxLength: 5 },
  ),
  approvals: fc.constantFrom(0, 1, 2),
  level: seldom<'attested' | 'run-verified' | 'claimed' | 'unknown'>('attested', 'run-verified', 'claimed', 'unknown'),
  digest: seldom(true, false),
  hold: seldom<string | null | undefined>(undefined, null, v(12).digest, v(11).digest),
  freeze: seldom(false, true),
  phase: seldom<(typeof phases)[number]>('succeeded', ...phases),
  liveGeneration: seldom(41, 40, 42),
  author: seldom(bot, anna),
  extra: seldom(false, true),
  changed: seldom(false, true),
  mergeable: seldom<'yes' | 'conflict'>('yes', 'conflict'),
  writers: seldom(true, false),
  team: seldom<'none' | 'readable' | 'unreadable'>('none', 'readable', 'unreadable'),
  soakedFor: seldom(25, 23, -1),
  merged: fc.boolean(),
  previous: seldom(41, 40),
});
type World = typeof world extends fc.Arbitrary<infer Value> ? Value : never;

function factsOf(given: World): PromotionFacts {
  const staging = liveAt('staging', 12, 7, {
    verified: given.soakedFor < 0 ? [] : [{ ...v(12), generation: 7, at: hoursBefore(given.soakedFor) }],
  });
  const holds =
    given.hold === undefined
      ? []
      : [{ id: digestOf('hold'), digest: given.hold, reason: 'why', by: anna, at: hoursBefore(1), until: null }];
  const asked = requested(
    {
      production: {
        approvals: given.team === 'none' ? given.approvals : { ml: given.approvals },
        merge: 'bot',
        after: 'staging',
        soak: '24h',
        ...(given.freeze && { freeze: [{ from: '2026-11-21', to: '2026-11-21' }] }),
      },
      facts: {
        live: liveAt('production', 11, given.liveGeneration, { phase: given.phase, holds, rolloutId: 'churn.production.41' }),
        otherStages: { staging },
      },
    },
    { actor: given.requester },
  );
  const overridden = given.overrider
    ? withEvent(asked, 'gate.overridden', { gate: 'roc_auc.min', reason: 'why', commit: null }, { actor: given.overrider })
    : asked;
  const version = overridden.version && { ...overridden.version, level: given.level };
  const reviews = given.reviews.map(({ person, ...one }, index) =>
    review(person, { ...one, id: index + 1, at: hoursBefore(1 - index / 10) }),
  );
  const open = withPull({ ...overridden, version }, reviews, {
    snapshot: { commits: [commit({ authors: [given.author] })], mergeable: given.mergeable },
    planAt: { [sha('older')]: digestOf('older plan') },
    files: { ...(given.extra && { 'weighin.yaml': 'mode: advise' }), ...(given.changed && { 'registry/churn/versions/v12.json': '{}' }) },
  });
  const placed = given.merged ? merged(open) : open;
  const main =
    placed.main && given.merged
      ? { ...placed.main, previous: placed.main.previous && { ...placed.main.previous, generation: given.previous } }
      : placed.main;
  return {
    ...placed,
    main,
    version: placed.version && (given.digest ? placed.version : { ...placed.version, digest: digestOf('another record') }),
    people: {
      writers: given.writers ? placed.people.writers : null,
      teams: given.team === 'none' ? {} : { ml: given.team === 'readable' ? [anna.id, ben.id, rosa.id] : 'unreadable' },
    },
  };
}

/** Judged once, and held against every invariant. */
const tried = fc.sample(world, { numRuns: 1000, seed: fc.readConfigureGlobal().seed ?? 1 }).map((given) => {
  const facts = factsOf(given);
  return { given, facts, status: promotionStatus(facts) };
});
const reached = tried.filter(({ status }) => status.next.do === 'merge' || status.next.do === 'start');

describe('whatever the facts are, nothing is merged or started', () => {
  const onTheWay = (check: (facts: PromotionFacts, status: ReturnType<typeof promotionStatus>, given: World) => void) => {
    expect(reached.length).toBeGreaterThan(20);
    for (const { facts, status, given } of reached) check(facts, status, given);
  };

  it('with a condition unmet', () => {
    onTheWay((_facts, status) => expect(status.unmet).toEqual([]));
  });

  it('I1: beside a rollout that is under way', () => {
    onTheWay(({ live }) => expect(terminalPhases).toContain(live?.phase));
  });

  it('I2: unless its generation follows that of the live state and of main by exactly 1', () => {
    onTheWay(({ live, main, generation }, { next }) => {
      expect(live?.generation).toBe(generation - 1);
      expect(next.do === 'start' ? main?.previous?.generation : main?.generation).toBe(generation - 1);
    });
  });

  it('I3, I4: without enough people who had no part in it and approved this very plan', () => {
    onTheWay((facts, { approvals, planDigest }, { overrider, requester, approvals: asked }) => {
      const ids = new Set(approvals.counted.map(({ person }) => person.id));
      expect(ids.size).toBe(approvals.counted.length);
      expect(ids.size).toBeGreaterThanOrEqual(asked);
      for (const excluded of [requester.id, alice.id, bot.id, rick.id, overrider?.id]) expect(ids.has(excluded ?? -1)).toBe(false);
      for (const one of approvals.counted) expect(facts.pull?.planAt.get(one.commit)).toBe(planDigest);
    });
  });

  it('I5: unless its record and its evidence verify', () => {
    onTheWay(({ version }) => {
      expect(['attested', 'run-verified']).toContain(version?.level);
      expect(digestOfDocument(version?.record)).toBe(version?.digest);
    });
  });

  it('I6: unless the pull request is the rendered plan, to the byte', () => {
    onTheWay((facts) => {
      const wanted = new Map(rendered(facts).files.map(({ path, text }) => [path, text]));
      expect(facts.pull?.filesAtHead).toEqual(wanted);
      expect(facts.pull?.snapshot.commits.every(({ authors }) => authors.every((author) => author?.id === bot.id))).toBe(true);
    });
  });

  it('I8: while it is held, and never while the stage is frozen', () => {
    onTheWay((_facts, _status, { hold, freeze }) => {
      expect([undefined, v(11).digest]).toContain(hold);
      expect(freeze).toBe(false);
    });
  });

  it('I9: while something that decides could not be asked', () => {
    onTheWay((_facts, _status, { level, writers, team, approvals }) => {
      expect(level).not.toBe('unknown');
      if (approvals > 0) expect([writers, team === 'unreadable']).toEqual([true, false]);
    });
  });

  it('I11: before the same bytes have soaked at the stage before', () => {
    onTheWay(({ otherStages }, _status, { soakedFor }) => {
      expect(soakedFor).toBe(25);
      expect(soakedAt(otherStages['staging'] ?? null, v(12).digest, 24 * 3_600_000)).toBeLessThanOrEqual(now.getTime());
    });
  });
});

describe('promotionStatus', () => {
  it('says the same of the same facts, and asks nothing more of what has ended', () => {
    fc.assert(
      fc.property(world, fc.constantFrom('promotion.withdrawn', 'promotion.superseded', 'promotion.refused'), (given, end) => {
        const facts = factsOf({ ...given, merged: false, liveGeneration: 41 });
        expect(promotionStatus(facts)).toEqual(promotionStatus(factsOf({ ...given, merged: false, liveGeneration: 41 })));
        expect(promotionStatus(withEvent(facts, end as 'promotion.withdrawn', { why: 'so' })).next).toEqual({ do: 'nothing' });
      }),
      { numRuns: 60 },
    );
  });

  it('does not depend on the order in which reviews are listed', () => {
    fc.assert(
      fc.property(world, (given) => {
        const facts = factsOf(given);
        const reversed = {
          ...facts,
          pull: facts.pull && { ...facts.pull, snapshot: { ...facts.pull.snapshot, reviews: [...facts.pull.snapshot.reviews].reverse() } },
        };
        const [one, other] = [promotionStatus(facts), promotionStatus(reversed)];
        expect([other.state, other.next.do]).toEqual([one.state, one.next.do]);
        expect(new Set(other.approvals.counted.map(({ review: id }) => id))).toEqual(
          new Set(one.approvals.counted.map(({ review: id }) => id)),
        );
      }),
      { numRuns: 100 },
    );
  });
});

describe('I11: a soak', () => {
  const day = 24 * 3_600_000;
  const at = (hours: number) => hoursBefore(hours);
  it('begins when the same bytes succeeded, and anew after a rollback', () => {
    const succeeded = { verified: [{ ...v(12), generation: 7, at: at(30) }] };
    expect(soakedAt(liveAt('staging', 12, 7, succeeded), v(12).digest, day)).toBe(Date.parse(at(6)));
    expect(soakedAt(liveAt('staging', 13, 8, succeeded), v(13).digest, day)).toBeNull();
    expect(
      soakedAt(liveAt('staging', 11, 7, { ...succeeded, rolledBack: [{ digest: v(12).digest, at: at(10) }] }), v(12).digest, day),
    ).toBeNull();
    const again = { verified: [{ ...v(12), generation: 9, at: at(5) }], rolledBack: [{ digest: v(12).digest, at: at(10) }] };
    expect(soakedAt(liveAt('staging', 12, 9, again), v(12).digest, day)).toBe(Date.parse(at(5)) + day);
    expect(soakedAt(null, v(12).digest, day)).toBeNull();
  });
});
