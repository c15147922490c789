import type { EvaluationConfig } from '../config/schema.ts';
import type { EvaluationResult } from '../evaluation/evaluation-result.ts';
import { recordLook } from '../registry/record-look.ts';
import type { Notice } from '../verdict/notice.ts';
import type { RunContext } from './run-context.ts';

export interface CountedLooks {
  readonly looks: EvaluationResult['looks'];
  readonly notices: readonly Notice[];
}

/** How often this test set was looked at, this candidate included, and what so many looks may have cost: at most k·α. */
export async function countLooks(
  context: RunContext,
  evaluation: EvaluationConfig,
  look: { readonly model: string; readonly testDigest: string; readonly candidateDigest: string },
): Promise<CountedLooks> {
  const { store, writable } = await context.store();
  const { count } = await recordLook(store, { ...look, writable });
  const { looks, ci } = evaluation.defaults;
  const alphaReuse = Math.min(1, (count * (1 - ci.level)) / 2);
  const message = `${count} candidates were judged on this test set, ${looks.budget} were planned: the chance that one of them passed by luck may be as high as ${Math.round(alphaReuse * 100)} %. A comparison on fresh rows is worth more than any correction.`;
  return {
    looks: { count, budget: looks.budget, alphaReuse },
    notices: count > looks.budget ? [{ code: 'LOOKS_SPENT', message }] : [],
  };
}
