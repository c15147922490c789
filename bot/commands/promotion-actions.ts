import type { Execute } from './command-line.ts';

/** The commands that move promotions, carried out by `bot/promotions`. Each does its effect at most once a `cause`. */
export interface PromotionActions {
  readonly promote: Execute<'promote'>;
  readonly rollback: Execute<'rollback'>;
  readonly canary: Execute<'canary'>;
  readonly hold: Execute<'hold'>;
  readonly unhold: Execute<'unhold'>;
  readonly override: Execute<'override'>;
  readonly cancel: Execute<'cancel'>;
  readonly why: Execute<'why'>;
}
