import { UserError } from '../../shared/errors.ts';
import { code, type Markdown, md, proseMarkdown } from '../../shared/words/markdown.ts';
import type { Reply } from '../bot-context.ts';

/** An answer: the sentence, then what to do next. Text is prose whose backticks make code; all else of it is escaped. */
export function say(outcome: Reply['outcome'], code: string, sentence: Markdown | string, next: Markdown | string): Reply {
  return { outcome, code, body: md`${prose(sentence)}\n\n**Next:** ${prose(next)}`.markdown };
}

const prose = (text: Markdown | string) => (typeof text === 'string' ? proseMarkdown(text) : text);

/** What a user's mistake says, as an answer. */
export const sayError = ({ code, message, hint }: UserError): Reply => say('unclear', code, message, hint);

/** The answer, or what the user's mistake on the way to it says. */
export async function orSay(answer: () => Reply | Promise<Reply>): Promise<Reply> {
  try {
    return await answer();
  } catch (error) {
    if (error instanceof UserError) return sayError(error);
    throw error;
  }
}

/** `a`, `b` and 3 more, each as code. */
export function listed(names: readonly string[], most = 5): Markdown {
  const shown = names.slice(0, most).map((name) => code(name));
  const more = names.length - shown.length;
  const [last, ...before] = [...shown].reverse();
  if (more > 0) return md`${shown.map((name, index) => md`${index > 0 && ', '}${name}`)} and ${more} more`;
  if (!last) return md``;
  return before.length === 0 ? last : md`${before.reverse().map((name, index) => md`${index > 0 && ', '}${name}`)} or ${last}`;
}
