import type { StateView } from '../../shared/promotion/change-state.ts';
import { newEvent } from '../../shared/promotion/event-data.ts';
import type { NewEvent } from '../../shared/promotion/forge.ts';
import type { LiveDocument } from '../../shared/promotion/live-document.ts';
import type { Condition, PromotionFacts, PromotionStatus } from '../../shared/promotion/promotion-facts.ts';
import { refuseStart, startPromotion as startLive } from '../../shared/promotion/start-promotion.ts';
import { promotionId, promotionTag } from '../../shared/promotion/state-paths.ts';
import { writeLive } from '../../shared/promotion/write-live.ts';
import type { EngineState } from '../../shared/rollout/engine/engine-state.ts';
import { firstEngine } from '../../shared/rollout/engine/first-engine.ts';
import type { BotContext } from '../bot-context.ts';
import { sayOnce } from '../conversation/keep-one-comment.ts';
import { renderRefusedAtStart } from '../conversation/render-promotion-news.ts';
import { tell } from './notify-of.ts';
import { ownPerson } from './own-person.ts';
import { readRevert } from './read-revert.ts';
import { settleStart, wantedEffects } from './settle-start.ts';

/**
 * The version that main names becomes what the stage runs. Away from what is stable it is recorded first: one commit takes the live state
 * to its new generation and is the lock; tag, deployment and the rest follow, and a sweep finds what a killed bot left undone.
 */
export async function startPromotion(context: BotContext, facts: PromotionFacts, status: PromotionStatus, first: StateView): Promise<void> {
  const { model, stage, generation } = facts;
  const at = facts.now.toISOString();
  const started = startLive(facts, at);
  const engine = started.phase === 'pending' ? guardedEngine(facts) : null;
  const live: LiveDocument = { ...started, effects: wantedEffects(facts, started.phase), ...(engine && { engine: { ...engine } }) };
  const snapshot = facts.pull?.snapshot;
  const commit = snapshot?.mergedAs?.sha ?? facts.mainHead;
  const by = snapshot?.mergedAs?.by ?? ownPerson(context.forge);
  const plan = facts.main?.plan ?? '';
  const events: NewEvent[] = [
    ...status.approvals.counted.map(({ person, review, commit: on, as }) =>
      newEvent('approval.counted', person, `review:${review}:approved`, { review, commit: on, plan, as }),
    ),
    newEvent('promotion.merged', by, `merge:${commit}`, { commit, pull: snapshot?.number ?? null }),
    newEvent('promotion.started', ownPerson(context.forge), `start:${live.rolloutId ?? generation}`, {
      tag: promotionTag(model, stage, generation),
      deployment: null,
      rollout: facts.main?.rollout?.name ?? null,
    }),
    // Nothing is left to wait for: without a rollout the stage moves here and now.
    ...(live.phase === 'succeeded' && live.stable
      ? [newEvent('rollout.succeeded', ownPerson(context.forge), `start:${live.rolloutId ?? generation}`, { version: live.stable })]
      : []),
  ];
  const change = { first, before: facts.live, live, at: facts.now, message: `Start ${model}@v${facts.main?.version.number} ${stage}` };
  if (!(await writeLive(context, facts, { ...change, events: events.map((event) => ({ generation, event })) }))) return;
  await settleStart(context, facts, live, commit, 'fresh');
  if (live.phase === 'succeeded')
    tell(context, facts.config, { event: 'promoted', type: 'rollout.succeeded', facts, by, says: 'is promoted' });
}

/** The engine of a rollout that a guard carries out, its definition frozen as it was approved; null where somebody else shifts the traffic. */
function guardedEngine({ config, model, stage }: PromotionFacts): EngineState | null {
  const declared = config.models[model]?.stages[stage];
  const name = declared?.rollout;
  const definition = name === undefined ? undefined : config.rollouts?.[name];
  return name !== undefined && definition?.guard && definition.target ? firstEngine(name, definition, declared?.verify ?? []) : null;
}

/** Merged, and no longer allowed: nothing rolls out, the bytes are held, and a pull request takes main back to what runs. */
export async function refuseAtStart(context: BotContext, facts: PromotionFacts, unmet: readonly Condition[]): Promise<void> {
  const own = ownPerson(context.forge);
  const cause = `start:${facts.main?.promotion ?? facts.generation}`;
  const refused = refuseStart(facts, { unmet, by: own, at: facts.now.toISOString(), cause });
  const said = unmet.map(({ code, message }) => ({ code, message }));
  const events = [newEvent('promotion.refused-at-start', own, cause, { unmet: said }), ...refused.events];
  const revertCause = { by: own, cause: `revert:${cause}`, reason: 'the promotion was refused at its start' };
  const revert = refused.revertTo && (await readRevert(context, facts.model, refused.revertTo, revertCause));
  const { generation } = facts;
  if (facts.pull) {
    // Said before it is recorded, since nobody looks at it afterwards; once, however many look at it now.
    const marker = `<!-- weighin:refused-at-start ${promotionId(facts.model, facts.stage, generation)} -->`;
    await sayOnce(context.forge, facts.pull.snapshot.number, marker, renderRefusedAtStart(facts, unmet, { reverts: revert !== null }));
  }
  const written = await writeLive(context, facts, {
    before: facts.live,
    live: refused.live,
    events: [...events.map((event) => ({ generation, event })), ...(revert ? [{ generation: generation + 1, event: revert }] : [])],
    at: facts.now,
    message: `Refuse ${facts.model} ${facts.stage} at its start`,
  });
  if (!written) return;
  tell(context, facts.config, {
    event: 'refused',
    type: 'promotion.refused-at-start',
    facts,
    by: own,
    says: `was merged and refused at its start: ${unmet.map(({ code }) => code).join(', ')}`,
  });
}
