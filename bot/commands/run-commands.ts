import { InfrastructureError } from '../../shared/errors.ts';
import type { Comment } from '../../shared/promotion/forge.ts';
import type { BotContext, HintedComment, Policy, Reply } from '../bot-context.ts';
import { answerCommands } from './answer-commands.ts';
import { memoryOf } from './comment-memory.ts';
import { type Answer, composeReply, deniedMarker, outcomeIn, outcomeOf, replyMarker } from './compose-reply.ts';
import { type ParsedComment, parseComment } from './parse-comment.ts';
import type { PromotionActions } from './promotion-actions.ts';
import { say } from './say.ts';

export interface CommentToRead {
  readonly number: number;
  readonly onPull: boolean;
  readonly comment: HintedComment;
  /** By reading, not in a `created` delivery. */
  readonly found?: boolean;
}

const minute = 60_000;
/** A comment that is found by reading counts only so long. */
const oldest = 60 * minute;
/** Whoever claimed a comment and gave no answer for so long has died. */
const claimLasts = 2 * minute;
/** So long a forge that does not answer is asked again; then the person is told. */
const patience = 10 * minute;

const reactions = { done: 'rocket', refused: '-1', unclear: 'confused' } as const;

/**
 * Carries out the commands of a comment and answers it once. It can be called any number of times, by several bots, and stop anywhere:
 * 👀 is the claim, effects are keyed by the comment's line, the reply is found by its marker. A comment that was edited, that a bot
 * wrote, or that holds no command costs no request.
 * @throws InfrastructureError where the forge does not answer; calling again goes on
 */
export async function runCommands(context: BotContext, request: CommentToRead, actions: PromotionActions): Promise<void> {
  const { forge } = context;
  const { comment } = request;
  if (comment.author.type !== 'User' || comment.author.id === forge.identity.id || comment.createdAt !== comment.updatedAt) return;
  if (isEmpty(parseComment(comment.body, { verbs: 'standalone' }))) return;
  const { answered, interrupted } = memoryOf(forge);
  if (request.found && answered.has(comment.id)) return;
  const age = async () => (await forge.now()).getTime() - Date.parse(comment.createdAt);
  if (request.found && (await age()) > oldest) return;
  const policy = await context.policy();
  const parsed = parseComment(comment.body, { verbs: policy.config?.conversation.verbs ?? 'standalone' });
  if (isEmpty(parsed)) return;

  const resumed = (await forge.comments.react(comment.id, 'eyes')) === 'taken';
  if (resumed && !interrupted.delete(comment.id)) {
    const since = await age();
    // Old and without an answer is no request any more: whoever can write can delete our reply and run the old job again.
    if (since < claimLasts || since > oldest) return;
  }
  try {
    await finish(context, request, { parsed, policy, resumed, age }, actions);
    answered.add(comment.id);
  } catch (error) {
    interrupted.add(comment.id);
    throw error;
  }
}

interface Claimed {
  readonly parsed: ParsedComment;
  readonly policy: Policy;
  readonly resumed: boolean;
  readonly age: () => Promise<number>;
}

/** Answers a comment that is claimed; where it has its answer already, sees that it ends well. */
async function finish(context: BotContext, request: CommentToRead, { age, ...claimed }: Claimed, actions: PromotionActions): Promise<void> {
  const { comments } = context.forge;
  const { comment, number } = request;
  if (claimed.resumed) {
    const [kept] = await keepFirstReply(context, request);
    const outcome = kept && outcomeIn(kept.body);
    if (outcome) await comments.react(comment.id, reactions[outcome]);
    if (kept) return;
  }
  const wasDenied = () => wasDeniedHere(context, request);
  const answers = await answerCommands(context, request, { ...claimed, wasDenied }, actions).catch(async (error: unknown) => {
    if (!(error instanceof InfrastructureError) || (await age()) < patience) throw error;
    const { lines, mistakes } = claimed.parsed;
    return [...lines, ...mistakes].slice(0, 1).map(({ line, text }): Answer => ({ line, text, reply: unreachable(error) }));
  });
  if (answers.length > 0) {
    await comments.create(number, composeReply(comment.id, comment.author, answers));
    await keepFirstReply(context, request);
  }
  // Told once already: a reaction, no words.
  const outcome = answers.length === 0 ? 'refused' : outcomeOf(answers.map(({ reply }) => reply));
  await comments.react(comment.id, reactions[outcome]);
}

const isEmpty = ({ lines, mistakes }: ParsedComment) => lines.length + mistakes.length === 0;

const unreachable = ({ code, message }: InfrastructureError): Reply =>
  say('unclear', code, `It could not be asked what is needed for this: ${message}`, 'Write the command again in a new comment.');

const isOwn = (context: BotContext, comment: Comment) => comment.author.id === context.forge.identity.id;

/** The replies to a comment; of several, which two bots made at once, the first stays. */
async function keepFirstReply(context: BotContext, { number, comment }: CommentToRead): Promise<readonly Comment[]> {
  const all = await context.forge.comments.list(number);
  const replies = all
    .filter((other) => isOwn(context, other) && other.body.startsWith(replyMarker(comment.id)))
    .sort((a, b) => a.id - b.id);
  for (const { id } of replies.slice(1)) await context.forge.comments.remove(id);
  return replies.slice(0, 1);
}

/** By the reply itself, which outlives every process. */
async function wasDeniedHere(context: BotContext, { number, comment }: CommentToRead): Promise<boolean> {
  const all = await context.forge.comments.list(number);
  return all.some((other) => isOwn(context, other) && other.body.split('\n', 3).includes(deniedMarker(comment.author.id)));
}
