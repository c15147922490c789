import type { Condition } from '../../shared/promotion/promotion-facts.ts';
import { promotionStatus } from '../../shared/promotion/promotion-status.ts';
import { stageDocumentSchema } from '../../shared/registry/stage-document.ts';
import { stagePath } from '../../shared/registry/work-tree-paths.ts';
import type { BotContext } from '../bot-context.ts';
import { writePromotionCheck } from '../conversation/write-promotion-check.ts';
import { readFacts } from '../promotions/read-facts.ts';
import { readWorkspace } from '../state/workspace.ts';

/**
 * A merge queue tests a commit that holds several pull requests: `weighin/promotion` must stand on it too, and speaks for every promotion
 * that the group would merge, judged again on the group's own head.
 */
export async function lookAtMergeGroup(context: BotContext, group: { readonly sha: string; readonly branch: string }): Promise<void> {
  const workspace = await readWorkspace(context);
  const { config } = workspace.policy;
  const paths = workspace.stages.map(({ model, stage }) => stagePath(model, stage));
  const [atGroup] = await context.forge.git.read([{ ref: group.sha, paths }]);
  const unmet: Condition[] = [];
  let promotions = 0;
  for (const key of workspace.stages) {
    const text = atGroup?.files.get(stagePath(key.model, key.stage)) ?? null;
    const wanted = text === null ? null : stageDocumentSchema.safeParse(JSON.parse(text));
    const today = workspace.stage(key);
    if (!config || !wanted || (wanted.success && wanted.data.promotion === today?.promotion && wanted.data.plan === today.plan)) continue;
    promotions++;
    if (!wanted.success) {
      unmet.push({
        code: 'NOT_THE_PLAN',
        message: `The stage file of ${key.model} ${key.stage} is not what Weighin writes.`,
        next: 'Take it out of the queue.',
      });
      continue;
    }
    const facts = await readFacts(context, workspace, config, { ...key, generation: wanted.data.generation });
    const status = promotionStatus(facts);
    unmet.push(...status.unmet);
    if (status.planDigest !== wanted.data.plan)
      unmet.push({
        code: 'NOT_THE_PLAN',
        message: `The group would merge another plan of ${facts.model} ${facts.stage} than the one that was approved.`,
        next: 'Take it out of the queue.',
      });
  }
  await writePromotionCheck(context, { sha: group.sha, kind: promotions === 0 ? 'untouched' : 'promotion', unmet, planDigest: null });
}
