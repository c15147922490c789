import { readFile } from 'node:fs/promises';
import { z } from 'zod';
import { InfrastructureError } from '../../errors.ts';

/** What a job of GitHub Actions knows of why it runs. Read from the runner's own variables and event file, never from the checkout. */
export interface EventFacts {
  /** `pull_request`, `push`, `schedule` …; empty outside Actions. */
  readonly name: string;
  readonly owner: string;
  readonly repo: string;
  readonly actor: string;
  readonly ref: string;
  readonly defaultBranch: string | null;
  readonly onDefaultBranch: boolean;
  readonly pull: PullFacts | null;
  /** The job has no secrets and a read-only token, by GitHub's design: a fork's pull request, or Dependabot's. */
  readonly withoutCredentials: 'fork' | 'dependabot' | null;
  /** Which attempt of the run this is; counts from 1. */
  readonly attempt: number;
  /** Address of the run, or null outside Actions. */
  readonly runUrl: string | null;
}

export interface PullFacts {
  readonly number: number;
  readonly baseSha: string;
  readonly baseRef: string;
  readonly headSha: string;
}

const repository = z.object({ full_name: z.string() }).nullish();
const payloadSchema = z.object({
  repository: z.object({ default_branch: z.string().optional() }).optional(),
  pull_request: z
    .object({
      number: z.number().int().positive(),
      head: z.object({ sha: z.string(), repo: repository }),
      base: z.object({ sha: z.string(), ref: z.string().default(''), repo: repository }),
    })
    .optional(),
});

type Environment = Readonly<Record<string, string | undefined>>;

/** Reads the event of the running job. Outside Actions every fact is empty. */
export async function readEvent(env: Environment): Promise<EventFacts> {
  const file = env['GITHUB_EVENT_PATH'];
  if (!file) return eventFacts(env, {});
  try {
    return eventFacts(env, JSON.parse(await readFile(file, 'utf8')));
  } catch (cause) {
    throw new InfrastructureError('EVENT_UNREADABLE', "The runner's event file can't be read, so it is not known what this run is for.", {
      cause,
    });
  }
}

/** The facts of an event's payload (GitHub's webhook JSON) and the runner's variables. */
export function eventFacts(env: Environment, payload: unknown): EventFacts {
  const { repository, pull_request: pull } = payloadSchema.parse(payload);
  const name = env['GITHUB_EVENT_NAME'] ?? '';
  const [owner = '', repo = ''] = (env['GITHUB_REPOSITORY'] ?? '').split('/');
  const ref = env['GITHUB_REF'] ?? '';
  const defaultBranch = repository?.default_branch ?? null;
  const run = env['GITHUB_RUN_ID'];
  return {
    name,
    owner,
    repo,
    actor: env['GITHUB_ACTOR'] ?? '',
    ref,
    defaultBranch,
    // A schedule runs on the default branch only, and its payload does not name it.
    onDefaultBranch: defaultBranch === null ? name === 'schedule' : ref === `refs/heads/${defaultBranch}`,
    pull: pull ? { number: pull.number, baseSha: pull.base.sha, baseRef: pull.base.ref, headSha: pull.head.sha } : null,
    withoutCredentials: withoutCredentials(name, env['GITHUB_ACTOR'] ?? '', pull),
    attempt: Number.parseInt(env['GITHUB_RUN_ATTEMPT'] ?? '1', 10) || 1,
    runUrl: run && owner ? `${env['GITHUB_SERVER_URL'] ?? 'https://github.com'}/${owner}/${repo}/actions/runs/${run}` : null,
  };
}

/** `pull_request_target` and its kin run with the repository's own secrets, whoever asked. */
function withoutCredentials(name: string, actor: string, pull: z.infer<typeof payloadSchema>['pull_request']) {
  // A fork that was deleted leaves no head repository behind.
  if (name === 'pull_request' && pull && pull.head.repo?.full_name !== pull.base.repo?.full_name) return 'fork';
  if (actor === 'dependabot[bot]' && (name === 'pull_request' || name === 'push')) return 'dependabot';
  return null;
}
