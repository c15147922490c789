import { z } from 'zod';
import type { Forge } from '../../promotion/forge.ts';
import { forgeRefused } from './forge-error.ts';
import { createForgeMemory, type ForgeMemory, type ForgeStart } from './forge-memory.ts';
import { createGitHubActions } from './github-actions.ts';
import { createGitHubChecks } from './github-checks.ts';
import { createGitHubComments } from './github-comments.ts';
import { createGitHubDeployments } from './github-deployments.ts';
import { createGitHubGit } from './github-git.ts';
import { createGitHubIssues } from './github-issues.ts';
import { createGitHubPeople } from './github-people.ts';
import { createGitHubPulls } from './github-pulls.ts';
import { askGraphql } from './graphql.ts';
import type { Octokit } from './octokit-shape.ts';
import { readAnswer } from './read-answer.ts';
import { createTransport, type Transport } from './transport.ts';

export interface GitHubForgeOptions {
  /** Any Octokit that writes as the bot: Probot's of an installation, the `octokit` package's, that of `@actions/github`. */
  readonly octokit: Octokit;
  readonly owner: string;
  readonly repo: string;
  /** Of the App that `octokit` writes as; null or nothing for a workflow's own token. */
  readonly appId?: number | null;
  /** Shared by all forges of this repository and installation, so that they ask once. */
  readonly memory?: ForgeMemory;
  readonly log?: { readonly info: (fields: Readonly<Record<string, unknown>>, message: string) => void };
  /** For addresses outside the API, as those of artifacts. */
  readonly fetch?: typeof fetch;
  readonly sleep?: (milliseconds: number) => Promise<void>;
  /** Milliseconds that one request may take. */
  readonly timeout?: number;
}

/** GitHub as this project's `Forge`. Asks once who it is and where; @throws InfrastructureError as every method of the port does */
export async function createGitHubForge(options: GitHubForgeOptions): Promise<Forge> {
  const { octokit, owner, repo, appId = null, memory = createForgeMemory(), log } = options;
  const transport = createTransport({
    octokit,
    place: { owner, repo },
    memory,
    onWait: (reason, seconds) => log?.info({ owner, repo, seconds }, `waits: ${reason}`),
    ...(options.sleep ? { sleep: options.sleep } : {}),
    ...(options.timeout === undefined ? {} : { timeout: options.timeout }),
  });
  memory.start ??= await readStart(transport, appId);
  const { start } = memory;
  return {
    repository: start.repository,
    identity: start.identity,
    now: () => readClock(transport),
    git: createGitHubGit(transport, start.nodeId),
    pulls: createGitHubPulls(transport, start),
    comments: createGitHubComments(transport, start),
    checks: createGitHubChecks(transport, start),
    people: createGitHubPeople(transport, start),
    actions: createGitHubActions(transport, options.fetch ?? fetch),
    deployments: createGitHubDeployments(transport),
    issues: createGitHubIssues(transport, start),
  };
}

const startSchema = z.object({
  viewer: z.object({ login: z.string(), databaseId: z.number().nullish() }),
  repository: z
    .object({
      id: z.string(),
      databaseId: z.number(),
      name: z.string(),
      owner: z.object({ login: z.string() }),
      isPrivate: z.boolean(),
      url: z.string(),
      defaultBranchRef: z.object({ name: z.string() }).nullish(),
      squashMergeAllowed: z.boolean(),
      mergeCommitAllowed: z.boolean(),
      rebaseMergeAllowed: z.boolean(),
    })
    .nullable(),
});
const startQuery = `query($owner:String!,$repo:String!){viewer{login databaseId} repository(owner:$owner,name:$repo){id databaseId name owner{login} isPrivate url defaultBranchRef{name} squashMergeAllowed mergeCommitAllowed rebaseMergeAllowed}}`;
const emptyRepository = z.object({ default_branch: z.string() });

async function readStart(transport: Transport, appId: number | null): Promise<ForgeStart> {
  const { owner, repo } = transport;
  const { data } = await askGraphql(transport, 'the repository', startQuery, { owner, repo }, { answers: ['NOT_FOUND'] });
  const { viewer, repository } = readAnswer(startSchema, data, 'the repository');
  if (!repository) {
    const message = `no repository ${owner}/${repo}, or the App is not installed there`;
    throw forgeRefused('GraphQL repository', { status: null, headers: {}, data: null, message });
  }
  const allowed = [
    ...(repository.squashMergeAllowed ? (['squash'] as const) : []),
    ...(repository.mergeCommitAllowed ? (['merge'] as const) : []),
    ...(repository.rebaseMergeAllowed ? (['rebase'] as const) : []),
  ];
  return {
    repository: {
      id: repository.databaseId,
      owner: repository.owner.login,
      name: repository.name,
      defaultBranch: repository.defaultBranchRef?.name ?? (await unbornBranch(transport)),
      private: repository.isPrivate,
      url: repository.url,
    },
    identity: { id: viewer.databaseId ?? (await idOf(transport, viewer.login)), login: viewer.login, appId },
    nodeId: repository.id,
    mergeMethods: allowed.length > 0 ? allowed : ['squash', 'merge', 'rebase'],
  };
}

const account = z.object({ id: z.number() });

async function idOf(transport: Transport, login: string): Promise<number> {
  const answer = await transport.get('GET /users/{username}', { username: login });
  return readAnswer(account, answer?.data, 'who the bot is').id;
}

/** GraphQL names no default branch before the first commit. */
async function unbornBranch(transport: Transport): Promise<string> {
  const answer = await transport.get('GET /repos/{owner}/{repo}');
  return readAnswer(emptyRepository, answer?.data, 'the repository').default_branch;
}

/** Older than this, the last answer's date is no longer now. */
const freshSeconds = 30;

async function readClock(transport: Transport): Promise<Date> {
  const last = transport.date();
  if (last && last.ageSeconds < freshSeconds) return last.date;
  // Costs nothing of the limit.
  await transport.send('GET /rate_limit', {}, { expect: [404] });
  const asked = transport.date();
  if (!asked) throw forgeRefused('GET /rate_limit', { status: null, headers: {}, data: null, message: 'no answer bears a date' });
  return asked.date;
}
