import { randomUUID } from 'node:crypto';
import { branchAt, resolveRevision } from '../operations/refs.ts';
import { artifactJson, workflowJson, workflowRunJson } from '../payloads/workflow-run.ts';
import { notFound, Refusal } from '../refusal.ts';
import { byId, counted, nothing, ok, type Route, route, text } from './route.ts';

const read = { actions: 'read' } as const;

export const actionsRoutes: readonly Route[] = [
  route('GET /repos/:owner/:repo/actions/runs', read, (asked) => runs(asked)),
  route('GET /repos/:owner/:repo/actions/workflows', read, ({ world, repository }) => {
    const known = repository.runs.filter((run, index, all) => all.findIndex(({ path }) => path === run.path) === index);
    return counted(
      'workflows',
      known.map((run) => workflowJson(world, repository, run)),
    );
  }),
  // Named by its id or its file's name. A workflow that was never run is known too, if its file is on the default branch.
  route('GET /repos/:owner/:repo/actions/workflows/:workflow/runs', read, (asked) => {
    const named = asked.params['workflow'] ?? '';
    const { repository } = asked;
    const run = repository.runs.find((one) => String(one.workflowId) === named || one.path === `.github/workflows/${named}`);
    if (run) return runs(asked, run.path);
    const tree = repository.git.commit(branchAt(repository, repository.defaultBranch) ?? '')?.tree;
    if (!tree || !repository.git.entryAt(tree, `.github/workflows/${named}`)) throw notFound();
    return counted('workflow_runs', []);
  }),
  route('POST /repos/:owner/:repo/actions/workflows/:workflow/dispatches', { actions: 'write' }, (asked) => {
    const { world, repository } = asked;
    const ref = text(asked, 'ref');
    const commit = repository.git.commitOf(resolveRevision(repository, ref) ?? '');
    if (!commit) throw new Refusal(422, `No ref found for: ${ref}`);
    const named = asked.params['workflow'] ?? '';
    if (!repository.git.entryAt(commit.tree, `.github/workflows/${named}`)) throw notFound();
    const inputs = (asked.body['inputs'] ?? {}) as Record<string, unknown>;
    if (Object.keys(inputs).length > 25) throw new Refusal(422, 'you may only define up to 25 `inputs` for a `workflow_dispatch` event');
    world.workflowDispatches.push({ workflow: named, ref, inputs, by: asked.by.account.login });
    world.emit(repository, 'workflow_dispatch', null, { ref, workflow: `.github/workflows/${named}`, inputs }, asked.by);
    return nothing;
  }),
  route('GET /repos/:owner/:repo/actions/runs/:id', read, (asked) =>
    ok(workflowRunJson(asked.world, asked.repository, byId(asked.repository.runs, asked.params['id']))),
  ),
  route('GET /repos/:owner/:repo/actions/runs/:id/attempts/:attempt', read, (asked) => {
    const run = byId(asked.repository.runs, asked.params['id']);
    if (Number(asked.params['attempt']) > run.attempt) throw notFound();
    return ok(workflowRunJson(asked.world, asked.repository, run));
  }),
  route('GET /repos/:owner/:repo/actions/runs/:id/artifacts', read, (asked) => {
    const run = byId(asked.repository.runs, asked.params['id']);
    const name = asked.query.get('name');
    const found = asked.repository.artifacts.filter((one) => one.run === run.id && (name === null || one.name === name));
    return counted(
      'artifacts',
      found.map((one) => artifactJson(asked.world, asked.repository, one)),
    );
  }),
  route('GET /repos/:owner/:repo/actions/runs/:id/jobs', read, (asked) => {
    const run = byId(asked.repository.runs, asked.params['id']);
    return counted(
      'jobs',
      run.jobs.map((job) => ({
        ...job,
        run_id: run.id,
        run_attempt: run.attempt,
        head_sha: run.headSha,
        status: run.status,
        started_at: run.createdAt,
        completed_at: run.updatedAt,
      })),
    );
  }),
  route('GET /repos/:owner/:repo/actions/artifacts', read, (asked) => {
    const name = asked.query.get('name');
    const found = asked.repository.artifacts.filter((one) => name === null || one.name === name).reverse();
    return counted(
      'artifacts',
      found.map((one) => artifactJson(asked.world, asked.repository, one)),
    );
  }),
  route('GET /repos/:owner/:repo/actions/artifacts/:id', read, (asked) =>
    ok(artifactJson(asked.world, asked.repository, byId(asked.repository.artifacts, asked.params['id']))),
  ),
  route('GET /repos/:owner/:repo/actions/artifacts/:id/zip', read, (asked) => {
    const artifact = byId(asked.repository.artifacts, asked.params['id']);
    if (artifact.expired) throw new Refusal(410, 'Artifact has expired');
    return { status: 302, headers: { location: blobAddress(asked.world, artifact.zip) } };
  }),
  route('POST /repos/:owner/:repo/dispatches', { contents: 'write' }, (asked) => {
    const { world, repository, by } = asked;
    const eventType = text(asked, 'event_type');
    const payload = (asked.body['client_payload'] ?? {}) as Record<string, unknown>;
    if (eventType.length > 100) throw new Refusal(422, 'Invalid request.\n\nevent_type is too long (maximum is 100 characters)');
    if (Object.keys(payload).length > 10) throw new Refusal(422, 'No more than 10 properties are allowed; the client_payload has more.');
    if (Buffer.byteLength(JSON.stringify(payload)) >= 65_536) throw new Refusal(422, 'client_payload is too large.');
    world.dispatches.push({ eventType, payload, by: by.account.login, at: world.clock.iso() });
    world.emit(repository, 'repository_dispatch', eventType, { branch: repository.defaultBranch, client_payload: payload }, by);
    return nothing;
  }),
  route('GET /repos/:owner/:repo/attestations/:digest', { attestations: 'read' }, ({ repository, params }) => {
    const bundles = repository.attestations.get(params['digest'] ?? '');
    if (!bundles) throw notFound();
    return ok({ attestations: bundles.map((bundle) => ({ bundle, repository_id: repository.id, bundle_url: '', initiator: 'user' })) });
  }),
];

/** An address that takes no token and is good for this once made, on another origin. */
export function blobAddress(world: Parameters<Route['answer']>[0]['world'], content: Uint8Array): string {
  const path = `/blobs/${randomUUID()}?sig=double`;
  world.blobs.set(path, content);
  return `${world.addresses.blobs}${path}`;
}

function runs({ world, repository, query }: Parameters<Route['answer']>[0], path?: string) {
  const [event, branch, sha, actor, status] = ['event', 'branch', 'head_sha', 'actor', 'status'].map((name) => query.get(name));
  const found = repository.runs
    .filter((run) => path === undefined || run.path === path)
    .filter((run) => event === null || run.event === event)
    .filter((run) => branch === null || run.headBranch === branch)
    .filter((run) => sha === null || run.headSha === sha)
    .filter((run) => actor === null || run.actor.login === actor)
    .filter((run) => status === null || run.status === status || run.conclusion === status)
    .reverse();
  return counted(
    'workflow_runs',
    found.map((run) => workflowRunJson(world, repository, run)),
  );
}
