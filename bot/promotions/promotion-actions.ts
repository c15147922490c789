import type { PromotionActions } from '../commands/promotion-actions.ts';
import { holdStage, unholdStage } from './hold-stage.ts';
import { cancel, override, why } from './of-pull.ts';
import { promote } from './promote.ts';
import { rollBack } from './roll-back.ts';

/** What the commands of promotion do. */
export const promotionActions: PromotionActions = {
  promote,
  rollback: rollBack,
  hold: holdStage,
  unhold: unholdStage,
  override,
  cancel,
  why,
};
