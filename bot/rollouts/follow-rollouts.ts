import { allOf, lastOf } from '../../shared/promotion/event-data.ts';
import type { Deployment, DeploymentState } from '../../shared/promotion/forge.ts';
import { type LiveDocument, terminalPhases } from '../../shared/promotion/live-document.ts';
import { recordEvents } from '../../shared/promotion/record-event.ts';
import { isOpen } from '../../shared/promotion/request-promotion.ts';
import type { StageKey } from '../../shared/registry/stage-key.ts';
import { readEngine } from '../../shared/rollout/engine/read-engine.ts';
import { rolloutPlan } from '../../shared/rollout/engine/rollout-plan.ts';
import type { BotContext } from '../bot-context.ts';
import { sayOnce } from '../conversation/keep-one-comment.ts';
import { keepOneIssue } from '../conversation/keep-one-issue.ts';
import { rollbackMarker } from '../conversation/render-promotion-news.ts';
import { renderRollout, rolloutMarker, rolloutStanding, type ShownRollout } from '../conversation/render-rollout.ts';
import { renderRolloutIssue } from '../conversation/render-rollout-issue.ts';
import { stopWords } from '../conversation/rollout-reasons.ts';
import { advancePromotion } from '../promotions/advance-promotion.ts';
import { tell } from '../promotions/notify-of.ts';
import { ownPerson } from '../promotions/own-person.ts';
import { readRevert } from '../promotions/read-revert.ts';
import { returnDeployment } from '../promotions/return-deployment.ts';
import { deploymentOf, environmentOf } from '../promotions/settle-start.ts';
import type { Workspace } from '../state/workspace.ts';
import { lookAtEach } from '../work/look-at-each.ts';
import { silentMinutes } from './silent-minutes.ts';

/** What was told of a stage by this process: the same needs no second telling. Only ever spares requests. */
const told = new WeakMap<BotContext['forge'], Map<string, string>>();

/**
 * Tells people what the guard wrote into Git: the deployment's status, the comment on the promotion's pull request; of a rollback also the
 * issue and the pull request that makes main say what runs. Each is looked for before it is made, and the deployment's last status is
 * written last: where it stands, all of it was told.
 */
export async function followRollouts(context: BotContext, workspace: Workspace): Promise<void> {
  await lookAtEach(workspace.stages, (key) => followRollout(context, workspace, key));
}

export async function followRollout(context: BotContext, workspace: Workspace, key: StageKey): Promise<void> {
  const live = workspace.live(key);
  const engine = live && readEngine(live);
  if (!live || !engine || live.rolloutId === null || !workspace.policy.config) return;
  const now = await context.forge.now();
  const plan = rolloutPlan(engine.name, engine.definition);
  const silent = silentMinutes(live, plan, now);
  const memory = told.get(context.forge) ?? new Map<string, string>();
  told.set(context.forge, memory);
  const name = `${key.model}.${key.stage}`;
  const state = `${live.rolloutId}:${live.revision}:${silent}`;
  if (memory.get(name) === state) return;
  const began = lastOf(workspace.events(key, live.generation), 'rollout.began');
  const number = began?.data.version.number ?? live.candidate?.number ?? null;
  if (await tellRollout(context, workspace, key, { live, engine, plan, number, silentMinutes: silent }, now)) memory.set(name, state);
}

const deploymentStates: Readonly<Partial<Record<LiveDocument['phase'], DeploymentState>>> = {
  pending: 'queued',
  succeeded: 'success',
  'rolled-back': 'failure',
  failed: 'failure',
  superseded: 'inactive',
};

/** false where something is still to be told that can't be told yet. */
async function tellRollout(context: BotContext, workspace: Workspace, key: StageKey, shown: ShownRollout, now: Date): Promise<boolean> {
  const { forge } = context;
  const { live } = shown;
  const deployments = await forge.deployments.list(environmentOf(key));
  const deployment = deploymentOf(deployments, live.rolloutId);
  // Whoever started it is still at its effects; the sweep finds a start that was cut off.
  if (!deployment) return false;
  const wanted = deploymentStates[live.phase] ?? 'in_progress';
  const ended = terminalPhases.includes(live.phase);
  const byCommand = isByCommand(workspace, key, live);
  const revert = byCommand ? 'none' : wantedRevert(workspace, key, shown);
  // `/rollback` says itself how the deployment ended, long before the guard has taken the traffic back: of it, that says nothing.
  if (ended && !byCommand && deployment.state === wanted && revert === 'none') return true;
  const events = workspace.events(key, live.generation);
  const pull = lastOf(events, 'promotion.merged')?.data.pull ?? null;
  if (pull !== null && live.rolloutId !== null) await sayOnce(forge, pull, rolloutMarker(live.rolloutId), renderRollout(shown));
  if (!byCommand && (live.phase === 'rolled-back' || live.phase === 'failed'))
    await tellRollback(context, workspace, key, shown, { now, revert, deployments, wasTold: deployment.state === wanted });
  if (deployment.state !== wanted && !(byCommand && deployment.state === 'failure')) {
    await forge.deployments.setState(deployment.id, wanted, `${named(shown)} ${rolloutStanding(shown)}`.slice(0, 140));
    notify(context, workspace, key, shown, now);
  }
  // What is open there ends one day, and the revert takes its place.
  return revert !== 'waits';
}

