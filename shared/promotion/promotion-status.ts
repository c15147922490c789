import { canonicalJson } from '../digest/canonical-json.ts';
import { checkRender, type RenderCheck } from './check-render.ts';
import { type CountedPromotion, countApprovals } from './count-approvals.ts';
import { allOf, currentEvents, lastOf, lastPlanned } from './event-data.ts';
import { lastThaw } from './freeze-windows.ts';
import { evidenceLevel, recordsRollback, staleEvidence, weighProgress } from './judge-evidence.ts';
import type {
  Condition,
  ConditionCode,
  PromotionFacts,
  PromotionPull,
  PromotionState,
  PromotionStatus,
  PromotionStep,
} from './promotion-facts.ts';
import { type RenderedPromotion, renderPromotion } from './render-promotion.ts';
import { soakedAt } from './soak.ts';
import { type StagePolicy, stagePolicy } from './stage-policy.ts';
import { promotionId } from './state-paths.ts';
import { unmetConditions } from './unmet-conditions.ts';

/** An open promotion that nothing happens to, and that waits for no date, is given up. */
const idleMs = 14 * 86_400_000;
/** Whoever pushes again and again gets no branch after branch: it stays red, and people look. */
const mostBuilds = 5;
/** What could not be asked is asked again; only what is known ends a promotion. */
const unknownCodes: readonly ConditionCode[] = ['EVIDENCE_UNKNOWN', 'CANNOT_READ_TEAM', 'CANNOT_READ_PEOPLE'];
/** Ends by itself within the time of a rollout; nothing starts beside it. */
const waitsAtStart: readonly ConditionCode[] = [...unknownCodes, 'STAGE_BUSY'];

interface Judged {
  readonly facts: PromotionFacts;
  readonly policy: StagePolicy;
  readonly rendered: RenderedPromotion | null;
  readonly render: RenderCheck | null;
  readonly approvals: CountedPromotion;
  readonly unmet: readonly Condition[];
}
type Decision = { readonly state: PromotionState; readonly next: PromotionStep };

const nothing: PromotionStep = { do: 'nothing' };
const wait = (state: PromotionState): Decision => ({ state, next: nothing });

/**
 * Where a promotion stands and what is to be done next, from what Git and GitHub say now. Pure, and the same answer for the same facts:
 * a delivery that comes twice, late or out of order changes nothing.
 * @throws UserError MODEL_UNKNOWN or STAGE_UNKNOWN where the policy does not know the stage
 */
export function promotionStatus(facts: PromotionFacts): PromotionStatus {
  const policy = stagePolicy(facts.config, facts.model, facts.stage);
  const rendered = renderPromotion(facts);
  const render = facts.pull && checkRender(facts, facts.pull, rendered);
  const approvals = countApprovals(facts, rendered?.planDigest ?? null);
  const unmet = unmetConditions(facts, approvals, render);
  const { state, next } = decide({ facts, policy, rendered, render, approvals, unmet });
  return { state, unmet, approvals: shown(approvals), planDigest: rendered?.planDigest ?? null, next };
}

const shown = ({ wanted, wantedOf, counted, ignored, eligible }: CountedPromotion): PromotionStatus['approvals'] => ({
  wanted,
  wantedOf,
  counted,
  ignored,
  eligible,
});

function decide(judged: Judged): Decision {
  const { facts } = judged;
  const { events, main, live, generation } = facts;
  const ended = endOf(facts);
  if (ended === 'STARTED' || ended === 'REFUSED_AT_START') return wait(ended);
  // Merged outranks every other end: a pull request that was given up may be opened again and merged by a person.
  if (main?.generation === generation && main.promotion === promotionId(facts.model, facts.stage, generation))
    return events.length === 0 && live === null ? wait('NONE') : atStart(judged);
  if (ended) return wait(ended);
  if (!lastOf(events, 'promotion.requested')) return wait('NONE');
  if ((main?.generation ?? 0) >= generation)
    return close('SUPERSEDED', `${facts.model} ${facts.stage} is at generation ${main?.generation} now, v${main?.version.number}.`);
  return facts.pull ? withPull(judged, facts.pull) : beforePull(judged);
}

