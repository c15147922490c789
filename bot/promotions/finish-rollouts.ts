import { lastOf } from '../../shared/promotion/event-data.ts';
import { finishRollout } from '../../shared/promotion/finish-rollout.ts';
import type { Deployment } from '../../shared/promotion/forge.ts';
import { type LiveDocument, terminalPhases } from '../../shared/promotion/live-document.ts';
import { writeLive } from '../../shared/promotion/write-live.ts';
import type { StageKey } from '../../shared/registry/stage-key.ts';
import type { BotContext } from '../bot-context.ts';
import type { Workspace } from '../state/workspace.ts';
import { lookAtEach } from '../work/look-at-each.ts';
import { tell } from './notify-of.ts';
import { ownPerson } from './own-person.ts';
import { readFacts } from './read-facts.ts';
import { readRevert } from './read-revert.ts';
import { deploymentOf, environmentOf, settleStart } from './settle-start.ts';

/** Whoever started it is at its effects for so long; what is undone then is nobody's. */
const startLasts = 2 * 60 * 1000;
const left: readonly LiveDocument['phase'][] = ['rolling-back', 'rolled-back', 'failed'];
const good: readonly (Deployment['state'] | null)[] = ['success'];
const bad: readonly (Deployment['state'] | null)[] = ['failure', 'error'];

/** What a start left undone, and rollouts that somebody else carried out: the status of their deployment says how they ended. */
export async function finishRollouts(context: BotContext, workspace: Workspace): Promise<void> {
  await lookAtEach(workspace.stages, async (key) => {
    await settleLeft(context, workspace, key);
    const live = workspace.live(key);
    // One that the engine carries out ends by its own rules; its deployment follows it, not the other way round.
    if (live && !live.engine && !terminalPhases.includes(live.phase)) await finishOne(context, workspace, key);
  });
}

async function settleLeft(context: BotContext, workspace: Workspace, key: StageKey): Promise<void> {
  const live = workspace.live(key);
  const { config } = workspace.policy;
  if (!live || !config || live.effects.every(({ state }) => state === 'done')) return;
  const merged = lastOf(workspace.events(key, live.generation), 'promotion.merged');
  const facts = await readFacts(context, workspace, config, { ...key, generation: live.generation });
  if (!merged || facts.main?.generation !== live.generation) return;
  if (facts.now.getTime() - Date.parse(merged.at) < startLasts) return;
  // After a rollback the stage no longer runs what it started, whatever main still says: what is undone then is dropped, not done.
  const dropped = left.includes(live.phase);
  const { deployment } = dropped
    ? { deployment: live.deployment?.id ?? null }
    : await settleStart(context, facts, live, merged.data.commit, 'again');
  const effects = dropped
    ? live.effects.filter(({ state }) => state === 'done')
    : live.effects.map((effect) => ({ ...effect, state: 'done' as const }));
  await writeLive(context, key, {
    before: live,
    live: { ...live, revision: live.revision + 1, effects, deployment: deployment === null ? null : { id: deployment, state: live.phase } },
    events: [],
    at: facts.now,
    message: `Settle ${key.model} ${key.stage}`,
  });
}

async function finishOne(context: BotContext, workspace: Workspace, key: StageKey): Promise<void> {
  const { forge } = context;
  const live = workspace.live(key);
  const { config } = workspace.policy;
  if (!live || !config) return;
  const deployment = deploymentOf(await forge.deployments.list(environmentOf(key)), live.rolloutId);
  const state = deployment?.state ?? null;
  const outcome = good.includes(state) ? 'succeeded' : bad.includes(state) ? 'failed' : null;
  if (!deployment || outcome === null) return;
  const [own, now] = [ownPerson(forge), await forge.now()];
  const cause = `deployment:${deployment.id}:${state}`;
  const end = finishRollout(live, { outcome, why: `its deployment says ${state}`, by: own, at: now.toISOString(), cause });
  if (!end) return;
  const main = workspace.stage(key);
  const back =
    end.live.phase === 'failed' && main && end.live.stable && main.version.digest !== end.live.stable.digest ? end.live.stable : null;
  const revert = back && (await readRevert(context, key.model, back, { by: own, cause, reason: 'its rollout failed' }));
  const written = await writeLive(context, key, {
    before: live,
    live: end.live,
    events: [
      ...end.events.map((event) => ({ generation: live.generation, event })),
      ...(revert && main ? [{ generation: main.generation + 1, event: revert }] : []),
    ],
    at: now,
    message: `${outcome === 'succeeded' ? 'Finish' : 'Fail'} the rollout of ${key.model} ${key.stage}`,
  });
  if (!written || live.phase === 'rolling-back') return;
  const facts = { ...key, generation: live.generation, now, version: live.candidate && { record: live.candidate }, pull: null };
  if (outcome === 'succeeded') tell(context, config, { event: 'promoted', type: 'rollout.succeeded', facts, by: own, says: 'is promoted' });
  else tell(context, config, { event: 'failed', type: 'rollout.failed', facts, by: own, says: 'failed its rollout and is held' });
}
