import type { Person } from '../../shared/promotion/forge.ts';
import type { PromotionStatus } from '../../shared/promotion/promotion-facts.ts';
import { clipText } from '../../shared/words/visible-text.ts';
import type { Waiting } from './board.ts';

/** An open promotion as the rules see it; `status` null where it could not be told, and then `problem` says why. */
export interface OpenPromotion {
  readonly promotion: string;
  readonly version: number;
  readonly requestedBy: Person | null;
  readonly requestedAt: string | null;
  readonly pull: number | null;
  readonly status: PromotionStatus | null;
  readonly problem: string | null;
}

const mostConditions = 12;

const states: Readonly<Partial<Record<PromotionStatus['state'], string>>> = {
  REQUESTED: 'Asked for; the bot prepares it.',
  WEIGHING: 'A weigh run measures it; its pull request comes after.',
  PLANNED: 'Its pull request is open.',
  READY: 'Every condition holds. Somebody may merge it.',
  MERGING: 'Every condition holds; it is being merged.',
  MERGED: 'Merged; it starts once nothing stands in its way.',
};

export function waitingOf({ promotion, version, requestedBy, requestedAt, pull, status, problem }: OpenPromotion): Waiting {
  const wanted = status?.approvals.wanted ?? 0;
  return {
    promotion,
    version,
    by: requestedBy?.login ?? null,
    at: requestedAt,
    pull,
    approvals: status && wanted > 0 ? `${status.approvals.counted.length} of ${wanted} approvals` : null,
    unmet: (status?.unmet ?? []).slice(0, mostConditions).map(({ code, message, next, until }) => ({
      code,
      says: clipText(message, 400),
      next: clipText(next, 300),
      until: until ?? null,
    })),
    says: status
      ? (states[status.state] ?? status.state)
      : `What it waits for is not known: ${clipText(problem ?? 'nobody could be asked', 300)}`,
  };
}
