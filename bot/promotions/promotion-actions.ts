import type { PromotionActions } from '../commands/promotion-actions.ts';
import { steerCanary } from '../rollouts/steer-canary.ts';
import { holdStage, unholdStage } from './hold-stage.ts';
import { cancel, override, why } from './of-pull.ts';
import { promote } from './promote.ts';
import { rollBack } from './roll-back.ts';

/** What the commands of promotion do. */
export const promotionActions: PromotionActions = {
  promote,
  rollback: rollBack,
  canary: steerCanary,
  hold: holdStage,
  unhold: unholdStage,
  override,
  cancel,
  why,
};
