import type { Person } from '../../shared/promotion/forge.ts';
import { code, md } from '../../shared/words/markdown.ts';
import { clipText } from '../../shared/words/visible-text.ts';
import type { Reply } from '../bot-context.ts';

/** One command of a comment and what came of it. */
export interface Answer {
  readonly line: number;
  readonly text: string;
  readonly reply: Reply;
}

/** Room for the headings beside GitHub's 65,536. */
const longest = 60_000;

/** By these a reply is found again, in comments of this bot alone: anyone can paste a marker. */
export const replyMarker = (comment: number) => `<!-- weighin:reply comment=${comment} -->`;
export const deniedMarker = (user: number) => `<!-- weighin:denied user=${user} -->`;
const outcomeMarker = (outcome: Reply['outcome']) => `<!-- weighin:outcome ${outcome} -->`;

/** 👎 before 😕 before 🚀: what a person must look at stands first. */
export function outcomeOf(replies: readonly Reply[]): Reply['outcome'] {
  const has = (outcome: Reply['outcome']) => replies.some((reply) => reply.outcome === outcome);
  return has('refused') ? 'refused' : has('unclear') ? 'unclear' : 'done';
}

/** The outcome that a reply says of itself. */
export function outcomeIn(body: string): Reply['outcome'] | null {
  return (['refused', 'unclear', 'done'] as const).find((outcome) => body.split('\n', 3).includes(outcomeMarker(outcome))) ?? null;
}

const marks: Readonly<Record<Reply['outcome'], string>> = { done: '🚀', refused: '👎', unclear: '😕' };

/** The one reply to a comment: markers, who asked (without a mention), and a section a command. */
export function composeReply(comment: number, actor: Person, answers: readonly Answer[]): string {
  const denied = answers.some(({ reply }) => reply.code === 'NOT_ALLOWED');
  const head = [
    replyMarker(comment),
    outcomeMarker(outcomeOf(answers.map(({ reply }) => reply))),
    ...(denied ? [deniedMarker(actor.id)] : []),
  ].join('\n');
  let room = longest;
  const sections = answers.map(({ text, reply }, index) => {
    const fits = reply.body.length <= room;
    if (fits) room -= reply.body.length;
    const body = fits ? reply.body : 'The answer is longer than a comment may be.\n\n**Next:** Ask for less at once.';
    const asked = md`${marks[reply.outcome]} ${code(clipText(text, 200))}${index === 0 && `, asked by ${actor.login}`}: ${code(reply.code)}`;
    return `${asked.markdown}\n\n${body}`;
  });
  return `${head}\n${sections.join('\n\n---\n\n')}\n`;
}
