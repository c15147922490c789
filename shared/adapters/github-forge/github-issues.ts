import { z } from 'zod';
import type { ForgeIssues } from '../../promotion/forge.ts';
import { restAccount } from './accounts.ts';
import type { ForgeStart } from './forge-memory.ts';
import { readAnswer, readPages } from './read-answer.ts';
import type { Transport } from './transport.ts';
import { writeOnce } from './write-once.ts';

const issues = '/repos/{owner}/{repo}/issues';
const fields = z.object({
  number: z.number(),
  title: z.string(),
  body: z.string().nullish(),
  user: restAccount.nullish(),
  pull_request: z.unknown().optional(),
});
const numbered = z.object({ number: z.number() });

export function createGitHubIssues(transport: Transport, { identity }: ForgeStart): ForgeIssues {
  const ownOpen = async () => {
    const found = (await readPages(transport, fields, `GET ${issues}`, { state: 'open', creator: identity.login })) ?? [];
    return found.filter((issue) => issue.user?.id === identity.id && issue.pull_request === undefined);
  };
  return {
    findOpen: async (marker) => {
      const marked = (await ownOpen()).filter(({ body }) => body?.includes(marker)).sort((a, b) => a.number - b.number);
      const [found, ...others] = marked;
      return found ? { number: found.number, body: found.body ?? '', twins: others.map(({ number }) => number) } : null;
    },
    create: ({ title, body, labels }) =>
      writeOnce(transport, {
        send: async () => {
          const answer = await transport.send(`POST ${issues}`, { title, body, ...(labels ? { labels } : {}) }, { again: false });
          return readAnswer(numbered, answer.data, 'a new issue').number;
        },
        arrived: async () =>
          (await ownOpen()).find((issue) => issue.title === title && (issue.body ?? '').trim() === body.trim())?.number ?? null,
      }),
    edit: async (number, change) => {
      await transport.send(`PATCH ${issues}/{issue_number}`, { issue_number: number, ...change });
    },
  };
}
