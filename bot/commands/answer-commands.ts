import { InfrastructureError } from '../../shared/errors.ts';
import type { Role } from '../../shared/promotion/forge.ts';
import type { BotContext, HintedComment, Policy, Reply } from '../bot-context.ts';
import { authorize } from './authority.ts';
import type { CommandCall } from './command-line.ts';
import type { Answer } from './compose-reply.ts';
import { type CommandSituation, execute } from './execute.ts';
import type { ParsedComment } from './parse-comment.ts';
import type { PromotionActions } from './promotion-actions.ts';
import { orSay, say } from './say.ts';

interface Place {
  readonly number: number;
  readonly onPull: boolean;
  readonly comment: HintedComment;
}

export interface CommandsToAnswer {
  readonly parsed: ParsedComment;
  readonly policy: Policy;
  /** Somebody began with this comment before and did not end. */
  readonly resumed: boolean;
  /** Whether its author was told on this issue or pull request that the policy does not allow it. */
  readonly wasDenied: () => Promise<boolean>;
}

/**
 * Carries out the commands one after another and gives every one its answer, mistakes too, in the order of the comment. A denial that
 * was told before is left out.
 * @throws InfrastructureError where the forge does not answer
 */
export async function answerCommands(
  context: BotContext,
  place: Place,
  { parsed, policy, resumed, wasDenied }: CommandsToAnswer,
  actions: PromotionActions,
): Promise<Answer[]> {
  const { forge } = context;
  const { number, onPull, comment } = place;
  const actor = comment.author;
  const role: Role = parsed.lines.length > 0 ? await forge.people.roleOf(actor.login) : 'none';
  const situation: CommandSituation = { policy, resumed, writtenAt: new Date(comment.createdAt) };

  const answers: Answer[] = parsed.mistakes.map(({ line, text, code, message, next }) => ({
    line,
    text,
    reply: say('unclear', code, message, next),
  }));
  let denied = false;
  for (const { line, text, command } of parsed.lines) {
    const call: CommandCall = {
      context,
      number,
      onPull,
      actor,
      role,
      cause: `comment:${comment.id}:${line}`,
      commentUrl: `${forge.repository.url}/${onPull ? 'pull' : 'issues'}/${number}#issuecomment-${comment.id}`,
    };
    const reply = await answered(call, async () => {
      const authority = await authorize({ forge, policy, line: command, actor, role, number, onPull });
      return authority.allowed ? execute(command, call, situation, actions) : authority.reply;
    });
    if (reply.code === 'NOT_ALLOWED') {
      if (denied || (await wasDenied())) continue;
      denied = true;
    }
    answers.push({ line, text, reply });
  }
  return answers.sort((a, b) => a.line - b.line);
}

/** Whatever goes wrong, a person who asked gets an answer; only a forge that is silent is asked again later. */
async function answered({ context, cause }: CommandCall, answer: () => Promise<Reply>): Promise<Reply> {
  try {
    return await orSay(answer);
  } catch (error) {
    if (error instanceof InfrastructureError) throw error;
    context.log.error({ cause, error: error instanceof Error ? error.stack : String(error) }, 'a command failed');
    return say(
      'unclear',
      'INTERNAL',
      'That went wrong inside Weighin; its log has the rest.',
      'Write the command again in a new comment; if that fails too, tell the maintainers.',
    );
  }
}