const isByCommand = (workspace: Workspace, key: StageKey, { generation }: LiveDocument): boolean =>
  allOf(workspace.events(key, generation), 'rollback.requested').length > 0;

const revertCause = ({ live, engine }: ShownRollout) => `revert:${engine.stop?.cause ?? live.rolloutId}`.slice(0, 200);

/** Whether main is still to be asked to say what runs; `waits`: another promotion is open in that place. */
function wantedRevert(workspace: Workspace, key: StageKey, shown: ShownRollout): 'none' | 'asks' | 'waits' {
  const { live } = shown;
  const main = workspace.stage(key);
  if (live.phase !== 'rolled-back' || !live.stable || main?.generation !== live.generation || main.version.digest === live.stable.digest)
    return 'none';
  const later = workspace.events(key, main.generation + 1);
  if (later.some(({ cause }) => cause === revertCause(shown))) return 'none';
  return isOpen(later) ? 'waits' : 'asks';
}

const named = ({ live: { model, stage }, number }: ShownRollout) => `${model}${number === null ? '' : `@v${number}`} ${stage}`;

interface RollbackTelling {
  readonly now: Date;
  readonly revert: 'none' | 'asks' | 'waits';
  /** Of the stage, as they were just listed. */
  readonly deployments: readonly Deployment[];
  /** Its deployment says so already. */
  readonly wasTold: boolean;
}

/** What a rollback leaves for people: the stable version's deployment, an issue, and a pull request that makes main say what runs. */
async function tellRollback(
  context: BotContext,
  workspace: Workspace,
  key: StageKey,
  shown: ShownRollout,
  { now, revert, deployments, wasTold }: RollbackTelling,
): Promise<void> {
  const { forge } = context;
  const { live, engine, number } = shown;
  const own = ownPerson(forge);
  const main = workspace.stage(key);
  const { stable } = live;
  let pull: number | null = null;
  if (stable && main && main.generation === live.generation && main.version.digest !== stable.digest && revert !== 'waits') {
    const generation = main.generation + 1;
    if (revert === 'asks') {
      const request = { by: own, cause: revertCause(shown), reason: 'its rollout was rolled back' };
      const asked = await readRevert(context, key.model, stable, request);
      if (asked) await recordEvents(context, { ...key, generation }, [asked]);
    }
    pull = (await advancePromotion(context, { ...key, generation }))?.pull ?? null;
  }
  // Only the revert had to wait. An issue that somebody closed meanwhile stays closed.
  if (!stable || wasTold) return;
  await returnDeployment(forge, { key, rolloutId: live.rolloutId, version: stable.number, ref: workspace.mainHead }, deployments);
  if (number === null) return;
  const body = renderRolloutIssue({
    ...shown,
    number,
    to: stable.number,
    by: engine.stop?.by ?? own,
    pull,
    at: engine.stop?.at ?? now.toISOString(),
  });
  await keepOneIssue(forge, rollbackMarker(key.model, key.stage, live.generation), body);
}

function notify(context: BotContext, workspace: Workspace, key: StageKey, { live, engine, number }: ShownRollout, now: Date): void {
  const { config } = workspace.policy;
  if (!config) return;
  const facts = { ...key, generation: live.generation, now, version: number === null ? null : { record: { number } }, pull: null };
  const by = engine.stop?.by ?? ownPerson(context.forge);
  if (live.phase === 'succeeded') tell(context, config, { event: 'promoted', type: 'rollout.succeeded', facts, by, says: 'is promoted' });
  if (live.phase === 'rolled-back' && engine.stop)
    tell(context, config, {
      event: 'rolled-back',
      type: 'rollout.rolled-back',
      facts,
      by,
      says: `is rolled back${live.stable ? ` to v${live.stable.number}` : ''}: ${stopWords(engine.stop)}`,
    });
}
