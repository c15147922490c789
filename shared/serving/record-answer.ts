import { countLabel, observe } from './arm-counts.ts';
import type { RowScore } from './batch-rows.ts';
import type { FleetMember } from './fleet.ts';
import { isSampled } from './prediction-sink.ts';
import type { LoggedFeatures } from './read-row.ts';
import type { RowAnswer } from './row-answer.ts';
import type { ServingEngine } from './serving-engine.ts';

/** Who answered, and in which role. */
export interface Answerer {
  readonly member: FleetMember;
  readonly variant: string | null;
}

/** The distribution of scores and labels of a version. What a fallback answered is not the version's and is not counted here. */
export function countAnswer({ member, variant }: Answerer, row: RowScore, { score, prediction }: RowAnswer): void {
  const arm = member.arm(variant ?? '');
  if (row.score !== null && score !== null) observe(arm.scores, score);
  if (member.model.task !== 'regression') countLabel(arm, String(prediction));
}

/** One line of the prediction log, where this id is in the sample. `features` are read only then. */
export function logAnswer(
  { log, settings }: ServingEngine,
  { member, variant }: Answerer,
  features: () => LoggedFeatures,
  score: RowScore | null,
  answer: RowAnswer,
): void {
  if (!log || !isSampled(answer.id, settings.sample)) return;
  const { model } = member;
  log.write({
    id: answer.id,
    time: settings.date().toISOString(),
    model: settings.model,
    version: model.version as `v${number}`,
    variant,
    features: features(),
    // The probability of a winning class is not the score of the positive one.
    score: score ? score.score : typeof answer.score === 'number' && model.task !== 'multiclass' ? answer.score : null,
    prediction: answer.prediction,
    latency_ms: answer.latency_ms,
    degraded: answer.degraded ?? false,
  });
}

/** Milliseconds with three decimals. */
export const since = (now: number, begun: number): number => Math.max(0, Math.round((now - begun) * 1000) / 1000);
