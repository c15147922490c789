import { nodeId } from '../payloads/account.ts';
import type { Deployment, DeploymentStatus, Repository } from '../state.ts';
import { objectNode } from './git.ts';
import { type Arguments, connection, mustHave, type Node, type Viewer } from './node.ts';
import { actor } from './people.ts';

/** What a deployment's latest status makes of it, in the words of GraphQL, which has one more: active. */
const stateOf = (latest: DeploymentStatus | undefined): string =>
  latest === undefined ? 'PENDING' : latest.state === 'success' ? 'ACTIVE' : latest.state.toUpperCase();

export function deploymentNode(viewer: Viewer, repository: Repository, deployment: Deployment): Node {
  mustHave(viewer, 'deployments', 'read');
  const status = (one: DeploymentStatus): Node => ({
    id: nodeId('DES', one.id),
    state: one.state.toUpperCase(),
    description: one.description,
    environmentUrl: one.environmentUrl,
    logUrl: one.logUrl,
    createdAt: one.createdAt,
    updatedAt: one.createdAt,
    creator: actor(viewer.world, one.creator),
  });
  const latest = deployment.statuses.at(-1);
  return {
    __typename: 'Deployment',
    id: nodeId('DE', deployment.id),
    databaseId: deployment.id,
    environment: deployment.environment,
    latestEnvironment: deployment.environment,
    originalEnvironment: deployment.environment,
    description: deployment.description,
    payload: JSON.stringify(deployment.payload),
    task: deployment.task,
    state: stateOf(latest),
    commitOid: deployment.sha,
    commit: () => objectNode(viewer, repository, deployment.sha),
    createdAt: deployment.createdAt,
    updatedAt: deployment.updatedAt,
    creator: actor(viewer.world, deployment.creator),
    latestStatus: latest ? status(latest) : null,
    statuses: (args: Arguments) => connection('statuses', deployment.statuses.toReversed(), args, status),
  };
}
