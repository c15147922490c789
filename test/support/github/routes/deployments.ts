import { resolveRevision } from '../operations/refs.ts';
import { deploymentJson, deploymentStatusJson } from '../payloads/deployment.ts';
import { notFound, Refusal } from '../refusal.ts';
import type { Deployment, DeploymentStatus, Environment, Repository } from '../state.ts';
import { type Asked, byId, counted, created, list, nothing, ok, optionalText, type Route, route, text } from './route.ts';

const read = { deployments: 'read' } as const;
const write = { deployments: 'write' } as const;

export const deploymentRoutes: readonly Route[] = [
  route('GET /repos/:owner/:repo/deployments', read, ({ world, repository, query }) => {
    const wanted = (name: 'environment' | 'ref' | 'sha' | 'task') => query.get(name);
    const found = repository.deployments
      .filter((one) =>
        (['environment', 'ref', 'sha', 'task'] as const).every((name) => wanted(name) === null || one[name] === wanted(name)),
      )
      .reverse();
    return list(found.map((one) => deploymentJson(world, repository, one)));
  }),
  route('POST /repos/:owner/:repo/deployments', write, createDeployment),
  route('GET /repos/:owner/:repo/deployments/:id', read, ({ world, repository, params }) =>
    ok(deploymentJson(world, repository, byId(repository.deployments, params['id']))),
  ),
  route('DELETE /repos/:owner/:repo/deployments/:id', write, ({ repository, params }) => {
    const one = byId(repository.deployments, params['id']);
    if (repository.deployments.length > 1 && one.statuses.at(-1)?.state !== 'inactive')
      throw new Refusal(422, 'We cannot delete an active deployment unless it is the only deployment in a given environment.');
    repository.deployments.splice(repository.deployments.indexOf(one), 1);
    return nothing;
  }),
  route('GET /repos/:owner/:repo/deployments/:id/statuses', read, ({ world, repository, params }) => {
    const one = byId(repository.deployments, params['id']);
    return list([...one.statuses].reverse().map((status) => deploymentStatusJson(world, repository, one, status)));
  }),
  route('POST /repos/:owner/:repo/deployments/:id/statuses', write, createStatus),
  route('GET /repos/:owner/:repo/environments', { actions: 'read' }, ({ repository }) =>
    counted(
      'environments',
      [...repository.environments].map(([name, one]) => environmentJson(name, one)),
    ),
  ),
  route('GET /repos/:owner/:repo/environments/:name/deployment-branch-policies', { actions: 'read' }, (asked) => {
    const { branches } = environmentOf(asked);
    if (typeof branches === 'string') throw notFound();
    return counted(
      'branch_policies',
      branches.map((name, index) => ({ id: index + 1, node_id: `BP_${index}`, name, type: 'branch' })),
    );
  }),
  route('GET /repos/:owner/:repo/environments/:name', { actions: 'read' }, (asked) =>
    ok(environmentJson(asked.params['name'] ?? '', environmentOf(asked))),
  ),
];

function environmentOf({ repository, params }: Asked): Environment {
  const found = repository.environments.get(params['name'] ?? '');
  if (!found) throw notFound();
  return found;
}

const environmentJson = (name: string, { id, branches, reviewers }: Environment) => ({
  id,
  node_id: `EN_${id}`,
  name,
  protection_rules: [
    ...(reviewers ? [{ id: id * 10, node_id: `GA_${id}0`, type: 'required_reviewers', prevent_self_review: false, reviewers: [] }] : []),
    ...(branches === 'all' ? [] : [{ id: id * 10 + 1, node_id: `GA_${id}1`, type: 'branch_policy' }]),
  ],
  deployment_branch_policy:
    branches === 'all' ? null : { protected_branches: branches === 'protected', custom_branch_policies: branches !== 'protected' },
});

