import { claimWorkflow, monitorWorkflow, weighWorkflow } from '../../shared/promotion/evidence-document.ts';
import type { BotContext } from '../bot-context.ts';
import { followMonitoring } from '../monitoring/follow-monitoring.ts';
import { acceptEvidence } from '../promotions/accept-evidence.ts';
import { pullsOfRun } from '../reports/read-reports.ts';
import { lookAtPull } from './look-at-pull.ts';

/** A run that ended: a pull request's own brings claims, the weigh run brings evidence, a scheduled one news of production. Any other is none of ours. */
export async function lookAtRun(context: BotContext, id: number): Promise<void> {
  const run = await context.forge.actions.run(id);
  if (!run) return;
  if (run.path === claimWorkflow && run.event === 'pull_request')
    for (const { number } of await pullsOfRun(context.forge, run)) await lookAtPull(context, number);
  if (run.path === monitorWorkflow && run.status === 'completed') await followMonitoring(context, run);
  if (run.path === weighWorkflow && run.status === 'completed') {
    const { pulls } = await acceptEvidence(context, run);
    for (const number of pulls) await lookAtPull(context, number);
  }
}
