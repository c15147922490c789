import type { TrainingResult } from '../training/training-result.ts';

/** How far the numbers can be trusted: who measured them, and where. */
export function evidenceWords({
  evidence,
  training,
}: {
  readonly evidence: 'claimed' | 'measured';
  readonly training: TrainingResult | null;
}): string {
  if (decidesOnReported(training)) return 'claimed: numbers that the training reported of itself';
  return evidence === 'claimed' ? 'claimed: same runner as training' : 'measured by the weigh run';
}

/** With `format: metrics` there is no model to score, so what the training says of itself is all there is to judge. */
export const decidesOnReported = (training: TrainingResult | null) => training?.model.format === 'metrics';
