import { type PlannedModel, planModels } from '../config/plan.ts';
import type { RunContext } from './run-context.ts';

/**
 * Which models a change reaches. Without a base, or outside Git, every model: it is not known what changed.
 * @param base a branch, tag or commit that the change is compared with
 */
export async function planChange(context: RunContext, base: string | null): Promise<readonly PlannedModel[]> {
  return planModels(context.config, base === null ? null : await context.changedFiles(base));
}

export async function affectedModels(context: RunContext, base: string | null): Promise<string[]> {
  return (await planChange(context, base)).filter((planned) => planned.affected).map((planned) => planned.model);
}
