import { claimWorkflow, weighWorkflow } from '../../shared/promotion/evidence-document.ts';
import type { WorkflowRun } from '../../shared/promotion/forge.ts';
import type { BotContext } from '../bot-context.ts';
import { acceptEvidence } from '../promotions/accept-evidence.ts';
import { lookAtPull } from './look-at-pull.ts';

/** A run that ended: a pull request's own brings claims, the weigh run brings evidence. Any other is none of ours. */
export async function lookAtRun(context: BotContext, id: number): Promise<void> {
  const run = await context.forge.actions.run(id);
  if (!run) return;
  if (run.path === claimWorkflow && run.event === 'pull_request')
    for (const number of await pullsOfRun(context, run)) await lookAtPull(context, number);
  if (run.path === weighWorkflow && run.status === 'completed') {
    const { pulls } = await acceptEvidence(context, run);
    for (const number of pulls) await lookAtPull(context, number);
  }
}

/** By head repository, branch and commit, never by what an artifact says; forks leave the run's own list empty. */
async function pullsOfRun({ forge }: BotContext, run: WorkflowRun): Promise<readonly number[]> {
  const owner = run.headRepository?.fullName.split('/')[0];
  if (!owner || !run.headBranch) return [];
  const pulls = await forge.pulls.ofHead(`${owner}:${run.headBranch}`);
  return pulls.filter(({ state, head }) => state === 'open' && head.sha === run.headSha).map(({ number }) => number);
}
