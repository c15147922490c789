import { describe, expect, it } from 'vitest';
import { countApprovals, policyProblem } from '../../../shared/promotion/count-approvals.ts';
import type { PromotionFacts } from '../../../shared/promotion/promotion-facts.ts';
import { promotionStatus } from '../../../shared/promotion/promotion-status.ts';
import {
  alice,
  anna,
  ben,
  bot,
  configOf,
  dora,
  type Given,
  headSha,
  hoursBefore,
  ready,
  rendered,
  requested,
  review,
  rick,
  rosa,
  sha,
  withEvent,
  withPull,
} from '../../support/promotion/promotion-facts.ts';
import { digestOf } from '../../support/reports/parts.ts';

const count = (facts: PromotionFacts) => countApprovals(facts, rendered(facts).planDigest);
const teams = (facts: PromotionFacts, given: PromotionFacts['people']['teams']): PromotionFacts => ({
  ...facts,
  people: { ...facts.people, teams: given },
});
const codes = (facts: PromotionFacts) => promotionStatus(facts).unmet.map(({ code }) => code);
const unmet = (facts: PromotionFacts, code: string) => promotionStatus(facts).unmet.find((one) => one.code === code);
const asked = (reviews: Parameters<typeof withPull>[1], given: Given = {}) => withPull(requested(given), reviews);

describe('countApprovals', () => {
  it('counts a review by write access at a commit that holds the plan of today', () => {
    const { counted, enough, eligible } = count(ready());
    expect(counted).toEqual([{ person: anna, review: 110, commit: headSha, as: 'maintain' }]);
    expect(enough).toBe(true);
    expect(eligible?.map(({ login }) => login)).toEqual(['ben', 'dora']);
  });

  const excluded: readonly [string, PromotionFacts, string][] = [
    ['who asked for it', asked([review(rosa)]), 'asked for this promotion'],
    ['an author of the model', asked([review(alice)]), 'is an author of this model'],
    [
      'who started its run',
      asked([review(ben)], { record: { source: { ...requested().version!.record.source, actors: [ben.id] } } }),
      'started the run that made or weighed it',
    ],
    ['a bot', asked([review(bot)]), 'is a bot'],
    ['who has no write access', asked([review(rick)]), 'has no write access'],
    ['who could write when reviewing and no more', asked([review(anna, { canPush: false })]), 'has no write access'],
    ['who is not among the approvers', asked([review(ben)], { production: { approvers: ['@anna'] } }), 'is not among the approvers'],
    [
      'a review of another plan',
      withPull(requested(), [review(anna, { commit: sha('older') })], { planAt: { [sha('older')]: digestOf('older plan') } }),
      'approved another plan',
    ],
    ['a review of a commit without the plan', asked([review(anna, { commit: sha('unknown') })]), 'approved another plan'],
    ['a review of no commit', asked([review(anna, { commit: null })]), 'approved another plan'],
  ];
  it.each(excluded)('leaves out %s', (_name, facts, why) => {
    const { counted, ignored, enough } = count(facts);
    expect(counted).toEqual([]);
    expect(ignored.map((one) => one.why)).toEqual([why]);
    expect(enough).toBe(false);
    expect(unmet(facts, 'APPROVALS_MISSING')?.message).toContain(why);
  });

  it('leaves out whoever weighed it again, and whoever answered for a gate', () => {
    const facts = { ...requested(), version: { ...requested().version!, actors: [ben.id] } };
    expect(count(withPull(facts, [review(ben)])).ignored[0]?.why).toBe('started the run that made or weighed it');
    const overridden = withEvent(requested(), 'gate.overridden', { gate: 'x', reason: 'y', commit: null }, { actor: anna });
    expect(count(withPull(overridden, [review(anna), review(ben)])).counted.map(({ person }) => person.login)).toEqual(['ben']);
  });

  it('keeps an approval when a further commit holds an equal plan', () => {
    const facts = requested();
    const { planDigest } = rendered(facts);
    expect(count(withPull(facts, [review(anna, { commit: sha('before') })], { planAt: { [sha('before')]: planDigest } })).enough).toBe(
      true,
    );
  });

  it("takes a person's latest review, and a comment for no review", () => {
    const early = (state: 'approved' | 'changes-requested') => review(anna, { id: 1, state, at: hoursBefore(3) });
    const late = (state: 'approved' | 'changes-requested' | 'dismissed' | 'commented') => review(anna, { id: 2, state });
    expect(count(asked([early('approved'), late('commented')])).enough).toBe(true);
    expect(count(asked([late('dismissed'), early('approved')])).enough).toBe(false);
    expect(count(asked([early('changes-requested'), late('approved')])).objections).toEqual([]);
    const objecting = asked([early('approved'), late('changes-requested'), review(ben)]);
    expect(count(objecting).enough).toBe(true);
    expect(codes(objecting)).toEqual(['CHANGES_REQUESTED']);
  });

  it('does not let somebody without write access stand in the way', () => {
    expect(codes(asked([review(rick, { state: 'changes-requested', canPush: false }), review(anna)]))).toEqual([]);
  });

  const unknown: readonly [string, PromotionFacts][] = [
    ['the author is not known', requested({ record: { source: { ...requested().version!.record.source, authors: [] } } })],
    [
      'one of the authors is not known',
      requested({ record: { source: { ...requested().version!.record.source, authors: [alice.id, 0] } } }),
    ],
    ['a bot asked', requested({}, { actor: bot })],
    ['the account that asked is not known', requested({}, { actor: { id: 0, login: 'someone', type: 'User' } })],
  ];
  it.each(unknown)('asks for one more where %s', (_name, facts) => {
    const one = withPull(facts, [review(anna)]);
    expect(count(one)).toMatchObject({ wanted: 2, enough: false });
    expect(unmet(one, 'APPROVALS_MISSING')?.message).toContain('1 of 2 approvals of this plan. One more than the policy says');
    expect(count(withPull(facts, [review(anna), review(ben)])).enough).toBe(true);
  });

  it('asks nobody where the stage asks nobody', () => {
    const facts = withPull(requested({ production: { approvals: 0 } }, { actor: bot }));
    expect(count(facts)).toMatchObject({ wanted: 0, enough: true });
    expect(codes(facts)).toEqual([]);
  });

  it('reads approvers as people, roles and teams', () => {
    const by = (approvers: readonly string[], reviewer = ben) =>
      count(teams(asked([review(reviewer)], { production: { approvers } }), { ml: [ben.id] })).enough;
    expect(by(['@BEN'])).toBe(true);
    expect(by(['@be'])).toBe(false);
    expect(by(['write'])).toBe(true);
    expect(by(['maintain'])).toBe(false);
    expect(by(['maintain'], anna)).toBe(true);
    expect(by(['admin'], anna)).toBe(false);
    expect(by(['ml'])).toBe(true);
    expect(by(['ml'], anna)).toBe(false);
    expect(by(['ml', '@anna'], anna)).toBe(true);
  });

  it('counts by team, and one person for one team alone', () => {
    const production = { approvals: { ml: 1, risk: 1 } };
    const with_ = (reviews: Parameters<typeof withPull>[1], risk: readonly number[]) =>
      teams(asked(reviews, { production }), { ml: [anna.id, ben.id], risk });
    expect(count(with_([review(anna)], [anna.id])).enough).toBe(false);
    // anna speaks for risk, so that ben can speak for ml.
    const both = count(with_([review(anna), review(ben)], [anna.id]));
    expect(both.enough).toBe(true);
    expect(both.counted.map(({ person, as }) => [person.login, as])).toEqual([
      ['anna', 'risk'],
      ['ben', 'ml'],
    ]);
    expect(count(with_([review(anna), review(ben)], [dora.id])).enough).toBe(false);
    expect(unmet(with_([review(anna)], [dora.id]), 'APPROVALS_MISSING')?.message).toBe(
      '1 of 2 approvals of this plan (1 of ml, 1 of risk).',
    );
  });

  it('says that a team could not be read, never that it is empty', () => {
    const facts = teams(asked([review(anna)], { production: { approvals: { ml: 1 } } }), { ml: 'unreadable' });
    expect(codes(facts)).toEqual(['CANNOT_READ_TEAM']);
    expect(codes({ ...facts, people: { ...facts.people, teams: {} } })).toEqual(['CANNOT_READ_TEAM']);
    // A name like an inherited property is no team.
    expect(codes(teams(asked([review(anna)], { production: { approvals: { constructor: 1 } } }), {}))).toEqual(['CANNOT_READ_TEAM']);
  });

  it('says who is eligible where nobody could ever satisfy the policy', () => {
    const facts = asked([review(anna)], { production: { approvals: 2, approvers: ['@anna'] } });
    expect(unmet(facts, 'POLICY_UNSATISFIABLE')?.message).toBe('churn production: 2 wanted, eligible: @anna. Approvers are @anna.');
  });
});

