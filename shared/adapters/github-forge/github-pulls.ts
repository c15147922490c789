import { z } from 'zod';
import type { ForgePulls, PullSummary } from '../../promotion/forge.ts';
import { restAccount } from './accounts.ts';
import { forgeRefused } from './forge-error.ts';
import type { ForgeStart } from './forge-memory.ts';
import { dequeuePull, enqueuePull, mergePull } from './merge-pull.ts';
import { readAnswer, readPages } from './read-answer.ts';
import { readPull } from './read-pull.ts';
import type { Transport } from './transport.ts';
import { writeOnce } from './write-once.ts';

const list = 'GET /repos/{owner}/{repo}/pulls';
const create = 'POST /repos/{owner}/{repo}/pulls';
const side = z.object({
  ref: z.string(),
  sha: z.string(),
  user: z.object({ login: z.string() }).nullish(),
  repo: z.object({ id: z.number() }).nullish(),
});
const summary = z
  .object({
    number: z.number(),
    state: z.string(),
    draft: z.boolean().nullish(),
    merged_at: z.string().nullish(),
    updated_at: z.string(),
    user: restAccount.nullish(),
    base: side,
    head: side,
  })
  .transform(
    (pull): PullSummary => ({
      number: pull.number,
      state: pull.merged_at ? 'merged' : pull.state === 'open' ? 'open' : 'closed',
      draft: pull.draft === true,
      base: pull.base.ref,
      head: {
        sha: pull.head.sha,
        branch: pull.head.ref,
        owner: pull.head.user?.login ?? null,
        // A repository that is gone was another one.
        fork: pull.head.repo?.id !== pull.base.repo?.id,
      },
      author: pull.user ?? null,
      updatedAt: pull.updated_at,
    }),
  );
const numbered = z.object({ number: z.number() });
const problem = z.object({ message: z.string(), errors: z.array(z.unknown()).nullish() });

export function createGitHubPulls(transport: Transport, start: ForgeStart): ForgePulls {
  const newestFirst = { sort: 'created', direction: 'desc' };
  /** A head without its owner is no filter to GitHub, which would then answer with every pull request. */
  const ofHead = async (named: string): Promise<readonly PullSummary[]> => {
    const head = named.includes(':') ? named : `${start.repository.owner}:${named}`;
    const found = (await readPages(transport, summary, list, { state: 'all', head, ...newestFirst })) ?? [];
    return found.filter(
      (pull) => pull.head.owner === null || `${pull.head.owner}:${pull.head.branch}`.toLowerCase() === head.toLowerCase(),
    );
  };
  const openOf = async (branch: string): Promise<number | null> => {
    const { defaultBranch } = start.repository;
    return (await ofHead(branch)).find(({ state, base }) => state === 'open' && base === defaultBranch)?.number ?? null;
  };
  return {
    read: (number) => readPull(transport, number),
    open: async () => (await readPages(transport, summary, list, { state: 'open', ...newestFirst })) ?? [],
    ofHead,
    create: ({ head, title, body }) =>
      writeOnce(transport, {
        send: async () => {
          const answer = await transport.send(
            create,
            { head, base: start.repository.defaultBranch, title, body },
            { expect: [422], again: false },
          );
          if (answer.status === 201) return readAnswer(numbered, answer.data, 'a new pull request').number;
          const { message, errors } = readAnswer(problem, answer.data, 'a new pull request');
          // One open pull request a branch: whoever opened it, this is it.
          const there = /already exists/i.test(JSON.stringify(errors ?? [])) ? await openOf(head) : null;
          if (there !== null) return there;
          throw forgeRefused(create, { ...answer, message: `${message} ${JSON.stringify(errors ?? [])}` });
        },
        arrived: () => openOf(head),
      }),
    edit: async (number, change) => {
      await transport.send('PATCH /repos/{owner}/{repo}/pulls/{pull_number}', { pull_number: number, ...change });
    },
    merge: (number, request) => mergePull(transport, start.mergeMethods, number, request),
    enqueue: (number, head) => enqueuePull(transport, number, head),
    dequeue: (number) => dequeuePull(transport, number),
  };
}
