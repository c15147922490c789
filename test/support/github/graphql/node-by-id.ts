import type { Repository } from '../state.ts';
import { deploymentNode } from './deployment.ts';
import { mustHave, mustReach, type Node, type Viewer } from './node.ts';
import { commentNode, issueNode, pullNode } from './pull.ts';
import { repositoryNode } from './repository.ts';

/** What REST's `node_id` stands for; null where the double has nothing of that name. */
export function nodeById(viewer: Viewer, id: string): Node | null {
  const [kind = ''] = id.split('_');
  for (const repository of viewer.world.repositories) {
    const found = nodeOf(viewer, repository, kind, id);
    if (!found) continue;
    mustReach(viewer, repository);
    return found();
  }
  return null;
}

function nodeOf(viewer: Viewer, repository: Repository, kind: string, id: string): (() => Node) | null {
  const is = (one: { readonly id: number }): boolean => one.id === Number(id.slice(kind.length + 1));
  if (kind === 'R') return is(repository) ? () => repositoryNode(viewer, repository) : null;
  if (kind === 'PR') {
    const pull = [...repository.pulls.values()].find(is);
    return pull ? () => allowed(viewer, 'pull_requests', pullNode(viewer, repository, pull)) : null;
  }
  const issue = kind === 'I' ? [...repository.issues.values()].find(is) : undefined;
  if (issue) return () => allowed(viewer, 'issues', issueNode(viewer, repository, issue));
  const comment = kind === 'IC' ? repository.comments.find(is) : undefined;
  if (comment) return () => allowed(viewer, 'issues|pull_requests', commentNode(viewer, repository, comment));
  const deployment = kind === 'DE' ? repository.deployments.find(is) : undefined;
  return deployment ? () => deploymentNode(viewer, repository, deployment) : null;
}

function allowed(viewer: Viewer, permission: string, node: Node): Node {
  mustHave(viewer, permission, 'read');
  return node;
}
