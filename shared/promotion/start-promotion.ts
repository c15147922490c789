import { parseDuration } from '../config/quantities.ts';
import type { StageDocument } from '../registry/stage-document.ts';
import { firstLive, withVerified } from './first-live.ts';
import type { NewEvent, Person } from './forge.ts';
import type { LiveDocument } from './live-document.ts';
import { placeHold } from './place-hold.ts';
import type { Condition, PromotionFacts } from './promotion-facts.ts';
import { stagePolicy } from './stage-policy.ts';

/**
 * The live state of a promotion that starts: with a rollout it is handed over (`pending`, nothing shifted yet), without one the version
 * runs at once. A return to what runs already is only written down.
 * @throws where the default branch does not name this promotion: the caller asked `promotionStatus` first
 */
export function startPromotion(facts: PromotionFacts, at: string): LiveDocument {
  const { main, config } = facts;
  if (!main || main.generation !== facts.generation) throw new Error('only a promotion that is merged starts');
  // What an engine kept of the rollout before is not this one's.
  const { engine: _, ...before } = facts.live ?? firstLive(facts.model, facts.stage, main.previous, at);
  const { number, digest } = main.version;
  const version = { number, digest };
  const started: LiveDocument = {
    ...before,
    generation: main.generation,
    revision: before.revision + 1,
    rolloutId: main.promotion,
    plan: main.plan,
    step: 0,
    stepStartedAt: null,
    guardedSeconds: 0,
    pausedBy: null,
    looks: [],
    effects: [],
    deployment: null,
  };
  const { rollout } = stagePolicy(config, facts.model, facts.stage);
  const definition = rollout === null ? undefined : config.rollouts?.[rollout];
  if (!definition || before.stable?.digest === digest)
    return {
      ...started,
      strategy: null,
      phase: 'succeeded',
      stable: version,
      candidate: null,
      weight: null,
      guard: null,
      verified: withVerified(before, { ...version, generation: main.generation, at }),
    };
  return {
    ...started,
    strategy: definition.strategy,
    phase: 'pending',
    candidate: version,
    weight: { desired: 0, observed: null, at: null },
    guard: definition.guard
      ? { driver: definition.guard.driver, owner: null, lastAt: null, maxSilenceS: parseDuration(definition.guard.maxSilence) / 1000 }
      : null,
  };
}

/**
 * The live state of a promotion that was merged and may not start: nothing rolls out, its bytes are held, and the generation counts as
 * dealt with, so that the pull request that takes it back can follow. What ran goes on running.
 */
export function refuseStart(
  facts: PromotionFacts,
  refused: { readonly unmet: readonly Condition[]; readonly by: Person; readonly at: string; readonly cause: string },
): { readonly live: LiveDocument; readonly events: readonly NewEvent[]; readonly revertTo: StageDocument['previous'] } {
  const { main } = facts;
  if (!main || main.generation !== facts.generation) throw new Error('only a promotion that is merged is refused at its start');
  const { unmet, by, at, cause } = refused;
  const before = facts.live ?? firstLive(facts.model, facts.stage, main.previous, at);
  const live = { ...before, generation: Math.max(before.generation, main.generation), revision: before.revision + 1 };
  const { stable } = before;
  const revertTo = stable && { ...stable, generation: main.previous?.generation ?? main.generation - 1 };
  // The bytes that run must not be held: a hold would keep them from their own stage.
  if (stable?.digest === main.version.digest) return { live, events: [], revertTo: null };
  const reason = `refused at its start: ${unmet.map(({ code }) => code).join(', ')}`;
  const held = placeHold(live, { digest: main.version.digest, reason, by, at, until: null, cause });
  return { live: held.live, events: [held.event], revertTo: revertTo?.generation ? revertTo : null };
}
