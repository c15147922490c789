import { mkdir, readFile, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { z } from 'zod';
import { pullsOfCommit } from '../../shared/adapters/github/pulls-of-commit.ts';
import { canonicalBytes, digestOf } from '../../shared/digest/canonical-json.ts';
import { UserError } from '../../shared/errors.ts';
import { weighDispatch, weighRequestSchema } from '../../shared/promotion/evidence-document.ts';
import { resolveWeigh, type WeighCause } from './resolve-weigh.ts';

/** What is read of the event: an id, or a request that only someone with write access can send. */
const runEvent = z.object({ workflow_run: z.object({ id: z.number().int().positive() }) });
const dispatchEvent = z.object({ action: z.literal(weighDispatch), client_payload: weighRequestSchema });

export interface ResolveStep {
  readonly env: Readonly<Record<string, string | undefined>>;
  readonly token: string | undefined;
  readonly config: string;
  /** Absolute; one folder a model goes below it. */
  readonly out: string;
}

/** Step resolve: one folder a model with its task and the bytes; the tasks' digests go out as an output, which only this job can write. */
export async function resolveStep({
  env,
  token,
  config,
  out,
}: ResolveStep): Promise<{ tasks: Readonly<Record<string, string>>; says: string }> {
  const [owner = '', repo = ''] = (env['GITHUB_REPOSITORY'] ?? '').split('/');
  if (!token)
    throw new UserError(
      'TOKEN_MISSING',
      'There is no github-token.',
      'Give the step the job’s own: it needs actions, contents and pull-requests: read.',
    );
  const [{ createGitHubForge }, { getOctokit }] = await Promise.all([
    import('../../shared/adapters/github-forge/create-github-forge.ts'),
    import('../../shared/adapters/github/get-octokit.ts'),
  ]);
  const baseUrl = env['GITHUB_API_URL'];
  const forge = await createGitHubForge({ octokit: await getOctokit(token, baseUrl), owner, repo });
  const cause = await readCause(env);
  const { tasks, says } = await resolveWeigh(
    { forge, config, pullsOfCommit: (sha) => pullsOfCommit({ owner, repo, token, baseUrl }, sha) },
    cause,
  );
  await rm(out, { recursive: true, force: true });
  const digests: Record<string, string> = {};
  for (const { task, model } of tasks) {
    const folder = join(out, task.model);
    const bytes = canonicalBytes(task);
    await mkdir(folder, { recursive: true });
    await writeFile(join(folder, 'task.json'), bytes);
    if (model && task.candidate) await writeFile(join(folder, task.candidate.file), model);
    digests[task.model] = digestOf(bytes);
  }
  return { tasks: digests, says };
}

async function readCause(env: ResolveStep['env']): Promise<WeighCause> {
  const payload: unknown = JSON.parse(await readFile(env['GITHUB_EVENT_PATH'] ?? '', 'utf8'));
  const name = env['GITHUB_EVENT_NAME'];
  const run = name === 'workflow_run' ? runEvent.safeParse(payload).data : undefined;
  if (run) return { kind: 'run', id: run.workflow_run.id };
  const dispatch = name === 'repository_dispatch' ? dispatchEvent.safeParse(payload).data : undefined;
  if (dispatch) return { kind: 'request', request: dispatch.client_payload };
  throw new UserError(
    'REQUEST_INVALID',
    `The event ${name ?? 'of nobody'} asks for nothing that can be weighed.`,
    'The weigh run starts after the workflow weighin, or by `/promote` and `/weighin run`.',
  );
}
