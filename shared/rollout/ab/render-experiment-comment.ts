import { type Markdown, md } from '../../words/markdown.ts';
import { outOfTime } from './recommendation.ts';
import { renderExperiment } from './render-experiment.ts';
import type { RolloutExperiment } from './rollout-experiment.ts';

/**
 * The comment at the end of strategy ab: one table (users, rates, difference with its interval, lift), guardrails, how users split, and one
 * line: promote or keep.
 */
export function renderExperimentComment({ result, recommendation }: RolloutExperiment): Markdown {
  if (result === null)
    return recommendation === null ? md`**Goes on:** not one whole day is counted yet.\n` : md`**Keep control:** ${recommendation.why}.\n`;
  // Of this suite's own templates, every text in it escaped.
  return { markdown: renderExperiment(result.verdict === null && recommendation !== null ? outOfTime(result) : result) };
}
