import type { CheckConfig } from '../../config/rollout-schema.ts';
import { clipText, visibleText } from '../../words/visible-text.ts';
import { enterPromoting, enterStep, pauseRollout, succeed } from './change-phase.ts';
import { causeOf, inEngine, type MovingRollout, type Turn } from './moving-rollout.ts';
import { stopRollout } from './stop-rollout.ts';

/** Checks that this phase waits for, with the key of each: those of the rollout before traffic moves, those of the stage after all of it did. */
export function checksOf({ live, engine }: MovingRollout): readonly { readonly key: string; readonly check: CheckConfig }[] {
  const [when, checks] = engine.promoted ? (['after', engine.verifyAfter] as const) : (['before', engine.definition.verify ?? []] as const);
  return checks.map((check, index) => ({ key: `${live.rolloutId}/${when}/${index + 1}`, check }));
}

/** The answer of a check, kept until all are there. One that nobody asked is no answer. */
export function takeAnswer(
  rollout: MovingRollout,
  { key, ok, detail }: { readonly key: string; readonly ok: boolean; readonly detail: string },
  { at }: Turn,
): MovingRollout {
  if (!checksOf(rollout).some((asked) => asked.key === key) || Object.hasOwn(rollout.engine.checks, key)) return rollout;
  return inEngine(rollout, { checks: { ...rollout.engine.checks, [key]: { ok, detail: clipText(visibleText(detail), 300), at } } });
}

/** Goes on once every check said yes. The first no pauses before traffic moved; after it moved it takes everything back. */
export function judgeChecks(rollout: MovingRollout, turn: Turn): MovingRollout {
  const { engine } = rollout;
  const answers = checksOf(rollout).map(({ key, check }) => ({
    check,
    answer: Object.hasOwn(engine.checks, key) ? engine.checks[key] : undefined,
  }));
  const refused = answers.find(({ answer }) => answer?.ok === false);
  if (refused?.answer) {
    const asked = 'http' in refused.check ? refused.check.http : refused.check.command;
    const detail = clipText(visibleText(`The check ${asked} said no: ${refused.answer.detail}`), 400);
    if (!engine.promoted) return pauseRollout(rollout, { reason: 'check-failed', detail }, turn);
    return stopRollout(
      rollout,
      { ends: 'rolled-back', reason: 'check-failed', metric: null, detail, cause: causeOf(rollout, 'check-failed') },
      turn,
    );
  }
  if (!answers.every(({ answer }) => answer?.ok)) return rollout;
  if (engine.promoted) return succeed(rollout, turn);
  return rollout.live.stable ? enterStep(rollout, 0, turn) : enterPromoting(rollout, turn);
}

/** Asked anew: after a pause nothing of what failed counts. */
export const withoutRefusals = (rollout: MovingRollout): MovingRollout =>
  inEngine(rollout, { checks: Object.fromEntries(Object.entries(rollout.engine.checks).filter(([, { ok }]) => ok)) });
