import type { Config } from '../config/schema.ts';
import { allOf, lastOf } from './event-data.ts';
import type { Person, Review } from './forge.ts';
import type { ApprovalCount, Condition, CountedApproval, PeopleFacts, PromotionFacts } from './promotion-facts.ts';
import { seatPeople } from './seat-people.ts';
import { isMeant, type Principal, parsePrincipal, type StagePolicy, showPrincipal, stagePolicy } from './stage-policy.ts';

type Writers = NonNullable<PeopleFacts['writers']>;

/** Counted, and what keeps the count from being known. */
export interface CountedPromotion extends ApprovalCount {
  /** Whether the counted ones fill every seat that the policy asks for. */
  readonly enough: boolean;
  /** Whether those who may still approve could fill the rest; null where that is not known. */
  readonly satisfiable: boolean | null;
  /** People with write access whose latest review asks for changes. */
  readonly objections: readonly Person[];
  /** Teams that decide and could not be read. */
  readonly unreadable: readonly string[];
  /** Why one more approval is asked for than the policy says; null where it is not. */
  readonly oneMore: string | null;
}

/**
 * Reviews that approve this very plan, from people who had no part in making it. A review counts by the plan that its commit holds,
 * not by the commit: a further commit with an equal plan keeps it, and any other plan drops it.
 */
export function countApprovals(facts: PromotionFacts, planDigest: string | null): CountedPromotion {
  const policy = stagePolicy(facts.config, facts.model, facts.stage);
  const { writers, teams } = facts.people;
  const excluded = whyExcluded(facts);
  const oneMore = policy.approvals.count > 0 ? whyOneMore(facts) : null;
  const latest = latestOpinions(facts.pull?.snapshot.reviews ?? []);
  const ignored: { person: Person; why: string }[] = [];
  const candidates: { readonly review: Review; readonly commit: string }[] = [];
  for (const review of latest) {
    if (review.state !== 'approved') continue;
    const { person, commit } = review;
    const why =
      excluded(person) ??
      (review.canPush && (writers === null || roleIn(writers, person) !== null) ? null : 'has no write access') ??
      (isEligible(policy, person, facts.people) === false ? 'is not among the approvers' : null) ??
      (planDigest !== null && commit !== null && facts.pull?.planAt.get(commit) === planDigest ? null : 'approved another plan');
    if (why !== null || commit === null) ignored.push({ person, why: why ?? 'approved another plan' });
    else candidates.push({ review, commit });
  }

  const seats = seatsOf(policy, oneMore !== null);
  const fits = (person: Person, seat: string | null) =>
    isEligible(policy, person, facts.people) === true &&
    (seat === null || isMeant(parsePrincipal(seat), person, roleIn(writers ?? [], person) ?? 'none', teams) === true);
  const seated = seatPeople(
    seats,
    candidates.map(({ review }) => review.person),
    fits,
  );
  const counted: CountedApproval[] = candidates
    .filter(({ review }) => fits(review.person, null))
    .map(({ review, commit }) => ({
      person: review.person,
      review: review.id,
      commit,
      as: seated.get(review.person.id) ?? roleIn(writers ?? [], review.person) ?? 'write',
    }));
  const eligible = writers
    ?.filter((person) => person.type === 'User' && excluded(person) === null && fits(person, null))
    .map(({ id, login, type }) => ({ id, login, type }));
  return {
    wanted: seats.length,
    wantedOf: policy.approvals.byTeam,
    counted,
    ignored,
    eligible: eligible?.filter(({ id }) => !counted.some(({ person }) => person.id === id)) ?? null,
    enough: writers !== null && seated.size === seats.length,
    satisfiable: eligible ? seatPeople(seats, eligible, fits).size === seats.length : null,
    objections: latest.filter(({ state, canPush }) => state === 'changes-requested' && canPush).map(({ person }) => person),
    unreadable: policy.teams.filter((slug) => !Object.hasOwn(teams, slug) || teams[slug] === 'unreadable'),
    oneMore,
  };
}

/**
 * What is wrong with a stage's approvals before anybody asks for them; null where nothing is. Who trained a version and who asks for it
 * is not known yet, so this finds what nobody could ever satisfy.
 */
export function policyProblem(config: Config, model: string, stage: string, people: PeopleFacts): Condition | null {
  const policy = stagePolicy(config, model, stage);
  if (policy.approvals.count === 0) return null;
  const unreadable = policy.teams.filter((slug) => !Object.hasOwn(people.teams, slug) || people.teams[slug] === 'unreadable');
  if (unreadable.length > 0) return cannotReadTeam(unreadable);
  if (people.writers === null) return cannotReadPeople();
  const seats = seatsOf(policy, false);
  const fits = (person: Person, seat: string | null) =>
    isEligible(policy, person, people) === true &&
    (seat === null || isMeant(parsePrincipal(seat), person, roleIn(people.writers ?? [], person) ?? 'none', people.teams) === true);
  const eligible = people.writers.filter((person) => person.type === 'User' && fits(person, null));
  return seatPeople(seats, eligible, fits).size === seats.length
    ? null
    : unsatisfiable(`${model} ${stage}`, seats.length, eligible, policy);
}

