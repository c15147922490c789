/** Names one stage of one model. */
export interface StageKey {
  readonly model: string;
  readonly stage: string;
}
