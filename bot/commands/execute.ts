import type { Policy, Reply } from '../bot-context.ts';
import type { CommandCall, CommandLine } from './command-line.ts';
import { diff } from './diff.ts';
import { drift } from './drift.ts';
import { help } from './help.ts';
import type { PromotionActions } from './promotion-actions.ts';
import { say } from './say.ts';
import { status } from './status.ts';
import { retry, run } from './weigh-again.ts';

/** What a command's executor may need to know besides its call. */
export interface CommandSituation {
  readonly policy: Policy;
  /** Somebody began with this comment before and did not end. */
  readonly resumed: boolean;
  readonly writtenAt: Date;
}

/** Carries out one command whose author may ask for it. */
export async function execute(
  line: CommandLine,
  call: CommandCall,
  situation: CommandSituation,
  actions: PromotionActions,
): Promise<Reply> {
  switch (line.name) {
    case 'help':
      return help(line);
    case 'status':
      return status(line, call);
    case 'diff':
      return diff(line, call);
    case 'drift':
      return drift(line, call);
    case 'run':
      return run(call, situation);
    case 'retry':
      return retry(line, call, situation);
    case 'canary':
      return actions.canary(line, call);
    case 'hold': {
      const now = await call.context.forge.now();
      if (line.until !== null && Date.parse(line.until) <= now.getTime())
        return say('unclear', 'UNTIL_PAST', `\`${line.until}\` has passed.`, 'Name a later time, or leave `--until` out.');
      return actions.hold(line, call);
    }
    case 'promote':
      return actions.promote(line, call);
    case 'rollback':
      return actions.rollback(line, call);
    case 'unhold':
      return actions.unhold(line, call);
    case 'override':
      return actions.override(line, call);
    case 'cancel':
      return actions.cancel(line, call);
    case 'why':
      return actions.why(line, call);
  }
}
