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
  // Without a policy no promotion can be judged, and what mends the policy must still get through.
  if (!config && (await touchesRegistry(context, group.sha))) {
    promotions++;
    unmet.push({
      code: 'NOT_THE_PLAN',
      message: "The group changes registry/, and the policy of the default branch can't be read.",
      next: 'Mend weighin.yaml first; then put it into the queue again.',
    });
  }
  for (const key of workspace.stages) {
    const text = atGroup?.files.get(stagePath(key.model, key.stage)) ?? null;
    const wanted = text === null ? null : stageDocumentSchema.safeParse(parseJson(text));
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

async function touchesRegistry({ forge }: BotContext, sha: string): Promise<boolean> {
  const [ours, theirs] = await Promise.all([forge.git.list(forge.repository.defaultBranch, 'registry'), forge.git.list(sha, 'registry')]);
  const said = (files: typeof ours) => JSON.stringify(files.map(({ path, oid, mode }) => [path, oid, mode]).sort());
  return said(ours) !== said(theirs);
}

/** A file that is no JSON is not what Weighin writes, whatever else it is. */
function parseJson(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return null;
  }
}
