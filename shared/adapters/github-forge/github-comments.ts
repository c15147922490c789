import { z } from 'zod';
import type { Comment, ForgeComments } from '../../promotion/forge.ts';
import { ghost, restAccount } from './accounts.ts';
import { forgeAnswered } from './forge-error.ts';
import type { ForgeStart } from './forge-memory.ts';
import { readAnswer, readPages } from './read-answer.ts';
import type { Transport } from './transport.ts';
import { writeOnce } from './write-once.ts';

const ofIssue = '/repos/{owner}/{repo}/issues/{issue_number}/comments';
const ofRepository = '/repos/{owner}/{repo}/issues/comments';
const commentFields = z.object({
  id: z.number(),
  user: restAccount.nullish(),
  body: z.string().nullish(),
  created_at: z.string(),
  updated_at: z.string(),
  html_url: z.string(),
  issue_url: z.string().nullish(),
  performed_via_github_app: z.object({ id: z.number() }).nullish(),
});
const commentOf = (comment: z.output<typeof commentFields>): Comment => ({
  id: comment.id,
  author: comment.user ?? ghost,
  body: comment.body ?? '',
  createdAt: comment.created_at,
  updatedAt: comment.updated_at,
  appId: comment.performed_via_github_app?.id ?? null,
  url: comment.html_url,
});
const comment = commentFields.transform(commentOf);
const placedComment = commentFields.transform((found) => {
  const number = Number(/\/issues\/(\d+)$/.exec(found.issue_url ?? '')?.[1] ?? Number.NaN);
  if (Number.isNaN(number)) throw forgeAnswered('a comment', 'it names no issue');
  return { ...commentOf(found), number, onPull: /\/pull\/\d+#/.test(found.html_url) };
});

export function createGitHubComments(transport: Transport, { identity }: ForgeStart): ForgeComments {
  /** Ids only rise: a comment above all that were seen before one was sent is not an older one of the same words. */
  let highest = 0;
  const see = <Seen extends Comment>(comments: readonly Seen[]): readonly Seen[] => {
    for (const { id } of comments) highest = Math.max(highest, id);
    return comments;
  };
  return {
    list: async (number) => see((await readPages(transport, comment, `GET ${ofIssue}`, { issue_number: number })) ?? []),
    since: async (instant) => {
      const asked = { since: isoSeconds(instant), sort: 'updated', direction: 'asc' };
      return see((await readPages(transport, placedComment, `GET ${ofRepository}`, asked)) ?? []);
    },
    create: (number, body) => {
      const since = isoSeconds(transport.date()?.date ?? new Date(0));
      const before = highest;
      return writeOnce(transport, {
        send: async () => {
          const answer = await transport.send(`POST ${ofIssue}`, { issue_number: number, body }, { again: false });
          const written = readAnswer(comment, answer.data, 'a new comment');
          see([written]);
          return written;
        },
        arrived: async () => {
          const found = (await readPages(transport, comment, `GET ${ofIssue}`, { issue_number: number, since })) ?? [];
          const ours = found.find(({ id, author, body: text }) => id > before && author.id === identity.id && sameText(text, body));
          return ours ?? null;
        },
      });
    },
    edit: async (id, body) => {
      await transport.send(`PATCH ${ofRepository}/{comment_id}`, { comment_id: id, body });
    },
    remove: async (id) => {
      await transport.send(`DELETE ${ofRepository}/{comment_id}`, { comment_id: id }, { expect: [404] });
    },
    react: async (id, content) => {
      // Sent again after a lost answer it may be `taken` by ourselves: whoever reads on finds the command undone, nobody does it twice.
      const answer = await transport.send(`POST ${ofRepository}/{comment_id}/reactions`, { comment_id: id, content }, { expect: [404] });
      return answer.status === 201 ? 'mine' : 'taken';
    },
  };
}

const isoSeconds = (instant: Date): string => `${instant.toISOString().slice(0, 19)}Z`;
/** GitHub keeps a body as it came, save for line ends. */
const sameText = (one: string, other: string): boolean => one.replaceAll('\r\n', '\n').trim() === other.replaceAll('\r\n', '\n').trim();
