import type { Forge, PullSummary } from './forge.ts';
import { type PromotionName, readPromotionBranch } from './state-paths.ts';

/**
 * The promotion that a pull request is; null for any other. Its branch names it, but anyone who can push may name a branch alike: only
 * what this bot opened, from the repository itself and towards its default branch, counts.
 */
export function promotionOfPull(
  { identity, repository }: Pick<Forge, 'identity' | 'repository'>,
  { author, head, base }: Pick<PullSummary, 'author' | 'head' | 'base'>,
): PromotionName | null {
  const ours = author?.id === identity.id && !head.fork && base === repository.defaultBranch;
  return ours ? readPromotionBranch(head.branch) : null;
}
