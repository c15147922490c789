import type { Execute } from '../../../../bot/commands/command-line.ts';
import type { PromotionActions } from '../../../../bot/commands/promotion-actions.ts';
import { say } from '../../../../bot/commands/say.ts';

/** Promotions that only note what was asked: `effects` holds each cause once, as the real ones promise. */
export function createPromotions(fail?: () => void) {
  const asked: { readonly name: string; readonly cause: string }[] = [];
  const effects = new Map<string, string>();
  const act: Execute = async (line, { cause }) => {
    asked.push({ name: line.name, cause });
    if (!effects.has(cause)) effects.set(cause, line.name);
    fail?.();
    return say('done', 'DONE', `\`${line.name}\` was carried out.`, 'Nothing more.');
  };
  const actions: PromotionActions = {
    promote: act,
    rollback: act,
    canary: act,
    hold: act,
    unhold: act,
    override: act,
    cancel: act,
    why: act,
  };
  return { actions, asked, effects };
}
