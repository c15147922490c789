/** The branch that the bot alone writes: live state and events. */
export const stateBranch = 'weighin/state';
/** Rendered manifests only, for Argo CD or Flux. */
export const liveBranch = 'weighin/live';

/** Where documents lie on `weighin/state`. */
export const livePath = (model: string, stage: string) => `live/${model}/${stage}.json`;
export const eventsPath = (model: string, stage: string, generation: number) => `events/${model}/${stage}/${generation}.jsonl`;
/** Records of measured versions as their weigh run handed them over, so that the bot reads Git alone. */
export const knownVersionPath = (model: string, number: number) => `versions/${model}/${number}.json`;
/** What the bot proved of it when it came in. */
export const acceptedPath = (model: string, number: number) => `versions/${model}/${number}.accepted.json`;
/** Their reports, by digest. */
export const knownReportPath = (digest: string) => `reports/${digest.replace('sha256:', '')}.json`;

/** What scheduled runs said of the model in production, and what was done about it. */
export const watchPath = (model: string, stage: string) => `monitoring/${model}/${stage}.json`;

/** `<model>.<stage>.<generation>`: a name holds no dot, so it comes apart again. */
export const promotionId = (model: string, stage: string, generation: number) => `${model}.${stage}.${generation}`;
/** The promotion PR's branch; `attempt` counts from 1 and rises when a tampered one is rebuilt. */
export const promotionBranch = (model: string, stage: string, generation: number, attempt: number) =>
  `weighin/promote/${promotionId(model, stage, generation)}${attempt === 1 ? '' : `.${attempt}`}`;
/** Set on the merge commit at start. */
export const promotionTag = (model: string, stage: string, generation: number) => `${model}/${stage}/${generation}`;

export interface PromotionName {
  readonly model: string;
  readonly stage: string;
  readonly generation: number;
  readonly attempt: number;
}

/** What a branch of a promotion is called after; null for any other branch. */
export function readPromotionBranch(branch: string): PromotionName | null {
  const found = /^weighin\/promote\/([a-z0-9][a-z0-9-]{0,62})\.([a-z0-9][a-z0-9-]{0,62})\.([1-9]\d*)(?:\.([1-9]\d*))?$/.exec(branch);
  const [, model, stage, generation, attempt = '1'] = found ?? [];
  return model && stage && generation ? { model, stage, generation: Number(generation), attempt: Number(attempt) } : null;
}
