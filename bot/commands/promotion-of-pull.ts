import type { Forge, PullSummary } from '../../shared/promotion/forge.ts';
import { type PromotionName, readPromotionBranch } from '../../shared/promotion/state-paths.ts';

/** The promotion that a pull request is: by its branch, and only where this bot opened it. Anyone with write can name a branch so. */
export const promotionOfPull = (forge: Forge, { author, head }: PullSummary): PromotionName | null =>
  author?.id === forge.identity.id && !head.fork ? readPromotionBranch(head.branch) : null;