/** How it ended, as its events or the live state say; null while it is open. */
function endOf({ events, live, model, stage, generation }: PromotionFacts): PromotionState | null {
  const types = new Set(currentEvents(events).map(({ type }) => type));
  const followed = live?.generation === generation;
  if (types.has('promotion.started') || (followed && live.rolloutId === promotionId(model, stage, generation))) return 'STARTED';
  if (types.has('promotion.refused-at-start') || followed) return 'REFUSED_AT_START';
  if (types.has('promotion.refused')) return 'REFUSED';
  if (types.has('promotion.withdrawn')) return 'WITHDRAWN';
  return types.has('promotion.superseded') ? 'SUPERSEDED' : null;
}

const notThePlan: Condition = {
  code: 'NOT_THE_PLAN',
  message: 'The stage file on the default branch is not the one of the plan as it is today.',
  next: 'Ask anew: the plan is then made of what holds now.',
};

/** A merge is intent, not effect: everything is proved once more, and nothing starts on a guess. */
function atStart({ facts, rendered, unmet: found }: Judged): Decision {
  const other = rendered !== null && canonicalJson(facts.main) !== canonicalJson(rendered.document);
  const unmet = other && !found.some(({ code }) => code === 'NOT_THE_PLAN') ? [...found, notThePlan] : found;
  if (unmet.length === 0) return { state: 'MERGED', next: { do: 'start' } };
  const known = unmet.filter(({ code }) => !waitsAtStart.includes(code));
  return known.length === 0 ? wait('MERGED') : { state: 'MERGED', next: { do: 'refuse-at-start', unmet } };
}

/** REQUESTED and WEIGHING: is there evidence to plan with? */
function beforePull(judged: Judged): Decision {
  const { facts, rendered, unmet } = judged;
  if (isIdle(judged, null)) return close('WITHDRAWN', idleWhy);
  if (!facts.version || !rendered || evidenceLevel(facts) === 'unknown') return wait('REQUESTED');
  if (!recordsRollback(facts)) {
    const weighed = weighing(judged, 'WEIGHING');
    if (weighed) return weighed;
    const refusal = unmet.find(({ code }) => code === 'GATES_FAILED' || code === 'VERDICT_NOT_PASS' || code === 'BUILDER_NOT_ACCEPTED');
    if (refusal) return close('REFUSED', `${refusal.code}: ${refusal.message}`);
  }
  return { state: 'REQUESTED', next: { do: 'plan', ...stepOf(rendered) } };
}

/** The step that a need for evidence asks for; null where there is no need. `state` is where the promotion stands meanwhile. */
function weighing({ facts, policy }: Judged, state: PromotionState): Decision | null {
  const stale = staleEvidence(facts);
  if (!stale) return null;
  if (facts.version?.record.subject.format === 'metrics' && !policy.allowClaimed)
    return close('REFUSED', "CLAIMED_ONLY: its metrics are its own script's, which no run can measure.");
  const progress = weighProgress(facts, stale);
  switch (progress.is) {
    case 'not-asked':
      return { state: state === 'WEIGHING' ? 'REQUESTED' : state, next: { do: 'weigh', why: stale.why } };
    case 'waiting':
      return wait(state);
    case 'silent':
      return progress.attempts < 2
        ? { state, next: { do: 'weigh', why: stale.why } }
        : close('REFUSED', 'WEIGH_LOST: two weigh runs were asked for, and neither answered within six hours.');
    case 'answered':
      return state === 'WEIGHING' ? close('REFUSED', `EVIDENCE_STALE: it was weighed, and still: ${stale.why}.`) : wait(state);
  }
}