describe('policyProblem', () => {
  const { people } = requested();
  const problem = (production: object, given: Partial<typeof people> = {}) =>
    policyProblem(configOf(production), 'churn', 'production', { ...people, ...given });

  it('finds what nobody could satisfy before anybody asks', () => {
    expect(problem({ approvals: 2, approvers: ['@anna'] })).toMatchObject({
      code: 'POLICY_UNSATISFIABLE',
      message: 'churn production: 2 wanted, eligible: @anna. Approvers are @anna.',
    });
    expect(problem({ approvals: { ml: 2 } }, { teams: { ml: [anna.id, rick.id] } })).toMatchObject({
      message: 'churn production: 2 wanted (2 of ml), eligible: @rosa, @alice, @anna, @ben, @dora.',
    });
    expect(problem({ approvals: 5 })).toBeNull();
    expect(problem({ approvals: 6 })?.code).toBe('POLICY_UNSATISFIABLE');
    expect(problem({ approvals: 0, approvers: ['ghosts'] })).toBeNull();
  });

  it('does not take what it could not ask for an answer', () => {
    expect(problem({ approvers: ['ml'] }, { teams: { ml: 'unreadable' } })?.code).toBe('CANNOT_READ_TEAM');
    expect(problem({}, { writers: null })?.code).toBe('CANNOT_READ_PEOPLE');
  });
});
