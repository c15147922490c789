import { UserError } from '../../errors.ts';
import { affectedModels } from '../../pipeline/affected-models.ts';
import { modelRun, type RunContext } from '../../pipeline/run-context.ts';
import type { EventFacts } from './read-event.ts';

/**
 * The models that an action works on: the one that was named, the only one there is, or every model that the pull request
 * affects (all of them where there is no pull request, or no history to compare with).
 */
export async function chooseModels(context: RunContext, named: string | undefined, event: EventFacts): Promise<readonly string[]> {
  if (named) return [modelRun(context, named).name];
  const all = Object.keys(context.config.config.models);
  if (all.length === 1 || !event.pull) return all;
  try {
    return await affectedModels(context, event.pull.baseSha);
  } catch (error) {
    if (!(error instanceof UserError) || error.code !== 'BASE_NOT_FOUND') throw error;
    // A checkout is one commit deep unless it is told otherwise: too much work is better than too little.
    context.progress.warn(`Every model is weighed: ${error.message} ${error.hint}`);
    return all;
  }
}

/** For a step that works on one model: the one that was named, or the only one there is. */
export function oneModel(context: RunContext, named: string | undefined): string {
  const all = Object.keys(context.config.config.models);
  const [only, ...others] = all;
  if (!named && (!only || others.length > 0))
    throw new UserError(
      'MODEL_NOT_NAMED',
      `${context.config.file} has ${all.length} models, and this step works on one.`,
      only ? `Set the input \`model\` to one of ${all.join(', ')}; a matrix runs a job for each.` : 'Add a model to it.',
    );
  return modelRun(context, named ?? only ?? '').name;
}
