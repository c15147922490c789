import type { BotContext, HintedComment } from '../bot-context.ts';
import { runCommands } from '../commands/run-commands.ts';
import { promotionActions } from '../promotions/promotion-actions.ts';

/** The commands of a comment, with what they do to promotions. `found`: by reading, not in a delivery. */
export const runCommandsOf = (
  context: BotContext,
  hint: { readonly number: number; readonly onPull: boolean; readonly comment: HintedComment; readonly found?: boolean },
): Promise<void> => runCommands(context, hint, promotionActions);
