import { allOf } from '../../shared/promotion/event-data.ts';
import { rolloutDispatch } from '../../shared/promotion/evidence-document.ts';
import type { LiveDocument } from '../../shared/promotion/live-document.ts';
import { rollBack as decideRollback, requestRevert } from '../../shared/promotion/roll-back.ts';
import { writeLive } from '../../shared/promotion/write-live.ts';
import { code, md } from '../../shared/words/markdown.ts';
import type { Reply } from '../bot-context.ts';
import type { CommandCall, Execute } from '../commands/command-line.ts';
import { keepOneIssue } from '../conversation/keep-one-issue.ts';
import { renderRollbackIssue, rollbackMarker } from '../conversation/render-promotion-news.ts';
import { readKnownVersions } from '../state/known-versions.ts';
import { readWorkspace, type Workspace } from '../state/workspace.ts';
import { advancePromotion } from './advance-promotion.ts';
import { tell } from './notify-of.ts';
import { pullLink, refusalReply, requireConfig } from './reply.ts';
import { returnDeployment } from './return-deployment.ts';
import { deploymentOf, environmentOf } from './settle-start.ts';

type Line = Parameters<Execute<'rollback'>>[0];

/**
 * `/rollback`: the live state first, since it is what moves the traffic; then everything that only tells of it, which a sweep finishes
 * where this process is killed. The pull request that makes main say the same is an ordinary one, with the ordinary review.
 */
export async function rollBack(line: Line, call: CommandCall): Promise<Reply> {
  const { context, actor, cause } = call;
  const { model, stage, to, reason } = line;
  const workspace = await readWorkspace(context);
  const config = requireConfig(workspace.policy);
  const [main, live] = [workspace.stage(line), workspace.live(line)];
  const now = await context.forge.now();
  const done = live && allOf(workspace.events(line, live.generation), 'rollback.requested').find((event) => event.cause === cause);
  // Killed in between: the state was written, and what only tells of it may be missing.
  if (live && done) return tellOf(line, call, workspace, live, { from: done.data.from.number, to: done.data.to.number, at: done.at });
  const nextGeneration = (main?.generation ?? 0) + 1;
  const decision = decideRollback({
    model,
    stage,
    main,
    live,
    nextEvents: workspace.events(line, nextGeneration),
    to,
    reason,
    by: actor,
    now,
    cause,
  });
  if (!decision.allowed) return refusalReply(decision);
  const { from, to: target, revertGeneration } = decision;
  if (line.dryRun)
    return {
      outcome: 'done',
      code: 'DRY_RUN',
      body: md`${code(`${model} ${stage}`)} would go back from v${from.number} to v${target.number} at once, and v${from.number} would be held. Nothing was written. **Next:** the same line without ${code('--dry-run')}.`
        .markdown,
    };
  const record = (await readKnownVersions(context.forge, [{ model, number: target.number }])).get(`${model}@v${target.number}`);
  const generation = live?.generation ?? 0;
  const revert =
    revertGeneration !== null && record
      ? requestRevert(target, record.digest, { by: actor, cause, reason: reason ?? `rolled back from v${from.number}` })
      : null;
  const written = await writeLive(context, line, {
    before: live,
    live: decision.live,
    events: [
      ...decision.events.map((event) => ({ generation, event })),
      ...(decision.supersede ? [{ generation: nextGeneration, event: decision.supersede }] : []),
      ...(revert && revertGeneration !== null ? [{ generation: revertGeneration, event: revert }] : []),
    ],
    at: now,
    message: `Roll ${model} ${stage} back from v${from.number} to v${target.number}`,
  });
  // Somebody moved the stage in between: it is decided anew on what it is now.
  if (!written) return rollBack(line, call);
  const facts = { model, stage, generation, now, version: { record: { number: from.number } }, pull: null };
  tell(context, config, {
    event: 'rolled-back',
    type: 'rollback.requested',
    facts,
    by: actor,
    says: `is rolled back to v${target.number}`,
  });
  return tellOf(line, call, workspace, decision.live, { from: from.number, to: target.number, at: now.toISOString() });
}

interface Moved {
  readonly from: number;
  readonly to: number;
  readonly at: string;
}

/** Deployments, the revert's pull request, the issue and the reply: each is looked for before it is made. */
async function tellOf(line: Line, call: CommandCall, workspace: Workspace, live: LiveDocument, moved: Moved): Promise<Reply> {
  const { context, actor } = call;
  const { model, stage, reason } = line;
  const { generation, rolloutId, plan } = live;
  await moveDeployments(call, line, { rolloutId, plan, from: moved.from, to: moved.to, ref: workspace.mainHead });
  const revertGeneration = (workspace.stage(line)?.generation ?? 0) + 1;
  const revert = await advancePromotion(context, { model, stage, generation: revertGeneration });
  const pull = revert?.pull ?? null;
  await keepOneIssue(
    context.forge,
    rollbackMarker(model, stage, generation),
    renderRollbackIssue({ model, stage, generation, ...moved, by: actor, reason, pull }),
  );
  const next =
    pull === null ? md`nothing: main says the same already.` : md`review ${pullLink(context, pull)}, which makes main say the same.`;
  return {
    outcome: 'done',
    code: 'ROLLED_BACK',
    body: md`${code(`${model} ${stage}`)} went back from v${moved.from} to **v${moved.to}**; v${moved.from} is held there, and nothing promotes it again by itself. **Next:** ${next}`
      .markdown,
  };
}

/** Rolled back is a failed deployment, and a new one of what is stable; whoever shifts the traffic is told. */
async function moveDeployments(
  { context: { forge } }: CommandCall,
  line: Line,
  moved: {
    readonly rolloutId: string | null;
    readonly plan: string | null;
    readonly from: number;
    readonly to: number;
    readonly ref: string;
  },
): Promise<void> {
  await forge.actions.dispatch(rolloutDispatch, { schema: 'weighin/rollout@1', rolloutId: moved.rolloutId, planDigest: moved.plan });
  const deployments = await forge.deployments.list(environmentOf(line));
  const failed = deploymentOf(deployments, moved.rolloutId);
  if (failed && failed.state !== 'failure') await forge.deployments.setState(failed.id, 'failure', `rolled back from v${moved.from}`);
  await returnDeployment(forge, { key: line, rolloutId: moved.rolloutId, version: moved.to, ref: moved.ref }, deployments);
}
