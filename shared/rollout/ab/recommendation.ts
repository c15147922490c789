import type { ExperimentResult, TreatmentResult } from './judge-experiment.ts';
import { adviceOf } from './render-experiment.ts';

export interface Recommendation {
  readonly recommends: 'promote' | 'keep';
  /** One sentence, plain text: the numbers. */
  readonly why: string;
}

/** Promote what is shown to be better and safe; keep everything else: also a split that is not the planned one, and what ran out of time. */
export function recommendation(result: ExperimentResult): Recommendation {
  const recommends = result.verdict === 'promote' ? 'promote' : 'keep';
  return { recommends, why: plain(adviceOf(result.verdict === null ? outOfTime(result) : result).markdown) };
}

/** A result whose time is over before anything was shown. */
export function outOfTime(result: ExperimentResult): ExperimentResult {
  const treatments = result.treatments.map(
    (each): TreatmentResult => ({
      ...each,
      verdict: each.guardrails.some(({ outcome }) => outcome === 'fail') ? 'keep' : 'keep (not shown)',
    }),
  );
  const isHarmed = treatments.every(({ verdict }) => verdict === 'keep');
  return { ...result, state: 'ended', verdict: isHarmed ? 'keep' : 'keep (not shown)', treatments };
}

/** The comment's own line without its Markdown. */
const plain = (markdown: string) => markdown.replaceAll(/\*\*|`/g, '').replaceAll(/\\(.)/g, '$1');
