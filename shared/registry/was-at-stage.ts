import { readdir } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import type { Digest } from '../digest/canonical-json.ts';
import { InfrastructureError } from '../errors.ts';
import { readDocument } from './read-document.ts';
import { type PlanDocument, planDocumentSchema } from './stage-document.ts';
import { checkedName } from './version-name.ts';
import { planPath } from './work-tree-paths.ts';

/** Whether model bytes are, or ever were, at a stage: every change of it left its plan. */
export async function wasAtStage(root: string, model: string, stage: string, digest: Digest): Promise<boolean> {
  return (await readPlans(root, model, stage)).some((plan) => plan.to.digest === digest);
}

/** The plans of a stage in the work tree, by generation. */
export async function readPlans(root: string, model: string, stage: string): Promise<PlanDocument[]> {
  const folder = dirname(planPath(checkedName(model, 'model'), checkedName(stage, 'stage'), 1));
  const generations = (await readNames(root, folder))
    .filter((name) => name.startsWith(`${stage}-`))
    .map((name) => /^([1-9]\d*)\.json$/.exec(name.slice(stage.length + 1))?.[1])
    .filter((digits) => digits !== undefined)
    .map(Number)
    .sort((a, b) => a - b);
  const plans: PlanDocument[] = [];
  for (const generation of generations) {
    const plan = await readDocument(root, planPath(model, stage, generation), planDocumentSchema);
    if (plan) plans.push(plan);
  }
  return plans;
}

async function readNames(root: string, folder: string): Promise<string[]> {
  try {
    return await readdir(join(root, folder));
  } catch (cause) {
    const code = cause instanceof Error && 'code' in cause ? String(cause.code) : 'unknown';
    if (code === 'ENOENT') return [];
    throw new InfrastructureError('REGISTRY_UNREADABLE', `${folder} could not be read (${code}).`, { cause });
  }
}
