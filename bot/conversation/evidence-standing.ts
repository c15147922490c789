import { decidesOnReported } from '../../shared/card/evidence-words.ts';
import type { ModelFinding } from './pull-findings.ts';

/** How far a report's numbers are believed, in the same words wherever the bot shows them. */
export function standingWords({ report, standing }: Pick<ModelFinding, 'report' | 'standing'>): string {
  if (decidesOnReported(report.training)) return 'claimed: numbers that the training reported of itself';
  return standing === 'claimed' ? 'claimed: same runner as training' : `measured by the weigh run, ${standing}`;
}