/** PLANNED, READY and MERGING: there is a pull request. */
function withPull(judged: Judged, pull: PromotionPull): Decision {
  const { facts, policy, rendered, render, unmet } = judged;
  const { snapshot } = pull;
  // Merged, and main was read before it: the next reading shows it.
  if (snapshot.state === 'merged') return wait('MERGING');
  if (snapshot.state === 'closed') return close('WITHDRAWN', 'Its pull request was closed.');
  if (isIdle(judged, pull)) return close('WITHDRAWN', idleWhy);
  if (unmet.length > 0 && snapshot.queue.queued) return { state: 'PLANNED', next: { do: 'dequeue' } };
  const broken = render?.is === 'tampered' ? sentence(render.why) : snapshot.mergeable === 'conflict' ? conflictWhy : null;
  const rebuilt = allOf(facts.events, 'promotion.planned').length;
  if (broken !== null)
    return rendered && rebuilt < mostBuilds
      ? { state: 'PLANNED', next: { do: 'rebuild', why: broken, ...stepOf(rendered) } }
      : wait('PLANNED');
  if (rendered && evidenceLevel(facts) !== 'unknown') {
    const weighed = recordsRollback(facts) ? null : weighing(judged, 'PLANNED');
    if (weighed) return weighed;
    if (render?.is === 'stale') return { state: 'PLANNED', next: replan(rendered, pull, facts) };
  }
  if (unmet.length > 0) return wait('PLANNED');
  if (snapshot.queue.queued) return wait('MERGING');
  if (policy.merge !== 'bot') return wait('READY');
  const head = snapshot.head.sha;
  // What left a queue was put out by somebody, or failed there: it is not put in again until something about it changes.
  const triedInQueue = snapshot.queue.required && allOf(facts.events, 'promotion.merging').some(({ data }) => data.head === head);
  return triedInQueue ? wait('READY') : { state: 'READY', next: { do: 'merge', head } };
}

function replan(rendered: RenderedPromotion, { planAt, snapshot }: PromotionPull, facts: PromotionFacts): PromotionStep {
  const kept = planAt.get(snapshot.head.sha) === rendered.planDigest;
  const weighed = lastOf(facts.events, 'promotion.weighed');
  const newlyWeighed = weighed !== null && weighed.seq > (lastPlanned(facts.events)?.seq ?? 0);
  const why = kept
    ? 'Its files were written anew; the plan is the same, so approvals stay.'
    : newlyWeighed
      ? 'It was weighed again, so the plan names another evaluation; approvals are given anew.'
      : 'What the plan rests on changed (policy, overrides or rollout); approvals are given anew.';
  return { do: 'replan', kept, why, ...stepOf(rendered) };
}

const close = (as: 'WITHDRAWN' | 'SUPERSEDED' | 'REFUSED', why: string): Decision => ({ state: as, next: { do: 'close', as, why } });

const stepOf = ({ plan, document, files }: RenderedPromotion) => ({ plan, document, files });

const sentence = (why: string) => `${why.charAt(0).toUpperCase()}${why.slice(1)}.`;
const conflictWhy = 'It conflicts with the default branch.';
const idleWhy = 'Nothing happened to it for 14 days.';

/** Since the last event, review or commit, and since what it waited for (soak, freeze, hold) came to its end. */
function isIdle({ facts, policy, unmet }: Judged, pull: PromotionPull | null): boolean {
  const { now, events, otherStages, version, live } = facts;
  if (unmet.some(({ until }) => until !== undefined && Date.parse(until) > now.getTime())) return false;
  const soaked =
    policy.after !== null && version ? soakedAt(otherStages[policy.after] ?? null, version.record.subject.digest, policy.soakMs) : null;
  const moments = [
    ...currentEvents(events).map(({ at }) => Date.parse(at)),
    ...(pull ? [Date.parse(pull.snapshot.createdAt)] : []),
    ...(pull?.snapshot.reviews ?? []).map(({ at }) => Date.parse(at)),
    ...(pull?.snapshot.commits ?? []).map(({ at }) => Date.parse(at)),
    ...(live?.holds ?? []).flatMap(({ until }) => (until === null ? [] : [Date.parse(until)])),
    ...(soaked === null ? [] : [soaked]),
    ...thawOf(policy, now),
  ].filter((moment) => moment <= now.getTime());
  return moments.length > 0 && now.getTime() - Math.max(...moments) > idleMs;
}

/** A freeze that cannot be read is an unmet condition elsewhere. */
function thawOf({ freezes }: StagePolicy, now: Date): readonly number[] {
  try {
    const thaw = lastThaw(freezes, now);
    return thaw === null ? [] : [thaw];
  } catch {
    return [];
  }
}