export const cannotReadTeam = (slugs: readonly string[]): Condition => ({
  code: 'CANNOT_READ_TEAM',
  message: `${slugs.length > 1 ? 'The teams' : 'The team'} ${slugs.join(', ')} could not be read, so nobody knows whose approval counts.`,
  next: 'Give the App "members: read", check the name of the team, or name people as @login.',
});
export const cannotReadPeople = (): Condition => ({
  code: 'CANNOT_READ_PEOPLE',
  message: 'Who has write access could not be asked.',
  next: 'It is asked again by the next sweep; if it stays, check the permissions of the App.',
});
export function unsatisfiable(where: string, wanted: number, eligible: readonly Person[], policy: StagePolicy): Condition {
  const names = eligible.map(({ login }) => `@${login}`).join(', ') || 'nobody';
  const teams = Object.entries(policy.approvals.byTeam).map(([team, count]) => `${count} of ${team}`);
  const of = teams.length > 0 ? ` (${teams.join(', ')})` : '';
  const from = policy.approvers ? ` Approvers are ${policy.approvers.map(showPrincipal).join(', ')}.` : '';
  return {
    code: 'POLICY_UNSATISFIABLE',
    message: `${where}: ${wanted} wanted${of}, eligible: ${names}.${from}`,
    next: 'Ask for fewer approvals, name more approvers, or give more people write access.',
  };
}

/** One entry an approval that is wanted: the team that it must come from, or null for anybody who may approve. */
export function seatsOf(policy: StagePolicy, oneMore: boolean): readonly (string | null)[] {
  const { count, byTeam } = policy.approvals;
  const named = Object.entries(byTeam).flatMap(([team, wanted]) => Array.from({ length: wanted }, () => team));
  const free = Array.from({ length: count - named.length + (oneMore ? 1 : 0) }, () => null);
  return [...named, ...free];
}

/** GitHub lists every review; a person's opinion is the last that says more than a comment. */
function latestOpinions(reviews: readonly Review[]): readonly Review[] {
  const latest = new Map<number, Review>();
  for (const review of [...reviews].sort((a, b) => Date.parse(a.at) - Date.parse(b.at) || a.id - b.id))
    if (review.state !== 'commented') latest.set(review.person.id, review);
  return [...latest.values()];
}

const roleIn = (writers: Writers, { id }: Person) => writers.find((one) => one.id === id)?.role ?? null;

/** Whether the policy lets a person approve at all, before asking what part they had. */
function isEligible({ approvers }: StagePolicy, person: Person, { writers, teams }: PeopleFacts): boolean | 'unknown' {
  const role = writers === null ? null : roleIn(writers, person);
  if (writers === null) return 'unknown';
  if (role === null) return false;
  if (!approvers) return true;
  const answers = approvers.map((one: Principal) => isMeant(one, person, role, teams));
  return answers.includes(true) || (answers.includes('unknown') ? 'unknown' : false);
}

/** Four eyes: whoever asked for it, made it, ran it or answered for one of its gates does not approve it. */
function whyExcluded({ events, version, identity }: PromotionFacts): (person: Person) => string | null {
  const requester = lastOf(events, 'promotion.requested')?.actor.id;
  const overriders = new Set(allOf(events, 'gate.overridden').map(({ actor }) => actor.id));
  const authors = new Set(version?.record.source.authors);
  const actors = new Set([...(version?.record.source.actors ?? []), ...(version?.actors ?? [])]);
  return ({ id, type }) =>
    type !== 'User' || id === identity.id
      ? 'is a bot'
      : id === requester
        ? 'asked for this promotion'
        : authors.has(id)
          ? 'is an author of this model'
          : actors.has(id)
            ? 'started the run that made or weighed it'
            : overriders.has(id)
              ? 'answered for a gate of it'
              : null;
}

/** An account that nobody knows might be one of the approvers, so one more of them is asked. */
function whyOneMore({ events, version }: PromotionFacts): string | null {
  const asked = lastOf(events, 'promotion.requested');
  // A guard that rolls back chooses nothing, and what it goes back to was reviewed when it came.
  if (asked?.data.operation === 'rollback' && asked.actor.type === 'Bot') return null;
  if (asked?.actor.type !== 'User' || asked.actor.id === 0) return 'who asked for it is not known';
  const { authors, builder } = version?.record.source ?? {};
  // 0 stands for a commit's author whom GitHub maps to no account: an approver may be behind an address of theirs that is set nowhere.
  const unknown = authors?.includes(0) || (authors?.length === 0 && builder !== 'adopted');
  if (asked.data.operation === 'promote' && unknown)
    return authors?.some((id) => id > 0) ? 'not all its authors are known' : 'its author is not known';
  return null;
}
