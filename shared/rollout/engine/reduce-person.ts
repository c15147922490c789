import { newEvent } from '../../promotion/event-data.ts';
import { isHeld } from '../../promotion/holds.ts';
import { type Refusal, refuse } from '../../promotion/refusal.ts';
import { advance, enterBefore, enterStep, pauseRollout, wishAgain } from './change-phase.ts';
import { phaseBelow } from './desired-traffic.ts';
import { obey } from './end-step.ts';
import type { PauseReason } from './engine-state.ts';
import { closeBuckets } from './judge-bucket.ts';
import { inEngine, intoPhase, type MovingRollout, personOf, type Turn, told, withLive } from './moving-rollout.ts';
import type { RolloutEvent } from './rollout-event.ts';
import { withoutRefusals } from './run-checks.ts';
import { stopRollout } from './stop-rollout.ts';

export type PersonEvent = Extract<RolloutEvent, { readonly cause: string }>;

/** Paused by what the counts of a step say: whoever resumes has seen it, and for this step it is said no more. */
const waivable: readonly PauseReason[] = ['both-arms', 'distribution'];
/** Paused because a step had too little: it gets its time once more. */
const tooLittle: readonly PauseReason[] = ['low-traffic', 'no-requests', 'not-assured'];

/** What people ask for, and a newer promotion. The guard's own rules stay above all of it. */
export function reducePerson(rollout: MovingRollout, event: PersonEvent, turn: Turn): MovingRollout | Refusal {
  const { live } = rollout;
  const name = `${live.model} ${live.stage}`;
  if (live.phase === 'rolling-back')
    return event.is === 'supersede'
      ? rollout
      : refuse('ROLLBACK_IN_PROGRESS', `${name} is going back to its stable version.`, '`/weighin status` shows how far it is.');
  switch (event.is) {
    case 'pause':
      if (live.phase === 'paused')
        return refuse('ALREADY_PAUSED', `The rollout of ${name} is paused already.`, `\`/canary ${name} resume\` lets it go on.`);
      return pauseRollout(rollout, { reason: 'person', detail: event.detail, cause: event.cause }, turn);
    case 'resume':
      return resume(rollout, event, turn);
    case 'promote':
      return promote(rollout, event, turn);
    case 'abort':
      return stopRollout(rollout, { ends: 'rolled-back', reason: 'aborted', metric: null, detail: event.detail, cause: event.cause }, turn);
    case 'supersede':
      return stopRollout(
        rollout,
        { ends: 'superseded', reason: 'superseded', metric: null, detail: event.detail, cause: event.cause },
        turn,
      );
    case 'set':
      return setWeight(rollout, event, turn);
  }
}

const heldRefusal = ({ live }: MovingRollout): Refusal =>
  refuse('HELD', `${live.model} ${live.stage} is held.`, `\`/weighin unhold ${live.model} ${live.stage}\` first, if it is good.`);

const isHeldNow = ({ live }: MovingRollout, now: Date): boolean => live.candidate !== null && isHeld(live, now, live.candidate.digest);

function resume(rollout: MovingRollout, event: PersonEvent, turn: Turn): MovingRollout | Refusal {
  const { live, engine } = rollout;
  const name = `${live.model} ${live.stage}`;
  const { at } = turn;
  if (live.phase !== 'paused' || !engine.pausedFrom)
    return refuse('NOT_PAUSED', `The rollout of ${name} is not paused.`, '`/weighin status` shows how far it is.');
  if (isHeldNow(rollout, turn.now)) return heldRefusal(rollout);
  const reason = engine.pause?.reason ?? 'person';
  if (reason === 'decision')
    return refuse(
      'DECISION_WAITS',
      `The rollout of ${name} has come to its end and waits for a decision.`,
      `\`/canary ${name} promote\` or \`/canary ${name} abort\`.`,
    );
  const resumed = newEvent('rollout.resumed', personOf(turn.by), event.cause, {});
  const from = engine.pausedFrom;
  const waived = waivable.includes(reason) && !engine.waived.includes(reason) ? [...engine.waived, reason] : engine.waived;
  let next = withoutRefusals(intoPhase(rollout, from, { lastDataAt: at, missing: {}, gap: null, differsSince: at, waived }));
  if (from === 'shifting' || from === 'analysing') {
    next = wishAgain(next, turn);
    // What it did not keep over the pause has to come about again.
    if (next.live.weight?.desired !== live.weight?.desired) next = withLive(next, { phase: 'shifting' });
    if (tooLittle.includes(reason)) next = withLive(next, { guardedSeconds: 0 });
  }
  // Whoever guards it next begins it.
  if (from === 'pending' && live.guard) next = withLive(next, { guard: { ...live.guard, owner: null } });
  return told(next, resumed);
}