/** With GitHub's defaults: who forgets `auto_merge: false` or `required_contexts: []` gets what GitHub does then. */
function createDeployment(asked: Asked) {
  const { world, repository, by, body } = asked;
  const ref = text(asked, 'ref');
  const commit = repository.git.commitOf(resolveRevision(repository, ref) ?? '');
  if (!commit) throw new Refusal(422, `No ref found for: ${ref}`);
  const isBranch = !/^[0-9a-f]{40}$/.test(ref) && ref !== repository.defaultBranch;
  const base = resolveRevision(repository, repository.defaultBranch);
  if (body['auto_merge'] !== false && isBranch && base !== null && !repository.git.isAncestor(base, commit.oid)) {
    if (repository.git.mergeTree(commit.oid, base) === null)
      throw new Refusal(409, `Conflict merging ${repository.defaultBranch} into ${ref}.`);
    return { status: 202, body: { message: `Auto-merged ${repository.defaultBranch} into ${ref} on deployment.` } };
  }
  refuseWithoutChecks(repository, commit.oid, body['required_contexts']);
  const environment = optionalText(asked, 'environment') ?? 'production';
  const payload = body['payload'];
  const made: Deployment = {
    id: world.nextId(),
    sha: commit.oid,
    ref,
    task: optionalText(asked, 'task') ?? 'deploy',
    environment,
    description: optionalText(asked, 'description') ?? null,
    payload: payload ?? {},
    creator: by.account,
    app: by.app,
    createdAt: world.clock.iso(),
    updatedAt: world.clock.iso(),
    transient: body['transient_environment'] === true,
    production: body['production_environment'] === undefined ? environment === 'production' : body['production_environment'] === true,
    statuses: [],
  };
  if (!repository.environments.has(environment))
    repository.environments.set(environment, { id: world.nextId(), branches: 'all', reviewers: false });
  repository.deployments.push(made);
  world.emit(
    repository,
    'deployment',
    'created',
    { deployment: deploymentJson(world, repository, made), workflow: null, workflow_run: null },
    by,
  );
  return created(deploymentJson(world, repository, made));
}

/** Nothing said: every check of the commit must have succeeded. */
function refuseWithoutChecks(repository: Repository, sha: string, required: unknown): void {
  const latest = repository.checkRuns.filter(
    (run, _, all) => run.sha === sha && all.findLast((one) => one.name === run.name && one.sha === sha) === run,
  );
  const contexts = Array.isArray(required) ? required.map((one) => String(one)) : latest.map(({ name }) => name);
  const failed = contexts.filter(
    (name) => !['success', 'neutral', 'skipped'].includes(latest.find((run) => run.name === name)?.conclusion ?? ''),
  );
  if (failed.length === 0) return;
  const list = contexts.map((context) => ({ context, state: failed.includes(context) ? 'pending' : 'success' }));
  throw new Refusal(409, `Conflict: Commit status checks failed for ${sha.slice(0, 7)}.`, {
    errors: [{ contexts: list, resource: 'Deployment', field: 'required_contexts', code: 'invalid' }],
  });
}

const states = ['error', 'failure', 'inactive', 'in_progress', 'queued', 'pending', 'success'];

function createStatus(asked: Asked) {
  const { world, repository, by, body, params } = asked;
  const one = byId(repository.deployments, params['id']);
  const state = text(asked, 'state');
  if (!states.includes(state))
    throw new Refusal(422, 'Validation Failed', {
      errors: [{ resource: 'DeploymentStatus', code: 'custom', field: 'state', message: `state is not one of ${states.join(', ')}` }],
    });
  const description = optionalText(asked, 'description') ?? '';
  if (description.length > 140)
    throw new Refusal(422, 'Validation Failed', {
      errors: [
        {
          resource: 'DeploymentStatus',
          code: 'custom',
          field: 'description',
          message: 'description is too long (maximum is 140 characters)',
        },
      ],
    });
  const status: DeploymentStatus = {
    id: world.nextId(),
    state,
    description,
    environment: optionalText(asked, 'environment') ?? one.environment,
    environmentUrl: optionalText(asked, 'environment_url') ?? '',
    logUrl: optionalText(asked, 'log_url') ?? optionalText(asked, 'target_url') ?? '',
    creator: by.account,
    app: by.app,
    createdAt: world.clock.iso(),
  };
  push(one, status);
  // Unless it is told not to, GitHub puts the environment's earlier deployments out of action.
  if (state === 'success' && body['auto_inactive'] !== false)
    for (const other of repository.deployments)
      if (
        other !== one &&
        other.environment === one.environment &&
        !other.transient &&
        !other.production &&
        other.statuses.at(-1)?.state === 'success'
      )
        push(other, { ...status, id: world.nextId(), state: 'inactive', description: '' });
  const shown = {
    deployment: deploymentJson(world, repository, one),
    deployment_status: deploymentStatusJson(world, repository, one, status),
  };
  world.emit(repository, 'deployment_status', 'created', { ...shown, check_run: null, workflow: null, workflow_run: null }, by);
  return created(deploymentStatusJson(world, repository, one, status));
}

function push(one: Deployment, status: DeploymentStatus): void {
  one.statuses.push(status);
  one.updatedAt = status.createdAt;
}