function promote(rollout: MovingRollout, event: PersonEvent, turn: Turn): MovingRollout | Refusal {
  const { live, engine } = rollout;
  const name = `${live.model} ${live.stage}`;
  const phase = phaseBelow(live, engine);
  if (phase === 'pending')
    return refuse(
      'NOT_BEGUN',
      `The rollout of ${name} has not begun.`,
      'Its guard takes it up at its next look; `/weighin status` says when that was.',
    );
  if (isHeldNow(rollout, turn.now)) return heldRefusal(rollout);
  if (engine.promoted)
    return refuse(
      'ALREADY_PROMOTED',
      `All traffic of ${name} goes to the candidate already.`,
      '`/weighin status` shows what is still asked.',
    );
  if (phase === 'verifying') {
    const passed = newEvent('rollout.advanced', personOf(turn.by), event.cause, {
      step: 0,
      weight: live.stable ? turn.plan.steps[0]!.weight : 100,
      unproven: true,
    });
    return told(enterBefore(rollout, { ...turn, plan: { ...turn.plan, checks: [] } }), passed);
  }
  // The last bucket counts: what it shows is stronger than a wish.
  const closed = closeBuckets(rollout, turn, { isStepEnd: false });
  const worst = closed.verdicts.find(({ decision }) => decision === 'rollback');
  if (worst) return obey(closed.rollout, worst, turn);
  return advance(closed.rollout, turn, { unproven: false, cause: event.cause });
}

function setWeight(rollout: MovingRollout, event: Extract<PersonEvent, { is: 'set' }>, turn: Turn): MovingRollout | Refusal {
  const { live, engine } = rollout;
  const { percent } = event;
  const { plan, at } = turn;
  const name = `${live.model} ${live.stage}`;
  if (!(percent >= 0 && percent <= 100))
    return refuse(
      'WEIGHT_OUT_OF_RANGE',
      `${percent} is no weight: it is 0 to 100 per cent of the traffic.`,
      `\`/canary ${name} set 30\`, for example.`,
    );
  if (plan.strategy !== 'canary')
    return refuse(
      'NO_STEPS',
      `The rollout of ${name} is of strategy ${plan.strategy}, whose weight is part of it.`,
      `\`/canary ${name} promote\` or \`/canary ${name} abort\`.`,
    );
  const phase = phaseBelow(live, engine);
  if (phase === 'pending' || phase === 'verifying' || engine.promoted)
    return engine.promoted
      ? refuse('ALREADY_PROMOTED', `All traffic of ${name} goes to the candidate already.`, `\`/canary ${name} abort\` goes back.`)
      : refuse('NOT_BEGUN', `No traffic of ${name} has moved yet.`, `\`/canary ${name} promote\` begins its first step.`);
  const has = live.weight?.desired ?? 0;
  if (percent > has && isHeldNow(rollout, turn.now)) return heldRefusal(rollout);
  const asked = newEvent('rollout.set', personOf(turn.by), event.cause, { weight: percent });
  if (live.phase === 'paused') {
    if (percent > has)
      return refuse(
        'PAUSED',
        `The rollout of ${name} is paused at ${has} %, so it gets no more.`,
        `\`/canary ${name} resume\` first, then set the weight.`,
      );
    const less = inEngine(rollout, { override: percent, turn: engine.turn + 1 });
    return told(withLive(less, { weight: { desired: percent, observed: live.weight?.observed ?? null, at } }), asked);
  }
  const closed = closeBuckets(rollout, turn, { isStepEnd: false });
  const worst = closed.verdicts.find(({ decision }) => decision === 'rollback');
  if (worst) return obey(closed.rollout, worst, turn);
  const { step, override } = stepOf(plan.steps, live.step, percent);
  return told(enterStep(closed.rollout, step, turn, override), asked);
}

/** Where a weight of the plan stands, nearest to the step that it is in; 100 is the last step. Any other stands in for this step's weight. */
function stepOf(
  steps: readonly { readonly weight: number }[],
  current: number,
  percent: number,
): { readonly step: number; readonly override: number | null } {
  const last = steps.length - 1;
  if (percent === 100) return { step: last, override: steps[last]!.weight === 100 ? null : 100 };
  const [nearest] = steps
    .flatMap(({ weight }, step) => (weight === percent ? [step] : []))
    .sort((a, b) => Math.abs(a - current) - Math.abs(b - current));
  return nearest === undefined ? { step: current, override: percent } : { step: nearest, override: null };
}
